"""Recurrence of tasks: the calendar's patterns, and what only tasks have of it.

Regenerate (the next one is due so long after this one was done), DeadOccur (no further one will come) and Start have no
place in iCalendar; they are kept in properties of our own, which other programs leave alone.

When a person completes an occurrence, the device moves the series on to the next one. Of a series with COUNT as many are left
then as were before, less those passed; to the device, which counts from Start, it stays the same number.

Sources: MS-ASTASK "Recurrence", "Regenerate", "DeadOccur", "Start"; RFC 5545 "Recurrence Rule".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pimgate.text.expansion import Effort, expand
from pimgate.text.rule import Rule, parse_rule
from pimgate.text.times import Time, read_time, same_kind, write_time
from pimgate_eas.mapping.calendar import occurrences, recurrence
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.mapping.editing import put
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import UNREADABLE
from pimgate_eas.mapping.tasks.task import Task, written
from pimgate_eas.wbxml.element import Element

TAG: Final = "Tasks:Recurrence"
START: Final = "Tasks:Start"
REGENERATE: Final = "Tasks:Regenerate"
DEAD: Final = "Tasks:DeadOccur"

BEGAN: Final = "X-PIMGATE-RECURRENCE-START"
_KEPT: Final = {REGENERATE: "X-PIMGATE-REGENERATE", DEAD: "X-PIMGATE-DEAD-OCCURRENCE"}
_YES: Final = "TRUE"
_MOST: Final = 999

Ghosted = Callable[[str], bool]


def element(task: Task) -> Element | None:
    """The Recurrence element, None for a task that does not recur as far as a device can be told. Raises what UNREADABLE
    names."""
    told = recurrence.element(_entry(task)) if task.component.get("RRULE") is not None else None
    if told is None:
        return None
    children = [_in_tasks(child, task) for child in told.children]
    children.insert(1, Element(START, text=written(task.wall(_began(task)))))
    children += [Element(tag, text="1") for tag, name in _KEPT.items() if task.text(name).upper() == _YES]
    return Element(TAG, *(each for each in children if task.context.knows(each.name)))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a series stands, and the number of occurrences that a device is told; 0 for one that is not counted."""

    start: Time | None
    count: int


def standing(task: Task) -> Standing:
    line = task.component.get("RRULE")
    count = parse_rule(line.value).count if line is not None else None
    return Standing(_start_of(task), count + _passed_before(task) if count else 0)


def edit(task: Task, data: Element, ghosted: Ghosted, before: Standing) -> None:
    """Write what differs from what we would show. `before` is how the series stood before its dates were edited."""
    _move_on(task, before.start)
    sent = data.find(TAG)
    if sent is None and ghosted(TAG):
        return
    is_dead = sent is not None and sent.text_of(DEAD) == "1"
    if sent is None or not sent.children:
        _make_single(task)
    elif not (is_dead and task.component.get("RRULE") is None):  # a finished copy, which recurs no more
        _write(task, sent, before.count)


def _write(task: Task, sent: Element, count_before: int) -> None:
    if task.start is None and task.due is None:
        _begin(task, sent)
    entry = _entry(task)
    passed = _passed_before(task)
    known = recurrence.shown(entry)
    if known is not None and known.count:
        known = replace(known, count=known.count + passed)
    wanted = recurrence.asked(_in_calendar(sent), entry.start, known)
    if wanted is not None and known is not None and wanted.count == count_before:
        wanted = replace(wanted, count=known.count)
    if wanted is not None and not recurrence.is_same(entry, wanted, known):
        is_other_end = known is not None and wanted.without_end == known.without_end
        left = wanted.count - passed if is_other_end else wanted.count
        recurrence.write(entry, replace(wanted, count=max(1, left)) if wanted.count else wanted, known)
        if not is_other_end or not wanted.count:
            task.component.remove(BEGAN)
    for tag, name in _KEPT.items():
        is_asked = sent.text_of(tag) == "1"
        if is_asked != (task.text(name).upper() == _YES):
            task.keep(name, _YES if is_asked else "")


def _begin(task: Task, sent: Element) -> None:
    """A series without dates is counted from where its pattern starts."""
    try:
        wall = read_instant(sent.text_of(START) or "")
    except ValueError:
        raise CannotConvert("A task recurs from no date.") from None
    is_day = (wall.hour, wall.minute, wall.second) == (0, 0, 0)
    task.whole.set_time(task.component, "DTSTART", wall.date() if is_day else wall.replace(tzinfo=task.context.home))


def _make_single(task: Task) -> None:
    entry = _entry(task)
    if task.component.get("RRULE") is None or recurrence.shown(entry) is None:
        return  # what a device was not told of, it cannot take away
    occurrences.make_single(entry)
    for name in (BEGAN, *_KEPT.values()):
        task.component.remove(name)


def _move_on(task: Task, before: Time | None) -> None:
    """A series with COUNT that stands at a later one of its occurrences now has so many less to come. One that was moved
    elsewhere is another series, and begins there."""
    after = _start_of(task)
    line = task.component.get("RRULE")
    if before is None or after is None or after == before or line is None:
        return
    rule = parse_rule(line.value)
    steps = _steps(rule, before, after)
    if rule.count is None or steps is None:
        task.component.remove(BEGAN)
    elif 0 < steps < rule.count:
        began = _began_text(task) or write_time(before)
        _with_count(_entry(task), rule.count - steps)
        task.keep(BEGAN, began)


def _steps(rule: Rule, before: Time, after: Time) -> int | None:
    """How many occurrences lie between two of a series; None if the second is none of them."""
    first, last = _wall(before), _wall(same_kind(after, before))
    if rule.is_foreign or last < first:
        return None
    walls = list(expand(replace(rule, count=None), first, first, last, Effort()))
    return len(walls) - 1 if walls and walls[-1] == last else None


def _passed_before(task: Task) -> int:
    """How many occurrences of a counted series are over, from where it began to where it stands."""
    line, start = task.component.get("RRULE"), _start_of(task)
    began = _began_text(task)
    if line is None or start is None or not began:
        return 0
    return min(_steps(parse_rule(line.value), same_kind(read_time(began), start), start) or 0, _MOST)


def _began(task: Task) -> Time:
    start, began = _entry(task).start, _began_text(task)
    return same_kind(read_time(began), start) if began and _passed_before(task) else start


def _began_text(task: Task) -> str:
    try:
        text = task.text(BEGAN)
        read_time(text)
    except UNREADABLE:
        return ""
    return text


def _start_of(task: Task) -> Time | None:
    return task.start if task.start is not None else task.due


def _with_count(entry: Entry, count: int) -> None:
    line = entry.component.get("RRULE")
    assert line is not None, "whoever counts has a rule"
    parts = [part for part in line.value.strip().rstrip(";").split(";") if not part.upper().startswith("COUNT=")]
    put(entry.component, "RRULE", ";".join([*parts, f"COUNT={count}"]))


def _entry(task: Task) -> Entry:
    """The task as the calendar's patterns look at it. Its days are days in every dialect, as they are from 16.0 on."""
    return Entry(task.whole, task.component, replace(task.context, version="16.1"))


def _wall(time: Time) -> datetime:
    return time.replace(tzinfo=None) if isinstance(time, datetime) else datetime(time.year, time.month, time.day)


def _in_tasks(child: Element, task: Task) -> Element:
    """A child of the calendar's Recurrence as the Tasks class has it."""
    text = child.text or ""
    if child.tag == "Until":
        text = written(read_instant(text))
    elif child.tag == "Occurrences":
        text = str(min(int(text) + _passed_before(task), _MOST))
    return Element(f"Tasks:{child.tag}", text=text)


def _in_calendar(sent: Element) -> Element:
    return Element(recurrence.TAG, *(Element(f"Calendar:{child.tag}", text=child.text) for child in sent.children))
