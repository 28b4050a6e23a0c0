"""Files of events over the wire: the phone adds one, learns its name, sees it on its other device and deletes it again."""

from collections.abc import Callable

from pimgate.core import Core
from pimgate.settings import Limits
from pimgate_eas.mapping import calendar
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_sync import stored
from plugins.eas.wire import Wire, add, change, collection, commands_of, key_of, responses_of, status_of

TIMES = (
    Element("Calendar:Subject", text="Review"),
    Element("Calendar:StartTime", text="20261121T090000Z"),
    Element("Calendar:EndTime", text="20261121T100000Z"),
)


def file(client_id: str, content: bytes, name: str = "notes.txt", **more: str) -> Element:
    return Element(
        "AirSyncBase:Add",
        Element("AirSyncBase:ClientId", text=client_id),
        Element("AirSyncBase:Content", opaque=content),
        Element("AirSyncBase:DisplayName", text=name),
        Element("AirSyncBase:Method", text="1"),
        *(Element(f"AirSyncBase:{tag}", text=text) for tag, text in more.items()),
    )


def attachments(*each: Element) -> Element:
    return Element("AirSyncBase:Attachments", *each)


def deletion(reference: str) -> Element:
    return Element("AirSyncBase:Delete", Element("AirSyncBase:FileReference", text=reference))


def receipts(command: Element) -> dict[str, str]:
    """What the answer says: the phone's name of each file, and ours."""
    found = command.path("AirSync:ApplicationData", "AirSyncBase:Attachments", "AirSyncBase:Attachment")
    return {
        each.text_of("AirSyncBase:ClientId") or "": each.text_of("AirSyncBase:FileReference") or "" for each in found
    }


def shown(command: Element) -> list[str]:
    found = command.path("AirSync:ApplicationData", "AirSyncBase:Attachments", "AirSyncBase:Attachment")
    return [each.text_of("AirSyncBase:FileReference") or "" for each in found]


def diary_of(wire: Wire) -> str:
    return wire.folders()["Calendar"]


def test_file_is_added_with_the_event_and_its_name_is_answered(wire: Wire) -> None:
    diary = diary_of(wire)
    sent = add("c1", *TIMES, attachments(file("f1", b"\x00\x01 octets", ContentType="image/png")))
    part = wire.sync(collection(diary, wire.begin(diary), commands=(sent,)))[diary]
    [answer] = responses_of(part, "Add")
    item = answer.text_of("AirSync:ServerId") or ""
    reference = receipts(answer)["f1"]
    assert reference.rpartition(":")[0] == item
    text = stored(wire, diary)[item]
    assert calendar.attachment(text, reference.rpartition(":")[2]) == ("image/png", b"\x00\x01 octets")

    other = wire.twin(device="Appl2")
    other.folders()
    part = other.sync(collection(diary, other.begin(diary)))[diary]
    [seen] = commands_of(part, "Add")
    assert shown(seen) == [reference]


def test_files_are_added_to_and_deleted_from_an_event_one_by_one(wire: Wire) -> None:
    diary = diary_of(wire)
    sent = add("c1", *TIMES, attachments(file("f1", b"one"), file("f2", b"two")))
    part = wire.sync(collection(diary, wire.begin(diary), commands=(sent,)))[diary]
    [answer] = responses_of(part, "Add")
    item, known = answer.text_of("AirSync:ServerId") or "", receipts(answer)
    edit = change(item, attachments(deletion(known["f1"]), file("f3", b"three")))
    part = wire.sync(collection(diary, key_of(part), commands=(edit,)))[diary]
    [answer] = responses_of(part, "Change")
    assert (status_of(answer), list(receipts(answer))) == ("1", ["f3"])
    text = stored(wire, diary)[item]
    numbers = [each.rpartition(":")[2] for each in (known["f1"], known["f2"], receipts(answer)["f3"])]
    assert [calendar.attachment(text, number) for number in numbers] == [
        *(None, ("application/octet-stream", b"two"), ("application/octet-stream", b"three")),
    ]


def test_repeated_question_adds_no_second_file(wire: Wire) -> None:
    diary = diary_of(wire)
    key = wire.begin(diary)
    sent = collection(diary, key, commands=(add("c1", *TIMES, attachments(file("f1", b"one"))),))
    first, again = wire.sync(sent)[diary], wire.sync(sent)[diary]
    assert receipts(responses_of(first, "Add")[0]) == receipts(responses_of(again, "Add")[0])
    [text] = stored(wire, diary).values()
    assert text.count("\r\nATTACH") == 1


def test_file_beyond_the_limit_of_the_event_is_refused_and_the_phone_gets_our_copy(
    make_core: Callable[..., Core],
) -> None:
    with Wire(make_core("eas", limits=Limits(item_bytes=8_000))) as wire:
        diary = diary_of(wire)
        part = wire.sync(collection(diary, wire.begin(diary), commands=(add("c1", *TIMES),)))[diary]
        item = responses_of(part, "Add")[0].text_of("AirSync:ServerId") or ""
        before = stored(wire, diary)
        for content in (b"x" * 7_000, b"x" * 600_000, b""):
            edit = change(item, attachments(file("f1", content)))
            part = wire.sync(collection(diary, key_of(part), commands=(edit,)))[diary]
            assert [status_of(each) for each in responses_of(part, "Change")] == ["6"]
            assert [each.text_of("AirSync:ServerId") for each in commands_of(part, "Change")] == [item]
        assert stored(wire, diary) == before


def test_phone_of_14_1_neither_sees_nor_loses_files(wire: Wire) -> None:
    diary = diary_of(wire)
    wire.sync(collection(diary, wire.begin(diary), commands=(add("c1", *TIMES, attachments(file("f1", b"one"))),)))
    old = wire.twin(device="Appl3", version="14.1")
    old.folders()
    part = old.sync(collection(diary, old.begin(diary)))[diary]
    [seen] = commands_of(part, "Add")
    data = seen.find("AirSync:ApplicationData")
    assert data is not None
    assert not data.has("AirSyncBase:Attachments")
    kept = [each for each in data.children if each.name != "Calendar:Subject"]
    edit = change(seen.text_of("AirSync:ServerId") or "", *kept, Element("Calendar:Subject", text="Later"))
    old.sync(collection(diary, key_of(part), commands=(edit,)))
    [text] = stored(wire, diary).values()
    assert "SUMMARY:Later" in text
    assert "ATTACH" in text
