"""Lines that hold times, EXDATE above all: changing or dropping single ones and keeping how the others are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from pimgate.text.component import Component
from pimgate.text.spans import Zones
from pimgate.text.times import Time, read_time, write_time
from pimgate_eas.mapping.editing import rewritten


def rewrite_times(component: Component, name: str, zones: Zones, change: Callable[[Time], Time | None]) -> None:
    """Put every time in the component's lines of that name through `change`, which gives None for one to be dropped.

    Each is written as it was: with Z, on the clocks of its line's TZID, or floating. A line that loses its last time
    goes.
    """
    for line in component.all(name):
        zone = zones.zone_of(line)
        old = [value.strip() for value in line.value.split(",") if value.strip()]
        new = [text for value in old if (text := _rewritten(value, change, zone)) is not None]
        if not new and old:
            component.remove(line)
        elif new != old:
            component.replace(line, rewritten(line, ",".join(new)))


def _rewritten(value: str, change: Callable[[Time], Time | None], zone: tzinfo | None) -> str | None:
    before = read_time(value, zone)
    after = change(before)
    if after is None or after == before:
        return None if after is None else value
    if isinstance(after, datetime) and not value.endswith("Z"):
        after = after.replace(tzinfo=None)
    return write_time(after)
