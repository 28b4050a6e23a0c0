"""The time zone in which floating times of a calendar are meant: one truth under two names (RFC 4791, "CALDAV:calendar-timezone
Property"; RFC 7809, "CALDAV:calendar-timezone-id").

Whoever writes a name reads rules, and the other way round. A zone that only its own rules describe has no name for others.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.api import Collection, calendar_zone
from pimgate.text.errors import BadText
from pimgate.text.events import PRODID
from pimgate.text.zone_object import read_zone, zone_object
from pimgate_dav.errors import Precondition
from pimgate_dav.filters.zone_asked import zone_named
from pimgate_dav.names import caldav
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import escaped

RULES: Final = calendar_zone.PROPERTY
NAME: Final = caldav("calendar-timezone-id")
MOST_CHARACTERS: Final = 65_536


def rules(visit: Visit, collection: Collection) -> str | None:
    """The zone as a calendar object: as a program gave it, else as the rules are now."""
    text, zone = collection.properties.get(RULES), calendar_zone.kept_zone(collection)
    if zone is not None and text == zone.name:
        text = zone_object(zone.name, datetime.fromtimestamp(visit.work.now, UTC).year, PRODID)
    return escaped(text) if text else None


def name(collection: Collection) -> str | None:
    """What everybody calls the zone."""
    zone = calendar_zone.kept_zone(collection)
    return escaped(zone.name) if zone is not None and zone.is_known else None


def kept_name(found: Element) -> str:
    """What is kept for a name. Precondition for one that is not known."""
    given = (found.text or "").strip()
    zone_named(given)
    return given


def kept_rules(found: Element) -> str:
    """What is kept for rules. Precondition for what are none."""
    text = "".join(found.itertext())
    try:
        if len(text) > MOST_CHARACTERS:
            raise BadText("The rules of a time zone are too long.")
        read_zone(text.strip())
    except BadText as error:
        raise Precondition(403, caldav("valid-calendar-data"), error.reason) from error
    return text
