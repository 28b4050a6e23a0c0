"""One item in the answer of a report: its properties, and its text if that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.api import ItemHead, View
from pimgate_dav.behind.expansion import expanded
from pimgate_dav.errors import Precondition
from pimgate_dav.filters.times import window_of
from pimgate_dav.names import caldav, carddav, dav
from pimgate_dav.properties import of_items
from pimgate_dav.properties.asking import Mode, Wanted, answered, named_in
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import response

DATA: Final = {False: caldav("calendar-data"), True: carddav("address-data")}
"""Under which name the text of an item is asked for, of calendar objects (False) and of cards."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report wants of each item: properties, its text among them or not, and whether series are to be expanded."""

    wanted: Wanted
    expand: tuple[datetime, datetime] | None = None

    @property
    def needs_text(self) -> bool:
        return any(name in self.wanted.names for name in DATA.values())


def report_of(root: Element) -> Report:
    """What the `prop` of a report asks for. Precondition if its `expand` makes no sense."""
    mode = Mode.ALL if root.find(dav("allprop")) is not None else Mode.NAMED
    return Report(Wanted(mode, named_in(root.find(dav("prop")))), _expand_of(root))


def _expand_of(root: Element) -> tuple[datetime, datetime] | None:
    expand = root.find(f"{dav('prop')}/{caldav('calendar-data')}/{caldav('expand')}")
    if expand is None:
        return None
    start, end = window_of(expand)
    if start is None or end is None:
        raise Precondition(403, caldav("valid-filter"), "An expansion needs a start and an end.")
    return start, end


def item_response(visit: Visit, view: View, head: ItemHead, text: str, report: Report) -> str:
    """The response element of an item; `text` is only looked at if the report wants it."""
    data = {DATA[head.component == "VCARD"]: _as_asked(head, text, report)} if report.needs_text else None
    found = answered(report.wanted, of_items.TABLE, lambda row: row(visit, view, head), data)
    return response(visit.item_href(view, head.name), found)


def _as_asked(head: ItemHead, text: str, report: Report) -> str:
    if report.expand is None or head.component != "VEVENT":
        return text
    return expanded(text, *report.expand)
