"""When somebody is taken, without any detail: spans of time, and how they are laid together. Standard library only.

merged([Span(0, 60, Busy.BUSY), Span(30, 90, Busy.TENTATIVE)], 0, 80)
-> [Span(0, 60, Busy.BUSY), Span(60, 80, Busy.TENTATIVE)]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Busy(IntEnum):
    """How taken somebody is; where several things happen at once, the highest counts. RFC 5545, "Free/Busy Time Type", calls them
    FREE, BUSY-TENTATIVE, BUSY and BUSY-UNAVAILABLE; the numbers are those of MS-ASCMD, "MergedFreeBusy"."""

    FREE = 0
    TENTATIVE = 1
    BUSY = 2
    UNAVAILABLE = 3


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to and without `end`, in seconds since 1970."""

    start: int
    end: int
    status: Busy


def merged(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """What the spans say of the time from `start` to `end`: in order, none overlapping, neighbours of one status joined, free
    time left out."""
    edges: list[tuple[int, int, Busy]] = []
    for span in spans:
        begin, until = max(span.start, start), min(span.end, end)
        if begin < until and span.status is not Busy.FREE:
            edges += [(begin, 1, span.status), (until, -1, span.status)]
    open_now = dict.fromkeys(Busy, 0)
    found: list[Span] = []
    since, status = start, Busy.FREE
    for at, step, of_status in sorted(edges):
        if status is not Busy.FREE and at > since:
            found.append(Span(since, at, status))
        open_now[of_status] += step
        since, status = at, max((each for each in Busy if open_now[each]), default=Busy.FREE)
    return _joined(found)


def _joined(spans: list[Span]) -> list[Span]:
    found: list[Span] = []
    for span in spans:
        if found and found[-1].end == span.start and found[-1].status is span.status:
            found[-1] = Span(found[-1].start, span.end, span.status)
        else:
            found.append(span)
    return found
