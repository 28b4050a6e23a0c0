"""A file more, another one, or one less: in a series and all its changed occurrences, or in single ones.

Occurrences are named as in `rid`: M for the series, else where the series would have put it (RFC 8607, "rid Query Parameter").
One that was no changed occurrence becomes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from pimgate.text.component import DEFAULT_LIMITS, Component
from pimgate.text.errors import BadText, TextTooLarge
from pimgate.text.events import EventSet, instance_key, parse_event_set
from pimgate.text.lines import Line
from pimgate.text.occurrences import occurrences
from pimgate.text.times import Time, as_instant, epoch_of, read_time, same_kind
from pimgate_dav.attachments.held import File, id_of, line_with, managed_id

SERIES: Final = "M"
MOST_NAMED: Final = 50


class NoSuchOccurrence(Exception):
    """A `rid` that names nothing of this series."""


class NoSuchFile(Exception):
    """A MANAGED-ID that is not in what was named."""


class TooManyFiles(Exception):
    """One file more than an event may have."""


def with_file(text: str, file: File, rids: Sequence[str], most: int) -> str:
    """The text with a file more. NoSuchOccurrence, TooManyFiles; BadText."""
    events, line = parse_event_set(text), line_with(file)
    for entry in _named(events, rids):
        if managed_id(file) not in map(id_of, entry.all("ATTACH")):
            if len(entry.all("ATTACH")) >= most:
                raise TooManyFiles
            entry.add(line)
    return _written(events)


def with_other_file(text: str, old: str, file: File) -> str:
    """The text with a file in the place of another one, wherever that is. NoSuchFile; BadText."""
    events, new = parse_event_set(text), line_with(file)
    for entry, line in _holding(events.entries, old):
        entry.replace(line, new)
    return _written(events)


def without_file(text: str, old: str, rids: Sequence[str]) -> str:
    """The text without a file. NoSuchFile, NoSuchOccurrence; BadText."""
    events = parse_event_set(text)
    for entry, line in _holding(_named(events, rids), old):
        entry.remove(line)
    return _written(events)


def _written(events: EventSet) -> str:
    """The text, unless its files alone are too much for one: the same file may be in thousands of occurrences. TextTooLarge."""
    if sum(len(line.raw) for entry in events.entries for line in entry.all("ATTACH")) > DEFAULT_LIMITS.size_bytes:
        raise TextTooLarge("The item is too large.")
    return events.to_text()


def _holding(entries: Iterable[Component], wanted: str) -> list[tuple[Component, Line]]:
    found = [(entry, line) for entry in entries for line in entry.all("ATTACH") if wanted and id_of(line) == wanted]
    if not found:
        raise NoSuchFile(wanted)
    return found


def _named(events: EventSet, rids: Sequence[str]) -> list[Component]:
    """The series and all its changed occurrences, or those that are named."""
    if not rids:
        return events.entries
    if len(rids) > MOST_NAMED:
        raise NoSuchOccurrence("too many")
    return list({id(entry): entry for entry in (_entry(events, rid) for rid in rids)}.values())


def _entry(events: EventSet, rid: str) -> Component:
    master = events.master
    if rid == SERIES:
        if master is None:
            raise NoSuchOccurrence(rid)
        return master
    try:
        original = _original(events, rid)
        known = events.overrides.get(instance_key(original))
        if known is not None:
            return known
        if master is None or not is_series(master) or not _takes_place(events, original):
            raise NoSuchOccurrence(rid)
        return events.add_override(original)
    except TextTooLarge:
        raise
    except (BadText, OverflowError) as error:
        raise NoSuchOccurrence(rid) from error


def is_series(entry: Component) -> bool:
    return entry.get("RRULE") is not None or entry.get("RDATE") is not None


def _original(events: EventSet, rid: str) -> Time:
    """The time that a `rid` names: in UTC, or on the clock of the series, and told in its zone."""
    master = events.master
    if master is None:
        return read_time(rid)
    start = events.start_of(master)
    time = same_kind(read_time(rid), start)
    zone = getattr(start, "tzinfo", None)
    return as_instant(time).astimezone(zone) if zone is not None else time


def _takes_place(events: EventSet, original: Time) -> bool:
    instant = as_instant(original)
    found = occurrences(events.to_text(), instant, instant + timedelta(seconds=1))
    return any(start == epoch_of(original) for start, _ in found.spans)
