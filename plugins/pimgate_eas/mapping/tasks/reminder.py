"""ReminderSet and ReminderTime: the first alarm that is shown or heard. All other alarms, and what this one says besides, stay.

An alarm that is told from the start or the end of the task stays so told.

Sources: MS-ASTASK "ReminderSet", "ReminderTime"; RFC 5545 "Alarm Component", "Trigger".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pimgate.text.component import Component
from pimgate.text.lines import Line, make_line
from pimgate.text.spans import time_of
from pimgate.text.times import read_duration, write_time
from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.mapping.editing import put
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import UNREADABLE
from pimgate_eas.mapping.tasks.task import Task, written
from pimgate_eas.wbxml.element import Element

SET: Final = "Tasks:ReminderSet"
TIME: Final = "Tasks:ReminderTime"
_SHOWN: Final = ("DISPLAY", "AUDIO")
_AT_A_PLACE: Final = "X-APPLE-PROXIMITY"
_NO_TIME: Final = "19760401T005545Z"
"""What Apple's programs write where an alarm must have a time and has none."""
_ABSOLUTE: Final = (("VALUE", ("DATE-TIME",)),)
_UNITS: Final = ((86_400, "D"), (3_600, "H"), (60, "M"), (1, "S"))


def elements(task: Task) -> list[Element]:
    """ReminderSet, and the time that must come with it. Alarms in collections of others are theirs."""
    found = _alarm(task) if task.context.is_own else None
    if found is None:
        return [Element(SET, text="0")]
    return [Element(SET, text="1"), Element(TIME, text=written(found[1]))]


def edit(task: Task, data: Element) -> None:
    """Write what differs from what we would show; a device that says nothing leaves it as it is. CannotConvert for a new
    reminder without a time."""
    flag = (data.text_of(SET) or "").strip()
    if flag not in ("0", "1") or not task.context.is_own:
        return
    found, wanted = _alarm(task), _sent(data)
    if flag == "0":
        if found is not None:
            task.component.remove(found[0])
    elif wanted is None:
        if found is None:
            raise CannotConvert("A reminder has no time.")
    elif found is None:
        task.component.add_child(_new(task, wanted))
    elif wanted != found[1]:
        _move(task, found[0], wanted)


def _sent(data: Element) -> datetime | None:
    text = (data.text_of(TIME) or "").strip()
    try:
        return read_instant(text) if text else None
    except ValueError:
        raise CannotConvert("The time of a reminder is none.") from None


def _alarm(task: Task) -> tuple[Component, datetime] | None:
    """The first alarm that can be shown, and when it goes off."""
    for alarm in task.component.children_named("VALARM"):
        action, trigger = alarm.get("ACTION"), alarm.get("TRIGGER")
        if action is None or trigger is None or action.value.strip().upper() not in _SHOWN:
            continue
        if alarm.get(_AT_A_PLACE) is not None or trigger.value.strip() == _NO_TIME:
            continue
        try:
            if (moment := _moment(task, trigger)) is not None:
                return alarm, moment.replace(microsecond=0)
        except UNREADABLE:
            continue
    return None


def _moment(task: Task, trigger: Line) -> datetime | None:
    if _is_absolute(trigger):
        return task.instant(time_of(trigger, task.whole.zones))
    base = _base(task, trigger)
    return base + read_duration(trigger.value) if base is not None else None


def _is_absolute(trigger: Line) -> bool:
    return "DATE-TIME" in trigger.param("VALUE") or not trigger.value.lstrip(" +-").startswith("P")


def _base(task: Task, trigger: Line) -> datetime | None:
    """What an alarm is told from: the end if it says so, else the start. Programs without a start mean the other one."""
    times = (task.due, task.start) if "END" in trigger.param("RELATED") else (task.start, task.due)
    return next((task.instant(each) for each in times if each is not None), None)


def _new(task: Task, moment: datetime) -> Component:
    words = task.component.get("SUMMARY")
    lines = [
        make_line("ACTION", "DISPLAY"),
        make_line("TRIGGER", write_time(moment), _ABSOLUTE),
        make_line("DESCRIPTION", words.value if words is not None and words.value else "Reminder"),
    ]
    return Component("VALARM", lines)


def _move(task: Task, alarm: Component, wanted: datetime) -> None:
    trigger = alarm.get("TRIGGER")
    assert trigger is not None, "it was found by it"
    base = None if _is_absolute(trigger) else _base(task, trigger)
    if base is not None:
        put(alarm, "TRIGGER", _duration(wanted - base))
    else:
        alarm.set("TRIGGER", write_time(wanted), _ABSOLUTE)


def _duration(length: timedelta) -> str:
    """`-PT15M` in the largest unit that says it; RFC 5545 counts nominal days where a task begins at midnight."""
    seconds = abs(int(length.total_seconds()))
    size, unit = next((each for each in _UNITS if seconds % each[0] == 0), _UNITS[-1])
    sign = "-" if length < timedelta(0) else ""
    return f"{sign}P{'' if unit == 'D' and seconds else 'T'}{seconds // size}{unit if seconds else 'S'}"
