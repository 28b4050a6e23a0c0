"""One event of a calendar object (the series, or one changed occurrence) as the tables look at it."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import cached_property

from pimgate.text.component import Component
from pimgate.text.events import EventSet
from pimgate.text.times import Time
from pimgate_eas.mapping.calendar.instants import compact, day_of, midnight
from pimgate_eas.mapping.context import Context


class Entry:
    """A component of `events`, seen by the person and in the dialect of `context`.

    `main` is the entry that a device knows the object by: the series, the single event, or, where an invitee has
    nothing but changed occurrences, the first of them.
    """

    def __init__(self, events: EventSet, component: Component, context: Context) -> None:
        self.events = events
        self.component = component
        self.context = context

    @cached_property
    def main(self) -> Entry:
        main = self.events.master or self.events.entries[0]
        return self if main is self.component else Entry(self.events, main, self.context)

    @property
    def start(self) -> Time:
        """ValueError if the event has none that can be read."""
        return self.events.start_of(self.component)

    @property
    def end(self) -> Time:
        return self.events.end_of(self.component)

    @property
    def is_series(self) -> bool:
        return self.component.get("RRULE") is not None or self.component.get("RDATE") is not None

    @property
    def has_own_zone(self) -> bool:
        """Whether the zone that is sent is the event's, and not the person's for want of one."""
        start = self.main.start
        if not isinstance(start, datetime) or start.tzinfo is None:
            return False
        return start.tzinfo is not UTC or self.main.is_series

    @property
    def zone(self) -> tzinfo:
        """The zone that is sent with the event: its own. The person's for whole days and floating times, and for a
        single event in UTC, which nobody means literally."""
        start = self.main.start
        own = start.tzinfo if isinstance(start, datetime) else None
        return own if own is not None and self.has_own_zone else self.context.home

    def instant(self, time: Time) -> datetime:
        """The moment of a time of this event, as UTC; floating times are in the person's zone."""
        if not isinstance(time, datetime):
            return midnight(time, self.zone)
        return (time.replace(tzinfo=self.context.home) if time.tzinfo is None else time).astimezone(UTC)

    def shown(self, time: Time) -> str:
        """A time of this event as the dialect has it."""
        return compact(self._shown_day(time) if not isinstance(time, datetime) else self.instant(time))

    def _shown_day(self, day: date) -> datetime:
        return midnight(day, UTC if self.context.is_16 else self.zone)


def is_whole_day(time: Time) -> bool:
    return not isinstance(time, datetime)


def day_meant(instant: datetime, zone: tzinfo, context: Context) -> date:
    """The whole day that a device means by a moment, `zone` being what it says of its clocks."""
    places = (UTC, zone, context.home) if context.is_16 else (zone, UTC, context.home)
    return day_of(instant, places)
