"""Time zones by whatever name a client gives them, and as the texts and blobs that clients want.

Names come from IANA ("Europe/Berlin"), from Windows ("W. Europe Standard Time"), with a vendor's prefix
("/freeassociation.sourceforge.net/Europe/Berlin"), or mean nothing outside of the calendar that carries their
VTIMEZONE.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from pimgate.text.component import Component
from pimgate.text.embedded_zone import embedded_zone
from pimgate.text.zone_blob import blob_for, says, zone_for
from pimgate.text.zone_text import vtimezone_text

_OF_THE_HOST: Final = frozenset({"localtime", "posixrules"})
"""Files beside the zones that say where this computer stands."""
_OTHER_CLOCKS: Final = ("posix/", "right/")
"""Copies of all zones; the latter count leap seconds."""

__all__ = ["blob_for", "known_zone", "resolve_zone", "says", "vtimezone_text", "zone_for"]


def resolve_zone(tzid: str, calendar: Component | None = None) -> tzinfo:
    """The zone that `tzid` means inside `calendar` (its VCALENDAR). UTC if nobody can say.

    A name known everywhere wins over the VTIMEZONE beside it, whose rules may be years old; a VTIMEZONE may also say
    the known name itself (X-LIC-LOCATION).
    """
    zone = known_zone(tzid)
    if zone is not None:
        return zone
    block = _block_of(tzid, calendar) if calendar else None
    if block is None:
        return UTC
    location = block.get("X-LIC-LOCATION")
    return (known_zone(location.text) if location else None) or embedded_zone(block) or UTC


def known_zone(name: str) -> ZoneInfo | None:
    """The zone of an IANA name, a Windows name or an IANA name with a vendor's prefix; None for any other."""
    name = name.strip().strip('"')
    # "UTC" is a name of both kinds, and every client knows it by this name.
    zone = _iana_zone(name if name == "UTC" else WINDOWS_TO_OLSON.get(name, name))
    if zone is not None or "/" not in name:
        return zone
    segments = name.strip("/").split("/")[-4:]
    tails = ("/".join(segments[at:]) for at in range(1, len(segments)))
    return next((zone for tail in tails if (zone := _iana_zone(tail))), None)


def _iana_zone(key: str) -> ZoneInfo | None:
    if not key or len(key) > 64 or not key.isascii() or key in _OF_THE_HOST or key.startswith(_OTHER_CLOCKS):
        return None
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder
        return None


def _block_of(tzid: str, calendar: Component) -> Component | None:
    for block in calendar.children_named("VTIMEZONE"):
        line = block.get("TZID")
        if line is not None and tzid in (line.text, line.value):
            return block
    return None
