"""What of a private event may be told, and that nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text.calendar import index_calendar
from pimgate.text.events import parse_event_set
from pimgate.text.lines import make_line
from pimgate.text.private import is_private_text, masked

CALENDARS = sorted((Path(__file__).parent / "corpus").glob("*.ics"))

SECRET = "secretword"
TREATMENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
X-WR-CALNAME:secretword
BEGIN:VTIMEZONE
TZID:Europe/Berlin
X-NOTE:secretword
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
COMMENT:secretword
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:t-1
DTSTAMP:20260101T000000Z
SEQUENCE:2
CLASS:PRIVATE
DTSTART;TZID=Europe/Berlin;X-WHY=secretword:20260105T100000
DTEND;TZID=Europe/Berlin:20260105T110000
RRULE:FREQ=WEEKLY;COUNT=8
EXDATE;TZID=Europe/Berlin:20260112T100000
SUMMARY:secretword
DESCRIPTION:secretword
LOCATION:secretword
GEO:52.5;13.4
URL:https://secretword.example/
CATEGORIES:secretword
ORGANIZER;CN=secretword:mailto:secretword@example.org
ATTENDEE:mailto:secretword@example.org
ATTACH:https://example.org/secretword.pdf
COMMENT:secretword
CONTACT:secretword
TRANSP:OPAQUE
STATUS:CONFIRMED
X-ALT-DESC;FMTTYPE=text/html:<p>secretword</p>
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
DESCRIPTION:secretword
END:VALARM
BEGIN:X-NOTES
SUMMARY:secretword
END:X-NOTES
END:VEVENT
BEGIN:VEVENT
UID:t-1
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Europe/Berlin:20260119T100000
DTSTART;TZID=Europe/Berlin:20260119T140000
DTEND;TZID=Europe/Berlin:20260119T150000
SUMMARY:secretword moved
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_times_pattern_and_zone_are_told_and_the_rest_is_not() -> None:
    found = masked(TREATMENT)
    assert SECRET not in found
    assert found.splitlines() == [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN"),
        *("BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "BEGIN:STANDARD", "DTSTART:19701025T030000"),
        *("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100"),
        *("END:STANDARD", "END:VTIMEZONE"),
        *("BEGIN:VEVENT", "UID:t-1", "DTSTAMP:20260101T000000Z", "SEQUENCE:2", "CLASS:PRIVATE"),
        *("DTSTART;TZID=Europe/Berlin:20260105T100000", "DTEND;TZID=Europe/Berlin:20260105T110000"),
        *("RRULE:FREQ=WEEKLY;COUNT=8", "EXDATE;TZID=Europe/Berlin:20260112T100000"),
        *("TRANSP:OPAQUE", "STATUS:CONFIRMED", "SUMMARY:Private", "END:VEVENT"),
        *("BEGIN:VEVENT", "UID:t-1", "DTSTAMP:20260101T000000Z"),
        *("RECURRENCE-ID;TZID=Europe/Berlin:20260119T100000", "DTSTART;TZID=Europe/Berlin:20260119T140000"),
        *("DTEND;TZID=Europe/Berlin:20260119T150000", "SUMMARY:Private", "END:VEVENT", "END:VCALENDAR"),
    ]


@pytest.mark.parametrize(
    ("language", "title"), [("", "Private"), ("en", "Private"), ("de-CH", "Privat"), ("fr", "Privé"), ("it", "Private")]
)
def test_title_is_in_the_words_of_the_reader(language: str, title: str) -> None:
    assert f"\r\nSUMMARY:{title}\r\n" in masked(TREATMENT, language)


@pytest.mark.parametrize("path", CALENDARS, ids=lambda path: path.name)
def test_masked_event_takes_place_exactly_when_the_event_does(path: Path) -> None:
    text = path.read_bytes().decode()
    before, after = index_calendar(text), index_calendar(masked(text))
    assert (after.uid, after.component, after.starts_at, after.ends_at) == (
        *(before.uid, before.component, before.starts_at, before.ends_at),
    )
    assert (after.is_recurring, after.is_all_day, after.is_floating) == (
        *(before.is_recurring, before.is_all_day, before.is_floating),
    )
    assert (after.organizer, after.attendees, after.has_alarm) == (None, (), False)
    assert parse_event_set(masked(text)).overrides.keys() == parse_event_set(text).overrides.keys()
    assert masked(masked(text)) == masked(text)


@settings(max_examples=examples(30, 300), deadline=None)
@given(
    path=st.sampled_from(CALENDARS),
    name=st.from_regex(r"X-[A-Z]{1,8}|COMMENT|CONTACT|RELATED-TO|DTSTAMPS|SUMMARY", fullmatch=True),
)
def test_property_that_nobody_thought_of_is_not_told(path: Path, name: str) -> None:
    events = parse_event_set(path.read_bytes().decode())
    for entry in events.entries:
        entry.add(make_line(name, SECRET, (("X-PARAM", (SECRET,)),)))
        entry.add(make_line("STATUS", "CONFIRMED", (("X-PARAM", (SECRET,)),)))
    events.calendar.add(make_line(name, SECRET))
    assert SECRET not in masked(events.to_text())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        *(("CLASS:PRIVATE", True), ("CLASS:CONFIDENTIAL", True), ("class:private", True), ("CLASS:X-TEAM", True)),
        *(("CLASS:PUBLIC", False), ("CLASS: public ", False), ("CLASS:", False), ("X-CLASS:PRIVATE", False)),
    ],
)
def test_whatever_is_not_known_to_be_public_is_private(line: str, expected: bool) -> None:
    assert is_private_text(TREATMENT.replace("CLASS:PRIVATE", line)) is expected
    assert index_calendar(TREATMENT.replace("CLASS:PRIVATE", line)).is_private is expected


def test_series_with_one_private_occurrence_is_private() -> None:
    text = TREATMENT.replace("CLASS:PRIVATE\r\n", "").replace("RECURRENCE-ID", "CLASS:CONFIDENTIAL\r\nRECURRENCE-ID")
    assert is_private_text(text)


def test_text_that_is_no_calendar_is_not_private() -> None:
    assert not is_private_text("CLASS:PRIVATE")
    assert not is_private_text("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:a\r\nFN:A\r\nCLASS:PRIVATE\r\nEND:VCARD\r\n")
