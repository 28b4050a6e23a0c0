"""Dates, times and durations as iCalendar writes them, and arithmetic on them.

A time is a `date` (all-day), an aware `datetime`, or a naive `datetime` (floating: the same wall clock everywhere).
Source: RFC 5545 "Property Value Data Types".
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from pimgate.text.errors import BadText

Time = date | datetime

_TIME: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?\Z")
_DURATION: Final = re.compile(
    r"([+-]?)P(?:([0-9]{1,6})W)?(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,8})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?\Z"
)


def read_time(value: str, zone: tzinfo | None = None) -> Time:
    """`20260131`, `20260131T093000` (in `zone`, or floating) or `20260131T093000Z`. BadText for anything else."""
    found = _TIME.match(value.strip())
    if found is None:
        raise BadText("A date or time is malformed.")
    year, month, day, hour, minute, second, utc = found.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        return datetime(
            *(int(year), int(month), int(day), int(hour), int(minute), min(int(second), 59)),
            tzinfo=UTC if utc else zone,
        )
    except ValueError:
        raise BadText("A date or time does not exist.") from None


def read_duration(value: str) -> timedelta:
    """`P1D`, `PT1H30M`, `-PT15M`, `P2W`. BadText for anything else."""
    found = _DURATION.match(value.strip())
    if found is None or not any(found.groups()[1:]):
        raise BadText("A duration is malformed.")
    sign, *numbers = found.groups()
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in numbers)
    try:
        length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise BadText("A duration is too long.") from None
    return -length if sign == "-" else length


def same_kind(time: Time, like: Time) -> Time:
    """`time` made a date or a datetime as `like` is. A date becomes `like`'s hour of that day in `like`'s zone."""
    if isinstance(like, datetime):
        if isinstance(time, datetime):
            return time.replace(tzinfo=like.tzinfo) if time.tzinfo is None else time
        return like.replace(year=time.year, month=time.month, day=time.day, fold=0)
    return time.date() if isinstance(time, datetime) else time


def as_instant(time: Time) -> datetime:
    """An aware datetime for any time: floating times and dates are taken as UTC."""
    if not isinstance(time, datetime):
        return datetime(time.year, time.month, time.day, tzinfo=UTC)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def epoch_of(time: Time) -> int:
    """Seconds since 1970 in UTC; floating times and dates are taken as UTC."""
    return int(as_instant(time).timestamp())


def later_of(one: Time, other: Time) -> Time:
    return other if as_instant(other) > as_instant(one) else one


def write_time(time: Time) -> str:
    """The value alone: `20260131`, `20260131T093000`, with Z if it is in UTC."""
    if not isinstance(time, datetime):
        return f"{time:%Y%m%d}".rjust(8, "0")
    return f"{time:%Y%m%dT%H%M%S}".rjust(15, "0") + ("Z" if time.tzinfo is UTC else "")


def moved(start: Time, by: timedelta) -> Time:
    """`start` and a duration later. BadText beyond the year 9999."""
    try:
        if not isinstance(start, datetime) or start.tzinfo is None:
            return start + by
        # RFC 5545 "Duration": days are counted on the wall clock, hours in elapsed time.
        days, rest = timedelta(days=by.days), timedelta(seconds=by.seconds)
        wall = start + days
        return (wall.astimezone(UTC) + rest).astimezone(start.tzinfo) if rest else wall
    except OverflowError:
        raise BadText("A duration reaches beyond the calendar.") from None
