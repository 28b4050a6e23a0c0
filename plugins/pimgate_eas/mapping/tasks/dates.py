"""StartDate and DueDate, each with its Utc twin: what the person's clocks show, and the moment itself.

To most devices a task begins and is due on a day, whatever else they write. So a midnight means a day: it moves a task that has
an hour to another day at the same hour, and a day that is kept as a day never passes through a time zone.

Sources: MS-ASTASK "DueDate", "UtcDueDate", "StartDate", "UtcStartDate"; RFC 5545 "Date-Time Due".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from pimgate.text.lines import Line
from pimgate.text.times import Time, write_time
from pimgate_eas.mapping.calendar.instants import day_of, midnight, read_instant
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.editing import put
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.tasks.task import Task, written
from pimgate_eas.wbxml.element import Element

Ghosted = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Pair:
    """One of the two dates: its elements, its property, and where the text has it."""

    local: str
    utc: str
    name: str
    read: Callable[[Task], Time | None]


START: Final = Pair("Tasks:StartDate", "Tasks:UtcStartDate", "DTSTART", lambda task: task.start)
DUE: Final = Pair("Tasks:DueDate", "Tasks:UtcDueDate", "DUE", lambda task: task.due)
_PAIRS: Final = (START, DUE)


def elements(task: Task) -> list[Element]:
    """Both elements of each date that the task has."""
    found: list[Element] = []
    for pair in _PAIRS:
        stored = pair.read(task)
        if stored is not None:
            found.append(Element(pair.utc, text=written(task.instant(stored))))
            found.append(Element(pair.local, text=written(task.wall(stored))))
    return found


def edit(task: Task, data: Element, ghosted: Ghosted) -> None:
    """Write the dates that differ from what we would show. CannotConvert for one that is none, or a task due before it
    begins."""
    before = task.start, task.due
    for pair in _PAIRS:
        _edit_one(task, pair, data, ghosted)
    start, due = task.start, task.due
    if (start, due) == before or start is None or due is None:
        return
    if task.wall(start) > task.wall(due) and (isinstance(due, datetime) or task.wall(start).date() > due):
        raise CannotConvert("A task is due before it begins.")
    _make_alike(task, start, due)


def _edit_one(task: Task, pair: Pair, data: Element, ghosted: Ghosted) -> None:
    if not data.has(pair.local) and not data.has(pair.utc):
        if not (ghosted(pair.local) or ghosted(pair.utc)):
            _remove(task, pair)
        return
    local, utc = _sent(data, pair.local), _sent(data, pair.utc)
    stored = pair.read(task)
    if local is None and utc is None:
        _remove(task, pair)
    elif stored is None:
        _write(task, pair, _meant(local, utc, task.context), None)
    elif not _is_shown(task, stored, local, utc):
        _write(task, pair, _meant(local, utc, task.context), stored)


def _sent(data: Element, tag: str) -> datetime | None:
    text = (data.text_of(tag) or "").strip()
    try:
        return read_instant(text) if text else None
    except ValueError:
        raise CannotConvert("A date of a task is none.") from None


def _is_shown(task: Task, stored: Time, local: datetime | None, utc: datetime | None) -> bool:
    """Whether a device gives back what it got."""
    is_same_day = local is None or local.replace(tzinfo=None) == task.wall(stored)
    return is_same_day and (utc is None or utc == task.instant(stored).replace(microsecond=0))


def _meant(local: datetime | None, utc: datetime | None, context: Context) -> Time:
    """The day or the time that a device means. Some write the moment in UTC into both elements."""
    if local is not None and local.time() == time():
        return local.date()
    moment = utc or local
    assert moment is not None, "one of them is there"
    day = day_of(moment, (context.home, UTC))
    if moment in (midnight(day, context.home), midnight(day, UTC)):
        return day
    return utc if utc is not None else moment.replace(tzinfo=context.home)


def _write(task: Task, pair: Pair, wanted: Time, stored: Time | None) -> None:
    if isinstance(stored, datetime) and not isinstance(wanted, datetime):
        hour = task.wall(stored)
        if hour.date() == wanted:
            return
        wanted = datetime.combine(wanted, hour.time(), tzinfo=task.context.home)
    if pair is DUE:
        task.component.remove("DURATION")
    elif stored is not None and task.component.get("DURATION") is not None:
        _fix_due(task)
    line = task.component.get(pair.name)
    if line is not None and isinstance(stored, datetime) == isinstance(wanted, datetime):
        put(task.component, pair.name, _in_manner(task, line, wanted))
    elif isinstance(wanted, datetime):
        task.whole.set_time(task.component, pair.name, wanted.astimezone(task.context.home))
    else:
        task.whole.set_time(task.component, pair.name, wanted)


def _fix_due(task: Task) -> None:
    """Say when a task is due by DUE, where a moved start would move it."""
    due = task.due
    task.component.remove("DURATION")
    if due is not None:
        task.whole.set_time(task.component, DUE.name, due)


def _remove(task: Task, pair: Pair) -> None:
    """Take a date away; a series keeps one, from which it is counted."""
    other = task.component.get("DUE" if pair is START else "DTSTART")
    if task.is_series and other is None:
        return
    task.component.remove(pair.name)
    task.component.remove("DURATION")


def _in_manner(task: Task, line: Line, wanted: Time) -> str:
    """A time as the line writes its own: with Z, on the clocks of its TZID, or floating."""
    if not isinstance(wanted, datetime):
        return write_time(wanted)
    if line.value.strip().endswith("Z"):
        return write_time(wanted.astimezone(UTC))
    zone = task.whole.zones.zone_of(line) or task.context.home
    return write_time(wanted.astimezone(zone).replace(tzinfo=None))


def _make_alike(task: Task, start: Time, due: Time) -> None:
    """Start and due must both be days or both be times: a day on which a task begins becomes its first moment, one on which it
    is due its last minute."""
    if isinstance(start, datetime) == isinstance(due, datetime):
        return
    name, day = ("DUE", due) if isinstance(start, datetime) else ("DTSTART", start)
    whole_day = date(day.year, day.month, day.day)
    at = time(23, 59) if name == "DUE" else time()
    task.whole.set_time(task.component, name, datetime.combine(whole_day, at, tzinfo=task.context.home))
