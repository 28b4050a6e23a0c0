"""The reminder: one alarm of perhaps many."""

from __future__ import annotations

import pytest

from pimgate_eas.mapping.errors import CannotConvert
from plugins.eas.mapping.items import text_of
from plugins.eas.mapping.tasks.tasks import context, edited, fields, lines_of, made, named, shown, task

DUE = "DUE;TZID=Europe/Berlin:20260107T180000"


def alarm(*lines: str, action: str = "DISPLAY") -> tuple[str, ...]:
    return ("BEGIN:VALARM", f"ACTION:{action}", *lines, "X-WR-ALARMUID:7", "END:VALARM")


@pytest.mark.parametrize(
    ("trigger", "time"),
    [
        ("TRIGGER;VALUE=DATE-TIME:20260107T153000Z", "2026-01-07T15:30:00.000Z"),
        ("TRIGGER:-PT30M", "2026-01-07T16:30:00.000Z"),
        ("TRIGGER;RELATED=END:-PT30M", "2026-01-07T16:30:00.000Z"),
        ("TRIGGER;RELATED=END:PT0S", "2026-01-07T17:00:00.000Z"),
        ("TRIGGER:-P1D", "2026-01-06T17:00:00.000Z"),
    ],
)
def test_alarm_is_shown_as_the_moment_it_goes_off(trigger: str, time: str) -> None:
    found = shown(task(DUE, *alarm(trigger)))
    assert (found["ReminderSet"], found["ReminderTime"]) == ("1", time)


def test_alarm_of_a_whole_day_is_told_from_its_midnight_at_home() -> None:
    text = task("DUE;VALUE=DATE:20260107", *alarm("TRIGGER;RELATED=END:PT9H"))
    assert shown(text)["ReminderTime"] == "2026-01-07T08:00:00.000Z"


@pytest.mark.parametrize(
    "lines",
    [
        (),
        alarm("TRIGGER:-PT1H", action="EMAIL"),
        alarm("TRIGGER;VALUE=DATE-TIME:19760401T005545Z"),
        alarm("TRIGGER:-PT1H", "X-APPLE-PROXIMITY:ARRIVE"),
        alarm("TRIGGER:soon"),
    ],
)
def test_what_goes_off_at_no_time_is_not_shown_and_stays(lines: tuple[str, ...]) -> None:
    text = task(DUE, *lines)
    found = shown(text)
    assert found["ReminderSet"] == "0"
    assert "ReminderTime" not in found
    assert edited(text) == text


def test_reminder_beside_a_place_is_the_one_with_a_time() -> None:
    text = text_of("apple-task-with-two-alarms.ics")
    after = edited(text, *fields(ReminderTime="2026-01-09T06:30:00.000Z"))
    assert "TRIGGER;VALUE=DATE-TIME:19760401T005545Z\r\n" in after
    assert "TRIGGER;VALUE=DATE-TIME:20260109T063000Z\r\nUID:A0F1-2\r\n" in after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TRIGGER;VALUE=DATE-TIME:20260107T153000Z", "TRIGGER;VALUE=DATE-TIME:20260107T154500Z"),
        ("TRIGGER:-PT30M", "TRIGGER:-PT75M"),
        ("TRIGGER;RELATED=END:-P1D", "TRIGGER;RELATED=END:-PT75M"),
    ],
)
def test_moved_reminder_stays_told_as_it_was(old: str, new: str) -> None:
    found = lines_of(edited(task(DUE, *alarm(old)), *fields(ReminderTime="2026-01-07T15:45:00.000Z")))
    assert new in found
    assert "X-WR-ALARMUID:7" in found


def test_relative_alarm_that_moves_with_its_task_is_not_written() -> None:
    sent = fields(
        DueDate="2026-01-08T18:00:00.000Z",
        UtcDueDate="2026-01-08T17:00:00.000Z",
        ReminderTime="2026-01-08T16:30:00.000Z",
    )
    assert "TRIGGER:-PT30M" in lines_of(edited(task(DUE, *alarm("TRIGGER:-PT30M")), *sent))


def test_reminder_that_stays_where_it_was_while_the_task_moves_stays() -> None:
    sent = fields(DueDate="2026-01-08T18:00:00.000Z", UtcDueDate="2026-01-08T17:00:00.000Z")
    after = edited(task(DUE, *alarm("TRIGGER:-PT30M")), *sent)
    assert shown(after)["ReminderTime"] == "2026-01-07T16:30:00.000Z"


def test_new_reminder_is_an_alarm_at_that_moment() -> None:
    found = lines_of(
        edited(task(DUE, "SUMMARY:Tea"), *fields(ReminderSet="1", ReminderTime="2026-01-07T15:45:00.000Z"))
    )
    at = found.index("BEGIN:VALARM")
    assert found[at + 1 : at + 4] == [
        "ACTION:DISPLAY",
        "TRIGGER;VALUE=DATE-TIME:20260107T154500Z",
        "DESCRIPTION:Tea",
    ]


def test_reminder_that_is_taken_away_goes_and_no_other_alarm() -> None:
    text = task(DUE, *alarm("TRIGGER:-PT1H", action="EMAIL"), *alarm("TRIGGER:-PT30M"))
    after = edited(text, *fields(ReminderSet="0"), without=("ReminderTime",))
    assert "ACTION:EMAIL" in after
    assert "ACTION:DISPLAY" not in after
    assert named(text) == text


def test_reminder_without_a_time_is_refused() -> None:
    with pytest.raises(CannotConvert):
        made(*fields(ReminderSet="1"))


def test_reminders_of_others_are_theirs() -> None:
    text, who = task(DUE, *alarm("TRIGGER:-PT30M")), context(is_own=False)
    assert shown(text, who)["ReminderSet"] == "0"
    assert edited(text, who=who) == text
