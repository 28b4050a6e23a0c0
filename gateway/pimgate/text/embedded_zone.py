"""A time zone that only the VTIMEZONE inside a calendar describes.

Source: RFC 5545 "Time Zone Component". Yearly rules, RDATEs and single onsets are honoured, which is all that clients
write; any other rule counts by its first onset alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Final

from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.expansion import Effort, expand
from pimgate.text.rule import Frequency, Rule, parse_rule
from pimgate.text.times import as_instant, read_time

_OFFSET: Final = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?\Z")
_YEAR: Final = timedelta(days=366)
_MAX_OBSERVANCES: Final = 200
_MAX_DATES: Final = 1000
_MAX_ONSETS: Final = 50
"""Of one rule within the few years around a time; clocks change twice a year."""
_NOTHING: Final = timedelta(0)
_TWO_DAYS: Final = timedelta(days=2)
_EARLIEST: Final = datetime(4, 1, 1)


@dataclass(frozen=True, slots=True)
class Observance:
    """One STANDARD or DAYLIGHT block: from each onset on, clocks go from `before` to `after` (offsets from UTC)."""

    first: datetime
    before: timedelta
    after: timedelta
    dates: tuple[datetime, ...]
    rule: Rule | None
    name: str

    def onsets(self, around: datetime) -> list[datetime]:
        """Onsets (wall clock of `before`) that decide about times near `around`: all single ones, and the rule's."""
        found = [self.first, *self.dates]
        if self.rule is None:
            return found
        begin, end = max(self.first, around - _YEAR - _YEAR), around + _YEAR
        if self.rule.until is not None:
            last = as_instant(self.rule.until).replace(tzinfo=None) + max(self.before, _NOTHING)
            begin, end = min(begin, max(self.first, last - _YEAR)), min(end, last)
        return found + list(islice(expand(self.rule, self.first, begin, end, Effort(1_000)), _MAX_ONSETS))


class EmbeddedZone(tzinfo):
    """The zone of a VTIMEZONE. `key` is its TZID, like ZoneInfo's."""

    def __init__(self, key: str, observances: tuple[Observance, ...]) -> None:
        self.key = key
        self._observances = observances
        self._by_year: dict[int, list[tuple[datetime, Observance]]] = {}

    def __repr__(self) -> str:
        return "EmbeddedZone()"

    def utcoffset(self, when: datetime | None) -> timedelta:
        if when is None:
            return self._observances[0].after
        return self._offset_at(when.replace(tzinfo=None), is_utc=False, fold=when.fold)

    def dst(self, when: datetime | None) -> timedelta:
        return _NOTHING

    def tzname(self, when: datetime | None) -> str:
        return self.key

    def fromutc(self, when: datetime) -> datetime:
        utc = when.replace(tzinfo=None)
        offset = self._offset_at(utc, is_utc=True)
        local = (utc + offset).replace(tzinfo=self)
        is_second_time = local.utcoffset() != offset
        return local.replace(fold=1) if is_second_time else local

    def _offset_at(self, when: datetime, is_utc: bool, fold: int = 0) -> timedelta:
        onsets = self._onsets_near(when)
        # Whatever the offsets, what set in two days ago holds by now: the search begins there.
        at = bisect_right(onsets, max(when, _EARLIEST) - _TWO_DAYS, key=_onset)
        while at < len(onsets) and when >= _threshold(*onsets[at], is_utc, fold):
            at += 1
        return onsets[at - 1][1].after if at else self._observances[0].before

    def _onsets_near(self, when: datetime) -> list[tuple[datetime, Observance]]:
        known = self._by_year.get(when.year)
        if known is None:
            around = datetime(min(max(when.year, 4), 9995), 7, 1)
            known = sorted(
                ((onset, observance) for observance in self._observances for onset in observance.onsets(around)),
                key=lambda pair: pair[0],
            )
            self._by_year[when.year] = known
        return known


def embedded_zone(block: Component) -> EmbeddedZone | None:
    """The zone that a VTIMEZONE describes; None if it describes none that can be used."""
    tzid = block.get("TZID")
    blocks = block.children_named("STANDARD", "DAYLIGHT")[:_MAX_OBSERVANCES]
    try:
        observances = sorted((_observance(child) for child in blocks), key=lambda observance: observance.first)
    except BadText:
        return None
    return EmbeddedZone(tzid.text if tzid else "", tuple(observances)) if observances else None


def _onset(pair: tuple[datetime, Observance]) -> datetime:
    return pair[0]


def _threshold(onset: datetime, observance: Observance, is_utc: bool, fold: int) -> datetime:
    if is_utc:
        return onset - observance.before
    # In a gap the offset before it counts; an hour that happens twice is the first one, or with `fold` the second.
    after_change = onset + (observance.after - observance.before)
    return min(onset, after_change) if fold else max(onset, after_change)


def _observance(block: Component) -> Observance:
    start = block.get("DTSTART")
    if start is None:
        raise BadText("A time zone has no start.")
    rule_line = block.get("RRULE")
    rule = parse_rule(rule_line.value) if rule_line else None
    dates = [value for line in block.all("RDATE") for value in line.value.split(",")][:_MAX_DATES]
    name = block.get("TZNAME")
    return Observance(
        first=_wall(start.value),
        before=_offset(block, "TZOFFSETFROM"),
        after=_offset(block, "TZOFFSETTO"),
        dates=tuple(_wall(value.partition("/")[0]) for value in dates),
        rule=rule if rule and _is_plain(rule) else None,
        name=name.text if name else "",
    )


def _is_plain(rule: Rule) -> bool:
    """Whether it is cheap to say when it sets in: once or twice in a year of which it names the months, or just every year."""
    days = rule.by_week or rule.by_year_day or rule.by_month_day or rule.by_day
    return rule.frequency is Frequency.YEARLY and len(rule.by_month) <= 2 and bool(rule.by_month or not days)


def _wall(value: str) -> datetime:
    # Outlook starts its zones in 1601, some in year 1: arithmetic needs a little room below.
    wall = as_instant(read_time(value, UTC)).replace(tzinfo=None)
    return max(wall, _EARLIEST)


def _offset(block: Component, name: str) -> timedelta:
    line = block.get(name)
    found = _OFFSET.match(line.value.strip()) if line else None
    if found is None:
        raise BadText("A time zone has no offset.")
    sign, hours, minutes, seconds = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    if offset >= timedelta(hours=24):
        raise BadText("A time zone has no offset.")
    return -offset if sign == "-" else offset
