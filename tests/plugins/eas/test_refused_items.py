"""What could not be kept of a phone's edits is shown to its person and the operator: where and why, never what it was."""

from pimgate.api import device_notes
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire, add, collection, contact, responses_of, status_of


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
