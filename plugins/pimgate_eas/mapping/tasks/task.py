"""One task as the tables look at it, and times as the Tasks class writes them."""

from __future__ import annotations

from datetime import UTC, datetime

from pimgate.text.component import Component
from pimgate.text.events import EventSet
from pimgate.text.lines import escape
from pimgate.text.spans import time_of
from pimgate.text.times import Time, moved, read_duration
from pimgate_eas.mapping.calendar.instants import midnight
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.editing import put, text_of


class Task:
    """The VTODO of `whole` that a device knows the object by, seen by the person and in the dialect of `context`."""

    def __init__(self, whole: EventSet, component: Component, context: Context) -> None:
        self.whole = whole
        self.component = component
        self.context = context

    @property
    def start(self) -> Time | None:
        """DTSTART, None if there is none. BadText for one that is malformed."""
        line = self.component.get("DTSTART")
        return time_of(line, self.whole.zones) if line is not None else None

    @property
    def due(self) -> Time | None:
        """DUE, or the start and its DURATION; a date is the day on which the task is due."""
        line, length = self.component.get("DUE"), self.component.get("DURATION")
        if line is not None:
            return time_of(line, self.whole.zones)
        start = self.start
        return moved(start, read_duration(length.value)) if start is not None and length is not None else None

    @property
    def is_series(self) -> bool:
        return self.component.get("RRULE") is not None

    def instant(self, time: Time) -> datetime:
        """The moment of a time, as UTC: a date begins, and a floating time is, in the person's zone."""
        if not isinstance(time, datetime):
            return midnight(time, self.context.home)
        return (time.replace(tzinfo=self.context.home) if time.tzinfo is None else time).astimezone(UTC)

    def wall(self, time: Time) -> datetime:
        """A time on the person's clocks, without zone; a date is its own midnight."""
        if not isinstance(time, datetime):
            return datetime(time.year, time.month, time.day)
        return self.instant(time).astimezone(self.context.home).replace(tzinfo=None)

    def text(self, name: str) -> str:
        return text_of(self.component.get(name))

    def keep(self, name: str, text: str) -> None:
        """Keep what iCalendar has no property for in one of our own; "" removes it."""
        if text:
            put(self.component, name, escape(text))
        else:
            self.component.remove(name)


def written(time: datetime) -> str:
    """`2026-01-05T09:00:00.000Z`: a moment in UTC, or (without zone) what the person's clocks show."""
    utc = time.astimezone(UTC) if time.tzinfo is not None else time
    return f"{utc.year:04}-{utc:%m-%dT%H:%M:%S}.000Z"
