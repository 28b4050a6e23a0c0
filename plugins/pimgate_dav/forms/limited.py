"""A series with only those of its changed occurrences that concern a window (RFC 4791, "CALDAV:limit-recurrence-set")."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.events import EventSet, parse_event_set
from pimgate.text.times import epoch_of
from pimgate_dav.filters.floating import windows_for
from pimgate_dav.filters.times import bounded


def limited(text: str, start: datetime, end: datetime, zone: tzinfo = UTC) -> str:
    """The text without changed occurrences that neither take place within the window nor would have without their change. Floating
    times are meant in `zone`."""
    if "\nRECURRENCE-ID" not in text:
        return text
    try:
        events = parse_event_set(text)
        if events.master is None:
            return text
        windows = [_seconds(*bounded(*each)) for each in windows_for(text, (start, end), zone)]
        for key, override in events.overrides.items():
            if not any(_concerns(events, override, window) for window in windows):
                events.remove_override(key)
    except BadText:
        return text
    return events.to_text()


def _seconds(start: datetime, end: datetime) -> tuple[int, int]:
    return int(start.timestamp()), int(end.timestamp())


def _concerns(events: EventSet, override: Component, window: tuple[int, int]) -> bool:
    begin, until = epoch_of(events.start_of(override)), epoch_of(events.end_of(override))
    original = events.original_start_of(override)
    planned = epoch_of(original) if original is not None else begin
    line = override.get("RECURRENCE-ID")
    if line is not None and "THISANDFUTURE" in line.param("RANGE"):
        return planned < window[1]
    return _overlaps(begin, until, window) or _overlaps(planned, planned + until - begin, window)


def _overlaps(begin: int, until: int, window: tuple[int, int]) -> bool:
    return begin < window[1] and (until > window[0] or begin >= window[0])
