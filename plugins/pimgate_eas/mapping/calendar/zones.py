"""Calendar:Timezone: the blob that is sent, and the zone that a device's blob means.

Source: MS-ASDTYPE "TimeZone".
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, tzinfo
from typing import Final, cast
from zoneinfo import ZoneInfo

from pimgate.text.timezones import blob_for, known_zone, says, zone_for
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.context import NO_TIME, Context
from pimgate_eas.wbxml.element import Element

TAG: Final = "Calendar:Timezone"
_YEARS: Final = (1990, 2050)
"""Years whose rules can be said; events before and after get those of the nearest."""


def zone_blob(entry: Entry) -> str:
    """The blob for an event in base64, with the rules of its year; of a series, with those of this year if it began
    before."""
    return base64.b64encode(blob_for(_named(entry.zone), _year(entry))).decode()


def new_zone(data: Element, context: Context, year: int) -> tzinfo | None:
    """The zone that a device's blob means, the person's own if that fits; None if it says nothing to go by. UTC is nothing to
    go by: devices that do not know their zone say so, and no person lives there."""
    zone = _zone_of(_blob(data), (context.zone,), _within(year))
    return None if zone is UTC else zone


def changed_zone(entry: Entry, data: Element) -> tzinfo | None:
    """The zone that a device moves an event to. None if it stays where it is.

    It stays for the blob that we sent, by whatever names and for whichever year of the event we sent it, for none, and for UTC
    without more: devices that do not know an event's zone say that.
    """
    sent, stored = _blob(data), entry.zone
    if not sent or _is_echo(entry, sent):
        return None
    key = getattr(stored, "key", "")
    found = _zone_of(sent, (key, entry.context.zone), _year(entry))
    is_new = found is not None and found is not UTC and found != stored
    return found if is_new and getattr(found, "key", "") != key else None


def _is_echo(entry: Entry, sent: bytes) -> bool:
    """Whether a blob says the zone that the event has: a device may give back, names left out, what it got in another year."""
    year, zone = _year(entry), _named(entry.zone)
    try:
        return any(says(sent, zone, each) for each in {year, _within(year - 1), _within(entry.main.start.year)})
    except ValueError:
        return False


def _named(zone: tzinfo) -> ZoneInfo:
    # A zone that only the event's own VTIMEZONE describes answers like a ZoneInfo.
    return ZoneInfo("UTC") if zone is UTC else cast(ZoneInfo, zone)


def _year(entry: Entry) -> int:
    year = entry.main.start.year
    if entry.main.is_series and entry.context.now != NO_TIME:
        year = max(year, entry.context.now.year)
    return _within(year)


def _within(year: int) -> int:
    return min(max(year, _YEARS[0]), _YEARS[1])


def _blob(data: Element) -> bytes:
    try:
        return base64.b64decode("".join((data.text_of(TAG) or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _zone_of(blob: bytes, preferred: tuple[str, ...], year: int) -> tzinfo | None:
    try:
        name = zone_for(blob, [each for each in preferred if each], year=year)
    except ValueError:
        return None
    zone = known_zone(name) if name else None
    return UTC if zone is not None and zone.key in ("UTC", "Etc/UTC") else zone


def in_zone(instant: datetime, zone: tzinfo) -> datetime:
    """A moment on the clocks of a zone."""
    return instant.astimezone(UTC if getattr(zone, "key", "") in ("UTC", "Etc/UTC") else zone)
