"""Which occurrence of a series a key names; whoever invents one is told that there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from pimgate.text.errors import BadText
from pimgate.text.itip.meeting import Meeting
from pimgate.text.itip.message import copy_of
from pimgate.text.occurrences import occurrences
from pimgate.text.times import Time, as_instant, epoch_of, read_time, same_kind

_NEAR: Final = timedelta(days=1)


class NoSuchOccurrence(BadText):
    """The meeting does not take place at that time."""


def occurrence_at(meeting: Meeting, key: str) -> Time:
    """The original start of an occurrence that takes place, in the zone of its series. NoSuchOccurrence."""
    found = meeting.original(key) if key in meeting.overrides else None
    if found is None and meeting.is_series and key not in meeting.excluded:
        found = _by_pattern(meeting, read_time(key))
    if found is None:
        raise NoSuchOccurrence("The meeting has no such occurrence.")
    return found


def _by_pattern(meeting: Meeting, wanted: Time) -> Time | None:
    assert meeting.master is not None
    series = copy_of(meeting.events.calendar)
    for entry in series.children_named("VEVENT"):
        if entry.get("RECURRENCE-ID") is not None:
            series.remove(entry)
    moment = as_instant(wanted)
    spans = occurrences(series.to_text(), moment - _NEAR, moment + _NEAR).spans
    if epoch_of(wanted) not in {start for start, _ in spans}:
        return None
    start = meeting.events.start_of(meeting.master)
    if isinstance(start, datetime) and start.tzinfo is not None and isinstance(wanted, datetime):
        return (wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)).astimezone(start.tzinfo)
    return same_kind(wanted, start)
