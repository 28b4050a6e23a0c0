"""Deleted and changed occurrences of a series that is moved: their names are its times, so they move along.

Source: RFC 5545 "Recurrence Identifier", "Exception Date-Times".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from pimgate.text.component import Component
from pimgate.text.spans import Zones, time_of
from pimgate.text.times import Time, epoch_of, read_time, same_kind, write_time
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.editing import rewritten


def follow_start(series: Entry, before: Time) -> None:
    """Move EXDATEs and overrides as the start of the series moved, on the clocks of its zone. An override that took
    place when the series said moves altogether; one with a time of its own keeps it."""
    after = series.start
    if isinstance(after, datetime) != isinstance(before, datetime) or series.events.master is None:
        return
    if not series.is_series or (_wall(after) == _wall(before) and _zone(after) == _zone(before)):
        return

    def shifted(time: Time) -> Time:
        return _shifted(time, before, after)

    zones = series.events.zones
    for override in list(series.events.overrides.values()):
        original, start = override.get("RECURRENCE-ID"), override.get("DTSTART")
        if original is None or start is None:
            continue
        is_moved = epoch_of(same_kind(time_of(original, zones), before)) != epoch_of(time_of(start, zones))
        for name in ("RECURRENCE-ID",) if is_moved else ("RECURRENCE-ID", "DTSTART", "DTEND"):
            _rewrite(override, name, zones, shifted)
    _rewrite(series.component, "EXDATE", zones, shifted)


def _shifted(time: Time, before: Time, after: Time) -> Time:
    """Where a time of the series is after it was moved: as far from the new start as it was from the old one."""
    if not isinstance(before, datetime) or not isinstance(after, datetime):
        return same_kind(time, before) + (_wall(after) - _wall(before))
    on_its_clocks = same_kind(time, before)
    assert isinstance(on_its_clocks, datetime)
    if before.tzinfo is not None:
        on_its_clocks = on_its_clocks.astimezone(before.tzinfo)
    moved = (_wall(on_its_clocks) + (_wall(after) - _wall(before))).replace(tzinfo=after.tzinfo)
    if not isinstance(time, datetime):
        return moved.date()
    return moved if time.tzinfo is None or after.tzinfo is None else moved.astimezone(time.tzinfo)


def _rewrite(component: Component, name: str, zones: Zones, change: Callable[[Time], Time]) -> None:
    """Change every time in the lines of that name, each written as it was."""
    for line in component.all(name):
        zone = zones.zone_of(line)
        values = [_rewritten_value(value.strip(), change, zone) for value in line.value.split(",")]
        if ",".join(values) != line.value:
            component.replace(line, rewritten(line, ",".join(values)))


def _rewritten_value(value: str, change: Callable[[Time], Time], zone: tzinfo | None) -> str:
    if not value:
        return value
    time = change(read_time(value, zone))
    if isinstance(time, datetime) and not value.endswith("Z"):
        time = time.replace(tzinfo=None)
    return write_time(time)


def _wall(time: Time) -> datetime:
    return time.replace(tzinfo=None) if isinstance(time, datetime) else datetime(time.year, time.month, time.day)


def _zone(time: Time) -> object:
    return time.tzinfo if isinstance(time, datetime) else None
