"""calendar-query: which calendar objects fit (RFC 4791, "CALDAV:filter XML Element").

The index knows component, UID and times, the occurrence table most of what series do; what is asked of properties is decided by our
own reader. Only times of other things than events (alarms, tasks, properties) are left to Radicale's filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.api import Item, ItemId, View, Window
from pimgate.text.occurrences import occurrences
from pimgate_dav.behind.deciding import fits
from pimgate_dav.errors import Precondition
from pimgate_dav.filters.of_components import (
    ABSENT,
    COMP,
    PARAM,
    PROP,
    TEXT,
    TIMES,
    fits_apart_from_times,
    is_decidable,
)
from pimgate_dav.filters.times import bounded, window_of
from pimgate_dav.filters.words import TextMatch, text_match_of
from pimgate_dav.names import caldav, dav

PAGE: Final = 500
MOST_PARTS: Final = 100
DEEPEST: Final = 3
LOOKED_AT: Final = 20
"""Occurrences of a series of which the index does not know the window."""
MOST_WORKED_OUT: Final = 5_000
"""Such series in one query."""

_CHILDREN: Final = {
    COMP: frozenset({COMP, PROP, TIMES, ABSENT}),
    PROP: frozenset({PARAM, TEXT, TIMES, ABSENT}),
    PARAM: frozenset({TEXT, ABSENT}),
}


@dataclass(frozen=True, slots=True)
class CalendarFilter:
    """What the index can tell of a filter: one component, one window, one UID (each None if it is not asked for), and
    whether that is all of it (`is_plain`). `tree` is the filter itself, for what is not."""

    tree: Element | None = None
    component: str | None = None
    window: tuple[datetime | None, datetime | None] | None = None
    uid: TextMatch | None = None
    is_plain: bool = True

    @property
    def asks_component_only(self) -> bool:
        """Whether a list of all items tells who fits."""
        return self.is_plain and self.window is None and self.uid is None


def filter_of(element: Element | None) -> CalendarFilter:
    """The filter of a query; None stands for one that lets everything pass. Precondition for one that makes no sense."""
    if element is None:
        return CalendarFilter()
    if len(element) != 1 or element[0].tag != COMP or element[0].get("name", "").upper() != "VCALENDAR":
        raise _senseless("A calendar filter begins with VCALENDAR.")
    _check(element[0], 0)
    outer = list(element[0])
    if not outer:
        return CalendarFilter(element)
    if len(outer) != 1 or outer[0].tag != COMP or outer[0].find(ABSENT) is not None:
        return CalendarFilter(element, is_plain=False)
    return _of_component(element, outer[0])


def _of_component(tree: Element, inner: Element) -> CalendarFilter:
    ranges = inner.findall(TIMES)
    uids = [match for child in inner if (match := _uid_of(child)) is not None]
    return CalendarFilter(
        tree=tree,
        component=inner.get("name", "").upper(),
        window=window_of(ranges[0]) if ranges else None,
        uid=uids[0] if uids else None,
        is_plain=len(inner) == len(ranges) + len(uids) and len(ranges) <= 1 and len(uids) <= 1,
    )


def _uid_of(element: Element) -> TextMatch | None:
    """What a prop-filter asks of the UID, if it asks for one that contains something."""
    if element.tag != PROP or element.get("name", "").upper() != "UID":
        return None
    if len(element) != 1 or element[0].tag != TEXT or not (element[0].text or "").strip():
        return None
    match = text_match_of(element[0])
    return None if match.negates else match


def matching(view: View, wanted: CalendarFilter) -> Iterator[Item]:
    """The objects that fit, in no particular order."""
    left = MOST_WORKED_OUT
    for item, is_sure in _candidates(view, wanted):
        left -= not is_sure and item.head.component == "VEVENT"
        if left < 0:
            raise Precondition(403, dav("number-of-matches-within-limits"), "This range takes too much to work out.")
        if _fits(item, wanted, is_sure):
            yield item


def _candidates(view: View, wanted: CalendarFilter) -> Iterable[tuple[Item, bool]]:
    """Objects that may fit, each with whether it surely takes place in the window that is asked for."""
    if wanted.uid is not None:
        return ((item, wanted.window is None) for item in _with_uid(view, wanted.uid))
    if wanted.window is not None:
        start, end = (int(each.timestamp()) if each else None for each in wanted.window)
        return view.candidates_between(Window(start, end))
    return ((item, True) for item in _everything(view))


def _with_uid(view: View, match: TextMatch) -> Iterable[Item]:
    """The item of just this UID; only if there is none, those that contain it, as text-match means it."""
    head = view.head_by_uid(match.given.strip())
    if head is not None:
        return [Item(head, view.text(head))]
    return view.items_by_id([each.id for each in view.heads() if match.fits([each.uid])]).values()


def _everything(view: View) -> Iterator[Item]:
    after = ItemId(0)
    while page := view.heads_after(after, PAGE):
        yield from view.items_by_id([head.id for head in page]).values()
        after = page[-1].id


def _fits(item: Item, wanted: CalendarFilter, is_sure: bool) -> bool:
    head = item.head
    if wanted.component is not None and wanted.component != head.component:
        return False
    if wanted.is_plain and wanted.window is None:
        return True
    if wanted.is_plain and wanted.window is not None and head.component == "VEVENT":
        return is_sure or _takes_place(item.text, wanted.window)
    if wanted.tree is None:
        return True
    if is_decidable(wanted.tree[0]):
        happens = wanted.window is None or is_sure or _takes_place(item.text, wanted.window)
        return happens and fits_apart_from_times(item.text, wanted.tree[0])
    return fits(item, wanted.tree)


def _takes_place(text: str, window: tuple[datetime | None, datetime | None]) -> bool:
    """Whether something of a series lies in the window. With more starts than are looked at, all of them perhaps left out, it does:
    an item too many is seen by the client."""
    found = occurrences(text, *bounded(*window), limit=LOOKED_AT)
    return bool(found.spans) or found.is_cut


def _check(element: Element, depth: int) -> None:
    """Precondition unless all of a filter is something that the specification knows."""
    allowed = _CHILDREN[element.tag]
    if depth > DEEPEST or len(element) > MOST_PARTS or not element.get("name"):
        raise _senseless("The filter is too deep, too large, or names nothing.")
    for child in element:
        if child.tag not in allowed or (child.tag == ABSENT and len(element) != 1):
            raise _senseless("The filter holds something that is not known at its place.")
        if child.tag == TIMES:
            window_of(child)
        elif child.tag == TEXT:
            text_match_of(child)
        elif child.tag in _CHILDREN:
            _check(child, depth + 1)


def _senseless(public: str) -> Precondition:
    return Precondition(403, caldav("valid-filter"), public)
