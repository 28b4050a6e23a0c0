"""Rows of items by their times: what happens when, from the columns and the occurrences that are kept beside the texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    not_,
    or_,
    select,
    union_all,
)

from pimgate.model.collections import CollectionId
from pimgate.model.items import Cut, Item, ItemHead, ItemId
from pimgate.store.items import ALWAYS, HEAD
from pimgate.store.tables import OPAQUE, item, item_text, occurrence

START, END = bindparam("start", type_=BigInteger), bindparam("end", type_=BigInteger)
HERE = bindparam("here", type_=OPAQUE)


class SpanRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def occurrences(
        self, collections: Sequence[CollectionId], start: int, end: int
    ) -> dict[ItemId, list[tuple[int, int]]]:
        """The kept starts and ends that touch this time, by item. What is not kept any more, or not yet, is not among them."""
        rows = self._connection.execute(OCCURRENCES, {"these": list(collections), "start": start, "end": end})
        found: dict[ItemId, list[tuple[int, int]]] = {}
        for item_id, starts_at, ends_at in rows:
            found.setdefault(ItemId(item_id), []).append((starts_at, ends_at))
        return found

    def overlapping(
        self, collection_id: CollectionId, start: int | None, end: int | None, limit: int | None = None
    ) -> list[tuple[Item, bool]]:
        """Items that may happen between two times (either may be open), each with whether it surely does: single ones by their
        own times, recurring ones by their kept occurrences. Of what has no times, or has them beyond what is known, the index
        is not sure. At most `limit`, oldest first."""
        given = {
            "here": collection_id,
            "start": -ALWAYS if start is None else start,
            "end": ALWAYS if end is None else end,
        }
        rows = self._connection.execute(OVERLAPPING.limit(limit), given).all()
        return [(Item(ItemHead(*head), text), bool(is_sure)) for *head, text, is_sure in rows]

    def ending(
        self, collection_id: CollectionId, after: Cut, upto: Cut, component: str, limit: int, *, last_first: bool
    ) -> list[ItemHead]:
        """Items that end between two cuts, in the order in which they end, or the other way round."""
        query = select(*HEAD).where(
            item.c.collection_id == collection_id,
            item.c.lasts_until >= after.at,
            item.c.lasts_until <= upto.at,
            or_(item.c.lasts_until > after.at, item.c.id > after.item),
            or_(item.c.lasts_until < upto.at, item.c.id <= upto.item),
            item.c.component == component,
        )
        order = [each.desc() if last_first else each for each in (item.c.lasts_until, item.c.id)]
        return [ItemHead(*row) for row in self._connection.execute(query.order_by(*order).limit(limit))]

    def next_end(self, collection_id: CollectionId, after: int, component: str) -> int | None:
        """The first end after this moment."""
        query = select(item.c.lasts_until).where(
            item.c.collection_id == collection_id, item.c.lasts_until > after, item.c.component == component
        )
        return self._connection.execute(query.order_by(item.c.lasts_until).limit(1)).scalar()


def _touching(starts: ColumnElement[Any], ends: ColumnElement[Any]) -> ColumnElement[bool]:
    """Overlap with the window; something without length counts at its instant, something without an end at its start."""
    return and_(starts < END, or_(ends > START, starts >= START, ends.is_(None)))


def _overlapping() -> Select[Any]:
    """Each branch finds its items in an index alone; the texts are then fetched for those only."""
    mine = item.c.collection_id == HERE
    knows = and_(item.c.known_from <= START, item.c.known_until >= END)
    undated = item.c.starts_at.is_(None)
    found = union_all(
        select(item.c.id).where(mine, item.c.is_recurring.is_(False), _touching(item.c.starts_at, item.c.ends_at)),
        select(item.c.id).where(mine, item.c.is_recurring.is_(True), not_(knows)),
        select(occurrence.c.item_id).where(
            occurrence.c.collection_id == HERE, _touching(occurrence.c.starts_at, occurrence.c.ends_at)
        ),
        select(item.c.id).where(mine, item.c.is_recurring.is_(False), undated),
    )
    is_sure = case((undated, False), (item.c.is_recurring.is_(False), True), else_=knows)
    return (
        select(*HEAD, item_text.c.text, is_sure)
        .join(item_text, item_text.c.item_id == item.c.id)
        .where(item.c.id.in_(found))
        .order_by(item.c.id)
    )


OVERLAPPING = _overlapping()
OCCURRENCES = (
    select(occurrence.c.item_id, occurrence.c.starts_at, occurrence.c.ends_at)
    .where(
        occurrence.c.collection_id.in_(bindparam("these", expanding=True)),
        _touching(occurrence.c.starts_at, occurrence.c.ends_at),
    )
    .order_by(occurrence.c.starts_at)
)
