"""Rows of what programs keep with items beside their texts: names and values that mean nothing to us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select

from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemHead, ItemId
from pimgate.store.tables import item, item_property

CHUNK = 500
"""Ids in one statement."""

# Statements of every request are made once: making one costs more than carrying it out.
HERE: Select[Any] = (
    select(item_property.c.item_id, item_property.c.properties, item.c.is_private)
    .join(item, item.c.id == item_property.c.item_id)
    .where(item_property.c.collection_id == bindparam("here"))
)
SIZE = select(item_property.c.size_bytes).where(item_property.c.item_id == bindparam("item_id"))
REMOVE = delete(item_property).where(item_property.c.item_id == bindparam("of_item"))
NUMBERED_SO: Select[Any] = HERE.where(item_property.c.item_id.in_(bindparam("ids", expanding=True)))


class ItemPropertyRows:
    """One document an item, by name and value; an item with none has no row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(
        self, collection_id: CollectionId, ids: Sequence[ItemId] | None = None, *, public_only: bool = False
    ) -> dict[ItemId, dict[str, str]]:
        """Those of these items, or of all of a collection, in one statement for each few hundred ids. `public_only` leaves out
        items that are private."""
        here: dict[str, Any] = {"here": collection_id}
        questions: list[tuple[Select[Any], dict[str, Any]]] = [(HERE, here)]
        if ids is not None:
            questions = [(NUMBERED_SO, here | {"ids": ids[at : at + CHUNK]}) for at in range(0, len(ids), CHUNK)]
        rows = (row for statement, given in questions for row in self._connection.execute(statement, given))
        return {row.item_id: dict(row.properties) for row in rows if not (public_only and row.is_private)}

    def size(self, item_id: ItemId) -> int:
        """How many octets are kept with an item."""
        return self._connection.execute(SIZE, {"item_id": item_id}).scalar() or 0

    def put(self, head: ItemHead, properties: Mapping[str, str]) -> None:
        """All properties of an item, in place of those that it had."""
        self.remove(head.id)
        if properties:
            row = {
                "item_id": head.id,
                "collection_id": head.collection_id,
                "size_bytes": size_of(properties),
                "properties": dict(properties),
            }
            self._connection.execute(insert(item_property), row)

    def remove(self, item_id: ItemId) -> None:
        self._connection.execute(REMOVE, {"of_item": item_id})


def size_of(properties: Mapping[str, str]) -> int:
    """How many octets names and values are."""
    return sum(len(name.encode()) + len(value.encode()) for name, value in properties.items())
