"""Editing a series occurrence by occurrence: what is not named stays octet for octet."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pimgate.text.calendar import index_calendar
from pimgate.text.component import BadText, parse
from pimgate.text.events import EventSet, instance_key, new_event, parse_event_set
from pimgate.text.lines import escape
from pimgate.text.occurrences import occurrences

CORPUS = Path(__file__).parent / "corpus"
BERLIN = ZoneInfo("Europe/Berlin")
YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def opened(name: str) -> EventSet:
    return parse_event_set((CORPUS / name).read_bytes().decode())


def test_overrides_are_named_by_their_original_start_in_utc() -> None:
    assert list(opened("apple-moved-and-deleted.ics").overrides) == ["20260113T080000Z"]
    assert list(opened("recurrence-id-as-date.ics").overrides) == ["20260106T090000Z"]
    alone = opened("google-overrides-alone.ics")
    assert alone.master is None
    assert list(alone.overrides) == ["20260203T140000Z", "20260217T140000Z"]


@pytest.mark.parametrize(
    ("time", "key"),
    [
        (date(2026, 1, 5), "20260105"),
        (datetime(2026, 7, 5, 10, tzinfo=BERLIN), "20260705T080000Z"),
        (datetime(2026, 7, 5, 10), "20260705T100000"),
    ],
)
def test_keys_are_the_same_however_a_client_wrote_the_time(time: date, key: str) -> None:
    assert instance_key(time) == key


def test_times_come_in_the_zone_they_were_meant_in() -> None:
    events = opened("outlook-windows-zone.ics")
    assert events.master is not None
    start = events.start_of(events.master)
    assert start == datetime(2026, 7, 20, 10, tzinfo=BERLIN)
    assert isinstance(start, datetime)
    assert getattr(start.tzinfo, "key", None) == "Europe/Berlin"
    floating = opened("floating-daily.ics")
    assert floating.master is not None
    assert floating.start_of(floating.master) == datetime(2026, 1, 5, 7)
    all_day = opened("apple-all-day.ics")
    assert all_day.master is not None
    assert all_day.end_of(all_day.master) == date(2026, 2, 16)


def test_a_new_override_begins_as_the_series_at_that_time() -> None:
    events = opened("apple-weekly.ics")
    before = events.to_text()
    original = datetime(2026, 4, 6, 10, tzinfo=BERLIN).replace(month=3, day=30)
    override = events.add_override(original)
    override.set("SUMMARY", escape("Moved, once"))
    after = events.to_text()
    assert after.replace(override.to_text(), "") == before
    assert [line.raw for line in override.all("RECURRENCE-ID")] == [
        "RECURRENCE-ID;TZID=Europe/Berlin:20260330T100000\r\n"
    ]
    assert override.get("RRULE") is None
    assert override.children_named("VALARM")
    assert len(occurrences(after, *YEAR).spans) == len(occurrences(before, *YEAR).spans) == 13
    assert events.add_override(original) is override


def test_an_override_that_is_taken_away_leaves_the_text_as_it_was() -> None:
    events = opened("thunderbird-monthly-last-friday.ics")
    before = events.to_text()
    original = datetime(2026, 2, 27, 19, tzinfo=BERLIN)
    events.add_override(original)
    assert events.remove_override(original)
    assert not events.remove_override("20260227T180000Z")
    assert events.to_text() == before


def test_an_occurrence_is_deleted_and_brought_back() -> None:
    events = opened("apple-weekly.ics")
    before = events.to_text()
    original = datetime(2026, 1, 12, 10, tzinfo=BERLIN)
    events.exclude(original)
    events.exclude(original)
    assert events.to_text() == before.replace(
        "BEGIN:VALARM", "EXDATE;TZID=Europe/Berlin:20260112T100000\r\nBEGIN:VALARM"
    )
    assert len(occurrences(events.to_text(), *YEAR).spans) == 12
    events.include(original)
    assert events.to_text() == before


def test_one_of_several_deleted_dates_is_brought_back() -> None:
    events = parse_event_set(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260101T100000Z\r\nRRULE:FREQ=DAILY\r\n"
        "EXDATE;X-A=1:20260102T100000Z,,20260103T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    events.include(datetime(2026, 1, 2, 11, tzinfo=BERLIN))
    assert "EXDATE;X-A=1:20260103T100000Z\r\n" in events.to_text()
    assert events.excluded() == [datetime(2026, 1, 3, 10, tzinfo=UTC)]


def test_deleting_a_changed_occurrence_removes_the_change() -> None:
    events = opened("apple-moved-and-deleted.ics")
    events.exclude(datetime(2026, 1, 13, 9, tzinfo=BERLIN))
    assert events.overrides == {}
    assert len(occurrences(events.to_text(), *YEAR).spans) == 3


def test_a_time_in_another_zone_brings_its_vtimezone() -> None:
    events = opened("thunderbird-event.ics")
    assert events.master is not None
    before = events.to_text()
    events.set_time(events.master, "DTSTART", datetime(2026, 3, 30, 8, 30, tzinfo=BERLIN))
    assert events.to_text() == before
    events.set_time(events.master, "DTSTART", datetime(2026, 3, 30, 8, 30, tzinfo=ZoneInfo("America/New_York")))
    text = events.to_text()
    assert text.count("BEGIN:VTIMEZONE") == 2
    assert "DTSTART;TZID=America/New_York:20260330T083000\r\n" in text
    assert index_calendar(text).starts_at == int(datetime(2026, 3, 30, 12, 30, tzinfo=UTC).timestamp())


def test_an_all_day_override_is_named_by_its_date() -> None:
    events = parse_event_set(
        new_event("1", date(2026, 1, 5), date(2026, 1, 7), stamp=datetime(2026, 1, 1, tzinfo=UTC), summary="a;b")
    )
    assert events.master is not None
    events.master.set("RRULE", "FREQ=WEEKLY;COUNT=3")
    override = events.add_override(date(2026, 1, 12))
    assert "DTEND;VALUE=DATE:20260114" in override.to_text()
    assert list(events.overrides) == ["20260112"]
    assert len(occurrences(events.to_text(), *YEAR).spans) == 3


def test_an_override_without_a_series_needs_its_lines() -> None:
    events = opened("google-overrides-alone.ics")
    original = datetime(2026, 3, 3, 14, tzinfo=UTC)
    with pytest.raises(BadText):
        events.add_override(original)
    lines = [line for line in events.entries[0].lines if line.name in ("UID", "DTSTAMP", "DTSTART", "DTEND")]
    events.add_override(original, lines)
    assert list(events.overrides)[-1] == "20260303T140000Z"


def test_a_new_event_is_valid_and_minimal() -> None:
    text = new_event(
        "uid-1",
        datetime(2026, 7, 1, 9, tzinfo=BERLIN),
        datetime(2026, 7, 1, 10, tzinfo=BERLIN),
        stamp=datetime(2026, 6, 1, 12, tzinfo=BERLIN),
        summary="Lunch, maybe",
    )
    index = index_calendar(text)
    assert (index.uid, index.summary, index.starts_at) == (
        *("uid-1", "Lunch, maybe", int(datetime(2026, 7, 1, 7, tzinfo=UTC).timestamp())),
    )
    calendar = parse(text)
    assert [child.name for child in calendar.children] == ["VTIMEZONE", "VEVENT"]
    assert "PRODID:-//pimgate//pimgate//EN\r\n" in text
    assert "DTSTAMP:20260601T100000Z\r\n" in text
    assert "VTIMEZONE" not in new_event("2", datetime(2026, 1, 1, tzinfo=UTC), stamp=datetime(2026, 1, 1, tzinfo=UTC))
