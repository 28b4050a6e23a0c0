"""A series and its changed occurrences, for editing by clients that speak of them one by one.

    events = parse_event_set(text)
    events.master.set("SUMMARY", escape("New title"))
    override = events.add_override(original_start)
    text = events.to_text()

Occurrences are named by where the series would have put them (RECURRENCE-ID), as an `instance_key`. Whatever is not
named by an edit stays octet for octet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pimgate.text.calendar import KINDS, parse_calendar
from pimgate.text.component import DEFAULT_LIMITS, Component, Limits, parse
from pimgate.text.errors import BadText
from pimgate.text.lines import Line, Params, escape, make_line
from pimgate.text.spans import Zones, end_of, original_start_of, start_of, times_of
from pimgate.text.times import Time, as_instant, same_kind, write_time
from pimgate.text.timezones import vtimezone_text

PRODID: Final = "-//pimgate//pimgate//EN"

# What belongs to the series and not to one occurrence of it, besides the times that an override gets anew.
_SERIES_ONLY: Final = frozenset(
    {"RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID", "DTSTART", "DTEND", "DUE", "DURATION"}
)


class EventSet:
    """A VCALENDAR with one series (or single event), its overrides, or overrides alone."""

    __slots__ = ("calendar", "zones")

    def __init__(self, calendar: Component) -> None:
        self.calendar = calendar
        self.zones = Zones(calendar)

    @property
    def entries(self) -> list[Component]:
        """Series and overrides, in the order of the text."""
        return self.calendar.children_named(*KINDS)

    @property
    def master(self) -> Component | None:
        """The series, or the single event; None if the text holds overrides alone."""
        return next((entry for entry in self.entries if entry.get("RECURRENCE-ID") is None), None)

    @property
    def overrides(self) -> dict[str, Component]:
        """Changed occurrences by `instance_key` of their original start. Of two for the same one, the last counts."""
        return {instance_key(original): entry for original, entry in self._changed()}

    @property
    def originals(self) -> dict[str, Time]:
        """Where the series would have put each of the `overrides`, by the same keys."""
        return {instance_key(original): original for original, _ in self._changed()}

    def _changed(self) -> Iterator[tuple[Time, Component]]:
        like = self._start_of_series()
        for entry in self.entries:
            original = self._original_start(entry, like)
            if original is not None:
                yield original, entry

    def start_of(self, component: Component) -> Time:
        """A date (all-day), an aware datetime in its zone, or a naive one (floating). BadText if it has no start."""
        start = start_of(component, self.zones)
        if start is None:
            raise BadText("An event has no start.")
        return start

    def end_of(self, component: Component) -> Time:
        """When it ends, of the same kind as its start; the end of an all-day event is the day after its last."""
        return end_of(component, self.zones, self.start_of(component))

    def original_start_of(self, component: Component) -> Time | None:
        """RECURRENCE-ID as the series would have it, even if it was written as a date; None for the series."""
        return self._original_start(component, self._start_of_series())

    def _start_of_series(self) -> Time | None:
        master = self.master
        return start_of(master, self.zones) if master else None

    def _original_start(self, component: Component, like: Time | None) -> Time | None:
        original = original_start_of(component, self.zones)
        return original if original is None or like is None else same_kind(original, like)

    def add_override(self, original: Time, lines: Iterable[Line] | None = None) -> Component:
        """A changed occurrence for the one that the series has at `original`, to be edited further.

        It begins as a copy of the series at that time, alarms included, or with `lines` (which must bring what an
        event needs, RECURRENCE-ID excepted). An override that is there already is given back as it is.
        """
        key = instance_key(original)
        known = self.overrides.get(key)
        if known is not None:
            return known
        master = self.master
        if lines is None and master is None:
            raise BadText("There is no series to take the occurrence from.")
        name = self.entries[0].name
        override = Component(name, lines) if lines is not None else self._copy_at(original)
        if override.get("RECURRENCE-ID") is None:
            override.add(time_line("RECURRENCE-ID", original))
        self._insert_entry(override)
        return override

    def remove_override(self, original: Time | str) -> bool:
        """Take a changed occurrence away, by its original start or key; the series' own comes back. False: no such."""
        key = original if isinstance(original, str) else instance_key(original)
        override = self.overrides.get(key)
        if override is not None:
            self.calendar.remove(override)
        return override is not None

    def excluded(self) -> list[Time]:
        """Deleted occurrences (EXDATE) of the series, each of the same kind as its start."""
        master = self.master
        if master is None:
            return []
        like = self.start_of(master)
        values = [value for line in master.all("EXDATE") for value in times_of(line, self.zones)]
        return [same_kind(value, like) for value in values if not isinstance(value, tuple)]

    def exclude(self, *originals: Time) -> None:
        """Delete occurrences: an EXDATE for each, and no override of it any more."""
        wanted = {instance_key(original): original for original in originals}
        gone = {id(entry) for key, entry in self.overrides.items() if key in wanted}
        self.calendar.items = [item for item in self.calendar.items if id(item) not in gone]
        master = self.master
        there = set(map(instance_key, self.excluded())) if master is not None else set()
        for key, original in wanted.items():
            if master is not None and key not in there:
                master.add(time_line("EXDATE", original))

    def keep_series_alone(self) -> None:
        """Take every changed occurrence out, and its time out of the series too."""
        originals = self.originals
        self.calendar.items = [each for each in self.calendar.items if not _is_changed(each)]
        master = self.master
        if master is not None:
            there = set(map(instance_key, self.excluded()))
            master.items[:0] = [time_line("EXDATE", time) for key, time in originals.items() if key not in there]

    def include(self, original: Time) -> None:
        """Undo `exclude`: take one occurrence out of the EXDATEs."""
        master = self.master
        if master is None:
            return
        like, key = self.start_of(master), instance_key(original)
        for line in master.all("EXDATE"):
            written = [value for value in line.value.split(",") if value.strip()]
            times = [value for value in times_of(line, self.zones) if not isinstance(value, tuple)]
            kept = [
                text for text, time in zip(written, times, strict=False) if instance_key(same_kind(time, like)) != key
            ]
            if not kept:
                master.remove(line)
            elif len(kept) < len(written):
                master.replace(line, make_line("EXDATE", ",".join(kept), line.params))

    def set_time(self, component: Component, name: str, time: Time) -> Line:
        """Write a date or time property in the zone that `time` is in, with a VTIMEZONE for that zone if none is there.
        A property that says this moment in this zone already stays as it is."""
        new = time_line(name, time)
        old = component.get(name)
        if tzid := new.param_text("TZID"):
            self.ensure_zone(tzid, time.year)
        if old is None:
            return component.add(new)
        if (old.value, old.param_text("TZID"), old.param("VALUE")) == (
            *(new.value, new.param_text("TZID"), new.param("VALUE")),
        ):
            return old
        return component.replace(old, new)

    def ensure_zone(self, tzid: str, year: int) -> None:
        """Put a VTIMEZONE for an IANA zone into the calendar unless one of that name is there."""
        blocks = self.calendar.children_named("VTIMEZONE")
        if any((line := block.get("TZID")) is not None and line.text == tzid for block in blocks):
            return
        try:
            block = parse(vtimezone_text(tzid, year))
        except ZoneInfoNotFoundError:
            return
        before = next(at for at, item in enumerate(self.calendar.items) if item is self.entries[0])
        self.calendar.items.insert(before, block)

    def to_text(self) -> str:
        return self.calendar.to_text()

    def _copy_at(self, original: Time) -> Component:
        master = self.master
        assert master is not None
        copy = parse(master.to_text())
        for line in copy.lines:
            if line.name in _SERIES_ONLY:
                copy.remove(line)
        copy.add(time_line("RECURRENCE-ID", original))
        copy.add(time_line("DTSTART", original))
        if master.get("DURATION") is not None or master.get("DTEND") or master.get("DUE"):
            length = as_instant(self.end_of(master)) - as_instant(self.start_of(master))
            copy.add(time_line("DUE" if master.name == "VTODO" else "DTEND", original + length))
        return copy

    def _insert_entry(self, entry: Component) -> None:
        known = {id(each) for each in self.entries}
        last = max(at for at, item in enumerate(self.calendar.items) if id(item) in known)
        self.calendar.items.insert(last + 1, entry)


def parse_event_set(text: str, limits: Limits = DEFAULT_LIMITS) -> EventSet:
    """The events of one calendar object. BadText unless it is one (see `parse_calendar`)."""
    return EventSet(parse_calendar(text, limits))


def _is_changed(item: Line | Component) -> bool:
    return isinstance(item, Component) and item.name in KINDS and item.get("RECURRENCE-ID") is not None


def instance_key(original: Time) -> str:
    """What names an occurrence: its original start in UTC (`20260105T080000Z`), as a date (`20260105`) for all-day
    ones, or without Z for floating ones. BadText for the first and last hours of all, which UTC does not have."""
    try:
        return write_time(original.astimezone(UTC) if isinstance(original, datetime) and original.tzinfo else original)
    except OverflowError:
        raise BadText("A date or time is beyond the years that can be written.") from None


def time_line(name: str, time: Time) -> Line:
    """A date or time property as RFC 5545 wants it: VALUE=DATE, TZID, UTC with Z, or floating."""
    if not isinstance(time, datetime):
        return make_line(name, write_time(time), (("VALUE", ("DATE",)),))
    tzid = _tzid_of(time.tzinfo)
    if time.tzinfo is not None and tzid is None:
        time = time.astimezone(UTC)
    params: Params = (("TZID", (tzid,)),) if tzid else ()
    return make_line(name, write_time(time), params)


def new_event(
    uid: str, start: Time, end: Time | None = None, *, stamp: datetime, summary: str = "", kind: str = "VEVENT"
) -> str:
    """A minimal valid calendar object to be filled by an editor; `stamp` is its DTSTAMP, an aware datetime."""
    lines = [
        make_line("UID", escape(uid)),
        make_line("DTSTAMP", write_time(stamp.astimezone(UTC))),
        time_line("DTSTART", start),
    ]
    if end is not None:
        lines.append(time_line("DUE" if kind == "VTODO" else "DTEND", end))
    lines.append(make_line("SUMMARY", escape(summary)))
    head = [make_line("VERSION", "2.0"), make_line("PRODID", PRODID)]
    events = EventSet(Component("VCALENDAR", head, [Component(kind, lines)]))
    for time in (start, end):
        if isinstance(time, datetime) and (tzid := _tzid_of(time.tzinfo)):
            events.ensure_zone(tzid, time.year)
    return events.to_text()


def _tzid_of(zone: tzinfo | None) -> str | None:
    """The name to write; None for UTC, for fixed offsets and for no zone."""
    key = getattr(zone, "key", None)
    if isinstance(zone, ZoneInfo) and key in ("UTC", "Etc/UTC"):
        return None
    return key or None
