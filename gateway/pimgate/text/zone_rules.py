"""When a zone changes its clocks in one year, and the yearly rule ("last Sunday of March") behind that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

LAST: Final = 5
_STEP: Final = timedelta(days=7)  # shorter than any spell of summer time, Morocco's Ramadan pause included
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Transition:
    """Clocks going from one offset to another at an instant (naive UTC)."""

    utc: datetime
    before: timedelta
    after: timedelta

    @property
    def wall(self) -> datetime:
        """What clocks show at that instant if nobody has changed them yet."""
        return self.utc + self.before


@dataclass(frozen=True, slots=True)
class YearlyRule:
    """A day like "last Sunday of March": weekday with Monday 0, nth 1 to 4 or LAST; and the time on it."""

    month: int
    weekday: int
    nth: int
    hour: int
    minute: int = 0

    def wall(self, year: int) -> datetime:
        """When that is, on the clocks before the change."""
        first = date(year, self.month, 1)
        day = first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))
        if day.month != self.month:
            day -= _STEP
        return datetime(day.year, day.month, day.day) + timedelta(hours=self.hour, minutes=self.minute)


@lru_cache(maxsize=4096)
def transitions(zone: ZoneInfo, year: int) -> tuple[Transition, ...]:
    """Every change of the zone's offset between the start and the end of a year by UTC."""
    return tuple(_changes(zone, datetime(year, 1, 1), datetime(year + 1, 1, 1)))


def offset_at(zone: ZoneInfo, utc: datetime) -> timedelta:
    """The zone's offset at an instant given as naive UTC."""
    return utc.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta(0)


def rule_behind(zone: ZoneInfo, transition: Transition, years: int = 8) -> YearlyRule | None:
    """The yearly rule that gives this change and the alike ones of the years after it; None if there is no such."""
    rules = [rule for rule in _rules_that_give(transition.wall) if _holds(zone, transition, rule, years)]
    return rules[0] if rules else None


def rule_for_day(wall: datetime) -> YearlyRule:
    """A rule that gives exactly this moment in its own year."""
    return _rules_that_give(wall)[0]


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[Transition]:
    known = offset_at(zone, begin)
    while begin < end:
        upcoming = min(begin + _STEP, end)
        offset = offset_at(zone, upcoming)
        if offset != known:
            yield Transition(_moment_of_change(zone, begin, upcoming, known), known, offset)
        begin, known = upcoming, offset


def _moment_of_change(zone: ZoneInfo, low: datetime, high: datetime, before: timedelta) -> datetime:
    while high - low > _MINUTE:
        middle = low + (high - low) // _MINUTE // 2 * _MINUTE
        if offset_at(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _rules_that_give(wall: datetime) -> list[YearlyRule]:
    nth = (wall.day - 1) // 7 + 1
    is_last = (wall + _STEP).month != wall.month
    nths = [LAST] if nth == LAST else [LAST, nth] if is_last else [nth]
    return [YearlyRule(wall.month, wall.weekday(), nth, wall.hour, wall.minute) for nth in nths]


def _holds(zone: ZoneInfo, transition: Transition, rule: YearlyRule, years: int) -> bool:
    for year in range(transition.wall.year, transition.wall.year + years):
        alike = [other for other in transitions(zone, year) if other.after == transition.after]
        if len(alike) != 1 or alike[0].before != transition.before or alike[0].wall != rule.wall(year):
            return False
    return True
