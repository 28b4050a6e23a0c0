"""The zone of an event, to devices and back: it stays unless a device moves the event to another."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text.events import time_line
from pimgate.text.timezones import blob_for, known_zone, vtimezone_text
from pimgate_eas.mapping import calendar
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.calendar.events import at, edited, event, meeting, new_lines, recurrence, shown
from plugins.eas.mapping.items import application_data, context, removed, text_of

ZONES = sorted(name for name in available_timezones() if known_zone(name) is not None)
ALL_ZERO = base64.b64encode(bytes(172)).decode()


def blob(zone: str, year: int = 2026, *, named: bool = True) -> str:
    octets = blob_for(ZoneInfo(zone), year)
    if not named:
        octets = octets[:4] + bytes(64) + octets[68:88] + bytes(64) + octets[152:]
    return base64.b64encode(octets).decode()


def event_in(zone: str, year: int, *more: str) -> str:
    start = datetime(year, 7, 5, 10, 0, tzinfo=ZoneInfo(zone))
    times = [time_line(name, start.replace(hour=hour)).raw.strip() for name, hour in (("DTSTART", 10), ("DTEND", 11))]
    block = vtimezone_text(zone, year).replace("\r\n", "\n") if "TZID" in times[0] else ""
    return event(*times, *more, block=block)


@settings(max_examples=examples(40, 360), deadline=None)
@given(zone=st.sampled_from(ZONES), year=st.integers(1990, 2050), named=st.booleans(), is_series=st.booleans())
def test_event_of_any_zone_and_year_stays_in_its_zone_when_given_back(
    zone: str, year: int, named: bool, is_series: bool
) -> None:
    text = event_in(zone, year, *(["RRULE:FREQ=WEEKLY;COUNT=500"] if is_series else []))
    who = context("14.1", now=datetime(2026, 11, 21, tzinfo=UTC))
    rendered = calendar.render(text, who)
    own = year if not is_series else max(year, 2026)
    sent = [
        Element("Calendar:Timezone", text=blob(zone, own, named=named)) if e.tag == "Timezone" else e for e in rendered
    ]
    if not text.count("TZID"):
        sent = rendered  # in UTC: the person's zone is sent
    assert calendar.patch(text, application_data(*sent), who, ghosted=removed, uid="u") == text


def clocks_turn(zone: ZoneInfo, year: int) -> int:
    """How often in a year: a blob says two rules at most, and in some countries the clocks turn back for Ramadan as well."""
    days = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=each) for each in range(366)]
    offsets = [each.astimezone(zone).utcoffset() for each in days]
    return sum(before != after for before, after in pairwise(offsets))


@settings(max_examples=examples(20, 240), deadline=None)
@given(zone=st.sampled_from(ZONES), year=st.integers(1990, 2050))
@example(zone="Asia/Gaza", year=2040)
def test_new_event_takes_place_when_the_device_says_and_on_clocks_like_the_devices(zone: str, year: int) -> None:
    instant = datetime(year, 7, 5, 8, 0, tzinfo=UTC)
    text = edited(None, *at(f"{year}0705T080000Z", f"{year}0705T090000Z", Timezone=blob(zone, year, named=False)))
    found = shown(text)
    assert (found["StartTime"], found["EndTime"]) == (f"{year}0705T080000Z", f"{year}0705T090000Z")
    line = next(each for each in text.split("\r\n") if each.startswith("DTSTART;TZID"))
    tzid, wall = line.partition("TZID=")[2].rsplit(":", 1)
    kept = known_zone(tzid)
    assert kept is not None
    clocks = ZoneInfo(zone)
    # The person's own zone stands for a blob that says no more than UTC.
    if kept.key != "Europe/Berlin" and clocks_turn(clocks, year) <= 2:
        assert instant.astimezone(kept).utcoffset() == instant.astimezone(clocks).utcoffset()
    assert datetime.strptime(wall, "%Y%m%dT%H%M%S").replace(tzinfo=kept) == instant


@pytest.mark.parametrize("unknown", ["", ALL_ZERO, "AAAA", "!", blob("UTC"), blob("UTC", named=False)])
def test_blob_that_says_nothing_leaves_the_zone_and_means_the_persons_own_for_a_new_event(unknown: str) -> None:
    moved = edited(meeting(), *at("20260105T100000Z", "20260105T110000Z", Timezone=unknown))
    assert new_lines(meeting(), moved) == [
        *("DTSTART;TZID=Europe/Berlin:20260105T110000", "DTEND;TZID=Europe/Berlin:20260105T120000")
    ]
    new = edited(None, *at("20260705T080000Z", "20260705T090000Z", Timezone=unknown), recurrence(Type=0))
    assert "DTSTART;TZID=Europe/Berlin:20260705T100000\r\n" in new


def test_zone_that_fits_is_the_persons_own_before_any_other() -> None:
    sent = at("20260705T080000Z", "20260705T090000Z", Timezone=blob("Europe/Berlin", named=False))
    assert "TZID=Europe/Vienna:" in edited(None, *sent, zone="Europe/Vienna")
    assert "TZID=Europe/Berlin:" in edited(None, *sent, zone="America/New_York")


def test_event_moves_to_another_zone_and_keeps_the_block_of_the_old_one() -> None:
    after = edited(meeting(), *at("20260105T150000Z", "20260105T160000Z", Timezone=blob("America/New_York")))
    assert "DTSTART;TZID=America/New_York:20260105T100000\r\n" in after
    assert after.count("BEGIN:VTIMEZONE") == 2


@pytest.mark.parametrize("name", ["outlook-customized-zone.ics", "outlook-windows-zone.ics", "zimbra-series.ics"])
def test_block_of_the_calendar_is_never_replaced(name: str) -> None:
    text = text_of(name)
    found = shown(text)
    start, end = str(found["StartTime"]), str(found["EndTime"])
    later = [each.replace("00Z", "30Z") for each in (start, end)]
    after = edited(text, *at(*later, Timezone=str(found["Timezone"])))
    assert after.partition("BEGIN:VEVENT")[0] == text.partition("BEGIN:VEVENT")[0]


def test_series_is_sent_with_the_rules_of_its_next_occurrences() -> None:
    text = event_in("Europe/Moscow", 2010, "RRULE:FREQ=WEEKLY;COUNT=2000")
    assert shown(text)["Timezone"] == blob("Europe/Moscow", 2010)
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert shown(text, now=now)["Timezone"] == blob("Europe/Moscow", 2026)
    assert edited(text, *at("", "", Timezone=blob("Europe/Moscow", 2010))[2:], now=now) == text
    assert edited(text, *at("", "", Timezone=blob("Europe/Moscow", 2025))[2:], now=now) == text


def test_an_event_whose_program_left_its_zone_out_is_shown_as_the_one_with_it() -> None:
    text = event_in("Europe/Berlin", 2026, "RRULE:FREQ=WEEKLY;COUNT=500")
    bare = text[: text.index("BEGIN:VTIMEZONE")] + text[text.index("BEGIN:VEVENT") :]
    assert "VTIMEZONE" not in bare
    for version in ("14.1", "16.1"):
        assert calendar.render(bare, context(version)) == calendar.render(text, context(version))
