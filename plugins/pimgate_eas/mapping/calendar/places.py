"""Location: the name of a place, and from 16.0 on its address and coordinates.

The name is LOCATION, the coordinates are GEO; for the parts of the address iCalendar has no property, so they stand in one of
our own, and count only as long as the name beside them is the one they came with. A device that knows names alone leaves the
rest as it is, unless it moves the event to another place.

Sources: MS-ASCAL "Location", MS-ASAIRS "Location" and its children, RFC 5545 "Location", "Geographic Position".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from pimgate.text.lines import escape, make_line, split_unescaped, unescape
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.editing import put, put_text, text_of
from pimgate_eas.mapping.rows import Shape, text_in
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element

_PARTS: Final = ("Street", "City", "State", "PostalCode", "Country")
_MORE: Final = ("LocationUri", "Annotation", "Accuracy", "Altitude", "AltitudeAccuracy")
_DETAILS: Final = (*_PARTS, *_MORE)
_PROPERTY: Final = "X-PIMGATE-PLACE"
_OF_THE_OLD_PLACE: Final = ("GEO", "X-APPLE-STRUCTURED-LOCATION", _PROPERTY)
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,4}(?:\.[0-9]{1,20})?\Z")
_HIGHEST: Final = {"Latitude": 90.0, "Longitude": 180.0}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event is. `details` are texts in the order of `_DETAILS`, () for none; `latitude` and `longitude` are both there or
    neither."""

    name: str = ""
    latitude: str = ""
    longitude: str = ""
    details: tuple[str, ...] = ()


NOWHERE: Final = Place()


def place(entry: Entry) -> Place:
    name = text_of(entry.component.get("LOCATION"))
    latitude, longitude = _coordinates(entry)
    return Place(name, latitude, longitude, _details(entry, name))


def put_place(entry: Entry, wanted: Place) -> None:
    """Make this the place. What belongs to another place goes with it; a name without more leaves the rest of its own place."""
    known, component = place(entry), entry.component
    if wanted.name != known.name:
        put_text(component, "LOCATION", wanted.name, dropped=("ALTREP",))
        for name in _OF_THE_OLD_PLACE:
            component.remove(name)
    elif wanted == Place(known.name) and known.name:
        return
    if (wanted.latitude, wanted.longitude) != _coordinates(entry):
        component.remove("X-APPLE-STRUCTURED-LOCATION")
        if wanted.latitude:
            put(component, "GEO", f"{wanted.latitude};{wanted.longitude}")
        else:
            component.remove("GEO")
    if wanted.details != _details(entry, wanted.name):
        component.remove(_PROPERTY)
        if wanted.details:
            value = ";".join(map(escape, wanted.details))
            component.add(make_line(_PROPERTY, value, (("X-NAME", (wanted.name,)),)))


def put_name(entry: Entry, name: str) -> None:
    """The same by a device that knows nothing but names."""
    put_place(entry, Place(name))


def _coordinates(entry: Entry) -> tuple[str, str]:
    line = entry.component.get("GEO")
    latitude, _, longitude = (line.value if line is not None else "").partition(";")
    return _both(_degrees("Latitude", latitude), _degrees("Longitude", longitude))


def _both(latitude: str, longitude: str) -> tuple[str, str]:
    return (latitude, longitude) if latitude and longitude else ("", "")


def _degrees(which: str, text: str) -> str:
    """A number as we write it, so that the same place is the same text; "" for what is none."""
    text = text.strip()
    if not _NUMBER.match(text) or abs(float(text)) > _HIGHEST[which]:
        return ""
    short = f"{float(text):.6f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def _details(entry: Entry, name: str) -> tuple[str, ...]:
    line = entry.component.get(_PROPERTY)
    if line is None or clean(line.param_text("X-NAME") or "") != name:
        return ()
    found = [clean(unescape(each)) for each in split_unescaped(line.value, ";")][: len(_DETAILS)]
    return _filled(tuple(found + [""] * (len(_DETAILS) - len(found))))


def _filled(details: tuple[str, ...]) -> tuple[str, ...]:
    return details if any(details) else ()


def _read(element: Element) -> Place | None:
    """The address in one line stands for a name where a device sends none. None if all it has are coordinates."""
    texts = {child.tag: text_in(child) for child in element.children}
    details = _filled(tuple(texts.get(tag, "") for tag in _DETAILS))
    latitude, longitude = _both(*(_degrees(tag, texts.get(tag, "")) for tag in ("Latitude", "Longitude")))
    found = Place(texts.get("DisplayName", ""), latitude, longitude, details)
    if "DisplayName" in texts or not element.children:
        return found
    address = ", ".join(filter(None, details[: len(_PARTS)]))
    return replace(found, name=address) if address else None


def _element(tag: str, where: Place) -> Element:
    texts = {"DisplayName": where.name, **dict(zip(_DETAILS, where.details, strict=False))}
    texts |= {"Latitude": where.latitude, "Longitude": where.longitude}
    return Element(tag, *(Element(f"AirSyncBase:{each}", text=text) for each, text in texts.items() if text))


PLACE: Final = Shape(NOWHERE, _read, _element)
