"""Dates as IMAP writes them. Source: RFC 9051, "Formal Syntax" (date, date-time)."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from .answers import Bad

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER_OF_MONTH = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}
_DATE = re.compile(r"( ?\d{1,2})-([A-Za-z]{3})-(\d{4})")
_DATE_TIME = re.compile(r"( ?\d{1,2}-[A-Za-z]{3}-\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")


def day_of(text: str) -> date:
    """`1-Feb-2026` as a date; raises Bad."""
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        return date(int(match.group(3)), _NUMBER_OF_MONTH[match.group(2).lower()], int(match.group(1)))
    except (ValueError, KeyError):
        raise Bad("This is not a date.") from None


def seconds_of(text: str) -> int:
    """` 1-Feb-2026 12:00:00 +0100` as seconds since 1970; raises Bad."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise Bad("This is not a date with a time.")
    hours, minutes, seconds, sign, off_hours, off_minutes = match.groups()[1:]
    offset = timedelta(hours=int(off_hours), minutes=int(off_minutes)) * (-1 if sign == "-" else 1)
    day = day_of(match.group(1))
    try:
        zone = timezone(offset)
        moment = datetime(day.year, day.month, day.day, int(hours), int(minutes), int(seconds), tzinfo=zone)
        return int(moment.timestamp())
    except (ValueError, OverflowError):
        raise Bad("This is not a date with a time.") from None


def written(seconds: int) -> str:
    """Seconds since 1970 as INTERNALDATE shows them."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.day:2d}-{_MONTHS[moment.month - 1]}-{moment:%Y %H:%M:%S} +0000"
