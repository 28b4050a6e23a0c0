"""Where floating times and whole days of a calendar are meant: in the zone that programs keep with it, else in the deployment's.

Sources: RFC 4791 "Date and Floating Time", "CALDAV:calendar-timezone Property".
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

from pimgate.model.collections import Collection
from pimgate.text.errors import BadText
from pimgate.text.timezones import known_zone
from pimgate.text.zone_object import LONGEST_NAME, NamedZone, read_zone

if TYPE_CHECKING:
    from pimgate.core import Core

PROPERTY: Final = "{urn:ietf:params:xml:ns:caldav}calendar-timezone"
"""The property of a calendar that holds its zone: a name that is known everywhere, or a calendar object with one VTIMEZONE."""


def zone_of(core: Core, calendar: Collection) -> tzinfo:
    """The zone of a calendar's floating times."""
    kept = kept_zone(calendar)
    return kept.zone if kept is not None else known_zone(core.settings.accounts.time_zone) or UTC


def kept_zone(calendar: Collection) -> NamedZone | None:
    """The zone that programs keep with a calendar; None where none is kept, or nothing that can be read."""
    text = calendar.properties.get(PROPERTY, "").strip()
    known = known_zone(text) if len(text) <= LONGEST_NAME else None
    if known is not None:
        return NamedZone(text, known, is_known=True)
    try:
        return read_zone(text) if text else None
    except BadText:
        return None
