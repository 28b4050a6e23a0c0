"""Recurrence: the seven patterns that devices know <-> RRULE.

A rule that no pattern says exactly is shown as the nearest one. It is rewritten only when the device changed the
pattern; a device that only moves the end of the series changes only that part of the rule.

Sources: MS-ASCAL "Recurrence" and its children, RFC 5545 "Recurrence Rule".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final

from pimgate.text.rule import Frequency, Rule, parse_rule
from pimgate.text.times import Time, write_time
from pimgate_eas.mapping.calendar.entry import Entry, day_meant, is_whole_day
from pimgate_eas.mapping.calendar.instants import compact, read_instant
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.editing import put
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.wbxml.element import Element

TAG: Final = "Calendar:Recurrence"

DAILY, WEEKLY, MONTHLY, MONTHLY_NTH, YEARLY, YEARLY_NTH = 0, 1, 2, 3, 5, 6
LAST: Final = 5
EVERY_DAY: Final = 127

_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BITS: Final = (2, 4, 8, 16, 32, 64, 1)
"""The bit of DayOfWeek for each weekday from Monday on: Sunday is the first."""

# Element, field of Pattern, lowest and highest value.
_NUMBERS: Final = (
    ("Calendar:Type", "type", 0, 6),
    ("Calendar:Interval", "interval", 0, 999),
    ("Calendar:DayOfWeek", "days", 0, 127),
    ("Calendar:DayOfMonth", "day", 0, 31),
    ("Calendar:WeekOfMonth", "week", 0, 5),
    ("Calendar:MonthOfYear", "month", 0, 12),
    ("Calendar:Occurrences", "count", 0, 999),
    ("Calendar:FirstDayOfWeek", "week_start", 0, 6),
)
# Which fields a pattern of each type has; whatever else comes along means nothing.
_FIELDS: Final = {
    DAILY: ("interval",),
    WEEKLY: ("interval", "days", "week_start"),
    MONTHLY: ("interval", "day"),
    MONTHLY_NTH: ("interval", "days", "week"),
    YEARLY: ("interval", "day", "month"),
    YEARLY_NTH: ("interval", "days", "week", "month"),
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A recurrence as devices have it; 0 and "" stand for what a type does not use. `days` is a sum of bits, `until` a
    time as it is sent, `week_start` counts from Sunday (0)."""

    type: int
    interval: int = 1
    days: int = 0
    day: int = 0
    week: int = 0
    month: int = 0
    until: str = ""
    count: int = 0
    week_start: int = 0

    @property
    def without_end(self) -> Pattern:
        """The same going on for ever. A week's first day counts only where weeks are left out."""
        week_start = self.week_start if self.type == WEEKLY and self.interval > 1 else 0
        return replace(self, until="", count=0, week_start=week_start)


def shown(entry: Entry) -> Pattern | None:
    """The pattern nearest to the entry's rule; None without a rule, or for one that is finer than days."""
    line = entry.component.get("RRULE")
    if line is None:
        return None
    rule = parse_rule(line.value)
    if rule.is_foreign or rule.frequency > Frequency.DAILY:
        return None
    pattern = _nearest(rule, entry.start)
    count = min(rule.count or 0, 999)
    return replace(pattern, count=count, until="" if rule.until is None or count else _until_shown(rule.until, entry))


def element(entry: Entry) -> Element | None:
    """The Recurrence element, None for an event that does not recur as far as a device can be told."""
    pattern = shown(entry)
    return _element(pattern, entry.context) if pattern is not None else None


def asked(data: Element, start: Time, known: Pattern | None) -> Pattern | None:
    """The pattern that a Recurrence element asks for, None for an empty one. CannotConvert for what is none."""
    if not data.children:
        return None
    numbers = {field: _number(data, tag, lowest, highest) for tag, field, lowest, highest in _NUMBERS}
    kind = numbers["type"]
    if kind is None or kind not in _FIELDS:
        raise CannotConvert("A recurrence is of no type that is known.")
    if kind == DAILY and (numbers["days"] or EVERY_DAY) != EVERY_DAY:
        kind = WEEKLY  # "every weekday" comes as either
    given = {field: number for field in _FIELDS[kind] if (number := numbers[field])}
    if "week_start" in _FIELDS[kind]:
        given["week_start"] = _week_start(numbers["week_start"], known)
    until = (data.text_of("Calendar:Until") or "").strip()
    count = numbers["count"] or 0
    return _completed(Pattern(kind, **given, count=count, until="" if count else until), start)


def write(entry: Entry, wanted: Pattern, known: Pattern | None) -> None:
    """Make the rule say the pattern; the parts that it says already stay."""
    if known is not None and wanted.without_end == known.without_end:
        put(entry.component, "RRULE", _with_other_end(entry, wanted))
    else:
        put(entry.component, "RRULE", ";".join([*_rule_parts(wanted), *_end_parts(entry, wanted)]))


def is_same(entry: Entry, wanted: Pattern, known: Pattern | None) -> bool:
    """Whether a device asks for nothing new."""
    if known is None or wanted.without_end != known.without_end or wanted.count != known.count:
        return False
    return wanted.until == known.until or (
        bool(wanted.until and known.until) and read_instant(wanted.until) == read_instant(known.until)
    )


def _nearest(rule: Rule, start: Time) -> Pattern:
    mask = sum(_BITS[day] for day in {day for _, day in rule.by_day})
    nth = _nth(rule)
    month = (rule.by_month or (start.month,))[0]
    day = (rule.by_month_day or (start.day,))[0]
    week_start = (rule.week_start + 1) % 7
    interval = min(rule.interval, 999)
    if rule.frequency is Frequency.DAILY:
        if mask in (0, EVERY_DAY):
            return Pattern(DAILY, interval)
        return Pattern(WEEKLY, 1, mask, week_start=week_start)
    if rule.frequency is Frequency.WEEKLY:
        return Pattern(WEEKLY, interval, mask or _BITS[start.weekday()], week_start=week_start)
    is_yearly = rule.frequency is Frequency.YEARLY
    if rule.by_month_day and rule.by_month_day[0] == -1 and not rule.by_day:
        mask, nth = EVERY_DAY, LAST
    if mask and not nth and not is_yearly and interval == 1:
        return Pattern(WEEKLY, 1, mask, week_start=week_start)
    if mask:
        nth = nth or 1
        return Pattern(
            YEARLY_NTH if is_yearly else MONTHLY_NTH, interval, mask, week=nth, month=month if is_yearly else 0
        )
    day = day if day > 0 else max(1, 32 + day)
    return Pattern(YEARLY if is_yearly else MONTHLY, interval, day=day, month=month if is_yearly else 0)


def _nth(rule: Rule) -> int:
    """Which of its days a monthly or yearly rule takes, 1 to 4 or LAST; 0 for all of them."""
    nths = {nth for nth, _ in rule.by_day}
    if nths == {0} and rule.by_position:
        nths = {rule.by_position[0]}
    nth = min(nths, default=0)
    return LAST if nth < 0 or nth > LAST else nth


def _until_shown(until: Time, entry: Entry) -> str:
    start = entry.start
    if is_whole_day(start):
        return entry.shown(date(until.year, until.month, until.day))
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(23, 59, 59))
    if until.tzinfo is None and isinstance(start, datetime):
        until = until.replace(tzinfo=start.tzinfo)
    return compact(entry.instant(until))


def _completed(pattern: Pattern, start: Time) -> Pattern:
    """With what the start says filled in where the device is silent. CannotConvert for half a pattern."""
    wanted = _FIELDS[pattern.type]
    if "week" in wanted and not (pattern.week and pattern.days):
        raise CannotConvert("A recurrence does not say on which day.")
    if "days" in wanted and not pattern.days:
        pattern = replace(pattern, days=_BITS[start.weekday()])
    if "day" in wanted and not pattern.day:
        pattern = replace(pattern, day=start.day)
    if "month" in wanted and not pattern.month:
        pattern = replace(pattern, month=start.month)
    return pattern


def _week_start(sent: int | None, known: Pattern | None) -> int:
    if sent is not None:
        return sent
    return known.week_start if known is not None and known.type == WEEKLY else 1


def _element(pattern: Pattern, context: Context) -> Element:
    used = {"type", "count", *_FIELDS[pattern.type]}
    children = [
        Element(tag, text=str(getattr(pattern, field)))
        for tag, field, _, _ in _NUMBERS
        if field in used and context.knows(tag) and (getattr(pattern, field) or field in ("type", "week_start"))
    ]
    if pattern.until:
        children.append(Element("Calendar:Until", text=pattern.until))
    if pattern.type > WEEKLY and context.knows("Calendar:CalendarType"):
        children.append(Element("Calendar:CalendarType", text="0"))
    return Element(TAG, *children)


def _number(data: Element, tag: str, lowest: int, highest: int) -> int | None:
    text = (data.text_of(tag) or "").strip()
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
    if not lowest <= number <= highest:
        raise CannotConvert("A recurrence holds a number that is none, or out of its range.")
    return number


def _rule_parts(pattern: Pattern) -> list[str]:
    frequency = {DAILY: "DAILY", WEEKLY: "WEEKLY", MONTHLY: "MONTHLY", MONTHLY_NTH: "MONTHLY"}
    parts = [f"FREQ={frequency.get(pattern.type, 'YEARLY')}"]
    if pattern.interval > 1:
        parts.append(f"INTERVAL={pattern.interval}")
    if pattern.month:
        parts.append(f"BYMONTH={pattern.month}")
    if pattern.day:
        parts.append(f"BYMONTHDAY={pattern.day}")
    return parts + _day_parts(pattern)


def _day_parts(pattern: Pattern) -> list[str]:
    codes = [code for code, bit in zip(_CODES, _BITS, strict=True) if pattern.days & bit]
    nth = -1 if pattern.week == LAST else pattern.week
    if pattern.type == WEEKLY:
        first = f"WKST={_CODES[(pattern.week_start - 1) % 7]}"
        return [f"BYDAY={','.join(codes)}", *([first] if pattern.interval > 1 and pattern.week_start != 1 else [])]
    if not nth:
        return []
    if pattern.days == EVERY_DAY and nth == -1:
        return ["BYMONTHDAY=-1"]
    if len(codes) == 1:
        return [f"BYDAY={nth}{codes[0]}"]
    return [f"BYDAY={','.join(codes)}", f"BYSETPOS={nth}"]


def _end_parts(entry: Entry, pattern: Pattern) -> list[str]:
    if pattern.count:
        return [f"COUNT={pattern.count}"]
    return [f"UNTIL={_until_written(entry, pattern.until)}"] if pattern.until else []


def _until_written(entry: Entry, text: str) -> str:
    """UNTIL of the kind that DTSTART is: a date, UTC, or floating."""
    try:
        instant = read_instant(text)
    except ValueError:
        raise CannotConvert("The end of a recurrence is no time.") from None
    start, home = entry.start, entry.context.home
    if not isinstance(start, datetime):
        return write_time(day_meant(instant, entry.zone, entry.context))
    if start.tzinfo is None:
        return write_time(instant.astimezone(home).replace(tzinfo=None))
    return compact(instant)


def _with_other_end(entry: Entry, wanted: Pattern) -> str:
    line = entry.component.get("RRULE")
    parts = line.value.strip().rstrip(";").split(";") if line is not None else []
    kept = [part for part in parts if part.partition("=")[0].strip().upper() not in ("UNTIL", "COUNT")]
    return ";".join([*kept, *_end_parts(entry, wanted)])
