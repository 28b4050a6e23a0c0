"""Calendar:Timezone: the blob that is sent, and the zone that a device's blob means.

Source: MS-ASDTYPE "TimeZone".
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, tzinfo
from typing import Final, cast
from zoneinfo import ZoneInfo

from pimgate.text.timezones import blob_for, known_zone, zone_for
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.context import NO_TIME, Context
from pimgate_eas.wbxml.element import Element

TAG: Final = "Calendar:Timezone"
_YEARS: Final = (1990, 2037)
"""Years whose rules can be said; events before and after get those of the nearest."""


def zone_blob(entry: Entry) -> str:
    """The blob for an event in base64, with the rules of its year; of a series, with those of this year if it began
    before."""
    zone = entry.zone
    # A zone that only the event's own VTIMEZONE describes answers like a ZoneInfo.
    named = ZoneInfo("UTC") if zone is UTC else cast(ZoneInfo, zone)
    return base64.b64encode(blob_for(named, _year(entry))).decode()


def _year(entry: Entry) -> int:
    year = entry.main.start.year
    if entry.main.is_series and entry.context.now != NO_TIME:
        year = max(year, entry.context.now.year)
    return min(max(year, _YEARS[0]), _YEARS[1])


def new_zone(data: Element, context: Context, year: int) -> tzinfo | None:
    """The zone that a device's blob means, the person's own if that fits; None if it says nothing to go by."""
    return _zone_of(_blob(data), (context.zone,), year)


def changed_zone(entry: Entry, data: Element) -> tzinfo | None:
    """The zone that a device moves an event to. None if it stays where it is.

    It stays for the blob that we sent, for one with the same rules, for none, and for UTC without more: devices that
    do not know an event's zone say that.
    """
    sent = _blob(data)
    if not sent or sent == base64.b64decode(zone_blob(entry)):
        return None
    stored = entry.zone
    key = getattr(stored, "key", "")
    found = _zone_of(sent, (key, entry.context.zone), _year(entry))
    is_new = found is not None and found is not UTC and found != stored
    return found if is_new and getattr(found, "key", "") != key else None


def _blob(data: Element) -> bytes:
    try:
        return base64.b64decode("".join((data.text_of(TAG) or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _zone_of(blob: bytes, preferred: tuple[str, ...], year: int) -> tzinfo | None:
    try:
        name = zone_for(blob, [each for each in preferred if each], year=min(max(year, _YEARS[0]), _YEARS[1]))
    except ValueError:
        return None
    zone = known_zone(name) if name else None
    return UTC if zone is not None and zone.key in ("UTC", "Etc/UTC") else zone


def in_zone(instant: datetime, zone: tzinfo) -> datetime:
    """A moment on the clocks of a zone."""
    return instant.astimezone(UTC if getattr(zone, "key", "") in ("UTC", "Etc/UTC") else zone)
