"""What programs may write of a collection: what means something to us has a row here, everything else is kept as it comes.

A row gets the collection and the element that is to stand there (None takes it away), and gives what changes by that. It raises
Refused or Precondition for a value that cannot be; the request is then answered for that property, and nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.api import Collection, CollectionKind, collections
from pimgate_dav.names import apple, caldav, carddav, dav
from pimgate_dav.properties import transparency, zone
from pimgate_dav.properties.dead import stored_name, stored_value
from pimgate_dav.properties.instructions import Instruction
from pimgate_dav.visit import Visit


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a collection: its own columns, and properties kept with it (None takes one away)."""

    columns: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str | None] = field(default_factory=dict)

    def after(self, earlier: Change) -> Change:
        """Both, this one later."""
        return Change({**earlier.columns, **self.columns}, {**earlier.properties, **self.properties})


Writer = Callable[[Collection, Element | None], Change]


def text_of(found: Element | None) -> str:
    return "".join(found.itertext()) if found is not None else ""


def _name(_collection: Collection, found: Element | None) -> Change:
    """A name cannot be taken away: the old one stays."""
    name = text_of(found)
    return Change({"name": collections.tidy_name(name)}) if name.strip() else Change()


def _description_of(*, books: bool) -> Writer:
    def written(collection: Collection, found: Element | None) -> Change:
        is_book = collection.kind is CollectionKind.BOOK
        return Change({"description": text_of(found)}) if is_book is books else Change()

    return written


def _colour(_collection: Collection, found: Element | None) -> Change:
    return Change({"colour": text_of(found)})


def _transparency(_collection: Collection, found: Element | None) -> Change:
    return Change(properties={transparency.NAME: transparency.word_of(found) if found is not None else None})


def _zone(kept: Callable[[Element], str]) -> Writer:
    """Either name of the zone; taking one away takes both."""

    def written(_collection: Collection, found: Element | None) -> Change:
        return Change(properties={zone.RULES: kept(found) if found is not None else None})

    return written


WRITERS: Final[Mapping[str, Writer]] = {
    dav("displayname"): _name,
    caldav("calendar-description"): _description_of(books=False),
    carddav("addressbook-description"): _description_of(books=True),
    apple("calendar-color"): _colour,
    caldav("schedule-calendar-transp"): _transparency,
    zone.RULES: _zone(zone.kept_rules),
    zone.NAME: _zone(zone.kept_name),
}


def change_by(collection: Collection, instruction: Instruction) -> Change:
    """What changes by one instruction. Refused, Precondition."""
    writer = WRITERS.get(instruction.name)
    if writer is not None:
        return writer(collection, instruction.value)
    value = stored_value(instruction.value) if instruction.value is not None else None
    return Change(properties={stored_name(instruction.name): value})


def write(visit: Visit, collection: Collection, change: Change) -> None:
    """Keep what is to become of a collection. ReadOnly, NoRoom."""
    account = visit.viewer.account.id
    collections.change(visit.work, account, collection.id, properties=change.properties, **dict(change.columns))
