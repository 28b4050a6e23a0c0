"""PROPFIND (RFC 4918, "PROPFIND Method"): properties of one resource, or of it and what is directly in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pimgate.api import NoSuchItem
from pimgate_dav.answer import Answer, xml
from pimgate_dav.layout import Place
from pimgate_dav.preferences import applied
from pimgate_dav.principals import others
from pimgate_dav.properties import dead, of_collections, of_people, personal
from pimgate_dav.properties.asking import Wanted, answered, wanted_of
from pimgate_dav.properties.many_items import ItemResponses
from pimgate_dav.properties.of_collections import Shown
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import multistatus, response


def propfind(visit: Visit) -> Answer:
    """The properties of what the path means, with depth 1 also those of its members."""
    wanted = wanted_of(visit.ask.xml, visit.ask.headers)
    goes_down = visit.ask.headers.get("depth", "0").strip() == "1"
    place = visit.ask.place
    if place.is_root:
        parts = _root(visit, wanted, goes_down)
    elif place.is_home and not visit.is_mine(place):
        parts = _colleague(visit, wanted, goes_down)
    elif place.is_home:
        parts = _home(visit, wanted, goes_down)
    elif place.is_collection:
        parts = _collection(visit, wanted, goes_down)
    else:
        parts = _item(visit, wanted)
    return xml(207, multistatus(parts, visit.settings.answer_bytes)).plus(applied(visit.ask.headers))


def _root(visit: Visit, wanted: Wanted, goes_down: bool) -> Iterator[str]:
    yield response(Place().href, answered(wanted, of_people.OF_ROOT, lambda row: row(visit)))
    if goes_down:
        yield from _home(visit, wanted, goes_down=False)


def _home(visit: Visit, wanted: Wanted, goes_down: bool) -> Iterator[str]:
    yield response(visit.home.href, answered(wanted, of_people.OF_HOME, lambda row: row(visit), _of_home(visit)))
    if goes_down:
        yield from (of_collection(shown, wanted) for shown in of_collections.shown_in_home(visit))


def _of_home(visit: Visit) -> Mapping[str, str]:
    return dead.elements(personal.kept(visit, personal.HOME))


def _colleague(visit: Visit, wanted: Wanted, goes_down: bool) -> Iterator[str]:
    other = others.other_at(visit, visit.ask.place)
    yield response(other.place.href, answered(wanted, others.TABLE, lambda row: row(other)))
    if goes_down:
        yield from (of_collection(shown, wanted) for shown in others.shown_by(other))


def _collection(visit: Visit, wanted: Wanted, goes_down: bool) -> Iterator[str]:
    """A book without download gives only itself: its entries are found by search alone."""
    view = visit.view(visit.ask.place)
    shown = of_collections.shown_of_view(visit, view)
    yield of_collection(shown, wanted)
    if goes_down and not shown.is_remote:
        yield from map(ItemResponses(visit, view, wanted).of, view.listed())


def _item(visit: Visit, wanted: Wanted) -> Iterator[str]:
    view = visit.view(visit.ask.place)
    head = view.head(visit.ask.place.item)
    if head is None or of_collections.shown_of_view(visit, view).is_remote:
        raise NoSuchItem(visit.ask.place.item)
    rows = ItemResponses(visit, view, wanted)
    rows.expect([head.id])
    yield rows.of(head)


def of_collection(shown: Shown, wanted: Wanted) -> str:
    kept = dead.of_collection(shown.collection) | dead.elements(dead.without_rows(shown.own))
    return response(shown.place.href, answered(wanted, of_collections.TABLE, lambda row: row(shown), kept))
