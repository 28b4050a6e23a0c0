"""Free/busy as phones read it: a digit for each half hour. Pure.

    merged_free_busy([Span(nine, ten, Busy.BUSY)], eight, eleven) -> "002200"

Source: MS-ASCMD, "Availability", "MergedFreeBusy", "StartTime (ResolveRecipients)", "EndTime (ResolveRecipients)".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pimgate.api import Span
from pimgate_eas.wbxml.element import Element

SLOT: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(days=42)
USUAL: Final = timedelta(days=7)
NO_DATA: Final = "4"
YEARS: Final = range(1900, 2200)


class BadWindow(ValueError):
    """Nobody can be asked about this time."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end`, both aware."""

    start: datetime
    end: datetime

    @property
    def slots(self) -> int:
        """How many half hours there are, the last one perhaps not a whole one."""
        return -((self.start - self.end) // SLOT)


def window_of(asked: Element) -> Window:
    """The time that an Availability element asks about: a week, if no end is said. BadWindow if that is malformed, less than half
    an hour or more than 42 days."""
    start = _time(asked.text_of("ResolveRecipients:StartTime"))
    end_text = asked.text_of("ResolveRecipients:EndTime")
    end = start + USUAL if end_text is None else _time(end_text)
    if not SLOT <= end - start <= LONGEST:
        raise BadWindow
    return Window(start, end)


def _time(text: str | None) -> datetime:
    try:
        time = datetime.fromisoformat((text or "").strip())
    except ValueError:
        raise BadWindow from None
    if time.year not in YEARS:
        raise BadWindow
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def merged_free_busy(spans: Sequence[Span] | None, window: Window) -> str:
    """A digit for each half hour: the highest of what happens in it; 4 where nothing is known. `spans` are in order."""
    if spans is None:
        return NO_DATA * window.slots
    digits = [0] * window.slots
    start, length = window.start.timestamp(), SLOT.total_seconds()
    for span in spans:
        first = max(0, int((span.start - start) // length))
        behind = min(window.slots, -int((start - span.end) // length))
        for slot in range(first, behind):
            digits[slot] = max(digits[slot], int(span.status))
    return "".join(map(str, digits))


def of_a_group(members: Sequence[str], window: Window) -> str:
    """What is known of its members, laid together: 4 where nothing is known of anybody."""
    if not members:
        return NO_DATA * window.slots
    return "".join(
        max((digit for digit in slot if digit != NO_DATA), default=NO_DATA) for slot in zip(*members, strict=True)
    )
