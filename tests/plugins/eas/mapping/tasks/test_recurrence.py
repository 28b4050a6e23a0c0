"""Tasks that recur: patterns, and what a device does when an occurrence is done."""

from __future__ import annotations

import pytest

from pimgate.text.occurrences import occurrences
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.items import VERSIONS
from plugins.eas.mapping.tasks.tasks import NOW, context, edited, fields, lines_of, made, named, shown, task

DAYS = ("DTSTART;VALUE=DATE:20260105", "DUE;VALUE=DATE:20260105")
START = "2026-01-05T00:00:00.000Z"


def recurrence(**texts: str) -> Element:
    return Element("Tasks:Recurrence", *fields(**{"Start": START, **texts}))


def at(day: str) -> list[Element]:
    """Both dates at a day."""
    return fields(**dict.fromkeys(("StartDate", "UtcStartDate", "DueDate", "UtcDueDate"), f"{day}T00:00:00.000Z"))


PATTERNS: list[tuple[str, dict[str, str]]] = [
    ("FREQ=DAILY", {"Type": "0", "Interval": "1"}),
    ("FREQ=DAILY;INTERVAL=3", {"Type": "0", "Interval": "3"}),
    ("FREQ=WEEKLY;BYDAY=MO,FR", {"Type": "1", "Interval": "1", "DayOfWeek": "34", "FirstDayOfWeek": "1"}),
    ("FREQ=MONTHLY;BYMONTHDAY=5", {"Type": "2", "Interval": "1", "DayOfMonth": "5", "CalendarType": "0"}),
    (
        "FREQ=MONTHLY;BYDAY=-1FR",
        {"Type": "3", "Interval": "1", "DayOfWeek": "32", "WeekOfMonth": "5", "CalendarType": "0"},
    ),
    (
        "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=5",
        {"Type": "5", "Interval": "1", "DayOfMonth": "5", "MonthOfYear": "1", "CalendarType": "0"},
    ),
    (
        "FREQ=YEARLY;BYMONTH=1;BYDAY=1MO",
        {"Type": "6", "Interval": "1", "DayOfWeek": "2", "WeekOfMonth": "1", "MonthOfYear": "1", "CalendarType": "0"},
    ),
]


@pytest.mark.parametrize(("rule", "pattern"), PATTERNS)
def test_pattern_is_shown_and_written(rule: str, pattern: dict[str, str]) -> None:
    assert shown(task(*DAYS, f"RRULE:{rule}"))["Recurrence"] == {"Start": START, **pattern}
    assert f"RRULE:{rule}" in lines_of(made(*at("2026-01-05"), recurrence(**pattern)))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland"])
def test_last_day_of_a_series_is_a_day_in_every_zone_and_dialect(version: str, zone: str) -> None:
    who = context(version, zone)
    text = task(*DAYS, "RRULE:FREQ=DAILY;UNTIL=20260131")
    found = shown(text, who)["Recurrence"]
    assert isinstance(found, dict)
    assert found["Until"] == "2026-01-31T00:00:00.000Z"
    longer = recurrence(Type="0", Interval="1", Until="2026-02-28T00:00:00.000Z")
    assert "RRULE:FREQ=DAILY;UNTIL=20260228" in lines_of(edited(text, longer, who=who))


@pytest.mark.parametrize("version", ["12.1", "14.0"])
def test_old_dialects_get_only_what_they_know(version: str) -> None:
    found = shown(task(*DAYS, "RRULE:FREQ=WEEKLY;BYDAY=MO"), context(version))["Recurrence"]
    assert found == {"Type": "1", "Start": START, "Interval": "1", "DayOfWeek": "2"}


def test_series_without_dates_begins_where_its_pattern_starts() -> None:
    assert "DTSTART;VALUE=DATE:20260105" in lines_of(made(*fields(Subject="x"), recurrence(Type="0")))
    with pytest.raises(CannotConvert, match="no date"):
        made(Element("Tasks:Recurrence", *fields(Type="0")))


def test_finished_copy_of_an_occurrence_recurs_no_more() -> None:
    dead = recurrence(Type="1", Interval="1", DayOfWeek="2", DeadOccur="1")
    text = made(*fields(Subject="Bins", Complete="1", DateCompleted=START), *at("2026-01-05"), dead)
    assert "RRULE" not in text
    assert edited(text, dead) == text


def test_series_whose_last_occurrence_is_done_keeps_its_rule() -> None:
    text = task(*DAYS, "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=1")
    pattern = {"Type": "1", "Interval": "1", "DayOfWeek": "2", "Occurrences": "1", "FirstDayOfWeek": "1"}
    after = edited(text, *fields(Complete="1", DateCompleted=START), recurrence(**pattern, DeadOccur="1"))
    assert "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=1" in lines_of(after)
    found = shown(after)["Recurrence"]
    assert isinstance(found, dict)
    assert found["DeadOccur"] == "1"


def test_counted_series_ends_on_the_same_day_however_often_it_moves_on() -> None:
    text = task(*DAYS, "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=6")
    last = occurrences(text, NOW.replace(month=1, day=1), NOW.replace(year=2027)).spans[-1]
    pattern = shown(text)["Recurrence"]
    for day, left in (("2026-01-08", 5), ("2026-01-12", 4), ("2026-01-19", 2)):
        text = edited(text, *at(day))
        assert f"RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT={left}" in lines_of(text)
        assert shown(text)["Recurrence"] == pattern
        assert occurrences(text, NOW.replace(month=1, day=1), NOW.replace(year=2027)).spans[-1] == last


def test_device_that_names_only_the_new_dates_moves_a_counted_series_on_too() -> None:
    text = named(task(*DAYS, "RRULE:FREQ=DAILY;COUNT=6"), *at("2026-01-07"))
    assert "RRULE:FREQ=DAILY;COUNT=4" in lines_of(text)


def test_series_that_was_moved_off_its_pattern_begins_there() -> None:
    text = edited(task(*DAYS, "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=6"), *at("2026-01-12"))
    after = edited(text, *at("2026-01-14"))
    assert "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5" in lines_of(after)
    found = shown(after)["Recurrence"]
    assert isinstance(found, dict)
    assert (found["Start"], found["Occurrences"]) == ("2026-01-14T00:00:00.000Z", "5")


def test_other_number_of_occurrences_counts_from_where_the_series_began() -> None:
    text = edited(task(*DAYS, "RRULE:FREQ=DAILY;COUNT=6"), *at("2026-01-07"))
    after = edited(text, recurrence(Type="0", Interval="1", Occurrences="10"))
    assert "RRULE:FREQ=DAILY;COUNT=8" in lines_of(after)
    found = shown(after)["Recurrence"]
    assert isinstance(found, dict)
    assert found["Occurrences"] == "10"


def test_endless_series_moves_on_without_a_note_of_ours() -> None:
    text = edited(task(*DAYS, "RRULE:FREQ=DAILY"), *at("2026-01-07"))
    assert lines_of(text) == [
        "DTSTART;VALUE=DATE:20260107",
        "DUE;VALUE=DATE:20260107",
        "RRULE:FREQ=DAILY",
        "X-SHOE-SIZE:39",
    ]


def test_regenerating_task_is_kept_as_one() -> None:
    text = made(*at("2026-01-05"), recurrence(Type="0", Interval="7", Regenerate="1"))
    assert {"RRULE:FREQ=DAILY;INTERVAL=7", "X-PIMGATE-REGENERATE:TRUE"} <= set(lines_of(text))
    assert edited(text) == text
    assert "REGENERATE" not in edited(text, recurrence(Type="0", Interval="7"))


def test_pattern_that_is_taken_away_leaves_a_single_task() -> None:
    text = task(*DAYS, "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260106", "X-PIMGATE-REGENERATE:TRUE")
    assert lines_of(edited(text, without=("Recurrence",))) == [*DAYS, "X-SHOE-SIZE:39"]


@pytest.mark.parametrize("rule", ["FREQ=HOURLY;COUNT=3", "RSCALE=CHINESE;FREQ=MONTHLY"])
def test_rule_that_no_pattern_says_is_not_shown_and_stays(rule: str) -> None:
    text = task(*DAYS, f"RRULE:{rule}")
    assert "Recurrence" not in shown(text)
    assert edited(text) == text


@pytest.mark.parametrize("bad", [{"Type": "4"}, {"Type": "9"}, {}, {"Type": "1", "DayOfWeek": "many"}, {"Type": "3"}])
def test_half_a_pattern_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(CannotConvert):
        made(*at("2026-01-05"), recurrence(**bad))
