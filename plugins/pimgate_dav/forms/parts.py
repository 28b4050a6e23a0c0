"""Parts of calendar objects and cards (RFC 4791, "CALDAV:comp XML Element"; RFC 6352, "CARDDAV:prop XML Element").

Lines are given as they were written, or left out. VERSION always stays, because nobody can read a text without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.text.component import Component, parse
from pimgate.text.errors import BadText
from pimgate.text.lines import Line, make_line
from pimgate_dav.errors import Precondition
from pimgate_dav.names import caldav, carddav

DEEPEST: Final = 8
MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """What of a component is wanted: `lines` by name, with whether their values are (None: all of them); `components` by name
    (None: all of them, whole)."""

    lines: Mapping[str, bool] | None = None
    components: Mapping[str, Part] | None = None


WHOLE: Final = Part()


@dataclass(slots=True)
class _Reading:
    left: int = field(default=MOST)

    def part(self, element: Element, depth: int = 0) -> Part:
        self._take(len(element) + 1)
        _name_of(element)
        if depth > DEEPEST:
            raise _senseless()
        return Part(self._lines(element), self._components(element, depth))

    def _lines(self, element: Element) -> Mapping[str, bool] | None:
        if element.find(caldav("allprop")) is not None:
            return None
        return {_name_of(each): each.get("novalue", "no") != "yes" for each in element.findall(caldav("prop"))}

    def _components(self, element: Element, depth: int) -> Mapping[str, Part] | None:
        if element.find(caldav("allcomp")) is not None:
            return None
        return {_name_of(each): self.part(each, depth + 1) for each in element.findall(caldav("comp"))}

    def _take(self, number: int) -> None:
        self.left -= number
        if self.left < 0:
            raise _senseless()


def part_of_calendar(data: Element) -> Part:
    """What a `calendar-data` element asks for: all of the object unless it names a component. Precondition."""
    found = data.find(caldav("comp"))
    return WHOLE if found is None else _Reading().part(found)


def part_of_card(data: Element) -> Part:
    """What an `address-data` element asks for: all of the card unless it names properties. Precondition."""
    found = data.findall(carddav("prop"))
    if not found or data.find(carddav("allprop")) is not None:
        return WHOLE
    if len(found) > MOST:
        raise _senseless()
    return Part({_name_of(each): each.get("novalue", "no") != "yes" for each in found})


def only(text: str, part: Part) -> str:
    """The part of a text. One that can't be read is given whole."""
    if part == WHOLE:
        return text
    try:
        root = parse(text)
    except BadText:
        return text
    _keep(root, part)
    return root.to_text()


def _keep(component: Component, part: Part) -> None:
    component.items = [kept for item in component.items if (kept := _kept(item, part)) is not None]


def _kept(item: Line | Component, part: Part) -> Line | Component | None:
    if isinstance(item, Component):
        if part.components is None:
            return item
        inner = part.components.get(item.name)
        if inner is not None:
            _keep(item, inner)
        return item if inner is not None else None
    if part.lines is None or item.name == "VERSION":
        return item
    wants_value = part.lines.get(item.name)
    if wants_value is None:
        return None
    return item if wants_value else make_line(item.name, "", item.params, item.group)


def _name_of(element: Element) -> str:
    name = element.get("name", "").upper()
    if not name or len(name) > 100:
        raise _senseless()
    return name


def _senseless() -> Precondition:
    return Precondition(403, caldav("valid-calendar-data"), "The parts of the data that are asked for make no sense.")
