"""The classes of data that phones synchronise, and what each is in our store: one row a kind of collection.

Messages are no texts of the store: they are translated by `mapping.email`, and come to devices by `messages`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from pimgate.api import CollectionKind, Viewer
from pimgate_eas.mapping import calendar, contacts, notes, tasks
from pimgate_eas.mapping.context import Context
from pimgate_eas.versions import number
from pimgate_eas.wbxml.element import Element


class Patch(Protocol):
    def __call__(
        self, text: str | None, data: Element, context: Context, *, ghosted: Callable[[str], bool], uid: str
    ) -> str: ...


def no_attachment(text: str, number: str) -> tuple[str, bytes] | None:
    """Of a class whose items carry none."""
    return None


@dataclass(frozen=True, slots=True)
class ItemClass:
    """How one class is translated. `component` is what of a collection concerns the device; `attachment` gives the media type and
    the octets of one that a text carries, by its number; `since` is the version that the class came with."""

    name: str
    component: str
    ending: str
    render: Callable[[str, Context], list[Element]]
    patch: Patch
    attachment: Callable[[str, str], tuple[str, bytes] | None] = no_attachment
    since: str = ""


CLASSES: Mapping[CollectionKind, ItemClass] = {
    CollectionKind.BOOK: ItemClass("Contacts", "VCARD", ".vcf", contacts.render, contacts.patch),
    CollectionKind.CALENDAR: ItemClass(
        "Calendar", "VEVENT", ".ics", calendar.render, calendar.patch, calendar.attachment
    ),
    CollectionKind.TASKS: ItemClass("Tasks", "VTODO", ".ics", tasks.render, tasks.patch),
    CollectionKind.NOTES: ItemClass("Notes", "VJOURNAL", ".ics", notes.render, notes.patch, since="14.0"),
}

EMAIL = "Email"
SHOWN = frozenset(CLASSES) | {CollectionKind.MAILBOX}
"""What phones can show."""


def in_dialect(viewer: Viewer, version: str) -> Viewer:
    """The same viewer without the kinds of collection that the dialect has no class for: to a device of an older version they
    are as if they were not there."""
    unknown = {kind for kind, each in CLASSES.items() if number(version) < number(each.since)}
    kind = replace(viewer.client_kind, shows=viewer.client_kind.shows - unknown)
    return replace(viewer, client_kind=kind) if unknown else viewer
