"""The properties of whatever address an answer names: of people, groups, collections, inbox and outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pimgate.api import NotThere
from pimgate_dav.layout import INBOX, OUTBOX, PROXIES, Place
from pimgate_dav.principals import others, proxies
from pimgate_dav.properties import of_collections, of_people
from pimgate_dav.scheduling import inbox, outbox
from pimgate_dav.visit import Visit

Value = Callable[[], str | None]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Looked:
    """A resource: where it is, and what gives each of its properties, already XML."""

    href: str
    table: Mapping[str, Value]

    def value(self, name: str) -> str | None:
        row = self.table.get(name)
        return row() if row is not None else None


def look(visit: Visit, place: Place) -> Looked | None:
    """What is at a place; None if there is nothing for this person."""
    try:
        visit.check_mine(place)
        return _look(visit, place)
    except NotThere:
        return None


def _look(visit: Visit, place: Place) -> Looked | None:
    if place.item:
        return None
    if place.collection in PROXIES:
        return _looked(place, proxies.TABLE, lambda row: row(visit, place))
    if place.is_root:
        return _looked(place, of_people.OF_ROOT, lambda row: row(visit))
    if not visit.is_mine(place) and place.is_home:
        other = others.other_at(visit, place)
        return _looked(place, others.TABLE, lambda row: row(other))
    if place.is_home:
        return _looked(place, of_people.OF_HOME, lambda row: row(visit))
    if place.collection in (INBOX, OUTBOX):
        table = inbox.TABLE if place.collection == INBOX else outbox.TABLE
        return _looked(place, table, lambda row: row(visit))
    shown = of_collections.shown_of_view(visit, visit.view(place))
    return _looked(place, of_collections.TABLE, lambda row: row(shown))


def _looked(place: Place, table: Mapping[str, Row], value: Callable[[Row], str | None]) -> Looked:
    return Looked(place.href, {name: _later(value, row) for name, row in table.items()})


def _later(value: Callable[[Row], str | None], row: Row) -> Value:
    return lambda: value(row)
