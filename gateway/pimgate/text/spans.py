"""When the components of a calendar start and end, each in the zone it was meant in.

Source: RFC 5545 "Date and Time" properties, "RECURRENCE-ID", "RDATE".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.lines import Line
from pimgate.text.times import Time, later_of, moved, read_duration, read_time, same_kind
from pimgate.text.timezones import resolve_zone

Period = tuple[Time, Time]

_ONE_DAY: Final = timedelta(days=1)


class Zones:
    """The zones that one calendar's TZIDs mean; each is looked up once."""

    __slots__ = ("_calendar", "_known")

    def __init__(self, calendar: Component | None = None) -> None:
        self._calendar = calendar
        self._known: dict[str, tzinfo] = {}

    def zone(self, tzid: str) -> tzinfo:
        """Never fails: a name that nobody knows means UTC."""
        zone = self._known.get(tzid)
        if zone is None:
            zone = self._known[tzid] = resolve_zone(tzid, self._calendar)
        return zone

    def zone_of(self, line: Line) -> tzinfo | None:
        """The zone that a line's TZID names, None if it names none."""
        tzid = line.param_text("TZID")
        return self.zone(tzid) if tzid else None


def time_of(line: Line, zones: Zones) -> Time:
    """The time that a line holds, in the zone that its TZID names. BadText for one that UTC does not have."""
    return _in_utc(read_time(line.value, zones.zone_of(line)))


def times_of(line: Line, zones: Zones) -> list[Time | Period]:
    """Every value of an EXDATE or RDATE; periods as (start, end). Empty values, which Exchange writes, are left out."""
    zone = zones.zone_of(line)
    found: list[Time | Period] = []
    for value in line.value.split(","):
        start_text, slash, end_text = value.strip().partition("/")
        if not start_text:
            continue
        start = _in_utc(read_time(start_text, zone))
        found.append((start, _period_end(start, end_text, zone)) if slash else start)
    return found


def start_of(component: Component, zones: Zones) -> Time | None:
    """DTSTART; for a task without one, DUE. None if there is neither."""
    line = component.get("DTSTART") or (component.get("DUE") if component.name == "VTODO" else None)
    return time_of(line, zones) if line else None


def end_of(component: Component, zones: Zones, start: Time) -> Time:
    """When it ends, of the same kind (date or datetime) as `start`: DTEND, DUE, or DURATION; else RFC 5545's default
    of one day for a date and no time at all for a datetime. Never before `start`."""
    line = component.get("DUE" if component.name == "VTODO" else "DTEND")
    if line is not None:
        return later_of(start, same_kind(time_of(line, zones), start))
    duration = component.get("DURATION")
    if duration is not None:
        return later_of(start, moved(start, read_duration(duration.value)))
    return start if isinstance(start, datetime) else moved(start, _ONE_DAY)


def original_start_of(component: Component, zones: Zones) -> Time | None:
    """RECURRENCE-ID: which occurrence of the series this component replaces. None for the series itself."""
    line = component.get("RECURRENCE-ID")
    return time_of(line, zones) if line else None


def _in_utc(time: Time) -> Time:
    """The same time, which is not one of the first or last hours of all in a zone that is ahead or behind."""
    try:
        if isinstance(time, datetime) and time.tzinfo is not None:
            time.astimezone(UTC)
    except OverflowError:
        raise BadText("A date or time is beyond the years that can be written.") from None
    return time


def _period_end(start: Time, end_text: str, zone: tzinfo | None) -> Time:
    if end_text.lstrip("+-").startswith("P"):
        return later_of(start, moved(start, read_duration(end_text)))
    return later_of(start, same_kind(read_time(end_text, zone), start))
