"""The same question about many items of one collection: what is alike for all of them is written once.

    rows = ItemResponses(visit, view, wanted)
    rows.of(head), rows.of(head, text), ...  ->  "<D:response>...</D:response>"

A list of ten thousand items then costs little more than their names and ETags. What programs keep with them is fetched at once for
all, and only for a question that may mean it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from pimgate.api import CollectionKind, ItemId, View
from pimgate_dav.layout import quoted_name
from pimgate_dav.names import caldav, carddav
from pimgate_dav.properties import dead, of_items
from pimgate_dav.properties.asking import Mode, Wanted, answered, found_and_missing
from pimgate_dav.properties.of_items import ALIKE, ItemProperty, Known
from pimgate_dav.properties.protected import PROTECTED
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element, escaped, response

DATA: Final = {False: caldav("calendar-data"), True: carddav("address-data")}
"""Under which name the text of an item is asked for, of calendar objects (False) and of cards."""

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

MOST_MISSING: Final = 4_000_000
"""Characters of one answer that may go into names of what items do not have. A long question about tens of thousands of items gets
no further names then, as if its sender had preferred so (RFC 8144, "return=minimal")."""

GAP: Final = "%s"
"""What stands in a template for something that differs from item to item."""


class ItemResponses:
    """The response elements of items of one collection. `gives_texts`: texts are given by reports alone; to a PROPFIND they are no
    properties (RFC 4791, "CALDAV:calendar-data XML Element")."""

    def __init__(self, visit: Visit, view: View, wanted: Wanted, *, gives_texts: bool = False) -> None:
        self._visit = visit
        self._view = view
        self._wanted = wanted
        self._base = visit.place_of(view.collection).href
        self._data = DATA[view.collection.kind is CollectionKind.BOOK]
        self.needs_text = gives_texts and self._data in wanted.names
        self._template: str | None = None
        self._brief: str | None = None
        self._in_full = 0
        self._differing: list[ItemProperty] = []
        self._means_kept = wanted.mode is not Mode.NAMED or not PROTECTED.issuperset(wanted.names)
        self._kept: Mapping[ItemId, Mapping[str, str]] | None = None

    def expect(self, ids: Iterable[ItemId]) -> None:
        """Say which items are next, where they are not all of the collection."""
        if self._means_kept:
            self._kept = self._view.properties(list(ids))

    def of(self, head: Known, text: str = "") -> str:
        """The response for one item; `text` is only looked at if it was asked for."""
        if self._template is None and self._wanted.mode is Mode.NAMED:
            self._template, self._brief = self._made_for_all(head)
        template = self._template if self._in_full > 0 else self._brief
        self._in_full -= 1
        if template is None or (self._means_kept and self._kept_with(head)):
            return self._one_by_one(head, text)
        values = [row(self._visit, self._view, head) for row in self._differing]
        if None in values:
            return self._one_by_one(head, text)
        if self.needs_text:
            values.append(escaped(text))
        return template % (self._base + quoted_name(head.name), *values)

    def _made_for_all(self, head: Known) -> tuple[str, str]:
        """The response with a gap for the address and for each property that differs from item to item, the text last; and the same
        without names of what is not there."""
        alike, differing, missing = [], [], []
        for name in self._wanted.names:
            row = of_items.TABLE.get(name)
            if row is None:
                if name != self._data or not self.needs_text:
                    missing.append(element(name))
            elif name in ALIKE:
                alike.append(element(name, row(self._visit, self._view, head) or ""))
            else:
                self._differing.append(row)
                differing.append(element(name, GAP))
        if self.needs_text:
            differing.append(element(self._data, GAP))
        found, absent = _as_template(alike) + "".join(differing), _as_template(missing)
        self._in_full = MOST_MISSING // max(len(absent), 1)
        full, brief = (found_and_missing(found, names, self._wanted) for names in (absent, ""))
        return response(GAP, full), response(GAP, brief)

    def _one_by_one(self, head: Known, text: str) -> str:
        kept = dead.elements(self._kept_with(head)) if self._means_kept else {}
        if self.needs_text:
            kept[self._data] = element(self._data, escaped(text))
        inner = answered(self._wanted, of_items.TABLE, lambda row: row(self._visit, self._view, head), kept)
        return response(self._base + quoted_name(head.name), inner)

    def _kept_with(self, head: Known) -> Mapping[str, str]:
        if self._kept is None:
            self._kept = self._view.properties()
        return self._kept.get(head.id, NOTHING)


def _as_template(parts: list[str]) -> str:
    return "".join(parts).replace("%", "%%")
