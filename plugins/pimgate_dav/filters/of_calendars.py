"""calendar-query: which calendar objects fit (RFC 4791, "CALDAV:filter XML Element").

The index knows component, UID and times, the occurrence table most of what series do; everything else is decided by our own
reader, at a cost that has bounds: a filter has so many parts, and a query works out so many series.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.api import Item, ItemId, View
from pimgate_dav.filters.conditions import OfComponent, OfProperty, conditions_of
from pimgate_dav.filters.floating import candidates
from pimgate_dav.filters.moments import Looks
from pimgate_dav.filters.of_components import fits
from pimgate_dav.filters.times import EARLIEST, LATEST, Range
from pimgate_dav.filters.words import TextMatch, Words

PAGE: Final = 500
EVENT: Final = "VEVENT"
AROUND: Final = timedelta(seconds=1)
"""By how much the index is asked about more for tasks: RFC 4791 counts a task that is due at the very end of a window."""


@dataclass(frozen=True, slots=True)
class CalendarFilter:
    """What the index can tell of a filter: one component, one window, one UID (each None if it is not asked for), and
    whether that is all of it (`is_plain`). `asked` is all of it, for what is not."""

    asked: OfComponent | None = None
    component: str | None = None
    window: Range | None = None
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
    asked = conditions_of(element)
    if not asked.parts and not asked.props and not asked.windows and not asked.is_absent:
        return CalendarFilter(asked)
    if len(element[0]) != 1 or not asked.parts or asked.parts[0].is_absent:
        return CalendarFilter(asked, is_plain=False)
    return _of_component(asked, asked.parts[0])


def _of_component(asked: OfComponent, inner: OfComponent) -> CalendarFilter:
    uids = [match for each in inner.props if (match := _uid_of(each)) is not None]
    return CalendarFilter(
        asked=asked,
        component=inner.name,
        window=inner.windows[0] if inner.windows else None,
        uid=uids[0] if uids else None,
        is_plain=not inner.parts and len(inner.props) == len(uids) <= 1 and len(inner.windows) <= 1,
    )


def _uid_of(asked: OfProperty) -> TextMatch | None:
    """What is asked of the UID, if it is to contain something."""
    if asked.name != "UID" or asked.windows or asked.params or len(asked.matches) != 1:
        return None
    match = asked.matches[0]
    return match if match.given.strip() and not match.negates else None


def matching(view: View, wanted: CalendarFilter, zone: tzinfo = UTC) -> Iterator[Item]:
    """The objects that fit, in no particular order; floating times and whole days are meant in `zone`."""
    looks = Looks()
    for item, is_sure in _candidates(view, wanted, zone):
        if _fits(item, wanted, is_sure, zone, looks):
            yield item


def _candidates(view: View, wanted: CalendarFilter, zone: tzinfo) -> Iterable[tuple[Item, bool]]:
    """Objects that may fit, each with whether it surely takes place in the window that is asked for."""
    if wanted.uid is not None:
        return ((item, wanted.window is None) for item in _with_uid(view, wanted.uid))
    if wanted.window is not None:
        window = wanted.window if wanted.component == EVENT else _around(wanted.window)
        return candidates(view, window, zone)
    return ((item, True) for item in _everything(view))


def _with_uid(view: View, match: TextMatch) -> Iterable[Item]:
    """The item of just this UID; only if there is none, those that contain it, as text-match means it."""
    head = view.head_by_uid(match.given.strip())
    if head is not None:
        return [Item(head, view.text(head))]
    return view.items_by_id([each.id for each in view.heads() if match.fits(Words([each.uid]))]).values()


def _everything(view: View) -> Iterator[Item]:
    after = ItemId(0)
    while page := view.heads_after(after, PAGE):
        yield from view.items_by_id([head.id for head in page]).values()
        after = page[-1].id


def _around(window: Range) -> Range:
    start, end = window
    return start and max(start, EARLIEST) - AROUND, end and min(end, LATEST) + AROUND


def _fits(item: Item, wanted: CalendarFilter, is_sure: bool, zone: tzinfo, looks: Looks) -> bool:
    if wanted.component is not None and wanted.component != item.head.component:
        return False
    known = wanted.window if is_sure and (item.head.component == EVENT or item.head.is_recurring) else None
    if wanted.asked is None or (wanted.is_plain and wanted.window == known):
        return True
    return _may_hold(item.text, wanted.asked.needed) and fits(item.text, wanted.asked, zone, looks, known)


def _may_hold(text: str, names: frozenset[str]) -> bool:
    """Whether there may be components of these names, at a look that takes far less than to read the text."""
    return all(name in text for name in names) or all(name in text.upper() for name in names)
