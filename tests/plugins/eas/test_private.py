"""Private events of others on a phone: masked in Sync and Fetch, and what the phone does to them is undone on the phone."""

from collections.abc import Callable, Iterator

import pytest

from gateway.texts import event
from pimgate import sharing, subscriptions
from pimgate.core import Core
from pimgate.model.collections import CollectionKind, Grant, Right, Role
from pimgate.settings import Visibility
from pimgate.visibility import OthersOnPhones
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_sync import stored, write
from plugins.eas.wire import Wire, change, collection, commands_of, delete, key_of, responses_of, status_of

SECRET = event("p", "20261121T090000Z", "Dentist", "CLASS:PRIVATE", "LOCATION:Molar Street")


@pytest.fixture
def wire(make_core: Callable[..., Core]) -> Iterator[Wire]:
    with Wire(make_core("eas", visibility=Visibility(shared_on_phones=OthersOnPhones.FULL))) as made:
        yield made


@pytest.fixture
def diary(wire: Wire) -> str:
    """Bert's calendar, which Anna may write and is subscribed to."""
    with wire.core.database.write() as work:
        anna, bert = (work.people.by_login(f"{each}@example.org") for each in ("anna", "bert"))
        assert anna
        assert bert
        theirs = next(
            each.collection
            for each in work.collections.standings(bert.id)
            if (each.collection.kind, each.collection.role) == (CollectionKind.CALENDAR, Role.DEFAULT)
        )
        sharing.grant(work, Grant(theirs.id, anna.id, Right.WRITE))
        subscriptions.subscribe(work, anna.id, theirs.id)
    write(wire, theirs.id, "p.ics", SECRET)
    wire.folders()
    return theirs.id


def subject_of(command: Element) -> str | None:
    data = command.find("AirSync:ApplicationData")
    assert data is not None
    assert not data.has("Calendar:Location")
    assert not data.has("AirSyncBase:Location")
    assert not data.has("AirSyncBase:Body")
    assert data.text_of("Calendar:StartTime") == "20261121T090000Z"
    return data.text_of("Calendar:Subject")


def test_phone_gets_the_time_and_nothing_else(wire: Wire, diary: str) -> None:
    part = wire.sync(collection(diary, wire.begin(diary)))[diary]
    [added] = commands_of(part, "Add")
    assert subject_of(added) == "Private"
    fetch = Element("AirSync:Fetch", Element("AirSync:ServerId", text=added.text_of("AirSync:ServerId")))
    part = wire.sync(collection(diary, key_of(part), commands=(fetch,)))[diary]
    assert [subject_of(each) for each in responses_of(part, "Fetch")] == ["Private"]


def test_edit_and_deletion_are_refused_and_the_phone_gets_the_masked_copy_back(wire: Wire, diary: str) -> None:
    part = wire.sync(collection(diary, wire.begin(diary)))[diary]
    [item] = stored(wire, diary)
    edit = change(item, Element("Calendar:Subject", text="Mine now"))
    part = wire.sync(collection(diary, key_of(part), commands=(edit,)))[diary]
    assert [status_of(each) for each in responses_of(part, "Change")] == ["7"]
    assert [subject_of(each) for each in commands_of(part, "Change")] == ["Private"]
    part = wire.sync(collection(diary, key_of(part), commands=(delete(item),)))[diary]
    assert [subject_of(each) for each in commands_of(part, "Add")] == ["Private"]
    assert stored(wire, diary) == {item: SECRET}


def test_edit_that_changes_nothing_is_accepted(wire: Wire, diary: str) -> None:
    part = wire.sync(collection(diary, wire.begin(diary)))[diary]
    [added] = commands_of(part, "Add")
    data = added.find("AirSync:ApplicationData")
    assert data is not None
    edit = change(added.text_of("AirSync:ServerId") or "", Element("Calendar:Subject", text="Private"))
    part = wire.sync(collection(diary, key_of(part), commands=(edit,))).get(diary)
    assert part is None or not responses_of(part, "Change")
    assert list(stored(wire, diary).values()) == [SECRET]
