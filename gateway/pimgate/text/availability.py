"""When a person is available: their working hours, read as the times in which they are not available.

    read_availability(text).unavailable(Window(start, end, ZoneInfo("Europe/Berlin"))) -> [Span(..., Busy.UNAVAILABLE), ...]

A VAVAILABILITY says of its time, which may have no beginning and no end, that the person is away, but for the AVAILABLE in it.
Where several speak of the same moment those of the highest PRIORITY count alone; among equals it is enough that one says
"available".

Sources: RFC 7953 "VAVAILABILITY Component", "Busy Time Type", "Combining VAVAILABILITY Components", "Calculating Free-Busy Time".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pimgate.model.busy import Busy, Span, merged, without
from pimgate.text.available import Available, Window, read_available
from pimgate.text.component import Component, Limits, parse
from pimgate.text.errors import BadText, RecurrenceTooLarge, TextTooLarge
from pimgate.text.expansion import Effort
from pimgate.text.spans import Zones, end_of, original_start_of, start_of, time_of
from pimgate.text.times import Time, epoch_of
from pimgate.text.timezones import known_zone

__all__ = ["Availability", "Window", "read_availability"]

LIMITS: Final = Limits(size_bytes=64 * 1024, photo_bytes=0, lines=4_000, line_bytes=32 * 1024, depth=4)
MOST_PARTS: Final = 120
"""Stretches and available times in one availability."""
MOST_ZONE_RULES: Final = 20
"""Rules of time zones that are not known by their names."""
MOST_STEPS: Final = 20_000
"""What is looked at for one answer: periods of rules, and the times that they give."""

_STATUS: Final = {"BUSY": Busy.BUSY, "BUSY-TENTATIVE": Busy.TENTATIVE}
"""What a BUSYTYPE means; any other word, or none, is unavailable."""
_UNSAID: Final = 10
"""The rank of a PRIORITY of 0, or of none: below 9, the lowest. 1 is the highest (RFC 5545, "Priority")."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A VAVAILABILITY as it was read: from `start` to `end` as far as these are said. A low `rank` counts before a high one."""

    rank: int
    status: Busy
    start: Time | None
    end: Time | None
    available: tuple[Available, ...]

    def span(self, window: Window) -> Span:
        """What of it lies in the window, perhaps nothing."""
        start, end = epoch_of(window.start), epoch_of(window.end)
        if self.start is not None:
            start = max(start, epoch_of(window.at_home(self.start)))
        if self.end is not None:
            end = min(end, epoch_of(window.at_home(self.end)))
        return Span(start, max(start, end), self.status)

    def free(self, within: Span, window: Window, effort: Effort) -> Iterator[Span]:
        """When one is available in it."""
        for each in self.available if within.start < within.end else ():
            for start, end in each.times(window, effort):
                yield Span(max(start, within.start), min(end, within.end), Busy.FREE)


class Availability:
    """When one person is available, as they said it."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = stretches

    def unavailable(self, window: Window) -> list[Span]:
        """The times in the window in which the person is not available: in order, not overlapping. RecurrenceTooLarge if there is
        too much to look at."""
        effort = Effort(MOST_STEPS)
        found: list[Span] = []
        for rank in sorted({each.rank for each in self._stretches}, reverse=True):
            equals = [(each, each.span(window)) for each in self._stretches if each.rank == rank]
            away = [span for _, span in equals]
            free = [span for each, within in equals for span in each.free(within, window, effort)]
            said = without(_laid_together(away, window), free)
            found = _laid_together([*without(found, away), *said], window)
        if effort.is_spent:
            raise RecurrenceTooLarge("Too much would have to be looked at to tell when somebody is available.")
        return found


def read_availability(text: str) -> Availability:
    """What a VCALENDAR says of a person's time. BadText for what is none, or cannot be understood; TextTooLarge, RecurrenceTooLarge
    (both a BadText) for one beyond the limits."""
    calendar = parse(text, LIMITS)
    if calendar.name != "VCALENDAR":
        raise BadText("The text is no calendar.", 1)
    stretches = calendar.children_named("VAVAILABILITY")
    if not stretches or len(stretches) + len(calendar.children_named("VTIMEZONE")) < len(calendar.children):
        raise BadText("An availability holds VAVAILABILITY, time zones and nothing else.")
    if sum(1 + len(each.children) for each in stretches) > MOST_PARTS:
        raise TextTooLarge(f"An availability holds at most {MOST_PARTS} parts.")
    _check_zones(calendar)
    zones = Zones(calendar)
    return Availability([_stretch(each, zones) for each in stretches])


def _check_zones(calendar: Component) -> None:
    blocks = [each for each in calendar.children_named("VTIMEZONE") if not _is_known(each)]
    if sum(part.get("RRULE") is not None for block in blocks for part in block.children) > MOST_ZONE_RULES:
        raise TextTooLarge("The time zones of an availability have too many rules.")


def _is_known(zone: Component) -> bool:
    line = zone.get("TZID")
    return line is not None and known_zone(line.text) is not None


def _laid_together(spans: Sequence[Span], window: Window) -> list[Span]:
    return merged(spans, epoch_of(window.start), epoch_of(window.end))


def _stretch(component: Component, zones: Zones) -> Stretch:
    start, end = start_of(component, zones), _end(component, zones)
    if start is not None and end is not None and epoch_of(end) <= epoch_of(start):
        raise BadText("An availability ends before it starts.")
    status = _STATUS.get(_word(component, "BUSYTYPE"), Busy.UNAVAILABLE)
    return Stretch(_rank(component), status, start, end, tuple(_available(component, zones)))


def _end(component: Component, zones: Zones) -> Time | None:
    """When it ends; None if it never does."""
    line, start = component.get("DTEND"), start_of(component, zones)
    if line is not None and start is None:
        return time_of(line, zones)
    if line is None and component.get("DURATION") is None:
        return None
    if start is None:
        raise BadText("An availability has a duration and no start.")
    return end_of(component, zones, start)


def _rank(component: Component) -> int:
    said = _word(component, "PRIORITY") or "0"
    if len(said) > 1 or not said.isdecimal():
        raise BadText("A priority is a number from 0 to 9.")
    return int(said) or _UNSAID


def _available(component: Component, zones: Zones) -> Iterator[Available]:
    """Its available times. One that was changed speaks for itself, and the series no longer for it."""
    parts = component.children_named("AVAILABLE")
    moved: dict[str, list[Time]] = {}
    for part in parts:
        line, original = part.get("RECURRENCE-ID"), original_start_of(part, zones)
        if line is not None and original is not None:
            if "THISANDFUTURE" in line.param("RANGE"):
                raise BadText("An available time that changes from some day on is to be given as two.")
            moved.setdefault(_word(part, "UID"), []).append(original)
    for part in parts:
        is_series = part.get("RECURRENCE-ID") is None
        yield read_available(part, zones, moved.get(_word(part, "UID"), ()) if is_series else ())


def _word(component: Component, name: str) -> str:
    line = component.get(name)
    return line.text.strip().upper() if line is not None else ""
