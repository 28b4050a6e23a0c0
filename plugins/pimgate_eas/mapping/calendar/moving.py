"""Deleted and changed occurrences of a series that is moved: their names are its times, so they move along.

Source: RFC 5545 "Recurrence Identifier", "Exception Date-Times".
"""

from __future__ import annotations

from datetime import datetime

from pimgate.text.spans import time_of
from pimgate.text.times import Time, epoch_of, same_kind
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.timelines import rewrite_times


def follow_start(series: Entry, before: Time) -> None:
    """Move EXDATEs and overrides as the start of the series moved, on the clocks of its zone. An override that took
    place when the series said moves altogether; one with a time of its own keeps it."""
    after = series.start
    if isinstance(after, datetime) != isinstance(before, datetime) or series.events.master is None:
        return
    if not series.is_series or (_wall(after) == _wall(before) and _zone(after) == _zone(before)):
        return

    def shifted(time: Time) -> Time:
        return shifted_with(time, before, after)

    zones = series.events.zones
    for override in list(series.events.overrides.values()):
        original, start = override.get("RECURRENCE-ID"), override.get("DTSTART")
        if original is None or start is None:
            continue
        is_moved = epoch_of(same_kind(time_of(original, zones), before)) != epoch_of(time_of(start, zones))
        for name in ("RECURRENCE-ID",) if is_moved else ("RECURRENCE-ID", "DTSTART", "DTEND"):
            rewrite_times(override, name, zones, shifted)
    rewrite_times(series.component, "EXDATE", zones, shifted)


def shifted_with(time: Time, before: Time, after: Time) -> Time:
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


def _wall(time: Time) -> datetime:
    return time.replace(tzinfo=None) if isinstance(time, datetime) else datetime(time.year, time.month, time.day)


def _zone(time: Time) -> object:
    return time.tzinfo if isinstance(time, datetime) else None
