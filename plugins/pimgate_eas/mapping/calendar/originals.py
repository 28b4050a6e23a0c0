"""Which occurrence of a series a device means by a time.

Devices name an occurrence by where the series would have put it. Some name it wrongly after the whole series was
moved, so the nearest one within a day is meant.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from pimgate.text.expansion import Effort, expand
from pimgate.text.rule import Rule, rules_of
from pimgate.text.spans import time_of, times_of
from pimgate.text.times import Time, as_instant, epoch_of, same_kind
from pimgate_eas.mapping.calendar.entry import Entry, day_meant
from pimgate_eas.mapping.calendar.moving import shifted_with

_WITHIN: Final = timedelta(days=1)
_MARGIN: Final = timedelta(days=2)


class Originals:
    """The original starts of a series as it is now; ask a new one after the series was edited.

    Where there is no series in the text, they are those of the changed occurrences alone.
    """

    def __init__(self, series: Entry) -> None:
        self._series = series
        self._start = series.start
        self._named = [*self._overridden(), *series.events.excluded()]
        self._dates: list[Time] = []
        self._rules: list[tuple[Rule, list[datetime] | None]] = []
        if series.events.master is None:
            return
        self._dates = [self._start, *self._added()]
        self._rules = [(rule, self._counted(rule)) for rule in rules_of(series.component)]

    def nearest(self, instant: datetime, before: Time | None = None) -> Time | None:
        """The original start nearest to a moment that a device sent; None if there is none within a day. A device that has moved
        the whole series may still name it by where it was: `before` is where the series began then."""
        wanted = self._on_its_clocks(instant)
        found = self._nearest(wanted)
        if before is None or found == wanted or isinstance(before, datetime) != isinstance(self._start, datetime):
            return found
        moved = shifted_with(wanted, before, self._start)
        return moved if self._nearest(moved) == moved else found

    def _nearest(self, wanted: Time) -> Time | None:
        found = [*self._named, *self._by_rule(wanted)]
        best = min(found, key=lambda each: _distance(each, wanted), default=None)
        return best if best is not None and _distance(best, wanted) <= _WITHIN else None

    def has(self, original: Time) -> bool:
        """Whether the series' rules and dates, not only its exceptions, put an occurrence just there."""
        return any(epoch_of(each) == epoch_of(original) for each in self._by_rule(original))

    def _on_its_clocks(self, instant: datetime) -> Time:
        if not isinstance(self._start, datetime):
            return day_meant(instant, self._series.zone, self._series.context)
        if self._start.tzinfo is None:
            return instant.astimezone(self._series.context.home).replace(tzinfo=None)
        return instant.astimezone(self._start.tzinfo)

    def _overridden(self) -> Iterator[Time]:
        like = None if self._series.events.master is None else self._start
        for entry in self._series.events.entries:
            line = entry.get("RECURRENCE-ID")
            if line is not None:
                original = time_of(line, self._series.events.zones)
                yield original if like is None else same_kind(original, like)

    def _added(self) -> Iterator[Time]:
        for line in self._series.component.all("RDATE"):
            for value in times_of(line, self._series.events.zones):
                yield same_kind(value[0] if isinstance(value, tuple) else value, self._start)

    def _counted(self, rule: Rule) -> list[datetime] | None:
        """All starts of a rule with COUNT, which can only be counted from the first on; None for others."""
        if rule.count is None:
            return None
        return list(expand(rule, _wall(self._start), datetime.min, datetime.max, Effort()))

    def _by_rule(self, wanted: Time) -> Iterator[Time]:
        yield from self._dates
        zone = self._start.tzinfo if isinstance(self._start, datetime) else None
        middle = _wall(same_kind(wanted, self._start))
        begin, end = _plus(middle, -_MARGIN), _plus(middle, _MARGIN)
        for rule, counted in self._rules:
            walls: Iterable[datetime] = (
                expand(rule, _wall(self._start), begin, end, Effort())
                if counted is None
                else counted[bisect_left(counted, begin) : bisect_right(counted, end)]
            )
            for wall in walls:
                found: Time = wall.replace(tzinfo=zone) if isinstance(self._start, datetime) else wall.date()
                if rule.until is None or epoch_of(found) <= epoch_of(_end(rule.until, found)):
                    yield found


def _distance(one: Time, other: Time) -> timedelta:
    return abs(as_instant(one) - as_instant(other))


def _end(until: Time, like: Time) -> Time:
    """UNTIL to be compared with: a date stands for the whole of its day, a floating time for the series' clocks."""
    if not isinstance(like, datetime):
        return same_kind(until, like)
    if not isinstance(until, datetime):
        return like.replace(year=until.year, month=until.month, day=until.day, hour=23, minute=59, second=59)
    return same_kind(until, like)


def _wall(time: Time) -> datetime:
    return as_instant(time).replace(tzinfo=None)


def _plus(wall: datetime, by: timedelta) -> datetime:
    try:
        return wall + by
    except OverflowError:
        return datetime.max if by > timedelta(0) else datetime.min
