"""calendar-query: which calendar objects fit (RFC 4791, "CALDAV:filter XML Element").

The index knows component, UID and times, the occurrence table most of what series do; only what is left over (properties,
alarms, tasks in a time range) is decided by Radicale's filter, which parses the text.
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
from pimgate_dav.filters.times import bounded, window_of
from pimgate_dav.filters.words import text_match_of
from pimgate_dav.names import caldav

PAGE: Final = 500
MOST_PARTS: Final = 100
DEEPEST: Final = 3

_COMP, _PROP, _PARAM = caldav("comp-filter"), caldav("prop-filter"), caldav("param-filter")
_TEXT, _TIMES, _ABSENT = caldav("text-match"), caldav("time-range"), caldav("is-not-defined")
_CHILDREN: Final = {
    _COMP: frozenset({_COMP, _PROP, _TIMES, _ABSENT}),
    _PROP: frozenset({_PARAM, _TEXT, _TIMES, _ABSENT}),
    _PARAM: frozenset({_TEXT, _ABSENT}),
}


@dataclass(frozen=True, slots=True)
class CalendarFilter:
    """What the index can tell of a filter: one component, one window, one UID (each None if it is not asked for), and
    whether that is all of it (`is_plain`). `tree` is the filter itself, for what is not."""

    tree: Element | None = None
    component: str | None = None
    window: tuple[datetime | None, datetime | None] | None = None
    uid: str | None = None
    is_plain: bool = True


def filter_of(element: Element | None) -> CalendarFilter:
    """The filter of a query; None stands for one that lets everything pass. Precondition for one that makes no sense."""
    if element is None:
        return CalendarFilter()
    if len(element) != 1 or element[0].tag != _COMP or element[0].get("name", "").upper() != "VCALENDAR":
        raise _senseless("A calendar filter begins with VCALENDAR.")
    _check(element[0], 0)
    outer = list(element[0])
    if not outer:
        return CalendarFilter(element)
    if len(outer) != 1 or outer[0].tag != _COMP or outer[0].find(_ABSENT) is not None:
        return CalendarFilter(element, is_plain=False)
    return _of_component(element, outer[0])


def _of_component(tree: Element, inner: Element) -> CalendarFilter:
    ranges = inner.findall(_TIMES)
    uid = next(filter(None, (_uid_of(child) for child in inner if child.tag == _PROP)), None)
    return CalendarFilter(
        tree=tree,
        component=inner.get("name", "").upper(),
        window=window_of(ranges[0]) if ranges else None,
        uid=uid,
        is_plain=len(inner) == len(ranges) <= 1,
    )


def _uid_of(element: Element) -> str | None:
    """The UID that a prop-filter asks for, if it asks for one as a whole could be."""
    if element.get("name", "").upper() != "UID" or len(element) != 1 or element[0].tag != _TEXT:
        return None
    return (element[0].text or "").strip() or None if element[0].get("negate-condition", "no") == "no" else None


def matching(view: View, wanted: CalendarFilter) -> Iterator[Item]:
    """The objects that fit, in no particular order."""
    return (item for item in _candidates(view, wanted) if _fits(item, wanted))


def _candidates(view: View, wanted: CalendarFilter) -> Iterable[Item]:
    if wanted.uid is not None:
        return _with_uid(view, wanted.uid)
    if wanted.window is not None:
        start, end = (int(each.timestamp()) if each else None for each in wanted.window)
        return view.items_between(Window(start, end))
    return _everything(view)


def _with_uid(view: View, uid: str) -> Iterable[Item]:
    """The item of just this UID; only if there is none, those that contain it, as text-match means it."""
    head = view.head_by_uid(uid)
    if head is not None:
        return [Item(head, view.text(head))]
    sought = uid.lower()
    return view.items_by_id([each.id for each in view.heads() if sought in each.uid.lower()]).values()


def _everything(view: View) -> Iterator[Item]:
    after = ItemId(0)
    while page := view.heads_after(after, PAGE):
        yield from view.items_by_id([head.id for head in page]).values()
        after = page[-1].id


def _fits(item: Item, wanted: CalendarFilter) -> bool:
    head = item.head
    if wanted.component is not None and wanted.component != head.component:
        return False
    if wanted.is_plain and wanted.window is None:
        return True
    if wanted.is_plain and wanted.window is not None and head.component == "VEVENT":
        return not head.is_recurring or bool(occurrences(item.text, *bounded(*wanted.window), limit=1).spans)
    return wanted.tree is None or fits(item, wanted.tree)


def _check(element: Element, depth: int) -> None:
    """Precondition unless all of a filter is something that the specification knows."""
    allowed = _CHILDREN[element.tag]
    if depth > DEEPEST or len(element) > MOST_PARTS or not element.get("name"):
        raise _senseless("The filter is too deep, too large, or names nothing.")
    for child in element:
        if child.tag not in allowed or (child.tag == _ABSENT and len(element) != 1):
            raise _senseless("The filter holds something that is not known at its place.")
        if child.tag == _TIMES:
            window_of(child)
        elif child.tag == _TEXT:
            text_match_of(child)
        elif child.tag in _CHILDREN:
            _check(child, depth + 1)


def _senseless(public: str) -> Precondition:
    return Precondition(403, caldav("valid-filter"), public)
