"""Series written out one by one (RFC 4791, "CALDAV:expand XML Element"): times in UTC, neither rules nor time zones.

What all occurrences have in common is written once, so that a series of a thousand costs little more than its times.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.events import EventSet, parse_event_set, time_line
from pimgate.text.lines import Line
from pimgate.text.occurrences import occurrences
from pimgate.text.times import Time, epoch_of
from pimgate_dav.errors import Precondition
from pimgate_dav.filters.floating import windows_for
from pimgate_dav.filters.times import bounded
from pimgate_dav.names import dav

MOST: Final = 10_000
"""Occurrences in one answer."""

_TIMES: Final = frozenset(
    {"DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID", "RRULE", "RDATE", "EXDATE", "EXRULE"}
)


class Expansion:
    """One answer's expansions, with one limit for all of them."""

    def __init__(self, start: datetime, end: datetime, zone: tzinfo = UTC) -> None:
        self._asked = self._window = start, end
        self._zone = zone
        self._left = MOST

    def of(self, text: str) -> str:
        """The occurrences of an event, a task or a journal entry within the window. A text that cannot be read comes as it is.
        Precondition for more than an answer may hold."""
        # A series whose times are partly local is taken by the first reading.
        self._window = bounded(*windows_for(text, self._asked, self._zone)[0])
        try:
            events = parse_event_set(text)
            parts = list(self._parts(events, text))
        except BadText:
            return text
        head = "".join(line.raw for line in events.calendar.lines)
        return f"BEGIN:VCALENDAR\r\n{head}{''.join(parts)}END:VCALENDAR\r\n"

    def _parts(self, events: EventSet, text: str) -> Iterator[str]:
        master = events.master
        overrides = {} if _is_moved_on(events) else events.overrides
        if master is not None:
            yield from self._of_master(events, master, text if not overrides else _alone(text))
        for override in overrides.values():
            start, end = events.start_of(override), events.end_of(override)
            if self._touches(epoch_of(start), epoch_of(end)):
                yield self._written(override, _common(override), start, end, events.original_start_of(override))

    def _of_master(self, events: EventSet, master: Component, text: str) -> Iterator[str]:
        first, common = events.start_of(master), _common(master)
        if master.get("RRULE") is None and master.get("RDATE") is None:
            yield self._written(master, common, first, events.end_of(master), None)
            return
        for begin, until in occurrences(text, *self._window, limit=self._left + 1).spans:
            start = _like(first, begin)
            yield self._written(master, common, start, _like(first, until), start)

    def _written(self, entry: Component, common: str, start: Time, end: Time, original: Time | None) -> str:
        self._left -= 1
        if self._left < 0:
            raise Precondition(403, dav("number-of-matches-within-limits"), "The window holds too many occurrences.")
        times = [_time(name, time) for name, time in _shown(entry, start, end)]
        if original is not None:
            times.append(_time("RECURRENCE-ID", original))
        return f"BEGIN:{entry.name}\r\n{''.join(each.raw for each in times)}{common}END:{entry.name}\r\n"

    def _touches(self, begin: int, until: int) -> bool:
        start, end = (int(each.timestamp()) for each in self._window)
        return begin < end and (until > start or begin >= start)


def _shown(entry: Component, start: Time, end: Time) -> Iterator[tuple[str, Time]]:
    """The times that an occurrence is written with. Tasks may lack either, journal entries have no end."""
    if entry.name == "VTODO":
        if entry.get("DTSTART") is not None:
            yield "DTSTART", start
        if entry.get("DUE") is not None or entry.get("DURATION") is not None:
            yield "DUE", end
    else:
        yield "DTSTART", start
        if entry.name == "VEVENT":
            yield "DTEND", end


def _common(entry: Component) -> str:
    """What all occurrences of an entry say alike."""
    lines = (line.raw for line in entry.lines if line.name not in _TIMES)
    return "".join(lines) + "".join(child.to_text() for child in entry.children)


def _alone(text: str) -> str:
    """The series without the occurrences that speak for themselves."""
    events = parse_event_set(text)
    events.keep_series_alone()
    return events.to_text()


def _is_moved_on(events: EventSet) -> bool:
    """A change of "this and all that follow" changes occurrences which are not in the text; the series speaks for all."""
    lines = (entry.get("RECURRENCE-ID") for entry in events.entries)
    return any(line is not None and "THISANDFUTURE" in line.param("RANGE") for line in lines)


def _like(first: Time, moment: int) -> Time:
    """A moment in seconds since 1970 as the series writes its times: a date, a floating time, or an instant."""
    instant = datetime.fromtimestamp(moment, UTC)
    if not isinstance(first, datetime):
        return date(instant.year, instant.month, instant.day)
    return instant if first.tzinfo is not None else instant.replace(tzinfo=None)


def _time(name: str, time: Time) -> Line:
    is_aware = isinstance(time, datetime) and time.tzinfo is not None
    return time_line(name, time.astimezone(UTC) if is_aware and isinstance(time, datetime) else time)
