"""FolderCreate, FolderUpdate and FolderDelete: a person's own folders from a phone, and nobody else's."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate import collections, sharing, subscriptions
from pimgate.model.collections import Collection, CollectionId, CollectionKind, Grant, Right
from pimgate.settings import Limits
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire, collection, folder_sync, status_of

CALENDAR, BOOK, TASKS, NOTES = "13", "14", "15", "17"


def asked(command: str, key: str | None, **parts: str) -> Element:
    made = Element(f"FolderHierarchy:{command}")
    for tag, text in ({"SyncKey": key} if key is not None else {}).items():
        made.append(Element(f"FolderHierarchy:{tag}", text=text))
    for tag, text in parts.items():
        made.append(Element(f"FolderHierarchy:{tag}", text=text))
    return made


def creation(key: str | None, name: str = "Work", type_: str = CALENDAR, parent: str = "0") -> Element:
    return asked("FolderCreate", key, ParentId=parent, DisplayName=name, Type=type_)


def renaming(key: str, server_id: str, name: str, parent: str = "0") -> Element:
    return asked("FolderUpdate", key, ServerId=server_id, ParentId=parent, DisplayName=name)


def deletion(key: str, server_id: str) -> Element:
    return asked("FolderDelete", key, ServerId=server_id)


def said(wire: Wire, question: Element) -> tuple[str, str, str]:
    """Status, key and ServerId of the answer."""
    answer = wire.ask(question.tag, question)
    assert answer is not None
    assert answer.name == question.name
    status, key, server_id = (
        answer.text_of(f"FolderHierarchy:{tag}") or "" for tag in ("Status", "SyncKey", "ServerId")
    )
    return status, key, server_id


def key_of(wire: Wire) -> str:
    """The present key of a device that knows everything."""
    answer = wire.ask("FolderSync", folder_sync("0"))
    assert answer is not None
    return answer.text_of("FolderHierarchy:SyncKey") or ""


def told(wire: Wire, key: str) -> list[tuple[str, str]]:
    """What FolderSync tells under this key: pairs of command and name, or ServerId."""
    answer = wire.ask("FolderSync", folder_sync(key))
    assert answer is not None
    assert answer.text_of("FolderHierarchy:Status") == "1"
    changes = [each for group in answer.path("FolderHierarchy:Changes") for each in group.children]
    return [
        (each.tag, each.text_of("FolderHierarchy:DisplayName") or each.text_of("FolderHierarchy:ServerId") or "")
        for each in changes
        if each.tag != "Count"
    ]


def owned(wire: Wire, login: str = "anna@example.org") -> dict[str, Collection]:
    """What a person owns, by name."""
    with wire.core.database.read() as work:
        person = work.people.by_login(login)
        assert person
        standings = work.collections.standings(person.id)
        return {each.collection.name: each.collection for each in standings if each.collection.owner == person.id}


def ids_of(wire: Wire) -> set[str]:
    """Of all collections that there are; those of one name counted one by one."""
    with wire.core.database.read() as work:
        return {each.id for each in work.collections.all()}


def shared_with_anna(wire: Wire, right: Right, name: str = "Bert's") -> CollectionId:
    """A book of Bert's that Anna is subscribed to."""
    with wire.core.database.write() as work:
        anna, bert = work.people.by_login("anna@example.org"), work.people.by_login("bert@example.org")
        assert anna
        assert bert
        made = collections.create(work, bert.id, CollectionKind.BOOK, name)
        sharing.grant(work, Grant(made.id, anna.id, right))
        subscriptions.subscribe(work, anna.id, made.id)
        return made.id


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (CALENDAR, CollectionKind.CALENDAR),
        (BOOK, CollectionKind.BOOK),
        (TASKS, CollectionKind.TASKS),
        (NOTES, CollectionKind.NOTES),
    ],
)
def test_a_folder_from_a_phone_is_subscribed_and_switched_on_and_not_told_again(wire, type_, expected):
    status, key, server_id = said(wire, creation(key_of(wire), "Work", type_))
    assert status == "1"
    made = owned(wire)["Work"]
    assert (made.id, made.kind) == (server_id, expected)
    with wire.core.database.read() as work:
        standing = work.collections.standing(made.owner, made.id)
        assert standing.subscription.is_on
    assert told(wire, key) == []
    assert status_of(wire.sync(collection(server_id, "0"))[server_id]) == "1"


def test_other_devices_of_the_person_are_told_of_the_new_folder(wire):
    twin = wire.twin(device="Appl2")
    key = key_of(twin)
    said(wire, creation(key_of(wire)))
    assert told(twin, key) == [("Add", "Work")]


def test_a_repeated_creation_gets_the_same_bytes_and_makes_no_second_folder(wire):
    question = creation(key_of(wire))
    first, made = wire.octets("FolderCreate", question), ids_of(wire)
    assert wire.octets("FolderCreate", question) == first
    assert wire.octets("FolderCreate", question) == first
    assert ids_of(wire) == made


def test_a_phone_that_lost_the_answer_and_asks_for_the_folders_is_told_of_its_folder(wire):
    key = key_of(wire)
    wire.octets("FolderCreate", creation(key))
    assert told(wire, key) == [("Add", "Work")]


def test_a_phone_that_lost_the_answer_and_wants_another_folder_gets_both(wire):
    key = key_of(wire)
    wire.octets("FolderCreate", creation(key))
    status, following, _ = said(wire, creation(key, "Play"))
    assert status == "1"
    assert told(wire, following) == [("Add", "Work")]


def test_what_somebody_else_changed_meanwhile_is_still_told(wire):
    key = key_of(wire)
    said(wire.twin(device="Appl2"), creation(key_of(wire.twin(device="Appl2")), "Play"))
    _, following, _ = said(wire, creation(key))
    assert told(wire, following) == [("Add", "Play")]


def test_a_name_is_trimmed_and_the_phone_is_told_what_became_of_it(wire):
    _, key, server_id = said(wire, creation(key_of(wire), "  Work\t and  play  "))
    assert owned(wire)["Work and play"].id == server_id
    assert told(wire, key) == [("Update", "Work and play")]


def test_a_name_that_is_too_long_is_cut_and_the_phone_is_told_so(wire):
    _, key, _ = said(wire, creation(key_of(wire), "x" * 5000))
    assert told(wire, key) == [("Update", "x" * 254)]


@pytest.mark.parametrize(
    ("question", "status"),
    [
        (creation("KEY", "Calendar"), "2"),
        (creation("KEY", "cAlEnDaR"), "2"),
        (creation("KEY", " Calendar "), "2"),
        (creation("KEY", type_="12"), "3"),
        (creation("KEY", type_="1"), "3"),
        (creation("KEY", type_="16"), "3"),
        (creation("KEY", type_="19"), "3"),
        (creation("KEY", type_="8"), "10"),
        (creation("KEY", type_="2"), "10"),
        (creation("KEY", type_="calendar"), "10"),
        (creation("KEY", type_=""), "10"),
        (creation("KEY", name=""), "10"),
        (creation("KEY", name=" \t "), "10"),
        (creation("KEY", parent="c000000000000"), "5"),
        (creation("KEY", parent=""), "5"),
        (creation("4711"), "9"),
        (creation("0"), "9"),
        (creation(""), "10"),
        (creation(None), "10"),
        (asked("FolderCreate", "KEY", DisplayName="Work", Type=CALENDAR), "10"),
        (asked("FolderCreate", "KEY", ParentId="0", Type=CALENDAR), "10"),
        (asked("FolderCreate", "KEY", ParentId="0", DisplayName="Work"), "10"),
        (asked("FolderUpdate", "KEY", ParentId="0", DisplayName="Work"), "10"),
        (renaming("KEY", "c000000000000", "Work"), "4"),
        (renaming("KEY", "c" * 500, "Work"), "4"),
        (asked("FolderDelete", "KEY"), "10"),
        (deletion("KEY", "c000000000000"), "4"),
        (deletion("4711", "c000000000000"), "9"),
    ],
)
def test_a_question_that_cannot_be_answered_gets_its_status_and_changes_nothing(wire, question, status):
    key, before = key_of(wire), owned(wire)
    for part in question.children:
        part.text = key if part.text == "KEY" else part.text
    try:
        assert said(wire, question) == (status, "", "")
    finally:
        for part in question.children:
            part.text = "KEY" if part.text == key else part.text
    assert owned(wire) == before
    assert told(wire, key) == []


def test_an_answer_to_a_body_of_another_command_says_that_it_is_malformed(wire):
    answer = wire.ask("FolderCreate", folder_sync("0"))
    assert answer is not None
    assert (answer.name, answer.text_of("FolderHierarchy:Status")) == ("FolderHierarchy:FolderCreate", "10")


def test_a_device_without_any_folders_yet_is_sent_to_fetch_them(wire):
    assert said(wire, creation("1"))[0] == "9"


def test_a_folder_that_this_phone_would_never_see_is_not_made(wire):
    other = wire.twin(device="Droid1", device_type="Android")
    assert said(other, creation(key_of(other), "Work", BOOK))[0] == "3"
    assert said(other, creation(key_of(other), "Work", CALENDAR))[0] == "3"
    assert "Work" not in owned(wire)


def test_a_device_whose_dialect_has_no_notes_makes_none(wire):
    old = wire.twin(device="Old1", version="12.1")
    assert said(old, creation(key_of(old), "Work", NOTES))[0] == "3"
    assert "Work" not in owned(wire)


def test_a_person_who_has_as_many_folders_as_may_be_gets_no_more(make_core):
    with Wire(make_core("eas", limits=Limits(collections_per_person=1))) as wire:
        assert said(wire, creation(key_of(wire))) == ("113", "", "")
        assert "Work" not in owned(wire)


def test_a_new_name_reaches_the_other_devices(wire):
    _, key, server_id = said(wire, creation(key_of(wire)))
    twin = wire.twin(device="Appl2")
    others_key = key_of(twin)
    question = renaming(key, server_id, "Office")
    first = wire.octets("FolderUpdate", question)
    assert wire.octets("FolderUpdate", question) == first
    assert owned(wire)["Office"].id == server_id
    assert told(twin, others_key) == [("Update", "Office")]


def test_a_new_name_that_another_folder_has_is_refused(wire):
    _, key, server_id = said(wire, creation(key_of(wire)))
    assert said(wire, renaming(key, server_id, "calendar"))[0] == "2"
    assert said(wire, renaming(key, server_id, "work"))[0] == "1"
    assert owned(wire)["work"].id == server_id


def test_a_folder_cannot_be_put_into_another(wire):
    calendar = wire.folders()["Calendar"]
    _, key, server_id = said(wire, creation(key_of(wire)))
    assert said(wire, renaming(key, server_id, "Office", parent=calendar))[0] == "5"


def test_what_a_person_always_has_is_neither_renamed_nor_deleted(wire):
    folders = wire.folders()
    key, before = key_of(wire), owned(wire)
    for name in ("Calendar", "Contacts", "Collected"):
        assert said(wire, renaming(key, folders[name], "Mine"))[0] == "2"
        assert said(wire, deletion(key, folders[name]))[0] == "3"
    assert owned(wire) == before


@pytest.mark.parametrize("right", [Right.READ, Right.WRITE, Right.MANAGE])
def test_other_peoples_folders_stay_as_they_are_whatever_the_right(wire, right):
    theirs = shared_with_anna(wire, right)
    key = key_of(wire)
    assert theirs in wire.folders().values()
    assert said(wire, renaming(key, theirs, "Mine"))[0] == "3"
    assert said(wire, deletion(key, theirs))[0] == "3"
    assert "Bert's" in owned(wire, "bert@example.org")
    assert told(wire, key) == []


def test_a_hidden_folder_is_answered_as_one_that_does_not_exist(wire):
    _, _, hidden = said(wire, creation(key_of(wire)))
    with wire.core.database.write() as work:
        subscriptions.turn(work, owned(wire)["Work"].owner, CollectionId(hidden), is_on=False)
    key = key_of(wire)
    foreign = owned(wire, "bert@example.org")["Calendar"].id
    for server_id in (hidden, foreign, "c000000000000"):
        answers = {wire.octets("FolderDelete", deletion(key, server_id))}
        answers |= {wire.octets("FolderDelete", deletion(key, "c000000000000"))}
        assert len(answers) == 1
        renamed = {wire.octets("FolderUpdate", renaming(key, each, "x")) for each in (server_id, "c000000000000")}
        assert len(renamed) == 1


def test_a_deleted_folder_goes_for_good_with_what_was_in_it(wire):
    _, key, server_id = said(wire, creation(key_of(wire), type_=BOOK))
    twin = wire.twin(device="Appl2")
    others_key = key_of(twin)
    wire.begin(server_id)
    question = deletion(key, server_id)
    first = wire.octets("FolderDelete", question)
    assert wire.octets("FolderDelete", question) == first
    assert "Work" not in owned(wire)
    assert told(twin, others_key) == [("Delete", server_id)]
    assert status_of(wire.sync(collection(server_id, "0"))[server_id]) == "12"


def test_a_phone_that_lost_the_answer_to_a_deletion_is_told_that_the_folder_went(wire):
    _, key, server_id = said(wire, creation(key_of(wire)))
    wire.octets("FolderDelete", deletion(key, server_id))
    assert told(wire, key) == [("Delete", server_id)]


def test_what_was_kept_of_a_deleted_folder_goes_once_the_phone_has_heard_of_its_end(wire):
    _, key, server_id = said(wire, creation(key_of(wire)))
    wire.begin(server_id)
    _, key, _ = said(wire, deletion(key, server_id))
    assert is_kept(wire, server_id), "this answer may be lost"
    said(wire, creation(key, "Play"))
    assert not is_kept(wire, server_id)


def is_kept(wire: Wire, collection_id: str) -> bool:
    with wire.core.database.read() as work:
        [device] = work.devices.all()
        return work.shelf.get(device.id, f"eas/sync/{collection_id}") is not None


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["FolderCreate", "FolderUpdate", "FolderDelete", "FolderSync"]),
        st.sampled_from(["Work", "Play", "Rest"]),
        st.integers(0, 2),
    ),
    max_size=8,
)


@given(actions=ACTIONS)
@settings(max_examples=examples(6, 45), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_often_a_question_is_asked_its_answer_and_its_effect_are_those_of_the_first(wire, actions):
    key = key_of(wire)
    for command, name, repeats in actions:
        server_id = owned(wire)[name].id if name in owned(wire) else "c000000000000"
        question = {
            "FolderCreate": creation(key, name),
            "FolderUpdate": renaming(key, server_id, f"{name} too"[:8]),
            "FolderDelete": deletion(key, server_id),
            "FolderSync": folder_sync(key),
        }[command]
        first, after = wire.octets(command, encode(question)), owned(wire)
        for _ in range(repeats):
            again = wire.octets(command, encode(question))
            assert again == first
            assert owned(wire) == after
        key = following_key(first) or key
    assert told(wire, key) == []


def following_key(octets: bytes) -> str:
    return decode(octets).text_of("FolderHierarchy:SyncKey") or ""
