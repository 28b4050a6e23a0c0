"""Rows of items: the texts, and the columns beside them that make lists and searches cheap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from pimgate.model.collections import CollectionId
from pimgate.model.items import Item, ItemHead, ItemId, Listed
from pimgate.store.tables import item, item_property, item_text, occurrence

T = TypeVar("T")

CHUNK = 500
"""Names or ids in one statement."""

NEVER_KEPT = re.compile("[\0\ud800-\udfff]")
"""No name or word that is kept has one of these, and databases do not even take the question."""

ALWAYS = 2**62
"""An end of what is known of a series that has no end: beyond all times, in seconds since 1970."""

LONGEST_SEARCH = 1_000
"""Characters; SQLite takes no more than some ten thousand."""

HEAD = [item.c[each.name] for each in fields(ItemHead)]
"""The columns of a head, in the order of its fields."""

LISTED = [item.c[each] for each in Listed._fields]
"""The columns of what a list says of an item, in their order."""

# Statements of every request are made once: making one costs more than carrying it out.
HERE = select(*HEAD).where(item.c.collection_id == bindparam("here"))
BY_NAME = HERE.where(item.c.name == bindparam("name"))
BY_UID = HERE.where(item.c.uid == bindparam("uid"))
BY_ID = HERE.where(item.c.id == bindparam("item_id"))
LISTING = select(*LISTED).where(item.c.collection_id == bindparam("here")).order_by(item.c.id)
WITH_TEXT = (
    select(*HEAD, item_text.c.text)
    .join(item_text, item_text.c.item_id == item.c.id)
    .where(item.c.collection_id == bindparam("here"))
)
ALL = WITH_TEXT.order_by(item.c.id)
NAMED = WITH_TEXT.where(item.c.name == bindparam("name"))
NAMED_SO = WITH_TEXT.where(item.c.name.in_(bindparam("names", expanding=True)))
NUMBERED_SO = WITH_TEXT.where(item.c.id.in_(bindparam("ids", expanding=True)))
HEADS_SO = HERE.where(item.c.id.in_(bindparam("ids", expanding=True)))
NEXT = HERE.where(item.c.id > bindparam("after")).order_by(item.c.id).limit(bindparam("most"))
TEXT = select(item_text.c.text).where(item_text.c.item_id == bindparam("item_id"))
ADD = insert(item).returning(*HEAD)
ADD_TEXT = insert(item_text)
REPLACE = update(item).where(item.c.id == bindparam("item_id")).returning(*HEAD)
REPLACE_TEXT = update(item_text).where(item_text.c.item_id == bindparam("of_item"))


@dataclass(frozen=True, slots=True)
class Indexed:
    """What the columns beside a text say of it. `occurrences` are the starts and ends of a recurring event within the window that
    is kept; from `known_from` to `known_until` they are all that there are, so an empty span says that nothing is known."""

    uid: str
    component: str
    title: str
    search: str
    starts_at: int | None = None
    ends_at: int | None = None
    is_recurring: bool = False
    known_from: int = 0
    known_until: int = 0
    is_private: bool = False
    lasts_until: int | None = None
    occurrences: tuple[tuple[int, int], ...] = ()


class ItemRows:
    def __init__(self, connection: Connection, now: float) -> None:
        self._connection = connection
        self._now = now

    def add(self, collection_id: CollectionId, name: str, text: str, etag: str, indexed: Indexed, seq: int) -> ItemHead:
        """A new item, at position `seq` of its collection's stream."""
        row = {
            "collection_id": collection_id,
            "name": name,
            "etag": etag,
            "created_seq": seq,
            **_columns(text, indexed, seq, self._now),
        }
        head = _head(self._connection.execute(ADD, row).one())
        self._connection.execute(ADD_TEXT, {"item_id": head.id, "text": text})
        self._keep_occurrences(head.id, collection_id, indexed)
        return head

    def replace(self, head: ItemHead, text: str, etag: str, indexed: Indexed, seq: int) -> ItemHead:
        """A new text for an item that exists."""
        row = {"item_id": head.id, "etag": etag, **_columns(text, indexed, seq, self._now)}
        replaced = _head(self._connection.execute(REPLACE, row).one())
        self._connection.execute(REPLACE_TEXT, {"of_item": head.id, "text": text})
        if head.is_recurring:
            self._connection.execute(delete(occurrence).where(occurrence.c.item_id == head.id))
        self._keep_occurrences(head.id, head.collection_id, indexed)
        return replaced

    def remove(self, item_id: ItemId) -> None:
        self._connection.execute(delete(occurrence).where(occurrence.c.item_id == item_id))
        self._connection.execute(delete(item_text).where(item_text.c.item_id == item_id))
        self._connection.execute(delete(item).where(item.c.id == item_id))

    def _keep_occurrences(self, item_id: ItemId, collection_id: CollectionId, indexed: Indexed) -> None:
        rows = [
            {"item_id": item_id, "collection_id": collection_id, "starts_at": start, "ends_at": end}
            for start, end in indexed.occurrences
        ]
        if rows:
            self._connection.execute(insert(occurrence), rows)

    def by_name(self, collection_id: CollectionId, name: str) -> ItemHead | None:
        return None if NEVER_KEPT.search(name) else self._one(BY_NAME, here=collection_id, name=name)

    def by_uid(self, collection_id: CollectionId, uid: str) -> ItemHead | None:
        return self._one(BY_UID, here=collection_id, uid=uid)

    def by_id(self, collection_id: CollectionId, item_id: ItemId) -> ItemHead | None:
        return self._one(BY_ID, here=collection_id, item_id=item_id)

    def _one(self, statement: Select[Any], **given: object) -> ItemHead | None:
        row = self._connection.execute(statement, given).first()
        return _head(row) if row else None

    def named(self, collection_id: CollectionId, name: str) -> Item | None:
        """The item of this name, with its text."""
        if NEVER_KEPT.search(name):
            return None
        row = self._connection.execute(NAMED, {"here": collection_id, "name": name}).first()
        return _item(row) if row else None

    def text(self, item_id: ItemId) -> str:
        return self._connection.execute(TEXT, {"item_id": item_id}).scalar() or ""

    def heads(self, collection_id: CollectionId) -> list[ItemHead]:
        """All items of a collection without their texts, oldest first."""
        query = select(*HEAD).where(item.c.collection_id == collection_id).order_by(item.c.id)
        return [_head(row) for row in self._connection.execute(query)]

    def listed(self, collection_id: CollectionId) -> list[Listed]:
        """The same with no more than a list says of each: a third of the cost."""
        return [Listed(*row) for row in self._connection.execute(LISTING, {"here": collection_id}).all()]

    def heads_of(self, collection_id: CollectionId, ids: Iterable[ItemId]) -> dict[ItemId, ItemHead]:
        """The heads of those of `ids` that exist in the collection."""
        found: dict[ItemId, ItemHead] = {}
        for chunk in _chunks(list(ids)):
            rows = self._connection.execute(HEADS_SO, {"here": collection_id, "ids": chunk})
            found |= {row.id: _head(row) for row in rows}
        return found

    def after(self, collection_id: CollectionId, item_id: ItemId, limit: int) -> list[ItemHead]:
        """The next items in order of their ids, without their texts."""
        rows = self._connection.execute(NEXT, {"here": collection_id, "after": item_id, "most": limit})
        return [_head(row) for row in rows]

    def by_ids(self, collection_id: CollectionId, ids: Sequence[ItemId]) -> dict[ItemId, Item]:
        found: dict[ItemId, Item] = {}
        for chunk in _chunks(ids):
            rows = self._connection.execute(NUMBERED_SO, {"here": collection_id, "ids": chunk}).all()
            found |= {each.id: each for each in map(_item, rows)}
        return found

    def by_names(self, collection_id: CollectionId, names: Sequence[str]) -> dict[str, Item]:
        found: dict[str, Item] = {}
        for chunk in _chunks([name for name in names if not NEVER_KEPT.search(name)]):
            rows = self._connection.execute(NAMED_SO, {"here": collection_id, "names": chunk}).all()
            found |= {each.head.name: each for each in map(_item, rows)}
        return found

    def all(self, collection_id: CollectionId) -> list[Item]:
        return [_item(row) for row in self._connection.execute(ALL, {"here": collection_id})]

    def matching(
        self, collections: Sequence[CollectionId], words: str, limit: int, *, public_only: bool = False
    ) -> list[Item]:
        """Items whose search column contains `words` (lower case, accents folded); nothing for more words than make sense.
        `public_only` leaves out those that are private."""
        if len(words) > LONGEST_SEARCH or NEVER_KEPT.search(words):
            return []
        conditions = [item.c.collection_id.in_(list(collections)), item.c.search.contains(words, autoescape=True)]
        if public_only:
            conditions.append(item.c.is_private.is_(False))
        query: Select[Any] = (
            select(*HEAD, item_text.c.text)
            .join(item_text, item_text.c.item_id == item.c.id)
            .where(*conditions)
            .order_by(item.c.title, item.c.id)
            .limit(limit)
        )
        return [_item(row) for row in self._connection.execute(query)]

    def size(self, collection_id: CollectionId) -> tuple[int, int]:
        """Number of items and bytes, counted anew, with what programs keep beside the texts."""
        query = select(func.count(), func.coalesce(func.sum(item.c.size_bytes), 0)).where(
            item.c.collection_id == collection_id
        )
        beside = select(func.coalesce(func.sum(item_property.c.size_bytes), 0)).where(
            item_property.c.collection_id == collection_id
        )
        count, size_bytes = self._connection.execute(query).one()
        return count, int(size_bytes) + int(self._connection.execute(beside).scalar_one())

    def remove_all(self, collection_id: CollectionId) -> None:
        """Empty a collection that is about to go."""
        mine = select(item.c.id).where(item.c.collection_id == collection_id)
        self._connection.execute(delete(occurrence).where(occurrence.c.collection_id == collection_id))
        self._connection.execute(delete(item_property).where(item_property.c.collection_id == collection_id))
        self._connection.execute(delete(item_text).where(item_text.c.item_id.in_(mine)))
        self._connection.execute(delete(item).where(item.c.collection_id == collection_id))


def _columns(text: str, indexed: Indexed, seq: int, now: float) -> dict[str, Any]:
    return {
        "uid": indexed.uid,
        "component": indexed.component,
        "size_bytes": len(text.encode()),
        "seq": seq,
        "changed_at": now,
        "starts_at": indexed.starts_at,
        "ends_at": indexed.ends_at,
        "is_recurring": indexed.is_recurring,
        "known_from": indexed.known_from,
        "known_until": indexed.known_until,
        "is_private": indexed.is_private,
        "lasts_until": indexed.lasts_until,
        "title": indexed.title[:254],
        "search": indexed.search,
    }


def _chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def _head(row: Sequence[Any]) -> ItemHead:
    """A head from the columns of HEAD, which stand in the order of its fields: lists of thousands are made of these."""
    return ItemHead(*row)


def _item(row: Sequence[Any]) -> Item:
    return Item(ItemHead(*row[:-1]), row[-1])
