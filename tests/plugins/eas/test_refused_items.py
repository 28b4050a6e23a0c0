"""What could not be kept of a phone's edits is shown to its person and the operator: where and why, never what it was."""

from collections.abc import Callable

from pimgate.api import device_notes
from pimgate.core import Core
from pimgate.settings import Limits
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import (
    Wire,
    add,
    change,
    collection,
    commands_of,
    contact,
    delete,
    key_of,
    responses_of,
    status_of,
)


def test_refused_item_is_noted_without_its_content(wire: Wire) -> None:
    book = wire.folders()["Contacts"]
    key = wire.begin(book)
    broken = add("1", *contact("Erika", "Mustermann"), Element("Contacts:Picture", text="not base64 at all!"))
    answer = wire.sync(collection(book, key, commands=(broken, add("2", *contact("Otto", "Muster")))))[book]
    assert [status_of(each) for each in responses_of(answer, "Add")] == ["6", "1"]
    with wire.core.database.read() as work:
        [device] = work.devices.all()
        [refusal] = device_notes.notes_of(work, device.id).refusals
    assert (refusal.collection, refusal.item) == (book, "")
    assert "picture" in refusal.reason.lower()
    assert "Muster" not in refusal.reason


def test_phone_of_somebody_without_room_keeps_its_new_item_until_there_is_some(make_core: Callable[..., Core]) -> None:
    with Wire(make_core("eas", limits=Limits(items_per_collection=1))) as wire:
        book = wire.folders()["Contacts"]
        part = wire.sync(collection(book, wire.begin(book), commands=(add("1", *contact("Erika", "Mustermann")),)))[
            book
        ]
        [first] = [each.text_of("AirSync:ServerId") or "" for each in responses_of(part, "Add")]
        again = add("2", *contact("Otto", "Muster"))
        part = wire.sync(collection(book, key_of(part), commands=(again,)))[book]
        assert [status_of(each) for each in responses_of(part, "Add")] == ["9"]
        assert wire.sync(collection(book, key_of(part))) == {}, "nothing that makes the phone ask again"
        part = wire.sync(collection(book, key_of(part), commands=(delete(first), again)))[book]
        assert [status_of(each) for each in responses_of(part, "Add")] == ["1"]


def test_edit_for_which_there_is_no_room_gives_the_phone_our_version_back(make_core: Callable[..., Core]) -> None:
    with Wire(make_core("eas", limits=Limits(bytes_per_person=1_000))) as wire:
        book = wire.folders()["Contacts"]
        part = wire.sync(collection(book, wire.begin(book), commands=(add("1", *contact("Erika", "Mustermann")),)))[
            book
        ]
        [item] = [each.text_of("AirSync:ServerId") or "" for each in responses_of(part, "Add")]
        long = change(item, *contact("Erika", "Mustermann"), Element("Contacts:JobTitle", text="x" * 2_000))
        part = wire.sync(collection(book, key_of(part), commands=(long,)))[book]
        assert [status_of(each) for each in responses_of(part, "Change")] == ["9"]
        assert [each.text_of("AirSync:ServerId") for each in commands_of(part, "Change")] == [item]
        with wire.core.database.read() as work:
            [device] = work.devices.all()
            [refusal] = device_notes.notes_of(work, device.id).refusals
        assert "no room" in refusal.reason
        part = wire.sync(collection(book, key_of(part), commands=(delete(item),)))[book]
        assert status_of(part) == "1"
