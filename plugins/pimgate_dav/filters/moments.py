"""Whether the times of one calendar object lie in a window (RFC 4791, "CALDAV:time-range XML Element"): those of events, tasks,
journal entries, alarms and properties. Floating times and whole days are meant in the zone of the query.

Times are seconds since 1970. The work on series is counted over all of a query.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from math import inf
from typing import Final

from pimgate.text.calendar import KINDS
from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.expansion import Effort
from pimgate.text.lines import Line
from pimgate.text.occurrences import Occurrences, occurrences
from pimgate.text.spans import Zones, end_of, start_of, time_of, times_of
from pimgate.text.times import Time, epoch_of, moved, read_duration
from pimgate_dav.errors import Precondition
from pimgate_dav.filters.floating import windows_for
from pimgate_dav.filters.times import Range, bounded
from pimgate_dav.names import dav

MOST_EFFORT: Final = 1_000_000
"""What all series of one query may cost, in periods of their rules."""
EFFORT_FOR_ONE: Final = 20_000
"""What a single one of them may cost before it counts as one that fits."""
A_LOOK: Final = 200
"""What it costs to take a series apart that is no longer than a page, and once more for each page."""
PAGE: Final = 4_096
LOOKED_AT: Final = 20
"""Occurrences of a series that are looked at."""
MOST_ALARMS: Final = 20
"""Alarms of one object that are worked out."""

_SECOND: Final = timedelta(seconds=1)
_RECURRING: Final = frozenset({"RRULE", "RDATE", "RECURRENCE-ID"})


class Looks:
    """How much a query may still work out; beyond it, it is refused."""

    __slots__ = ("left",)

    def __init__(self, left: int = MOST_EFFORT) -> None:
        self.left = left

    def at(self, text: str, start: datetime, end: datetime) -> Occurrences:
        """What of a series falls between two times. Precondition if that takes too much."""
        self._take(A_LOOK * (1 + len(text) // PAGE))
        effort = Effort(EFFORT_FOR_ONE)
        found = occurrences(text, start, end, limit=LOOKED_AT, effort=effort)
        self._take(EFFORT_FOR_ONE - effort.left)
        return found

    def _take(self, periods: int) -> None:
        self.left -= periods
        if self.left < 0:
            raise Precondition(403, dav("number-of-matches-within-limits"), "This range takes too much to work out.")


class Moments:
    """The times of one object. `known` is a window in which something of it surely happens."""

    def __init__(self, text: str, calendar: Component, zone: tzinfo, looks: Looks, known: Range | None = None) -> None:
        self._text = text
        self._zone = zone
        self._looks = looks
        self._known = known
        self._zones = Zones(calendar)
        self._entries = calendar.children_named(*KINDS)
        self._is_series = any(item.name in _RECURRING for entry in self._entries for item in entry.items)
        self._alarms = 0

    def lies_in(self, window: Range) -> bool:
        """Whether the event, task or journal entry takes place in the window."""
        if window == self._known:
            return True
        if self._is_series:
            return any(found.spans or _is_vague(found) for _, found in self._found(window, timedelta(0)))
        entry = self._entries[0]
        if entry.name == "VTODO":
            return self._task_lies_in(entry, window)
        span = self._span_of(entry)
        return span is not None and _touches(*span, *_seconds(window))

    def rings_in(self, alarm: Component, entry: Component, window: Range) -> bool:
        """Whether an alarm of the entry goes off in the window, for whichever occurrence, or is repeated in it."""
        self._alarms += 1
        trigger = alarm.get("TRIGGER")
        if trigger is None or self._alarms > MOST_ALARMS:
            return trigger is not None  # an item too many is seen by the client
        window = bounded(*window)
        times, every = _repeats(alarm)
        if not trigger.value.strip().lstrip("+-").upper().startswith("P"):
            return _rings(self._at(time_of(trigger, self._zones)), *_seconds(window), times, every)
        offset = read_duration(trigger.value)
        moved_by = window[0] - offset, window[1] - offset
        side = 1 if (trigger.param_text("RELATED") or "").upper() == "END" else 0
        if self._is_series and entry.get("RECURRENCE-ID") is None:
            return any(
                _is_vague(found) or any(_rings(span[side], *_seconds(each), times, every) for span in found.spans)
                for each, found in self._found(moved_by, times * every + _SECOND)
            )
        span = self._span_of(entry)
        return span is not None and _rings(span[side], *_seconds(moved_by), times, every)

    def has_in(self, line: Line, window: Range) -> bool:
        """Whether a time that a property holds lies in the window; one that holds none does not."""
        try:
            values = times_of(line, self._zones)
        except BadText:
            return False
        pairs = (each if isinstance(each, tuple) else (each, _end_alone(each)) for each in values)
        return any(_touches(self._at(start), self._at(end), *_seconds(window)) for start, end in pairs)

    def _found(self, window: Range, before: timedelta) -> Iterator[tuple[Range, Occurrences]]:
        """What a series has in a window, or that much earlier; with each, the window as the text's times are taken."""
        for each in windows_for(self._text, window, self._zone):
            start, end = bounded(each[0], each[1])
            start -= before
            if start < end:
                yield each, self._looks.at(self._text, start, end)

    def _task_lies_in(self, task: Component, window: Range) -> bool:
        """RFC 4791's table for VTODO, row by row."""
        begin, end = _seconds(window)
        start, due = self._when(task, "DTSTART"), self._when(task, "DUE")
        completed, created = self._when(task, "COMPLETED"), self._when(task, "CREATED")
        if start is not None and due is not None:
            return (begin < due or begin <= start) and (end > start or end >= due)
        if start is not None and task.get("DURATION") is not None:
            span = self._span_of(task)
            last = span[1] if span else start
            return begin <= last and (end > start or end >= last)
        if start is not None:
            return begin <= start < end
        if due is not None:
            return begin < due <= end
        if completed is not None:
            first, last = sorted((completed, completed if created is None else created))
            return begin <= last and end >= first
        return created is None or end > created

    def _when(self, entry: Component, name: str) -> int | None:
        line = entry.get(name)
        return None if line is None else self._at(time_of(line, self._zones))

    def _span_of(self, entry: Component) -> tuple[int, int] | None:
        start = start_of(entry, self._zones)
        return None if start is None else (self._at(start), self._at(end_of(entry, self._zones, start)))

    def _at(self, time: Time) -> int:
        if not isinstance(time, datetime):
            time = datetime(time.year, time.month, time.day)
        return epoch_of(time if time.tzinfo else time.replace(tzinfo=self._zone))


def _is_vague(found: Occurrences) -> bool:
    """Whether more is there than was looked at: an item too many is seen by the client, one too few is lost to it."""
    return found.is_cut or found.is_partial


def _seconds(window: Range) -> tuple[float, float]:
    start, end = window
    return -inf if start is None else start.timestamp(), inf if end is None else end.timestamp()


def _touches(start: int, end: int, begin: float, before: float) -> bool:
    return start < before and (end > begin or start >= begin)


def _rings(first: int, begin: float, before: float, times: int, every: timedelta) -> bool:
    """Whether any of some moments, one each so often, is within."""
    step = int(every.total_seconds())
    passed = 0 if begin <= first or step <= 0 else min(-int((first - begin) // step), times)
    return begin <= first + passed * step < before


def _repeats(alarm: Component) -> tuple[int, timedelta]:
    """How often an alarm is repeated, and how long after each other."""
    repeat, duration = alarm.get("REPEAT"), alarm.get("DURATION")
    if repeat is None or duration is None or not repeat.value.strip().isdecimal():
        return 0, timedelta(0)
    return int(repeat.value.strip()[:3]), read_duration(duration.value)


def _end_alone(time: Time) -> Time:
    return time if isinstance(time, datetime) else moved(time, timedelta(days=1))
