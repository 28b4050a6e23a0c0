"""Recurrence rules, read strictly.

Source: RFC 5545 "Recurrence Rule", RFC 7529 "RSCALE" (kept, not expanded).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final

from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.times import Time, read_time

_DAYS: Final = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_BYDAY: Final = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,5}\Z")


class Frequency(IntEnum):
    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6


@dataclass(frozen=True, slots=True)
class Rule:
    """One RRULE. Empty tuples are parts that were not given; `by_day` holds (nth or 0, weekday with Monday 0)."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: Time | None = None
    week_start: int = 0
    by_month: tuple[int, ...] = ()
    by_week: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_second: tuple[int, ...] = ()
    by_position: tuple[int, ...] = ()
    is_foreign: bool = False  # counts in another calendar than ours (RFC 7529), and is kept without being expanded

    @property
    def is_endless(self) -> bool:
        return self.count is None and self.until is None

    def is_over_at(self, start: Time) -> bool:
        """Whether a start lies beyond UNTIL. A date stands for the whole of its day; a floating UNTIL for local time."""
        if self.until is None:
            return False
        if not isinstance(start, datetime) or not isinstance(self.until, datetime):
            return _day(start) > _day(self.until)
        if self.until.tzinfo is None:
            return start.replace(tzinfo=None) > self.until
        return start > self.until


def _day(time: Time) -> date:
    return time.date() if isinstance(time, datetime) else time


# Part of the rule: field, lowest and highest number, whether it may count from the end.
_LISTS: Final[dict[str, tuple[str, int, int, bool]]] = {
    "BYMONTH": ("by_month", 1, 12, False),
    "BYWEEKNO": ("by_week", 1, 53, True),
    "BYYEARDAY": ("by_year_day", 1, 366, True),
    "BYMONTHDAY": ("by_month_day", 1, 31, True),
    "BYHOUR": ("by_hour", 0, 23, False),
    "BYMINUTE": ("by_minute", 0, 59, False),
    "BYSECOND": ("by_second", 0, 60, False),
    "BYSETPOS": ("by_position", 1, 366, True),
}


def parse_rule(value: str) -> Rule:
    """The rule that an RRULE value says. BadText for what is no rule; parts nobody knows are passed over."""
    parts = _parts_of(value)
    try:
        frequency = Frequency[parts["FREQ"]]
    except KeyError:
        raise BadText("A recurrence rule has no frequency that is known.") from None
    lists = {
        field: _numbers(parts[name], lowest, highest, from_end)
        for name, (field, lowest, highest, from_end) in _LISTS.items()
        if name in parts
    }
    count = _number(parts["COUNT"]) if "COUNT" in parts else None
    interval = _number(parts.get("INTERVAL", "1"))
    if count == 0 or interval < 1:
        raise BadText("A recurrence rule repeats by nothing.")
    week_start = parts.get("WKST", "MO")
    if week_start not in _DAYS:
        raise BadText("A recurrence rule names a day that does not exist.")
    return Rule(
        frequency,
        interval=interval,
        count=None if count is None or count < 0 else count,  # some write COUNT=-1 for "without end"
        until=read_time(parts["UNTIL"]) if "UNTIL" in parts else None,
        week_start=_DAYS[week_start],
        by_day=_weekdays(parts["BYDAY"]) if "BYDAY" in parts else (),
        is_foreign=parts.get("RSCALE", "GREGORIAN") != "GREGORIAN" or parts.get("SKIP", "OMIT") != "OMIT",
        **lists,
    )


def rules_of(component: Component) -> list[Rule]:
    """Every RRULE of a component; one is usual."""
    return [parse_rule(line.value) for line in component.all("RRULE")]


def _parts_of(value: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in value.strip().upper().rstrip(";").split(";"):
        name, equals, given = part.partition("=")
        if not equals:
            raise BadText("A recurrence rule is malformed.")
        if given.strip():
            parts[name.strip()] = given.strip()
    return parts


def _number(text: str) -> int:
    if not _NUMBER.match(text):
        raise BadText("A recurrence rule holds something that is no number.")
    return int(text)


def _numbers(text: str, lowest: int, highest: int, from_end: bool) -> tuple[int, ...]:
    numbers = sorted({_number(part.strip()) for part in text.split(",")})
    for number in numbers:
        if not lowest <= (abs(number) if from_end else number) <= highest:
            raise BadText("A recurrence rule holds a number out of its range.")
    return tuple(numbers)


def _weekdays(text: str) -> tuple[tuple[int, int], ...]:
    days: set[tuple[int, int]] = set()
    for part in text.split(","):
        found = _BYDAY.match(part.strip())
        nth = int(found.group(1) or 0) if found else 54
        if found is None or abs(nth) > 53:
            raise BadText("A recurrence rule names a day that does not exist.")
        days.add((nth, _DAYS[found.group(2)]))
    return tuple(sorted(days))
