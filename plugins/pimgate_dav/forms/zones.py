"""Calendar objects without the rules of time zones that everybody knows (RFC 7809, "CalDAV-Timezones Request Header Field")."""

from __future__ import annotations

from collections.abc import Mapping

from pimgate.text.component import Component, parse
from pimgate.text.errors import BadText
from pimgate.text.timezones import known_zone
from pimgate_dav.errors import BadRequest

HEADER = "caldav-timezones"


def wants_zones(headers: Mapping[str, str]) -> bool:
    """Whether zones are to come along, as they do unless a client says otherwise. BadRequest for what says neither."""
    asked = headers.get(HEADER, "T").strip().upper()
    if asked not in ("T", "F"):
        raise BadRequest("CalDAV-Timezones is T or F.")
    return asked == "T"


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
