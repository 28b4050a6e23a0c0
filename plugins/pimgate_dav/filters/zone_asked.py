"""The time zone in which a query means floating times (RFC 4791, "CALDAV:timezone XML Element"; RFC 7809, "CALDAV:timezone-id XML
Element")."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.text.errors import BadText
from pimgate.text.timezones import known_zone
from pimgate.text.zone_object import LONGEST_NAME, read_zone
from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.names import caldav

WHOLE: Final = caldav("timezone")
NAMED: Final = caldav("timezone-id")


def zone_asked(query: Element) -> tzinfo | None:
    """The zone that a query names, or brings along; None if it does neither. Precondition for one that nobody knows or can read."""
    found = [each for each in query if each.tag in (WHOLE, NAMED)]
    if len(found) > 1:
        raise BadRequest("A query names one time zone.")
    if not found:
        return None
    text = found[0].text or ""
    return zone_named(text) if found[0].tag == NAMED else _read(text)


def zone_named(name: str) -> tzinfo:
    """The zone of this name. Precondition if it is not known."""
    name = name.strip()
    zone = known_zone(name) if name.isprintable() and len(name) <= LONGEST_NAME else None
    if zone is None:
        raise Precondition(403, caldav("valid-timezone"), "This time zone is not known here; please send its rules.")
    return zone


def _read(text: str) -> tzinfo:
    try:
        return read_zone(text.strip()).zone
    except BadText as error:
        raise Precondition(403, caldav("valid-calendar-data"), error.reason) from error
