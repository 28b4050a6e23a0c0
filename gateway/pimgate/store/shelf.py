"""Rows of the shelf: small documents that a plugin keeps for a device or a person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from pimgate.store.tables import shelf

# Statements of every request are made once: making one costs more than carrying it out.
GET = select(shelf.c.document, shelf.c.blob).where(shelf.c.owner == bindparam("owner"), shelf.c.key == bindparam("key"))

PEEK = select(shelf.c.document).where(shelf.c.owner == bindparam("owner"), shelf.c.key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Document:
    """A small JSON object, and the bytes that belong to it (an answer to be repeated, for example)."""

    content: dict[str, Any]
    blob: bytes | None = None


class ShelfRows:
    """Documents by owner (the id of a device or an account) and key."""

    def __init__(self, connection: Connection, now: float) -> None:
        self._connection = connection
        self._now = now

    def get(self, owner: str, key: str) -> Document | None:
        row = self._connection.execute(GET, {"owner": owner, "key": key}).first()
        return Document(json.loads(row.document), row.blob) if row else None

    def peek(self, owner: str, key: str) -> dict[str, Any] | None:
        """The content of a document without its bytes, which may be many."""
        found = self._connection.execute(PEEK, {"owner": owner, "key": key}).scalar()
        return json.loads(found) if found else None

    def get_many(self, owner: str, prefix: str) -> dict[str, Document]:
        """All documents of an owner whose key begins with `prefix`, in just this case: SQLite's LIKE takes any."""
        query = select(shelf).where(shelf.c.owner == owner, shelf.c.key.startswith(prefix, autoescape=True))
        return {
            row.key: Document(json.loads(row.document), row.blob)
            for row in self._connection.execute(query)
            if row.key.startswith(prefix)
        }

    def put(self, owner: str, key: str, document: Document) -> None:
        values = {
            "document": json.dumps(document.content, separators=(",", ":"), ensure_ascii=False),
            "blob": document.blob,
            "at": self._now,
        }
        changed = update(shelf).where(shelf.c.owner == owner, shelf.c.key == key).values(values)
        if self._connection.execute(changed).rowcount == 0:
            self._connection.execute(insert(shelf), {"owner": owner, "key": key, **values})

    def remove(self, owner: str, key: str | None = None) -> None:
        """One document, or everything of this owner."""
        gone = delete(shelf).where(shelf.c.owner == owner)
        self._connection.execute(gone if key is None else gone.where(shelf.c.key == key))
