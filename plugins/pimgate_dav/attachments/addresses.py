"""Where the octets of a file are got:

    /dav/<account id>/attachments/<collection id>.<item id>.<MANAGED-ID>

Below the reader's own home, whoever's calendar the event is in. Whoever may read the event may read its files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pimgate.api import CollectionId, ItemId, NoSuchItem
from pimgate_dav.layout import ATTACHMENTS, Place, place_of
from pimgate_dav.visit import Visit

_NAME: Final = re.compile(r"(c[a-z2-9]{12})\.([0-9]{1,18})\.([0-9A-Za-z_-]{1,100})")


@dataclass(frozen=True, slots=True)
class Where:
    """A file of one item of one collection."""

    collection: CollectionId
    item: ItemId
    managed_id: str

    @property
    def name(self) -> str:
        return f"{self.collection}.{self.item}.{self.managed_id}"


def address_of(visit: Visit, where: Where) -> str:
    """The whole address: programs keep it as it stands."""
    return visit.server + Place(visit.viewer.account.id, ATTACHMENTS, where.name).href


def where_of(name: str) -> Where | None:
    """What the last part of an address names; None for what names nothing."""
    found = _NAME.fullmatch(name)
    return Where(CollectionId(found[1]), ItemId(int(found[2])), found[3]) if found else None


def where_at(address: str) -> Where | None:
    """The same of a whole address. It may be an older one, of another name of this server: what it names is looked at instead."""
    try:
        place = place_of(urlsplit(address.strip()).path)
    except (ValueError, NoSuchItem):
        return None
    return where_of(place.item) if place.collection == ATTACHMENTS else None


def is_here(visit: Visit, address: str) -> bool:
    """Whether an address is on this server."""
    try:
        return urlsplit(address.strip()).netloc in {urlsplit(visit.server).netloc, visit.ask.host}
    except ValueError:
        return False
