"""The starts that a recurrence rule gives, at a cost that is known beforehand.

Works on wall-clock times; the zone is put back on by the caller. It looks at one period after another (a year, a
month, ... as FREQ says), skips ahead to the window when nothing has to be counted, and gives up when `Effort` is
spent, so a rule that never matches costs no more than any other.

Source: RFC 5545 "Recurrence Rule". Where it leaves room, the dates are those that dateutil gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import MAXYEAR, date, datetime, time, timedelta
from itertools import product
from typing import Final

from pimgate.text.rule import Frequency, Rule

_ONE_DAY: Final = timedelta(days=1)
_UNITS: Final = {
    Frequency.HOURLY: timedelta(hours=1),
    Frequency.MINUTELY: timedelta(minutes=1),
    Frequency.SECONDLY: timedelta(seconds=1),
}


class Effort:
    """How many periods an expansion may still look at. `is_spent` says that it stopped early."""

    __slots__ = ("is_spent", "left")

    def __init__(self, periods: int = 60_000) -> None:
        self.left = periods
        self.is_spent = False

    def take(self, periods: int = 1) -> bool:
        self.left -= periods
        self.is_spent = self.left < 0
        return not self.is_spent


def expand(rule: Rule, first: datetime, after: datetime, before: datetime, effort: Effort) -> Iterator[datetime]:
    """Wall-clock starts of the rule, in order, with `after` <= start <= `before`.

    `first` is DTSTART, without zone like `after` and `before`. It is given only if the rule itself matches it. UNTIL
    is for the caller to look after (it needs the zone); COUNT is counted here, from `first`.
    """
    if rule.is_foreign:
        return
    rule = _completed(rule, first)
    left = rule.count
    begin = first if left is not None else max(first, after)
    for instant in _matches(rule, first, begin, before, effort):
        if instant < first:
            continue
        if instant > before:
            return
        if left is not None:
            if left == 0:
                return
            left -= 1
        if instant >= after:
            yield instant


def _completed(rule: Rule, first: datetime) -> Rule:
    """The rule with what DTSTART says filled in where the rule itself is silent."""
    month, month_day, weekday = rule.by_month, rule.by_month_day, rule.by_day
    if not (rule.by_week or rule.by_year_day or month_day or weekday):
        if rule.frequency is Frequency.YEARLY:
            month, month_day = month or (first.month,), (first.day,)
        elif rule.frequency is Frequency.MONTHLY:
            month_day = (first.day,)
        elif rule.frequency is Frequency.WEEKLY:
            weekday = ((0, first.weekday()),)
    if rule.frequency > Frequency.MONTHLY:  # "nth" means nothing within a week
        weekday = tuple(sorted({(0, day) for _, day in weekday}))
    return Rule(
        rule.frequency,
        interval=rule.interval,
        count=rule.count,
        week_start=rule.week_start,
        by_month=month,
        by_week=rule.by_week,
        by_year_day=rule.by_year_day,
        by_month_day=month_day,
        by_day=weekday,
        by_hour=rule.by_hour or ((first.hour,) if rule.frequency < Frequency.HOURLY else ()),
        by_minute=rule.by_minute or ((first.minute,) if rule.frequency < Frequency.MINUTELY else ()),
        by_second=rule.by_second or ((first.second,) if rule.frequency < Frequency.SECONDLY else ()),
        by_position=rule.by_position,
    )


def _matches(rule: Rule, first: datetime, begin: datetime, before: datetime, effort: Effort) -> Iterator[datetime]:
    if rule.frequency > Frequency.DAILY:
        yield from _fine_matches(rule, first, before, effort)
        return
    clock = [time(hour, minute, min(second, 59)) for hour, minute, second in product(*_clock_parts(rule))]
    for days in _periods(rule, first.date(), begin.date(), before.date(), effort):
        instants = [datetime.combine(day, at) for day in days if _day_fits(rule, day) for at in clock]
        yield from _at_positions(rule, instants)


def _clock_parts(rule: Rule) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    return rule.by_hour, rule.by_minute, rule.by_second


def _at_positions(rule: Rule, instants: list[datetime]) -> list[datetime]:
    if not rule.by_position:
        return instants
    size = len(instants)
    places = {at - 1 if at > 0 else size + at for at in rule.by_position if 0 < abs(at) <= size}
    return [instants[place] for place in sorted(places)]


def _periods(rule: Rule, first: date, begin: date, before: date, effort: Effort) -> Iterator[list[date]]:
    """The days of each year, month, week or day that the rule's frequency and interval select, from the one that
    holds `begin` until the one that holds `before`."""
    step = rule.interval
    if rule.frequency is Frequency.YEARLY:
        skipped = (begin.year - first.year) // step * step
        for year in range(first.year + skipped, min(before.year, MAXYEAR) + 1, step):
            if not effort.take(len(rule.by_month) or 12):
                return
            yield [day for month in rule.by_month or range(1, 13) for day in _month_days(rule, year, month)]
    elif rule.frequency is Frequency.MONTHLY:
        origin = first.year * 12 + first.month - 1
        skipped = (begin.year * 12 + begin.month - 1 - origin) // step * step
        for month in range(origin + skipped, before.year * 12 + before.month, step):
            if not effort.take():
                return
            if not rule.by_month or month % 12 + 1 in rule.by_month:
                yield _month_days(rule, month // 12, month % 12 + 1)
    else:
        yield from _short_periods(rule, first, begin, before, effort)


def _short_periods(rule: Rule, first: date, begin: date, before: date, effort: Effort) -> Iterator[list[date]]:
    length, origin = 1, first.toordinal()
    if rule.frequency is Frequency.WEEKLY:
        length, origin = 7, origin - (first.weekday() - rule.week_start) % 7
    step = rule.interval * length
    skipped = (begin.toordinal() - origin) // step * step
    last = min(before.toordinal(), date.max.toordinal())
    for start in range(origin + skipped, last + 1, step):
        if not effort.take():
            return
        if start > 0:  # the week of the very first days of the calendar begins before it
            yield [date.fromordinal(day) for day in range(start, min(start + length, date.max.toordinal() + 1))]


def _month_days(rule: Rule, year: int, month: int) -> list[date]:
    length = _month_length(year, month)
    if rule.by_month_day:
        wanted = {day if day > 0 else length + 1 + day for day in rule.by_month_day}
        return [date(year, month, day) for day in sorted(wanted) if 1 <= day <= length]
    return [date(year, month, day) for day in range(1, length + 1)]


def _month_length(year: int, month: int) -> int:
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - _ONE_DAY).day


def _day_fits(rule: Rule, day: date) -> bool:
    if rule.by_month and day.month not in rule.by_month:
        return False
    if rule.by_month_day:
        from_end = day.day - _month_length(day.year, day.month) - 1
        if day.day not in rule.by_month_day and from_end not in rule.by_month_day:
            return False
    if rule.by_day and not any(
        weekday == day.weekday() and (nth == 0 or nth in _nth_of(rule, day)) for nth, weekday in rule.by_day
    ):
        return False
    if rule.by_year_day:
        at, length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
        if at not in rule.by_year_day and at - length - 1 not in rule.by_year_day:
            return False
    return not rule.by_week or _week_fits(rule, day)


def _nth_of(rule: Rule, day: date) -> tuple[int, int]:
    """Which of its weekday this day is, counted from both ends of the month, or of the year for yearly rules."""
    if rule.frequency is Frequency.YEARLY and not rule.by_month:
        at, length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
    else:
        at, length = day.day, _month_length(day.year, day.month)
    return (at - 1) // 7 + 1, -((length - at) // 7 + 1)


def _week_fits(rule: Rule, day: date) -> bool:
    # A week belongs to the year that holds its fourth day.
    fourth_day = day.toordinal() - (day.weekday() - rule.week_start) % 7 + 3
    if not 1 <= fourth_day <= date.max.toordinal():
        return False
    year = date.fromordinal(fourth_day).year
    number = (fourth_day - date(year, 1, 1).toordinal()) // 7 + 1
    weeks = number + (date(year, 12, 31).toordinal() - fourth_day) // 7
    return number in rule.by_week or number - weeks - 1 in rule.by_week


def _fine_matches(rule: Rule, first: datetime, before: datetime, effort: Effort) -> Iterator[datetime]:
    """Hourly and finer rules, step by step; a day that does not fit is passed over at once."""
    step = _UNITS[rule.frequency] * rule.interval
    instant = first
    while instant <= before and effort.take():
        steps = 1
        if _day_fits(rule, instant.date()):
            yield from _at_positions(rule, _within_step(rule, instant))
        else:
            rest_of_day = _ONE_DAY - (instant - datetime.combine(instant.date(), time()))
            steps = -(-rest_of_day // step)
        if datetime.max - instant < steps * step:
            return
        instant += steps * step


def _within_step(rule: Rule, instant: datetime) -> list[datetime]:
    """The instants that one hour, minute or second stands for, after the parts finer than it are expanded."""
    if rule.by_hour and instant.hour not in rule.by_hour:
        return []
    if rule.frequency is Frequency.HOURLY:
        minutes, seconds = rule.by_minute, rule.by_second
    elif rule.by_minute and instant.minute not in rule.by_minute:
        return []
    elif rule.frequency is Frequency.MINUTELY:
        minutes, seconds = (instant.minute,), rule.by_second
    elif rule.by_second and instant.second not in rule.by_second:
        return []
    else:
        return [instant]
    return [instant.replace(minute=minute, second=min(second, 59)) for minute in minutes for second in seconds]
