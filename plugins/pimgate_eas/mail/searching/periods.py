"""Dates as people write them when they look for mail: a day, a moment, or words for a time, as the period that is meant. Pure.

    period("2026-11-21", now)            that day, in the zone of `now`
    period("2026-11-01..2026-11-21", now)     from one day to the end of the other
    period("last week", now)             seven days from a Monday on

Source: MS-KQL "Date or Time values for properties", "Date intervals".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

LONGEST: Final = 60

_DAY: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z", re.ASCII)
_AMERICAN: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z", re.ASCII)
_MOMENT: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z?)\Z", re.ASCII | re.IGNORECASE
)
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to before `end`, both aware."""

    start: datetime
    end: datetime


def period(text: str, now: datetime) -> Period:
    """What a text means to somebody whose clock says `now` (aware). ValueError for what is no date."""
    words = " ".join(text.lower().split())
    if len(words) > LONGEST:
        raise ValueError("too long for a date")
    first, dots, last = words.partition("..")
    try:
        if dots:
            return Period(_single(first.strip(), now).start, _single(last.strip(), now).end)
        return _single(words, now)
    except OverflowError:
        raise ValueError("a date beyond all calendars") from None


def _single(words: str, now: datetime) -> Period:
    day = re.match(_DAY, words)
    if day is not None:
        return _day(now, int(day[1]), int(day[2]), int(day[3]))
    american = re.match(_AMERICAN, words)
    if american is not None:
        return _day(now, int(american[3]), int(american[1]), int(american[2]))
    moment = re.match(_MOMENT, words)
    if moment is not None:
        year, month, date, hour, minute, second = (int(each or 0) for each in moment.groups()[:6])
        zone = UTC if moment[7] else now.tzinfo
        at = datetime(year, month, date, hour, minute, second, tzinfo=zone)
        return Period(at, at + timedelta(seconds=1))
    return _named(words, now)


def _day(now: datetime, year: int, month: int, date: int) -> Period:
    start = datetime(year, month, date, tzinfo=now.tzinfo)
    return Period(start, start + _A_DAY)


def _named(words: str, now: datetime) -> Period:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    january = first.replace(month=1)
    match words:
        case "today":
            return Period(today, today + _A_DAY)
        case "yesterday":
            return Period(today - _A_DAY, today)
        case "this week":
            return Period(monday, monday + 7 * _A_DAY)
        case "last week":
            return Period(monday - 7 * _A_DAY, monday)
        case "this month":
            return Period(first, (first + 31 * _A_DAY).replace(day=1))
        case "last month":
            return Period((first - _A_DAY).replace(day=1), first)
        case "this year":
            return Period(january, january.replace(year=january.year + 1))
        case "last year":
            return Period(january.replace(year=january.year - 1), january)
    raise ValueError("no date")
