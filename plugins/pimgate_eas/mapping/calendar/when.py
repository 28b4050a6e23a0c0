"""When an event takes place: AllDayEvent, StartTime, EndTime and Timezone, which only together mean something.

A time that the device gave back as it got it is not written. What is written keeps the manner of the stored property
(its TZID, UTC, or floating) unless the device moved the event to another zone, or to or from whole days.

Source: MS-ASCAL "AllDayEvent", "StartTime", "EndTime", "Timezone".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from pimgate.text.lines import Line, make_line
from pimgate.text.times import Time, moved, write_time
from pimgate_eas.mapping.calendar import zones
from pimgate_eas.mapping.calendar.entry import Entry, day_meant, is_whole_day
from pimgate_eas.mapping.calendar.instants import compact, midnight, read_instant
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.editing import put
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import text_in
from pimgate_eas.wbxml.element import Element

ALL_DAY: Final = "Calendar:AllDayEvent"
START: Final = "Calendar:StartTime"
END: Final = "Calendar:EndTime"
TAGS: Final = (zones.TAG, ALL_DAY, START, END)

_ONE_DAY: Final = timedelta(days=1)
_HALF_AN_HOUR: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a device asks for, element by element; None for what it leaves out or leaves empty."""

    start: datetime | None
    end: datetime | None
    is_whole_day: bool | None


def asked(data: Element) -> Asked:
    """CannotConvert for a time that is none."""
    flag = data.text_of(ALL_DAY)
    return Asked(_instant(data, START), _instant(data, END), flag.strip() == "1" if flag else None)


def elements(entry: Entry) -> list[Element]:
    """The four elements (three for a whole day in 16.x, which has no zone), or none if the event has no time."""
    start = entry.start
    found = [
        Element(START, text=entry.shown(start)),
        Element(END, text=entry.shown(entry.end)),
        Element(ALL_DAY, text="1" if is_whole_day(start) else "0"),
    ]
    if is_whole_day(start) and entry.context.is_16:
        return found
    return [Element(zones.TAG, text=zones.zone_blob(entry)), *found]


def first_times(data: Element, context: Context) -> tuple[Time, Time]:
    """Start and end of a new event. CannotConvert without a start."""
    wish = asked(data)
    if wish.start is None:
        raise CannotConvert("An event has no start.")
    zone = zones.new_zone(data, context, wish.start.year) or context.home
    if wish.is_whole_day:
        return _days_meant(wish.start, wish.end, zone, context)
    end = wish.end if wish.end is not None else wish.start + _HALF_AN_HOUR
    return zones.in_zone(wish.start, zone), zones.in_zone(max(wish.start, end), zone)


def edit(entry: Entry, data: Element, ghosted: Callable[[str], bool]) -> None:
    """Write what differs from what we would show."""
    wish = asked(data)
    start, end = entry.start, entry.end
    if wish.start == read_instant(entry.shown(start)):
        wish = Asked(None, wish.end, wish.is_whole_day)
    if wish.end == read_instant(entry.shown(end)):
        wish = Asked(wish.start, None, wish.is_whole_day)
    zone = zones.changed_zone(entry, data)
    if wish.start is None and wish.end is None and not entry.has_own_zone:
        zone = None
    whole_day = _is_whole_day(entry, data, wish, zone, ghosted)
    if whole_day != is_whole_day(start):
        _change_kind(entry, data, zone or entry.zone, whole_day)
    elif whole_day:
        _move_days(entry, wish, zone or entry.zone)
    elif zone is not None:
        _write_in_zone(entry, *_instants(entry, wish), zone)
    elif wish.start is not None or wish.end is not None:
        _write_in_place(entry, *_instants(entry, wish))


def _is_whole_day(
    entry: Entry, data: Element, wish: Asked, zone: tzinfo | None, ghosted: Callable[[str], bool]
) -> bool:
    """What AllDayEvent says. Where it is left out: as before, unless the new start is no midnight at all."""
    if wish.is_whole_day is not None:
        return wish.is_whole_day
    before = is_whole_day(entry.start)
    if not before or wish.start is None or data.has(ALL_DAY) or ghosted(ALL_DAY):
        return before
    day = day_meant(wish.start, zone or entry.zone, entry.context)
    return wish.start in (midnight(day, each) for each in (zone or entry.zone, entry.context.home, UTC))


def _change_kind(entry: Entry, data: Element, zone: tzinfo, whole_day: bool) -> None:
    """A timed event becomes one of whole days, or the other way round; the times as sent count, changed or not."""
    wish = asked(data)
    if not whole_day:
        start = wish.start or entry.instant(entry.start)
        end = wish.end or (start + _HALF_AN_HOUR if wish.start else entry.instant(entry.end))
        _write_in_zone(entry, start, max(start, end), zone)
        return
    first = wish.start or midnight(entry.instant(entry.start).astimezone(zone).date(), zone)
    after = wish.end or (None if wish.start else entry.instant(entry.end))
    _write_days(entry, *_days_meant(first, after, zone, entry.context))


def _move_days(entry: Entry, wish: Asked, zone: tzinfo) -> None:
    if wish.start is None and wish.end is None:
        return
    start = wish.start or read_instant(entry.shown(entry.start))
    end = wish.end or read_instant(entry.shown(entry.end))
    _write_days(entry, *_days_meant(start, end, zone, entry.context))


def _write_days(entry: Entry, first: date, after: date) -> None:
    entry.events.set_time(entry.component, "DTSTART", first)
    if entry.end != after:
        _drop_length(entry)
        entry.events.set_time(entry.component, _end_name(entry), after)


def _instants(entry: Entry, wish: Asked) -> tuple[datetime, datetime]:
    """Start and end as moments; an end that is not named stays, but for one that the start overtakes."""
    start = entry.instant(entry.start) if wish.start is None else wish.start
    end = entry.instant(entry.end) if wish.end is None else wish.end
    return start, max(start, end)


def _write_in_zone(entry: Entry, start: datetime, end: datetime, zone: tzinfo) -> None:
    entry.events.set_time(entry.component, "DTSTART", zones.in_zone(start, zone))
    _drop_length(entry)
    entry.events.set_time(entry.component, _end_name(entry), zones.in_zone(end, zone))


def _write_in_place(entry: Entry, start: datetime, end: datetime) -> None:
    component = entry.component
    line = component.get("DTSTART") or component.get("DUE")
    if line is not None and entry.instant(entry.start) != start:
        put(component, line.name, _in_manner(entry, line, start))
    if entry.instant(entry.end) == end:
        return
    line = component.get(_end_name(entry))
    if line is not None:
        put(component, line.name, _in_manner(entry, line, end))
        return
    _drop_length(entry)
    like = component.get("DTSTART")
    if like is not None:
        tzid = like.param_text("TZID")
        params = (("TZID", (tzid,)),) if tzid else ()
        component.add(make_line(_end_name(entry), _in_manner(entry, like, end), params))


def _in_manner(entry: Entry, line: Line, instant: datetime) -> str:
    """A moment as the line writes its own: with Z, on the clocks of its TZID, or floating."""
    zone = entry.events.zones.zone_of(line)
    if line.value.strip().endswith("Z"):
        return compact(instant)
    return write_time(instant.astimezone(zone or entry.context.home).replace(tzinfo=None))


def _end_name(entry: Entry) -> str:
    return "DUE" if entry.component.name == "VTODO" else "DTEND"


def _drop_length(entry: Entry) -> None:
    entry.component.remove("DURATION")


def _days_meant(start: datetime, end: datetime | None, zone: tzinfo, context: Context) -> tuple[date, date]:
    """The first day and the day after the last. Some devices end a whole day on its last evening or where it begins."""
    first = day_meant(start, zone, context)
    after = _next(first)
    if end is not None:
        last = day_meant(end, zone, context)
        is_within = end.time() != start.time() and not any(
            midnight(last, each) == end for each in (zone, UTC, context.home)
        )
        after = max(after, _next(last) if is_within else last)
    return first, after


def _next(day: date) -> date:
    time = moved(day, _ONE_DAY)
    return date(time.year, time.month, time.day)


def _instant(data: Element, tag: str) -> datetime | None:
    element = data.find(tag)
    text = text_in(element) if element is not None else ""
    try:
        return read_instant(text) if text else None
    except ValueError:
        raise CannotConvert("A time of an event is none.") from None
