"""Recurrence: the seven patterns that devices know <-> RRULE.

A rule that no pattern says exactly is shown as the nearest one. It is rewritten only when the device changed the
pattern; a device that only moves the end of the series changes only that part of the rule.

Sources: MS-ASCAL "Recurrence" and its children, RFC 5545 "Recurrence Rule".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final

from pimgate.text.lines import Line
from pimgate.text.rule import Frequency, Rule, parse_rule
from pimgate.text.times import Time, write_time
from pimgate_eas.mapping.calendar.entry import Entry, day_meant, is_whole_day
from pimgate_eas.mapping.calendar.instants import compact, read_instant
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.editing import put, rewritten
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import UNREADABLE
from pimgate_eas.wbxml.element import Element

TAG: Final = "Calendar:Recurrence"
_CALENDAR: Final = "Calendar:CalendarType"

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


_SCALES: Final = {6: "ISLAMIC-CIVIL", 8: "HEBREW", 15: "CHINESE", 16: "INDIAN", 20: "DANGI", 23: "ISLAMIC-UMALQURA"}
"""CalendarType: the RSCALE of a calendar whose months are not ours. Such rules are kept, and expanded by devices alone."""
_LIKE_OURS: Final = (0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 12)
_LEAP_MONTH: Final = "X-LEAP-MONTH"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A recurrence as devices have it; 0 and "" stand for what a type does not use. `days` is a sum of bits, `until` a
    time as it is sent, `week_start` counts from Sunday (0), `calendar` is 0 for ours,
    `leap_month` 1 for the second of two months of one number."""

    type: int
    interval: int = 1
    days: int = 0
    day: int = 0
    week: int = 0
    month: int = 0
    until: str = ""
    count: int = 0
    week_start: int = 0
    calendar: int = 0
    leap_month: int = 0

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
    calendar = _calendar_of(line, rule) if rule.is_foreign else 0
    if calendar is None or rule.frequency > Frequency.DAILY or (calendar and not entry.context.knows(_CALENDAR)):
        return None
    pattern = replace(_nearest(rule, entry.start), calendar=calendar, leap_month=int(bool(line.param(_LEAP_MONTH))))
    count = min(rule.count or 0, 999)
    return replace(pattern, count=count, until="" if rule.until is None or count else _until_shown(rule.until, entry))


def shown_if_any(entry: Entry) -> Pattern | None:
    """The same; None for a rule or a start that cannot be read, too."""
    try:
        return shown(entry)
    except UNREADABLE:
        return None


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
    pattern = Pattern(kind, **given, count=count, until="" if count else until)
    return _completed(_in_its_calendar(pattern, data), start)


def write(entry: Entry, wanted: Pattern, known: Pattern | None) -> None:
    """Make the rule say the pattern; the parts that it says already stay."""
    if known is not None and wanted.without_end == known.without_end:
        put(entry.component, "RRULE", _with_other_end(entry, wanted))
        return
    line = put(entry.component, "RRULE", ";".join([*_rule_parts(wanted), *_end_parts(entry, wanted)]), (_LEAP_MONTH,))
    if wanted.leap_month:
        entry.component.replace(line, rewritten(line, line.value, (), ((_LEAP_MONTH, ("1",)),)))


def is_same(entry: Entry, wanted: Pattern, known: Pattern | None) -> bool:
    """Whether a device asks for nothing new."""
    if known is None or wanted.without_end != known.without_end or wanted.count != known.count:
        return False
    return wanted.until == known.until or (
        bool(wanted.until and known.until) and read_instant(wanted.until) == read_instant(known.until)
    )


def _calendar_of(line: Line, rule: Rule) -> int | None:
    """The number of the calendar that a rule counts in; None if devices have none, or if the rule says its day only by its start,
    which is in our calendar."""
    parts = dict(part.partition("=")[::2] for part in line.value.strip().upper().split(";"))
    number = next((number for number, scale in _SCALES.items() if scale == parts.get("RSCALE")), None)
    says_day = bool(rule.by_day or rule.by_month_day)
    says_month = bool(rule.by_month) or rule.frequency is not Frequency.YEARLY
    is_known = rule.frequency <= Frequency.MONTHLY and says_day and says_month
    return number if is_known and parts.get("SKIP", "OMIT") == "OMIT" else None


def _in_its_calendar(pattern: Pattern, data: Element) -> Pattern:
    """With the calendar that its months are of. CannotConvert for one that has no name here."""
    if pattern.type <= WEEKLY:
        return pattern
    calendar = _number(data, _CALENDAR, 0, 255) or 0
    if calendar in _LIKE_OURS:
        return pattern
    if calendar not in _SCALES:
        raise CannotConvert("A recurrence is in a calendar that is not known.")
    return replace(pattern, calendar=calendar, leap_month=_number(data, "Calendar:IsLeapMonth", 0, 1) or 0)


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
    if "week" in wanted and pattern.days == EVERY_DAY and not pattern.week:
        pattern = replace(pattern, week=LAST)  # all days without a number: the last day of the month
    if "week" in wanted and not (pattern.week and pattern.days):
        raise CannotConvert("A recurrence does not say on which day.")
    if "days" in wanted and not pattern.days:
        pattern = replace(pattern, days=_BITS[start.weekday()])
    if pattern.calendar and not (("day" not in wanted or pattern.day) and ("month" not in wanted or pattern.month)):
        raise CannotConvert("A recurrence in another calendar does not say on which day.")
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
    if pattern.type > WEEKLY and context.knows(_CALENDAR):
        children.append(Element(_CALENDAR, text=str(pattern.calendar)))
        if pattern.leap_month:
            children.append(Element("Calendar:IsLeapMonth", text="1"))
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
    scale = [f"RSCALE={_SCALES[pattern.calendar]}"] if pattern.calendar else []
    parts = [*scale, f"FREQ={frequency.get(pattern.type, 'YEARLY')}"]
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
