"""The classes of data that phones synchronise, and what each is in our store: one row a kind of collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pimgate.api import CollectionKind
from pimgate_eas.mapping import calendar, contacts
from pimgate_eas.mapping.context import Context
from pimgate_eas.wbxml.element import Element


class Patch(Protocol):
    def __call__(
        self, text: str | None, data: Element, context: Context, *, ghosted: Callable[[str], bool], uid: str
    ) -> str: ...


@dataclass(frozen=True, slots=True)
class ItemClass:
    """How one class is translated. `component` is what of a collection concerns the device."""

    name: str
    component: str
    ending: str
    render: Callable[[str, Context], list[Element]]
    patch: Patch


CLASSES: Mapping[CollectionKind, ItemClass] = {
    CollectionKind.BOOK: ItemClass("Contacts", "VCARD", ".vcf", contacts.render, contacts.patch),
    CollectionKind.CALENDAR: ItemClass("Calendar", "VEVENT", ".ics", calendar.render, calendar.patch),
}
