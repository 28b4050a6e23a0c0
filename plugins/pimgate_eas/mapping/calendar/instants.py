"""Times as devices write them, and days as they mean them.

A time is `20260105T090000Z`. A whole day is its own midnight: of UTC from 16.0 on, below it of the zone that comes
along, which devices get wrong in their own ways (08:00 or 11:00 UTC, the midnight of another zone).

Sources: MS-ASDTYPE "Compact DateTime", MS-ASCAL "AllDayEvent", "StartTime".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

_SENT: Final = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ]([0-9]{2}):?([0-9]{2}):?([0-9]{2})(?:\.[0-9]+)?Z?)?\Z"
)
_KEPT_BY_CLOCKS: Final = 1970
_LEAP_YEAR: Final = 1972


def compact(instant: datetime) -> str:
    """`20260105T090000Z` for an aware datetime."""
    utc = instant.astimezone(UTC)
    return f"{utc.year:04}{utc:%m%dT%H%M%SZ}"


def read_instant(text: str) -> datetime:
    """The moment that a device names, compact or with hyphens and colons. ValueError for anything else."""
    found = _SENT.match(text.strip("\0 \r\n\t"))
    if found is None:
        raise ValueError("not a date and time")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)


def midnight(day: date, zone: tzinfo) -> datetime:
    """The start of a day in a zone, as UTC. Before zones were invented, with the offset of modern times: the birthday
    of 1604 must fall on the same day for a device that knows only the zone's present rules."""
    wall = datetime(day.year, day.month, day.day)
    return (wall - _offset(wall, zone)).replace(tzinfo=UTC)


def day_of(instant: datetime, zones: Iterable[tzinfo]) -> date:
    """The day that a device means: the one that begins at that moment in one of the zones, the first that fits; else
    the one that the moment falls on in the first zone."""
    days = [(_day_in(instant, zone), zone) for zone in zones]
    return next((day for day, zone in days if midnight(day, zone) == instant), days[0][0])


def _day_in(instant: datetime, zone: tzinfo) -> date:
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    if utc.year >= _KEPT_BY_CLOCKS:
        return instant.astimezone(zone).date()
    return (utc + _offset(utc, zone)).date()


def _offset(wall: datetime, zone: tzinfo) -> timedelta:
    if wall.year < _KEPT_BY_CLOCKS:
        wall = wall.replace(year=_LEAP_YEAR)
    return wall.replace(tzinfo=zone).utcoffset() or timedelta(0)
