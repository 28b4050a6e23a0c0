"""The plain fields of an event, each both ways."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pimgate_eas.mapping import calendar
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.calendar.events import at, edited, meeting, new_lines, shown, subject
from plugins.eas.mapping.items import context, ghosted, text_of


def field(tag: str, text: str) -> Element:
    return Element(f"Calendar:{tag}", text=text)


def body(text: str, kind: str = "1") -> Element:
    return Element("AirSyncBase:Body", Element("AirSyncBase:Type", text=kind), Element("AirSyncBase:Data", text=text))


def place(**parts: str) -> Element:
    return Element("AirSyncBase:Location", *(Element(f"AirSyncBase:{tag}", text=text) for tag, text in parts.items()))


def test_subject_keeps_its_parameters() -> None:
    text = text_of("exchange-invitation.ics")
    assert new_lines(text, edited(text, subject("Budget; next, year"))) == [
        "SUMMARY;LANGUAGE=en-US:Budget\\; next\\, year"
    ]


def test_location_is_a_word_below_16_and_a_place_from_16_on() -> None:
    text = meeting("LOCATION:Room 1")
    assert shown(text, "14.1")["Location"] == "Room 1"
    assert shown(text, "16.1")["Location"] == {"DisplayName": "Room 1"}
    assert new_lines(text, edited(text, field("Location", "Room 2"))) == ["LOCATION:Room 2"]
    assert new_lines(text, edited(text, place(DisplayName="Room 2"), version="16.1")) == ["LOCATION:Room 2"]


def test_location_of_the_other_dialect_is_understood() -> None:
    text = meeting("LOCATION:Room 1")
    assert new_lines(text, edited(text, field("Location", "Room 2"), version="16.1")) == ["LOCATION:Room 2"]
    assert new_lines(text, edited(text, place(DisplayName="Room 2"), version="14.1")) == ["LOCATION:Room 2"]


def test_place_without_a_name_is_its_address_and_one_of_coordinates_alone_changes_nothing() -> None:
    text = meeting("LOCATION:Room 1")
    sent = place(Street="Am Markt 3", City="Köln", Latitude="50.9")
    assert "\r\nLOCATION:Am Markt 3\\, Köln\r\n" in edited(text, sent, version="16.1")
    assert edited(text, place(Latitude="50.9"), version="16.1") == text
    assert "LOCATION" not in edited(text, place(), version="16.1")


@pytest.mark.parametrize(
    ("line", "number"),
    [("CLASS:PUBLIC", "0"), ("CLASS:PRIVATE", "2"), ("CLASS:CONFIDENTIAL", "3"), ("CLASS:X-UNKNOWN", "2")],
)
def test_class_is_shown_as_sensitivity(line: str, number: str) -> None:
    assert shown(meeting(line))["Sensitivity"] == number


@pytest.mark.parametrize(
    ("number", "word"), [("0", "PUBLIC"), ("1", "X-PERSONAL"), ("2", "PRIVATE"), ("3", "CONFIDENTIAL")]
)
def test_sensitivity_is_written_as_class(number: str, word: str) -> None:
    text = edited(meeting("CLASS:X-UNKNOWN" if number != "2" else "CLASS:PUBLIC"), field("Sensitivity", number))
    assert f"CLASS:{word}\r\n" in text
    assert shown(text)["Sensitivity"] == number


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ((), "2"),
        (("TRANSP:TRANSPARENT",), "0"),
        (("STATUS:TENTATIVE",), "1"),
        (("TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"), "3"),
        (("TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"), "0"),
        (("TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"), "2"),
        (("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",), "2"),
    ],
)
def test_busy_status_is_outlooks_where_it_does_not_contradict(lines: tuple[str, ...], number: str) -> None:
    assert shown(meeting(*lines))["BusyStatus"] == number


def test_working_elsewhere_is_known_from_16_on() -> None:
    assert shown(meeting("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"), "16.1")["BusyStatus"] == "4"


def test_free_is_written_for_all_programs_and_out_of_office_for_outlook() -> None:
    assert new_lines(meeting(), edited(meeting(), field("BusyStatus", "0"))) == ["TRANSP:TRANSPARENT"]
    assert new_lines(meeting(), edited(meeting(), field("BusyStatus", "3"))) == [
        "TRANSP:OPAQUE",
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
    ]


def test_new_description_takes_the_old_one_in_html_along() -> None:
    text = text_of("thunderbird-event.ics")
    after = edited(text, body("Bring both cards"))
    assert "DESCRIPTION:Bring both cards\r\n" in after
    assert "ALTREP" not in after
    outlook = text_of("outlook-windows-zone.ics")
    assert "X-ALT-DESC" not in edited(outlook, body("new"))
    assert "X-ALT-DESC" in edited(outlook, subject("new"))


def test_html_is_stored_as_its_words() -> None:
    sent = body("<html><head><style>p{}</style></head><body><p>One &amp; two</p>Three<br>four</body></html>", kind="2")
    assert "DESCRIPTION:One & two\\nThree\\nfour\r\n" in edited(meeting(), sent)


@pytest.mark.parametrize(
    "sent", [body("{\\rtf1}", "3"), Element("AirSyncBase:Body", Element("AirSyncBase:Type", text="1"))]
)
def test_body_in_a_form_that_cannot_be_read_leaves_the_description(sent: Element) -> None:
    assert edited(meeting("DESCRIPTION:old"), sent) == meeting("DESCRIPTION:old")


def test_edit_is_stamped_with_its_moment() -> None:
    text = meeting("LAST-MODIFIED:20260101T000000Z")
    after = edited(text, subject("new"), now=datetime(2026, 3, 4, 5, 6, 7, 8, tzinfo=UTC))
    assert sorted(new_lines(text, after)) == [
        "DTSTAMP:20260304T050607Z",
        "LAST-MODIFIED:20260304T050607Z",
        "SUMMARY:new",
    ]


def test_new_event_is_stamped_by_the_device_if_nobody_else_knows_the_time() -> None:
    text = edited(None, *at("20260105T090000Z", "20260105T100000Z", DtStamp="20260104T000000Z"))
    assert "DTSTAMP:20260104T000000Z\r\n" in text


@pytest.mark.parametrize("evil", ["a\r\nEND:VEVENT\r\nX:", "a\x00b", "a\x0bb\x85c"])
def test_text_of_a_device_never_becomes_a_line_of_its_own(evil: str) -> None:
    data = Element("AirSync:ApplicationData", subject(evil), field("Location", evil), body(evil))
    after = calendar.patch(meeting(), data, context("14.1"), ghosted=ghosted, uid="u")
    assert after.count("END:VEVENT\r\n") == 1
    assert "\x00" not in after


def test_marked_up_words_go_to_a_device_that_reads_them_and_stay_when_nothing_changes() -> None:
    text = text_of("outlook-teams-series.ics")
    marked = shown(text, body_forms=("2", "1"))["Body"]
    assert isinstance(marked, dict)
    assert marked["Type"] == "2"
    assert "<p>Tagesordnung folgt.</p>" in marked["Data"]
    assert edited(text, body(marked["Data"], "2"), body_forms=("2", "1")) == text
    plain = shown(text)["Body"]
    assert isinstance(plain, dict)
    assert edited(text, body(plain["Data"])) == text


def test_new_plain_words_take_the_place_of_the_marked_up_ones() -> None:
    after = edited(text_of("outlook-teams-series.ics"), body("Neu"))
    assert "X-ALT-DESC" not in after
    assert "\r\nDESCRIPTION:Neu\r\n" in after
