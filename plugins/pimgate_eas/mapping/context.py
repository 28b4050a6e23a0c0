"""Who looks at an item, and in which dialect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Final

from pimgate.text.timezones import known_zone
from pimgate_eas.versions import is_16, number
from pimgate_eas.wbxml.codepages import introduced_in

NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """What the mappings need to know besides the item.

    `version`: the protocol version, "12.1" to "16.1". `zone`: the person's time zone (IANA). `owner_email` and
    `owner_name`: whose account it is. `is_own`: the collection is the person's own; in others', meeting status and
    reminders stay neutral. `now`: the moment of the edit; with NO_TIME nothing is stamped. `body_forms`: the forms of text that
    the device reads, by the numbers of BodyPreference's Type, the best first. `server_id`: the id of the item on devices, if it
    has one yet.
    """

    version: str
    zone: str = "UTC"
    owner_email: str = ""
    owner_name: str = ""
    is_own: bool = True
    now: datetime = NO_TIME
    body_forms: tuple[str, ...] = ("1",)
    server_id: str = ""

    def of_item(self, server_id: str) -> Context:
        """The same for one item, which the device knows by this id and its files by ids below it."""
        return replace(self, server_id=server_id)

    @property
    def is_16(self) -> bool:
        """Whether exceptions are edited one by one, locations are structured and whole days have no zone."""
        return is_16(self.version)

    @property
    def home(self) -> tzinfo:
        """The person's time zone; UTC if its name is unknown."""
        return known_zone(self.zone) or UTC

    def knows(self, tag: str) -> bool:
        """Whether the dialect has this element."""
        return number(introduced_in(tag)) <= number(self.version)
