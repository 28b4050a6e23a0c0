"""When somebody is taken, without any detail: spans of time, and how they are laid together. Standard library only.

merged([Span(0, 60, Busy.BUSY), Span(30, 90, Busy.TENTATIVE)], 0, 80)
-> [Span(0, 60, Busy.BUSY), Span(60, 80, Busy.TENTATIVE)]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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


def without(spans: Sequence[Span], holes: Iterable[Span]) -> list[Span]:
    """What of the spans no hole covers, whatever the holes say of their time. `spans` are in order and do not overlap, and so
    is what comes out."""
    if not spans:
        return []
    gaps = merged((replace(each, status=Busy.BUSY) for each in holes), spans[0].start, spans[-1].end)
    found: list[Span] = []
    at = 0
    for span in spans:
        since = span.start
        while since < span.end:
            while at < len(gaps) and gaps[at].end <= since:
                at += 1
            until = min(span.end, gaps[at].start) if at < len(gaps) else span.end
            if since < until:
                found.append(Span(since, until, span.status))
            since = span.end if until == span.end else gaps[at].end
    return found


def laid_over(events: Sequence[Span], ground: Sequence[Span], start: int, end: int) -> list[Span]:
    """What happens from `start` to `end`, laid over the times in which somebody is not available. What is certain shows as
    what it is; what is not hides nothing. Both are in order and do not overlap."""
    certain = [each for each in events if each.status >= Busy.BUSY]
    return merged([*events, *without(ground, certain)], start, end)


def _joined(spans: list[Span]) -> list[Span]:
    found: list[Span] = []
    for span in spans:
        if found and found[-1].end == span.start and found[-1].status is span.status:
            found[-1] = Span(found[-1].start, span.end, span.status)
        else:
            found.append(span)
    return found
