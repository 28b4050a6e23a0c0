"""One available time of a person, and when it comes round: "Mondays to Fridays from nine to five".

Expanded by rules of our own alone, so the cost is known beforehand: an `Effort` is handed in and counts whatever is looked at.

Sources: RFC 7953 "VAVAILABILITY Component" (AVAILABLE); RFC 5545 "Recurrence Component Properties".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from pimgate.text.component import Component
from pimgate.text.errors import BadText, RecurrenceTooLarge
from pimgate.text.expansion import Effort, expand
from pimgate.text.recurrence import check_recurrence
from pimgate.text.rule import Frequency, Rule, rules_of
from pimgate.text.spans import Period, Zones, end_of, start_of, times_of
from pimgate.text.times import Time, epoch_of, same_kind

LONGEST: Final = timedelta(days=366)
"""The longest time that may come round."""
_YEARS: Final = range(1000, 9000)
"""Far from where arithmetic on dates ends."""
_MARGIN: Final = timedelta(days=2)
"""Local times lie less than this from the same ones in UTC."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is asked about, and where the person lives: whole days and floating times are meant there."""

    start: datetime
    end: datetime
    home: tzinfo

    def at_home(self, moment: Time) -> datetime:
        """An aware datetime for any time."""
        if not isinstance(moment, datetime):
            return datetime.combine(moment, time(), self.home)
        return moment.replace(tzinfo=self.home) if moment.tzinfo is None else moment


@dataclass(frozen=True, slots=True)
class Available:
    """An AVAILABLE as it was read. `excluded` are the starts, or the days, at which it does not come round."""

    start: Time
    end: Time
    rules: tuple[Rule, ...]
    added: tuple[Time | Period, ...]
    excluded: tuple[Time, ...]

    def times(self, window: Window, effort: Effort) -> Iterator[tuple[int, int]]:
        """(start, end) of what of it may lie in the window, in seconds since 1970; too little once the effort is spent."""
        first, until = window.at_home(self.start), window.at_home(self.end)
        length = until.astimezone(first.tzinfo).replace(tzinfo=None) - first.replace(tzinfo=None)
        moments = {epoch_of(same_kind(each, first)) for each in self.excluded if isinstance(each, datetime)}
        days = {each for each in self.excluded if not isinstance(each, datetime)}
        for start in self._starts(first, length, window, effort):
            if epoch_of(start) not in moments and start.date() not in days:
                yield epoch_of(start), epoch_of(start + length)
        for each in self.added:
            if isinstance(each, tuple):
                yield epoch_of(window.at_home(each[0])), epoch_of(window.at_home(each[1]))

    def _starts(self, first: datetime, length: timedelta, window: Window, effort: Effort) -> Iterator[datetime]:
        """The starts near the window. The first one counts by itself only where no rule says when it comes round: that of
        the example in the RFC, which is from Monday to Friday, is a Sunday."""
        added = [window.at_home(same_kind(each, self.start)) for each in self.added if not isinstance(each, tuple)]
        for start in added if self.rules else [first, *added]:
            if start < window.end and effort.take():
                yield start
        for rule in self.rules:
            after = window.start.astimezone(UTC).replace(tzinfo=None) - length - _MARGIN
            before = window.end.astimezone(UTC).replace(tzinfo=None) + _MARGIN
            for wall in expand(rule, first.replace(tzinfo=None), after, before, effort):
                start = wall.replace(tzinfo=first.tzinfo)
                if rule.is_over_at(start if isinstance(self.start, datetime) else wall.date()) or not effort.take():
                    break
                yield start


def read_available(component: Component, zones: Zones, moved: Sequence[Time]) -> Available:
    """What an AVAILABLE says; `moved` are those of its starts for which another one speaks. BadText."""
    check_recurrence(component)
    start = start_of(component, zones)
    if start is None:
        raise BadText("An available time has no start.")
    end = end_of(component, zones, start)
    if epoch_of(end) <= epoch_of(start):
        raise BadText("An available time ends before it starts, or has no length.")
    if start.year not in _YEARS or end.year not in _YEARS:
        raise BadText("An available time lies beyond the calendar.")
    rules, added = tuple(rules_of(component)), tuple(_values(component, "RDATE", zones))
    if rules or added:
        _check_repeated(rules, epoch_of(end) - epoch_of(start))
    excluded = [each for each in _values(component, "EXDATE", zones) if not isinstance(each, tuple)]
    return Available(start, end, rules, added, (*excluded, *moved))


def _check_repeated(rules: Sequence[Rule], seconds: int) -> None:
    if any(rule.frequency > Frequency.DAILY or _times_a_day(rule) > 1 for rule in rules):
        raise RecurrenceTooLarge(
            "An available time comes round once a day at most; several times a day are several of them."
        )
    if any(rule.is_foreign for rule in rules):
        raise BadText("An available time comes round by a calendar that is not known here.")
    if seconds > LONGEST.total_seconds():
        raise RecurrenceTooLarge("An available time that comes round lasts longer than a year.")


def _times_a_day(rule: Rule) -> int:
    return max(1, len(rule.by_hour)) * max(1, len(rule.by_minute)) * max(1, len(rule.by_second))


def _values(component: Component, name: str, zones: Zones) -> list[Time | Period]:
    return [value for line in component.all(name) for value in times_of(line, zones)]
