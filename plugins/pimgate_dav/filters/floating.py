"""Queries about floating times and whole days in the zone that is meant (RFC 4791, "Date and Floating Time"; RFC 7809).

The index, and the occurrences of a text, take such times as UTC. So they are asked twice where the zone is another one: about the
window itself for times that are the same everywhere, and for local ones about the window as a clock on the wall there shows it. In
UTC both are one, and nothing is looked at that the index knows.

    20270301T110000Z/20270302T110000Z in Pacific/Auckland    ->    20270302T000000/20270303T000000
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo

from pimgate.api import Item, View, Window
from pimgate.text.local_times import Times, times_of_text
from pimgate_dav.filters.times import Range


def is_utc(zone: tzinfo) -> bool:
    return zone is UTC or getattr(zone, "key", "") in ("UTC", "Etc/UTC")


def on_the_wall(window: Range, zone: tzinfo) -> Range:
    """A window as a clock there shows it, written as if it were UTC."""
    start, end = (_shown(each, zone) for each in window)
    if start is not None and end is not None and end <= start:  # within the hour that happens twice
        assert window[0] is not None
        assert window[1] is not None
        end = start + (window[1] - window[0])
    return start, end


def windows_for(text: str, window: Range, zone: tzinfo) -> Sequence[Range]:
    """The windows about which to ask of a text whose floating times are taken as UTC; one that says yes will do."""
    sort = Times.DEFINITE if is_utc(zone) else times_of_text(text)
    if sort is Times.DEFINITE:
        return (window,)
    shown = on_the_wall(window, zone)
    return (shown,) if sort is Times.LOCAL else (window, shown)


def candidates(view: View, window: Range, zone: tzinfo) -> Iterator[tuple[Item, bool]]:
    """Objects that may take place in the window, each with whether it surely does."""
    if is_utc(zone):
        yield from view.candidates_between(_seconds(window))
        return
    wall = on_the_wall(window, zone)
    windows = {Times.DEFINITE: _seconds(window), Times.LOCAL: _seconds(wall)}
    both = _around(*windows.values())
    found = view.candidates_between(both)
    kept = view.occurrences_between(both) if any(item.head.is_recurring for item, _ in found) else {}
    for item, is_sure in found:
        sort = times_of_text(item.text)
        if not is_sure or sort is Times.MIXED:
            yield item, False
            continue
        head = item.head
        times = kept.get(head.id, []) if head.is_recurring else [(head.starts_at, head.ends_at)]
        if any(_touches(start, end, windows[sort]) for start, end in times):
            yield item, True


def _shown(moment: datetime | None, zone: tzinfo) -> datetime | None:
    if moment is None:
        return None
    try:
        return moment.astimezone(zone).replace(tzinfo=UTC, fold=0)
    except OverflowError:
        return moment


def _seconds(window: Range) -> Window:
    return Window(*(int(each.timestamp()) if each else None for each in window))


def _around(one: Window, other: Window) -> Window:
    start = None if one.start is None or other.start is None else min(one.start, other.start)
    end = None if one.end is None or other.end is None else max(one.end, other.end)
    return Window(start, end)


def _touches(start: int | None, end: int | None, window: Window) -> bool:
    """Overlap with the window, as the index has it: something without length counts at its instant, something without an end at its
    start."""
    if start is None or (window.end is not None and start >= window.end):
        return False
    return window.start is None or end is None or end > window.start or start >= window.start
