"""The filter of a calendar-query, read once for all objects (RFC 4791, "CALDAV:filter XML Element"): what it asks of components,
properties and parameters. Precondition for one that makes no sense or asks more than is looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from pimgate_dav.errors import Precondition
from pimgate_dav.filters.times import Range, window_of
from pimgate_dav.filters.words import TextMatch, text_match_of
from pimgate_dav.names import caldav

COMP, PROP, PARAM = caldav("comp-filter"), caldav("prop-filter"), caldav("param-filter")
TEXT, TIMES, ABSENT = caldav("text-match"), caldav("time-range"), caldav("is-not-defined")

MOST_PARTS: Final = 100
"""Elements of one filter, of whatever sort: each is a step for each object."""
DEEPEST: Final = 3

_CHILDREN: Final = {
    COMP: frozenset({COMP, PROP, TIMES, ABSENT}),
    PROP: frozenset({PARAM, TEXT, TIMES, ABSENT}),
    PARAM: frozenset({TEXT, ABSENT}),
}


@dataclass(frozen=True, slots=True)
class OfParameter:
    name: str
    is_absent: bool
    match: TextMatch | None


@dataclass(frozen=True, slots=True)
class OfProperty:
    name: str
    is_absent: bool
    windows: tuple[Range, ...]
    matches: tuple[TextMatch, ...]
    params: tuple[OfParameter, ...]


@dataclass(frozen=True, slots=True)
class OfComponent:
    """What is asked of a component; all of it must hold. Without anything: that it is there."""

    name: str
    is_absent: bool
    windows: tuple[Range, ...]
    props: tuple[OfProperty, ...]
    parts: tuple[OfComponent, ...]

    @property
    def needed(self) -> frozenset[str]:
        """Names of components inside of it, without which nothing fits."""
        there = [part for part in self.parts if not part.is_absent]
        return frozenset(part.name for part in there).union(*(part.needed for part in there))


def conditions_of(element: Element) -> OfComponent:
    """What a filter asks of the calendar object as a whole."""
    if len(element) != 1 or element[0].tag != COMP or element[0].get("name", "").upper() != "VCALENDAR":
        raise senseless("A calendar filter begins with VCALENDAR.")
    if sum(1 for _ in element.iter()) > MOST_PARTS:
        raise Precondition(403, caldav("supported-filter"), "The filter asks too much at once.")
    return _of_component(element[0], 0)


def _of_component(element: Element, depth: int) -> OfComponent:
    if depth > DEEPEST:
        raise senseless("The filter is too deep.")
    _check(element)
    return OfComponent(
        _name_of(element),
        element.find(ABSENT) is not None,
        tuple(map(window_of, element.iterfind(TIMES))),
        tuple(map(_of_property, element.iterfind(PROP))),
        tuple(_of_component(each, depth + 1) for each in element.iterfind(COMP)),
    )


def _of_property(element: Element) -> OfProperty:
    _check(element)
    return OfProperty(
        _name_of(element),
        element.find(ABSENT) is not None,
        tuple(map(window_of, element.iterfind(TIMES))),
        tuple(_matches_of(element)),
        tuple(map(_of_parameter, element.iterfind(PARAM))),
    )


def _of_parameter(element: Element) -> OfParameter:
    _check(element)
    return OfParameter(_name_of(element), element.find(ABSENT) is not None, next(_matches_of(element), None))


def _matches_of(element: Element) -> Iterator[TextMatch]:
    return map(text_match_of, element.iterfind(TEXT))


def _check(element: Element) -> None:
    for child in element:
        if child.tag not in _CHILDREN[element.tag] or (child.tag == ABSENT and len(element) != 1):
            raise senseless("The filter holds something that is not known at its place.")


def _name_of(element: Element) -> str:
    name = element.get("name", "").upper()
    if not name:
        raise senseless("A filter names nothing.")
    return name


def senseless(public: str) -> Precondition:
    return Precondition(403, caldav("valid-filter"), public)
