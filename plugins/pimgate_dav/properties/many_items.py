"""The same question about many items of one collection: what is alike for all of them is written once.

    rows = ItemResponses(visit, view, wanted)
    rows.of(head), rows.of(head, text), ...  ->  "<D:response>...</D:response>"

A list of ten thousand items then costs little more than their names and ETags.
"""

from __future__ import annotations

from typing import Final

from pimgate.api import CollectionKind, View
from pimgate_dav.layout import quoted_name
from pimgate_dav.names import caldav, carddav
from pimgate_dav.properties import of_items
from pimgate_dav.properties.asking import Mode, Wanted, answered, found_and_missing
from pimgate_dav.properties.of_items import ALIKE, ItemProperty, Known
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element, escaped, response

DATA: Final = {False: caldav("calendar-data"), True: carddav("address-data")}
"""Under which name the text of an item is asked for, of calendar objects (False) and of cards."""

GAP: Final = "%s"
"""What stands in a template for something that differs from item to item."""


class ItemResponses:
    """The response elements of items of one collection."""

    def __init__(self, visit: Visit, view: View, wanted: Wanted) -> None:
        self._visit = visit
        self._view = view
        self._wanted = wanted
        self._base = visit.place_of(view.collection).href
        self._data = DATA[view.collection.kind is CollectionKind.BOOK]
        self.needs_text = self._data in wanted.names
        self._template: str | None = None
        self._differing: list[ItemProperty] = []

    def of(self, head: Known, text: str = "") -> str:
        """The response for one item; `text` is only looked at if it was asked for."""
        if self._template is None and self._wanted.mode is Mode.NAMED:
            self._template = self._made_for_all(head)
        if self._template is None:
            return self._one_by_one(head, text)
        values = [row(self._visit, self._view, head) for row in self._differing]
        if None in values:
            return self._one_by_one(head, text)
        if self.needs_text:
            values.append(escaped(text))
        return self._template % (self._base + quoted_name(head.name), *values)

    def _made_for_all(self, head: Known) -> str:
        """The response with a gap for the address and for each property that differs from item to item, the text last."""
        alike, differing, missing = [], [], []
        for name in self._wanted.names:
            row = of_items.TABLE.get(name)
            if row is None:
                if name != self._data:
                    missing.append(element(name))
            elif name in ALIKE:
                alike.append(element(name, row(self._visit, self._view, head) or ""))
            else:
                self._differing.append(row)
                differing.append(element(name, GAP))
        if self.needs_text:
            differing.append(element(self._data, GAP))
        found = _as_template(alike) + "".join(differing)
        return response(GAP, found_and_missing(found, _as_template(missing), self._wanted))

    def _one_by_one(self, head: Known, text: str) -> str:
        kept = {self._data: escaped(text)} if self.needs_text else None
        inner = answered(self._wanted, of_items.TABLE, lambda row: row(self._visit, self._view, head), kept)
        return response(self._base + quoted_name(head.name), inner)


def _as_template(parts: list[str]) -> str:
    return "".join(parts).replace("%", "%%")
