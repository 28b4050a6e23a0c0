"""What programs keep with an item beside its text: to a limit, and counted like the text among what the owner keeps.

The item stays the same version and no line of the journal tells of it, so nobody fetches an item again for that: RFC 6578 reports
what has another entity tag, and a phone does not know of properties at all.
"""

from __future__ import annotations

from collections.abc import Mapping

from pimgate import allowance
from pimgate.errors import NoRoom
from pimgate.model.collections import Collection
from pimgate.model.items import ItemHead
from pimgate.settings import Limits
from pimgate.store.item_properties import size_of
from pimgate.store.work import Work

MOST = 200
MOST_BYTES = 65_536
"""Of names and values together, of one item."""


def keep(
    work: Work,
    limits: Limits,
    collection: Collection,
    head: ItemHead,
    properties: Mapping[str, str],
    *,
    needs_room: bool = True,
) -> None:
    """All properties of an item of this collection, in place of those that it had. NoRoom, and then nothing is changed.
    `needs_room`: whether they count against what the owner may keep: not where they only change their place."""
    size_bytes, before = size_of(properties), work.item_properties.size(head.id)
    if not properties and not before:
        return
    if len(properties) > MOST or size_bytes > MOST_BYTES:
        raise NoRoom(f"properties of {head.id}", public="The properties of this item are too many, or too large.")
    if needs_room:
        allowance.check(work, limits, collection.owner, size_bytes - before)
    work.item_properties.put(head, properties)
    work.collections.grow(collection.id, 0, size_bytes - before)
