"""Rows of occurrences: what the table beside recurring events knows of a span of time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select

from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId
from pimgate.store.tables import occurrence


class OccurrenceRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def between(self, collections: Sequence[CollectionId], start: int, end: int) -> dict[ItemId, list[tuple[int, int]]]:
        """The kept starts and ends that touch this time, by item. What is not kept any more, or not yet, is not among them."""
        query = (
            select(occurrence.c.item_id, occurrence.c.starts_at, occurrence.c.ends_at)
            .where(
                occurrence.c.collection_id.in_(list(collections)),
                occurrence.c.starts_at < end,
                or_(occurrence.c.ends_at > start, occurrence.c.starts_at >= start),
            )
            .order_by(occurrence.c.starts_at)
        )
        found: dict[ItemId, list[tuple[int, int]]] = {}
        for row in self._connection.execute(query):
            found.setdefault(ItemId(row.item_id), []).append((row.starts_at, row.ends_at))
        return found
