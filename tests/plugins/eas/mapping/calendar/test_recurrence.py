"""Patterns of devices and rules of calendars."""

from __future__ import annotations

import pytest

from pimgate.text.calendar import index_calendar
from pimgate_eas.mapping import calendar
from pimgate_eas.mapping.errors import CannotConvert
from plugins.eas.mapping.calendar.events import (
    at,
    edited,
    event,
    lost_lines,
    meeting,
    new_lines,
    recurrence,
    shown,
    subject,
)
from plugins.eas.mapping.items import application_data, context, removed

# What a device has (of an event on Monday, 5 January 2026) and the rule that says the same.
EXACT: list[tuple[dict[str, int | str], str]] = [
    ({"Type": 0, "Interval": 1}, "FREQ=DAILY"),
    ({"Type": 0, "Interval": 3, "Occurrences": 5}, "FREQ=DAILY;INTERVAL=3;COUNT=5"),
    ({"Type": 1, "Interval": 1, "DayOfWeek": 2}, "FREQ=WEEKLY;BYDAY=MO"),
    ({"Type": 1, "Interval": 1, "DayOfWeek": 62}, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    ({"Type": 1, "Interval": 2, "DayOfWeek": 65, "FirstDayOfWeek": 0}, "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU;WKST=SU"),
    ({"Type": 2, "Interval": 1, "DayOfMonth": 5}, "FREQ=MONTHLY;BYMONTHDAY=5"),
    ({"Type": 2, "Interval": 2, "DayOfMonth": 31}, "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31"),
    ({"Type": 3, "Interval": 1, "DayOfWeek": 2, "WeekOfMonth": 1}, "FREQ=MONTHLY;BYDAY=1MO"),
    ({"Type": 3, "Interval": 1, "DayOfWeek": 32, "WeekOfMonth": 5}, "FREQ=MONTHLY;BYDAY=-1FR"),
    ({"Type": 3, "Interval": 1, "DayOfWeek": 62, "WeekOfMonth": 5}, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    ({"Type": 3, "Interval": 1, "DayOfWeek": 127, "WeekOfMonth": 5}, "FREQ=MONTHLY;BYMONTHDAY=-1"),
    (
        {"Type": 3, "Interval": 1, "DayOfWeek": 127, "WeekOfMonth": 2},
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=2",
    ),
    ({"Type": 5, "Interval": 1, "DayOfMonth": 5, "MonthOfYear": 1}, "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=5"),
    ({"Type": 6, "Interval": 1, "DayOfWeek": 2, "WeekOfMonth": 1, "MonthOfYear": 9}, "FREQ=YEARLY;BYMONTH=9;BYDAY=1MO"),
    (
        {"Type": 6, "Interval": 1, "DayOfWeek": 1, "WeekOfMonth": 5, "MonthOfYear": 3, "Until": "20300101T000000Z"},
        "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20300101T000000Z",
    ),
]


def rule_in(text: str) -> str:
    return next(
        line.removeprefix("RRULE:")
        for line in text.partition("BEGIN:VEVENT")[2].split("\r\n")
        if line.startswith("RRULE:")
    )


@pytest.mark.parametrize(("pattern", "rule"), EXACT)
def test_pattern_of_a_device_is_written_as_a_rule_and_shown_again(pattern: dict[str, int | str], rule: str) -> None:
    text = edited(meeting(), recurrence(**pattern))
    assert rule_in(text) == rule
    found = shown(text)["Recurrence"]
    assert isinstance(found, dict)
    assert {tag: found[tag] for tag in pattern} == {tag: str(value) for tag, value in pattern.items()}
    assert set(found) <= {*pattern, "FirstDayOfWeek", "CalendarType"}


# Rules as programs write them, and the nearest pattern.
NEAREST: list[tuple[str, dict[str, str]]] = [
    ("FREQ=WEEKLY", {"Type": "1", "DayOfWeek": "2"}),
    ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", {"Type": "1", "DayOfWeek": "62"}),
    ("FREQ=MONTHLY", {"Type": "2", "DayOfMonth": "5"}),
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", {"Type": "3", "DayOfWeek": "2", "WeekOfMonth": "1"}),
    ("FREQ=MONTHLY;BYDAY=MO,WE", {"Type": "1", "DayOfWeek": "10"}),
    ("FREQ=MONTHLY;BYMONTHDAY=1,15", {"Type": "2", "DayOfMonth": "1"}),
    ("FREQ=MONTHLY;BYMONTHDAY=-2", {"Type": "2", "DayOfMonth": "30"}),
    ("FREQ=MONTHLY;BYDAY=1MO,3MO", {"Type": "3", "DayOfWeek": "2", "WeekOfMonth": "1"}),
    ("FREQ=MONTHLY;BYDAY=5MO", {"Type": "3", "DayOfWeek": "2", "WeekOfMonth": "5"}),
    ("FREQ=YEARLY", {"Type": "5", "DayOfMonth": "5", "MonthOfYear": "1"}),
    ("FREQ=YEARLY;BYMONTH=1,7", {"Type": "5", "MonthOfYear": "1"}),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", {"Type": "6", "DayOfWeek": "2"}),
    ("FREQ=DAILY;COUNT=5000", {"Type": "0", "Occurrences": "999"}),
]


@pytest.mark.parametrize(("rule", "pattern"), NEAREST)
def test_rule_is_shown_as_the_nearest_pattern_and_not_rewritten(rule: str, pattern: dict[str, str]) -> None:
    text = meeting(f"RRULE:{rule}", "SUMMARY:old")
    found = shown(text)["Recurrence"]
    assert isinstance(found, dict)
    assert {tag: found[tag] for tag in pattern} == pattern
    after = edited(text, recurrence(**found), subject("new"))
    assert new_lines(text, after) == ["SUMMARY:new"]


@pytest.mark.parametrize("rule", ["FREQ=HOURLY;COUNT=5", "RSCALE=CHINESE;FREQ=YEARLY"])
def test_rule_that_no_pattern_comes_near_stays_though_the_device_sees_one_event(rule: str) -> None:
    text = meeting(f"RRULE:{rule}")
    assert "Recurrence" not in shown(text)
    data = application_data(*calendar.render(text, context()), subject("new"))
    assert f"RRULE:{rule}\r\n" in calendar.patch(text, data, context(), ghosted=removed, uid="u")


def test_device_that_moves_the_end_changes_only_the_end() -> None:
    text = meeting("RRULE:FREQ=MONTHLY;BYDAY=1MO,3MO;X-ODD=1;COUNT=9;WKST=SU")
    after = edited(text, recurrence(Type=3, Interval=1, DayOfWeek=2, WeekOfMonth=1, Until="20261231T230000Z"))
    assert rule_in(after) == "FREQ=MONTHLY;BYDAY=1MO,3MO;X-ODD=1;WKST=SU;UNTIL=20261231T230000Z"


def test_first_day_of_the_week_without_effect_rewrites_nothing() -> None:
    text = meeting("RRULE:FREQ=WEEKLY")
    assert edited(text, recurrence(Type=1, Interval=1, DayOfWeek=2, FirstDayOfWeek=0)) == text


def test_every_weekday_comes_as_a_daily_pattern_too() -> None:
    assert rule_in(edited(meeting(), recurrence(Type=0, DayOfWeek=62))) == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"


def test_end_of_a_series_is_of_the_kind_of_its_start() -> None:
    days = event("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260106")
    until = "20260109T230000Z"
    assert rule_in(edited(days, recurrence(Type=0, Until=until))) == "FREQ=DAILY;UNTIL=20260110"
    assert shown(edited(days, recurrence(Type=0, Until=until)))["Recurrence"]["Until"] == until  # type: ignore[index]
    plain_days = edited(days, recurrence(Type=0, Until="20260110T000000Z"), version="16.1")
    assert rule_in(plain_days) == "FREQ=DAILY;UNTIL=20260110"
    floating = event("DTSTART:20260105T100000")
    assert rule_in(edited(floating, recurrence(Type=0, Until=until))) == "FREQ=DAILY;UNTIL=20260110T000000"


def test_device_ends_the_recurrence() -> None:
    text = meeting("RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20260106T100000")
    data = application_data(
        *(each for each in calendar.render(text, context()) if each.tag not in ("Recurrence", "Exceptions"))
    )
    after = calendar.patch(text, data, context("14.1"), ghosted=removed, uid="u")
    assert lost_lines(text, after) == ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20260106T100000"]
    assert edited(text, recurrence(), version="16.1") == after


@pytest.mark.parametrize(
    "pattern",
    [
        {"Type": 4},
        {"Type": 7},
        {"Type": "x"},
        {"Interval": 1},
        {"Type": 3, "DayOfWeek": 2},
        {"Type": 6, "WeekOfMonth": 2},
        {"Type": 1, "DayOfWeek": 128},
        {"Type": 0, "Until": "tomorrow"},
        {"Type": 0, "Occurrences": 1000},
    ],
)
def test_half_a_pattern_is_refused(pattern: dict[str, int | str]) -> None:
    with pytest.raises(CannotConvert):
        edited(meeting(), recurrence(**pattern))


def test_older_dialects_get_no_first_day_and_no_calendar() -> None:
    assert shown(meeting("RRULE:FREQ=WEEKLY"), "12.1")["Recurrence"] == {"Type": "1", "Interval": "1", "DayOfWeek": "2"}
    assert "CalendarType" in shown(meeting("RRULE:FREQ=MONTHLY"), "14.0")["Recurrence"]  # type: ignore[operator]


def test_exceptions_that_a_new_pattern_has_no_place_for_go() -> None:
    text = meeting("RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Berlin:20260106T100000,20260112T100000")
    after = edited(text, recurrence(Type=1, Interval=1, DayOfWeek=2))
    assert "EXDATE;TZID=Europe/Berlin:20260112T100000\r\n" in after
    assert "20260106T100000" not in after


def test_new_series_is_valid() -> None:
    text = edited(None, *at("20260105T090000Z", "20260105T100000Z"), recurrence(Type=1, DayOfWeek=2, Occurrences=4))
    index = index_calendar(text)
    assert index.is_recurring
    assert index.ends_at is not None


def test_last_day_of_the_month_comes_without_a_week_too() -> None:
    assert rule_in(edited(meeting(), recurrence(Type=3, DayOfWeek=127))) == "FREQ=MONTHLY;BYMONTHDAY=-1"


FOREIGN: list[tuple[dict[str, int], str]] = [
    (
        {"Type": 5, "DayOfMonth": 15, "MonthOfYear": 8, "CalendarType": 15},
        "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=15",
    ),
    ({"Type": 2, "DayOfMonth": 1, "CalendarType": 23}, "RSCALE=ISLAMIC-UMALQURA;FREQ=MONTHLY;BYMONTHDAY=1"),
]


@pytest.mark.parametrize(("pattern", "rule"), FOREIGN)
def test_pattern_in_another_calendar_is_kept_as_it_is(pattern: dict[str, int], rule: str) -> None:
    text = edited(meeting(), recurrence(Interval=1, **pattern))
    assert rule_in(text) == rule
    found = shown(text)["Recurrence"]
    assert isinstance(found, dict)
    assert {tag: int(found[tag]) for tag in pattern} == pattern
    assert edited(text, recurrence(**found)) == text
    assert "Recurrence" not in shown(text, "12.1")
    index_calendar(text)


def test_leap_month_is_kept() -> None:
    text = edited(meeting(), recurrence(Type=5, DayOfMonth=15, MonthOfYear=6, CalendarType=15, IsLeapMonth=1))
    found = shown(text)["Recurrence"]
    assert isinstance(found, dict)
    assert found["IsLeapMonth"] == "1"
    assert edited(text, recurrence(**found)) == text
    plain = edited(text, recurrence(Type=5, DayOfMonth=15, MonthOfYear=6))
    assert "LEAP" not in plain
    assert rule_in(plain) == "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=15"


@pytest.mark.parametrize("calendar_type", range(13))
def test_calendars_with_our_months_are_ours(calendar_type: int) -> None:
    if calendar_type in (6, 8):
        return
    text = meeting("RRULE:FREQ=MONTHLY;BYMONTHDAY=5")
    assert edited(text, recurrence(Type=2, Interval=1, DayOfMonth=5, CalendarType=calendar_type)) == text


@pytest.mark.parametrize("calendar_type", ["14", "99", "x"])
def test_calendar_that_nobody_knows_is_refused(calendar_type: str) -> None:
    with pytest.raises(CannotConvert):
        edited(meeting(), recurrence(Type=2, DayOfMonth=1, CalendarType=calendar_type))


@pytest.mark.parametrize(
    "lines",
    [
        ("RDATE;TZID=Europe/Berlin:20260107T100000,20260120T100000",),
        ("RRULE:FREQ=WEEKLY;COUNT=9", "RDATE;TZID=Europe/Berlin:20260107T100000"),
        ("RRULE:FREQ=WEEKLY;COUNT=9", "EXRULE:FREQ=MONTHLY;BYMONTHDAY=12"),
        ("RRULE:FREQ=WEEKLY;COUNT=9", "RRULE:FREQ=MONTHLY;COUNT=3"),
        ("RRULE:FREQ=DAILY;BYMONTH=1,2;BYHOUR=9,15;COUNT=9",),
        ("RRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1,3,-1;UNTIL=20270101T000000Z",),
        ("RRULE:FREQ=MINUTELY;INTERVAL=30;COUNT=4",),
    ],
)
@pytest.mark.parametrize("version", ["12.1", "14.1", "16.1"])
def test_what_no_pattern_says_survives_a_moved_start_and_a_new_title(lines: tuple[str, ...], version: str) -> None:
    text = meeting(*lines, "SUMMARY:old")
    shown_then = calendar.render(text, context(version))
    kept = [each for each in shown_then if each.tag not in ("Subject", "EndTime")]
    data = application_data(*kept, subject("new"), *at("", "20260105T103000Z")[1:])
    after = calendar.patch(text, data, context(version), ghosted=removed, uid="u")
    assert new_lines(text, after) == ["DTEND;TZID=Europe/Berlin:20260105T113000", "SUMMARY:new"]


def test_rule_that_names_its_day_by_its_start_moves_with_it_and_loses_no_occurrence() -> None:
    """A device that moves a Monday series to Sunday and leaves the pattern as it got it did not ask for another pattern; it is told
    what the pattern now is."""
    text = meeting("RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20260112T100000")
    found = shown(text)["Recurrence"]
    assert isinstance(found, dict)
    sent = [*at("20260104T090000Z", "20260104T100000Z"), recurrence(**found)]
    after = edited(text, *sent)
    assert rule_in(after) == "FREQ=WEEKLY;COUNT=5"
    assert "EXDATE;TZID=Europe/Berlin:20260111T100000\r\n" in after
    assert calendar.differs(after, application_data(*sent), context("14.1"))
    moved = [*at("20260104T090000Z", "20260104T100000Z"), recurrence(**{**found, "DayOfWeek": 1})]
    assert edited(text, *moved) == after
    assert not calendar.differs(after, application_data(*moved), context("14.1"))
