"""Calendar objects with or without the rules of time zones (RFC 7809, "CalDAV-Timezones Request Header Field").

Whoever says nothing gets what is kept. `F` leaves out what everybody knows; `T` brings along what is named and known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pimgate.text.component import Component, parse
from pimgate.text.errors import BadText
from pimgate.text.timezones import known_zone
from pimgate.text.zone_object import with_zones
from pimgate_dav.errors import BadRequest

Form = Callable[[str], str]

HEADER: Final = "caldav-timezones"
VARY: Final[Mapping[str, str]] = {"Vary": "CalDAV-Timezones"}


def as_it_is(text: str) -> str:
    """The octets that are kept."""
    return text


def zone_form(headers: Mapping[str, str]) -> Form:
    """The form that a request asks for. BadRequest for what is neither T nor F."""
    asked = headers.get(HEADER)
    if asked is None:
        return as_it_is
    word = asked.strip().upper()
    if word not in ("T", "F"):
        raise BadRequest("CalDAV-Timezones is T or F.")
    return with_zones if word == "T" else without_zones


def negotiated(asked: Mapping[str, str], text: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A text in the form that a request asks for, and the headers that go with it. An ETag stands for what is kept, so a text that
    is another one goes without. BadRequest."""
    given = zone_form(asked)(text)
    left = {name: value for name, value in headers.items() if given == text or name != "ETag"}
    return given, {**left, **VARY}


def without_zones(text: str) -> str:
    """The text without the VTIMEZONEs whose names are those of the time zone database; others stay."""
    if "\nBEGIN:VTIMEZONE" not in text:
        return text
    try:
        calendar = parse(text)
    except BadText:
        return text
    for zone in calendar.children_named("VTIMEZONE"):
        if _is_standard(zone):
            calendar.remove(zone)
    return calendar.to_text()


def _is_standard(zone: Component) -> bool:
    line = zone.get("TZID")
    if line is None:
        return False
    found = known_zone(line.text.strip())
    return found is not None and found.key == line.text.strip()
