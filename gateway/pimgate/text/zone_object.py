"""Calendar objects that hold nothing but a time zone, as CalDAV says in which one floating times are meant, and the zones that a
text names but does not bring.

    BEGIN:VCALENDAR ... BEGIN:VTIMEZONE / TZID:Europe/Berlin / ... END:VTIMEZONE / END:VCALENDAR

Sources: RFC 4791 "CALDAV:calendar-timezone Property"; RFC 7809 "Time Zones in CalDAV Responses".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from itertools import islice
from typing import Final

from pimgate.text.component import Component, parse
from pimgate.text.embedded_zone import embedded_zone
from pimgate.text.errors import BadText
from pimgate.text.lines import Line, escape, make_line
from pimgate.text.timezones import known_zone, resolve_zone
from pimgate.text.zone_text import vtimezone_text

LONGEST_NAME: Final = 255
MOST_ADDED: Final = 20
"""Zones that a text may name without bringing them; of more, the rest is left out."""
_YEAR: Final = re.compile(r"(1[89]|20|21)[0-9]{2}")
_NAMED: Final = re.compile(r";(?:\r?\n[ \t])?TZID=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A time zone, and the name under which a text knows it. `is_known`: whether that name means it everywhere."""

    name: str
    zone: tzinfo
    is_known: bool


def read_zone(text: str) -> NamedZone:
    """The zone of an object with just one VTIMEZONE. BadText for anything else, and for a zone without rules."""
    calendar = parse(text)
    if calendar.name != "VCALENDAR" or [each.name for each in calendar.children] != ["VTIMEZONE"]:
        raise BadText("A time zone is given as a calendar object with one VTIMEZONE.")
    block = calendar.children[0]
    line = block.get("TZID")
    if line is None or not line.text.strip() or embedded_zone(block) is None:
        raise BadText("A time zone needs a name and rules.")
    name = line.text.strip()
    return NamedZone(name, resolve_zone(line.text, calendar), known_zone(name) is not None)


def zone_object(name: str, year: int, prodid: str) -> str | None:
    """The object for a zone that is known by this name, with rules that are right from that year on. None for one that is not."""
    block = zone_block(name, year)
    if block is None:
        return None
    head = [make_line("VERSION", "2.0"), make_line("PRODID", prodid)]
    return Component("VCALENDAR", head, [block]).to_text()


def zone_block(name: str, year: int) -> Component | None:
    """A VTIMEZONE of this name for a zone that is known by it: a name from IANA, from Windows, or with a vendor's prefix."""
    zone = known_zone(name) if name.isprintable() and len(name) <= LONGEST_NAME else None
    if zone is None:
        return None
    block = parse(_written(zone.key, year))
    if zone.key != name:
        block.set("TZID", escape(name))
    return block


def with_zones(text: str) -> str:
    """The text with a VTIMEZONE for each zone that it names and does not bring, if it is known. One that cannot be read comes as
    it is."""
    if _NAMED.search(text) is None:
        return text
    try:
        calendar = parse(text)
    except BadText:
        return text
    return calendar.to_text() if add_zones(calendar) else text


def add_zones(calendar: Component) -> bool:
    """Put those VTIMEZONEs before the other components; whether there were any to put."""
    blocks = [block for name, year in _missing(calendar) if (block := zone_block(name, year)) is not None]
    first = next((at for at, item in enumerate(calendar.items) if isinstance(item, Component)), len(calendar.items))
    calendar.items[first:first] = blocks
    return bool(blocks)


@lru_cache(maxsize=256)
def _written(key: str, year: int) -> str:
    return vtimezone_text(key, year)


def _missing(calendar: Component) -> Iterator[tuple[str, int]]:
    """The zones that are named and not brought, each with the year in which it is first needed."""
    ids = [line for block in calendar.children_named("VTIMEZONE") if (line := block.get("TZID")) is not None]
    brought = {name for line in ids for name in (line.text, line.value)}
    years: dict[str, int] = {}
    for line in _lines(calendar):
        name = line.param_text("TZID")
        if name and name not in brought:
            year = _year_of(line)
            years[name] = min(year, years.get(name, year))
    return islice(iter(years.items()), MOST_ADDED)


def _lines(component: Component) -> Iterator[Line]:
    for item in component.items:
        if isinstance(item, Line):
            yield item
        else:
            yield from _lines(item)


def _year_of(line: Line) -> int:
    found = _YEAR.match(line.value.strip())
    return int(found.group()) if found is not None else 1970
