"""When a calendar object takes place within a window: what the occurrence table holds of it.

Our own reader takes the text apart (names of zones, odd dates) and our own expansion turns each rule into the starts
that matter for the window, at a bounded cost. Then recurring-ical-events puts overrides, THISANDFUTURE, EXDATE and
RDATE with periods together, on icalendar components that hold nothing but times.

Source: RFC 5545 "Recurrence Component Properties", "Recurrence Identifier".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

import icalendar
from icalendar.prop import vDDDLists, vDDDTypes
from recurring_ical_events import CalendarQuery
from recurring_ical_events.occurrence import Occurrence
from recurring_ical_events.selection.name import ComponentsWithName

from pimgate.text.calendar import HORIZON, KINDS, parse_calendar
from pimgate.text.component import DEFAULT_LIMITS, Component, Limits
from pimgate.text.expansion import Effort, expand
from pimgate.text.rule import Rule, rules_of
from pimgate.text.spans import Period, Zones, end_of, original_start_of, start_of, times_of
from pimgate.text.times import Time, as_instant, epoch_of, same_kind

_ONE_DAY: Final = timedelta(days=1)
MOST_EFFORT: Final = 120_000
"""What one look at a series may cost, all of its rules together."""
_MOST_AFTER: Final = 60_000
"""What it may cost to see whether a rule gives anything later."""
_A_START: Final = 4
"""What a start that is put together with the rest costs, in periods that are merely looked at."""
_LIBRARY_FAILURES: Final = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, AssertionError)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """(start, end) of each occurrence that touches the window, in order, in seconds since 1970 in UTC.

    `is_open`: there are more after the window, or more in it than the limit. `is_cut`: those in the window are not all, because
    of the limit or because the effort was spent. `is_partial`: not everything in the window could be worked out; at least the
    object's own times are given.
    """

    spans: tuple[Span, ...]
    is_open: bool = False
    is_partial: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """One component with its times made definite: dates, or aware datetimes (floating ones taken as UTC)."""

    component: Component
    start: Time
    end: Time
    original: Time | None

    @property
    def span(self) -> Span:
        return epoch_of(self.start), epoch_of(self.end)


class _SpanOnly(Occurrence):  # type: ignore[misc]  # the library has no types
    """What the library is to make of each occurrence: not a copy of the component, which takes most of its time."""

    def as_component(self, keep_recurrence_attributes: bool) -> Span:
        # A start within the hour that a change of clocks leaves out may come to lie after the end.
        start = epoch_of(self.start)
        return start, max(start, epoch_of(self.end))


def occurrences(
    text: str,
    window_start: datetime,
    window_end: datetime,
    limit: int = 5000,
    limits: Limits = DEFAULT_LIMITS,
    effort: Effort | None = None,
) -> Occurrences:
    """What of a calendar object falls between two aware datetimes, at most `limit` occurrences of it. `effort` is what may be
    spent on it, and is charged; without one the object has its own.

    Never fails for a text that `index_calendar` accepts; BadText for others.
    """
    calendar = parse_calendar(text, limits)
    zones = Zones(calendar)
    entries = list(_entries_of(calendar, zones))
    window = window_start.astimezone(UTC), window_end.astimezone(UTC)
    if not any(entry.component.get("RRULE") or entry.component.get("RDATE") for entry in entries):
        return _plain(entries, window, limit)
    try:
        return _expanded(entries, zones, window, limit, effort or Effort(MOST_EFFORT))
    except _LIBRARY_FAILURES:
        plain = _plain(entries, window, limit)
        return Occurrences(plain.spans, is_open=True, is_partial=True)


def _entries_of(calendar: Component, zones: Zones) -> Iterator[_Entry]:
    entries = calendar.children_named(*KINDS)
    main = next((entry for entry in entries if entry.get("RECURRENCE-ID") is None), None)
    main_start = start_of(main, zones) if main else None
    for component in entries:
        start = start_of(component, zones)
        if start is None:
            continue
        original = original_start_of(component, zones)
        if original is not None and main_start is not None:
            original = _definite(same_kind(original, main_start))
        end = end_of(component, zones, start)
        yield _Entry(component, _definite(start), _definite(end), original and _definite(original))


def _definite(time: Time) -> Time:
    return as_instant(time) if isinstance(time, datetime) else time


def _plain(entries: list[_Entry], window: tuple[datetime, datetime], limit: int) -> Occurrences:
    begin, end = map(epoch_of, window)
    spans = sorted({entry.span for entry in entries})
    inside = [span for span in spans if span[0] < end and (span[1] > begin or span[0] >= begin)]
    is_cut = len(inside) > limit
    return Occurrences(tuple(inside[:limit]), is_cut or any(span[0] >= end for span in spans), is_cut=is_cut)


def _expanded(
    entries: list[_Entry], zones: Zones, window: tuple[datetime, datetime], limit: int, effort: Effort
) -> Occurrences:
    calendar = icalendar.Calendar()
    is_open = is_partial = is_cut = False
    for entry in entries:
        if entry.original is None:
            series = _Series(entry, zones, _reach(entries), window, limit, effort)
            calendar.add_component(series.as_event())
            is_open, is_partial, is_cut = series.goes_on(), series.is_partial, series.is_cut
        else:
            calendar.add_component(_override_event(entry, entry.original))
            is_open = is_open or as_instant(entry.start) >= window[1]
    query = CalendarQuery(calendar, components=[ComponentsWithName("VEVENT", occurrence=_SpanOnly)])
    spans = sorted(set(query.between(*window)))
    is_cut = is_cut or len(spans) > limit
    return Occurrences(tuple(spans[:limit]), is_open or is_cut, is_partial, is_cut)


def _reach(entries: list[_Entry]) -> timedelta:
    """How far from the window an occurrence may start by its rule and still be moved, or last, into it."""
    lengths = [as_instant(entry.end) - as_instant(entry.start) for entry in entries]
    shifts = [abs(as_instant(entry.start) - as_instant(entry.original)) for entry in entries if entry.original]
    return max(lengths) + max(shifts, default=timedelta(0)) + 2 * _ONE_DAY


class _Series:
    """The component that recurs, with its rules worked out for a window."""

    def __init__(
        self,
        entry: _Entry,
        zones: Zones,
        reach: timedelta,
        window: tuple[datetime, datetime],
        limit: int,
        effort: Effort,
    ) -> None:
        self._entry = entry
        self._window = window
        self._effort = effort
        self.zone: tzinfo | None = entry.start.tzinfo if isinstance(entry.start, datetime) else None
        self.rules = rules_of(entry.component)
        self.is_partial = any(rule.is_foreign for rule in self.rules)
        self.is_cut = False
        self.added = [self._alike(value) for value in _values(entry.component, "RDATE", zones)]
        self.excluded = [value for value in _values(entry.component, "EXDATE", zones) if not isinstance(value, tuple)]
        begin, end = self._wall(window[0], -reach), self._wall(window[1], reach)
        self.starts: dict[Time, None] = {}
        for rule in self.rules:
            self._take(self._starts(rule, begin, end, effort), limit, effort)
        if effort.is_spent:
            self.is_partial = self.is_cut = True

    def _take(self, starts: Iterator[Time], limit: int, effort: Effort) -> None:
        """Keep the starts of a rule until there are more than the limit within the window; those before it may reach into it."""
        inside = 0
        for start in starts:
            if not effort.take(_A_START):
                return
            self.starts[start] = None
            inside += as_instant(start) >= self._window[0]
            if inside > limit:
                self.is_cut = True
                return

    def as_event(self) -> icalendar.Event:
        event = _event(self._entry)
        added: list[Any] = [*self.starts, *self.added]
        if added:
            event["RDATE"] = vDDDLists(added)
        excluded: list[Time] = [self._matching(value) for value in self.excluded]
        if self.rules and all(rule.is_over_at(self._entry.start) for rule in self.rules):
            excluded.append(self._entry.start)
        if excluded:
            event["EXDATE"] = vDDDLists(excluded)
        return event

    def goes_on(self) -> bool:
        """Whether the rules or the added dates have anything at or after the end of the window."""
        if any(as_instant(value[0] if isinstance(value, tuple) else value) >= self._window[1] for value in self.added):
            return True
        begin, horizon = self._wall(self._window[1], timedelta(0)), self._wall(self._window[1], HORIZON)
        return any(self._has_any(rule, begin, horizon) for rule in self.rules)

    def _has_any(self, rule: Rule, begin: datetime, end: datetime) -> bool:
        """Looked up at a cost of its own, which is charged as well."""
        own = Effort(_MOST_AFTER)
        found = next(self._starts(rule, begin, end, own), None)
        self._effort.take(_MOST_AFTER - own.left)
        return found is not None

    def _starts(self, rule: Rule, begin: datetime, end: datetime, effort: Effort) -> Iterator[Time]:
        first = self._first_wall()
        for wall in expand(rule, first, begin, end, effort):
            start: Time = wall.date() if not isinstance(self._entry.start, datetime) else wall.replace(tzinfo=self.zone)
            if rule.is_over_at(start):
                return
            yield start

    def _first_wall(self) -> datetime:
        start = self._entry.start
        return (
            start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, datetime.min.time())
        )

    def _wall(self, instant: datetime, by: timedelta) -> datetime:
        try:
            return (instant.astimezone(self.zone or UTC) + by).replace(tzinfo=None)
        except OverflowError:
            return datetime.min if by < timedelta(0) else datetime.max

    def _alike(self, value: Time | Period) -> Time | Period:
        start = self._entry.start
        if not isinstance(value, tuple):
            return _definite(same_kind(value, start))
        begin = _definite(same_kind(value[0], start))
        return begin, _definite(same_kind(value[1], begin))

    def _matching(self, value: Time) -> Time:
        # A date excludes whatever starts on that day, which the library knows how to do.
        return _definite(same_kind(value, self._entry.start)) if isinstance(value, datetime) else value


def _values(component: Component, name: str, zones: Zones) -> list[Time | Period]:
    return [value for line in component.all(name) for value in times_of(line, zones)]


def _event(entry: _Entry) -> icalendar.Event:
    event = icalendar.Event()
    event["UID"] = "series"
    event["DTSTART"] = vDDDTypes(entry.start)
    event["DTEND"] = vDDDTypes(entry.end)
    sequence = entry.component.get("SEQUENCE")
    if sequence is not None and sequence.value.strip().isdecimal():
        event["SEQUENCE"] = int(sequence.value[:9])
    return event


def _override_event(entry: _Entry, original_start: Time) -> icalendar.Event:
    event = _event(entry)
    original: Any = vDDDTypes(original_start)
    line = entry.component.get("RECURRENCE-ID")
    if line is not None and "THISANDFUTURE" in line.param("RANGE"):
        original.params["RANGE"] = "THISANDFUTURE"
    event["RECURRENCE-ID"] = original
    return event
