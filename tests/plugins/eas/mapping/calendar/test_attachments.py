"""Files of events: what a device sees of an ATTACH line, whoever wrote it, and what it makes of them."""

from __future__ import annotations

import base64

import pytest

from pimgate.text.calendar import index_calendar
from pimgate_eas.mapping import calendar
from pimgate_eas.mapping.calendar.attachments import MOST
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.calendar.events import edited, lost_lines, meeting, new_lines
from plugins.eas.mapping.items import application_data, context, ghosted, text_of

SERVER_ID = "c1:7"


def files_of(text: str, version: str = "16.1") -> list[dict[str, str]]:
    who = context(version).of_item(SERVER_ID)
    found = application_data(*calendar.render(text, who)).path("AirSyncBase:Attachments", "AirSyncBase:Attachment")
    return [{child.tag: child.text or "" for child in each.children} for each in found]


def content(file: dict[str, str], text: str) -> tuple[str, bytes] | None:
    server_id, _, number = file["FileReference"].rpartition(":")
    assert server_id == SERVER_ID
    return calendar.attachment(text, number)


def added(octets: bytes, name: str = "a.txt", **more: str) -> Element:
    return Element(
        "AirSyncBase:Add",
        Element("AirSyncBase:ClientId", text="f1"),
        Element("AirSyncBase:Content", opaque=octets),
        Element("AirSyncBase:DisplayName", text=name),
        *(Element(f"AirSyncBase:{tag}", text=text) for tag, text in more.items()),
    )


def deleted(reference: str) -> Element:
    return Element("AirSyncBase:Delete", Element("AirSyncBase:FileReference", text=reference))


def change(*each: Element) -> Element:
    return Element("AirSyncBase:Attachments", *each)


def test_file_inside_the_event_and_one_elsewhere() -> None:
    text = text_of("attachment-inline.ics")
    picture, link = files_of(text)
    assert (picture["DisplayName"], picture["Method"]) == ("a.jpg", "1")
    found = content(picture, text)
    assert found is not None
    assert (found[0], found[1][:3], str(len(found[1]))) == (
        *("image/jpeg", b"\xff\xd8\xff", picture["EstimatedDataSize"]),
    )
    assert link["DisplayName"] == "a;b,c.pdf.html"
    page = content(link, text)
    assert page is not None
    assert page[0] == "text/html"
    assert b"https://files.example/a;b,c.pdf" in page[1]


def test_names_and_octets_as_other_programs_write_them() -> None:
    text = text_of("nextcloud-talk-attachments.ics")
    share, drawing = files_of(text)
    assert share["DisplayName"] == "Plan.pdf.html"
    assert content(drawing, text) == ("image/svg+xml", b"<svg/>")
    assert files_of(text_of("google-meet-with-conference.ics"))[0]["DisplayName"] == "Compte rendu.html"


def test_sound_of_an_alarm_is_no_file_of_the_event() -> None:
    assert files_of(text_of("huge-alarm.ics")) == []


@pytest.mark.parametrize("version", ["12.1", "14.1"])
def test_older_dialects_have_no_files(version: str) -> None:
    assert files_of(text_of("attachment-inline.ics"), version) == []


def test_without_a_name_for_the_item_no_file_is_shown() -> None:
    names = {each.name for each in calendar.render(text_of("attachment-inline.ics"), context())}
    assert "AirSyncBase:Attachments" not in names


def test_files_are_added_and_deleted_one_by_one() -> None:
    text = meeting("SUMMARY:x")
    one = edited(text, change(added(b"one", ContentType="text/plain")), version="16.1")
    assert lost_lines(text, one) == []
    two = edited(one, change(added(b"two" * 40, 'Plan "B"; neu.txt')), version="16.1")
    first, second = files_of(two)
    assert content(first, two) == ("text/plain", b"one")
    assert content(second, two) == ("application/octet-stream", b"two" * 40)
    assert second["DisplayName"] == 'Plan "B"; neu.txt'
    index_calendar(two)
    assert edited(two, change(deleted(second["FileReference"])), version="16.1") == one
    assert edited(one, change(deleted(first["FileReference"])), version="16.1") == text


def test_link_is_deleted_only_when_the_device_says_so() -> None:
    text = text_of("attachment-inline.ics")
    _, link = files_of(text)
    assert edited(text, Element("Calendar:Subject", text="With a picture"), version="16.1") == text
    after = edited(text, change(deleted(link["FileReference"])), version="16.1")
    assert lost_lines(text, after) == ["ATTACH;MANAGED-ID=1;FMTTYPE=application/pdf:https://files.example/a;b,c.pdf"]


def test_same_file_twice_is_one_and_a_deletion_twice_is_none() -> None:
    one = edited(meeting(), change(added(b"one"), added(b"one")), version="16.1")
    assert edited(one, change(added(b"one", "other name")), version="16.1") == one
    [file] = files_of(one)
    sent = change(deleted(file["FileReference"]), deleted(file["FileReference"]), deleted("c1:7:nothing"), deleted(""))
    assert edited(one, sent, version="16.1") == meeting()


def test_file_for_one_occurrence_stays_with_it() -> None:
    text = meeting("RRULE:FREQ=DAILY;COUNT=3")
    data = application_data(change(added(b"one")))
    who = context().of_item(SERVER_ID)
    after = calendar.patch_instance(text, "20260106T090000Z", data, who, ghosted=ghosted, uid="e-1")
    assert after.count("ATTACH") == 1
    assert files_of(after) == []
    shown = {each.tag: each for each in calendar.render(after, who)}
    [file] = shown["Exceptions"].path("Calendar:Exception", "AirSyncBase:Attachments", "AirSyncBase:Attachment")
    number = (file.text_of("AirSyncBase:FileReference") or "").rpartition(":")[2]
    assert calendar.attachment(after, number) == ("application/octet-stream", b"one")


def test_occurrence_that_had_the_files_of_its_series_follows_it() -> None:
    who = context().of_item(SERVER_ID)
    series = edited(meeting("RRULE:FREQ=DAILY;COUNT=3"), change(added(b"one")), version="16.1")
    subject = application_data(Element("Calendar:Subject", text="Second"))
    text = calendar.patch_instance(series, "20260106T090000Z", subject, who, ghosted=ghosted, uid="e-1")
    assert text.count("ATTACH") == 2
    [file] = files_of(text)
    data = application_data(change(deleted(file["FileReference"])))
    assert "ATTACH" not in calendar.patch(text, data, who, ghosted=ghosted, uid="e-1")


@pytest.mark.parametrize(
    "broken",
    [
        added(b""),
        added(b"x" * 500_001),
        Element("AirSyncBase:Add", Element("AirSyncBase:ClientId", text="f")),
        Element("AirSyncBase:Add", Element("AirSyncBase:Content", text="not base64!")),
        Element("AirSyncBase:Add", Element("AirSyncBase:Content", text="A" * 2_000_000)),
    ],
)
def test_file_that_is_none_or_too_large_refuses_the_edit(broken: Element) -> None:
    data = Element("AirSync:ApplicationData", change(broken))
    with pytest.raises(CannotConvert):
        calendar.patch(meeting(), data, context(), ghosted=ghosted, uid="u")


def test_more_files_than_an_event_carries_are_refused() -> None:
    with pytest.raises(CannotConvert):
        edited(meeting(), change(*(added(bytes([number])) for number in range(MOST + 1))), version="16.1")


def test_content_in_base64_text_is_understood() -> None:
    sent = Element("AirSyncBase:Add", Element("AirSyncBase:Content", text=base64.b64encode(b"as text").decode()))
    data = Element("AirSync:ApplicationData", change(sent))
    text = calendar.patch(meeting(), data, context(), ghosted=ghosted, uid="u")
    [file] = files_of(text)
    assert content(file, text) == ("application/octet-stream", b"as text")


@pytest.mark.parametrize(
    "line",
    [
        "ATTACH:",
        "ATTACH;ENCODING=BASE64;VALUE=BINARY:%%%",
        "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAA",
        "ATTACH:data:;base64,!!",
        "ATTACH:data:text/plain",
        'ATTACH;FMTTYPE="x y":CID:part1@example',
        "ATTACH;FILENAME=../../etc/passwd:https://example.org/",
        'ATTACH:https://example.org/"><script>alert(1)</script>',
    ],
)
def test_odd_lines_are_shown_in_some_way_and_kept(line: str) -> None:
    text = meeting(line)
    for file in files_of(text):
        found = content(file, text)
        assert found is not None
        assert b"<script>" not in found[1]
        assert "/" not in file["DisplayName"]
    who = context().of_item(SERVER_ID)
    data = application_data(*calendar.render(text, who))
    assert calendar.patch(text, data, who, ghosted=ghosted, uid="u") == text


def test_unknown_number_is_no_file() -> None:
    assert calendar.attachment(text_of("attachment-inline.ics"), "") is None
    assert calendar.attachment(text_of("attachment-inline.ics"), "0") is None


def test_receipt_names_what_was_added_and_nothing_else() -> None:
    assert calendar.receipt(application_data(change(deleted("c1:7:x"))), SERVER_ID) is None
    data = application_data(change(added(b"one")))
    found = calendar.receipt(data, SERVER_ID)
    assert found is not None
    text = calendar.patch(meeting(), data, context(), ghosted=ghosted, uid="u")
    assert (
        found.path("AirSyncBase:Attachment")[0].text_of("AirSyncBase:FileReference")
        == (files_of(text)[0]["FileReference"])
    )
    assert new_lines(meeting(), text)
