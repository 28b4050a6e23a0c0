"""Rows of cards as a directory looks at them: the best first, and how many there are in all."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, func, select

from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId
from pimgate.store.items import LONGEST_SEARCH, NEVER_KEPT
from pimgate.store.tables import item, item_text


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a book, and its text."""

    id: ItemId
    collection_id: CollectionId
    text: str


class EntryRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def matching(
        self, books: Sequence[CollectionId], words: str, limit: int, *, first: Some[CollectionId] = ()
    ) -> tuple[list[Card], int]:
        """Cards whose search column contains `words` (lower case, accents folded), at most `limit`, and how many there are.

        Names that begin with the words come first, then cards with a field that does; among these the books of `first`, and
        then by name. Nothing for more words than make sense.
        """
        if not books or len(words) > LONGEST_SEARCH or NEVER_KEPT.search(words):
            return [], 0
        query = (
            select(item.c.id, func.count().over().label("total"))
            .where(item.c.collection_id.in_(list(books)), item.c.search.contains(words, autoescape=True))
            .order_by(_place(words), item.c.collection_id.in_(list(first)).desc(), item.c.title, item.c.id)
            .limit(limit)
        )
        # The texts are read after the choice: a book is searched without looking at its photos.
        rows = self._connection.execute(query).all()
        return self._cards([ItemId(row.id) for row in rows]), rows[0].total if rows else 0

    def with_uids(self, book: CollectionId, uids: Sequence[str]) -> list[Card]:
        """Those cards of a book that have one of these UIDs, in the order of the book."""
        wanted = [uid for uid in uids if not NEVER_KEPT.search(uid)]
        query = select(item.c.id).where(item.c.collection_id == book, item.c.uid.in_(wanted)).order_by(item.c.id)
        return self._cards([ItemId(row.id) for row in self._connection.execute(query)])

    def with_ids(self, books: Sequence[CollectionId], ids: Sequence[ItemId]) -> list[Card]:
        """Those of these cards that are in one of the books, in the order of `ids`."""
        return [card for card in self._cards(ids) if card.collection_id in books]

    def text(self, item_id: ItemId) -> str:
        cards = self._cards([item_id])
        return cards[0].text if cards else ""

    def _cards(self, ids: Sequence[ItemId]) -> list[Card]:
        query = (
            select(item.c.id, item.c.collection_id, item_text.c.text)
            .join(item_text, item_text.c.item_id == item.c.id)
            .where(item.c.id.in_(ids))
        )
        found = {row.id: Card(row.id, row.collection_id, row.text) for row in self._connection.execute(query)}
        return [found[each] for each in ids if each in found]


def _place(words: str) -> ColumnElement[int]:
    """The search column begins with the name, and each of its fields stands in a line of its own."""
    of_name = item.c.search.startswith(words, autoescape=True)
    of_a_field = item.c.search.contains(f"\n{words}", autoescape=True)
    return case((of_name, 0), (of_a_field, 1), else_=2)
