"""Sync tokens: a position in the journal of one collection, as an address that means nothing to anybody else.

    https://pimgate.org/ns/sync/<collection id>/<position>              everything up to there was seen
    https://pimgate.org/ns/sync/<collection id>/<position>/<item id>    a first synchronisation that was cut by a limit:
                                                                        begun at the position, seen up to the item

The collection's id is in it, because an address that its maker chose may be given to another collection later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pimgate.api import Bookmark, BookmarkExpired, CollectionId, ItemId

PREFIX = "https://pimgate.org/ns/sync/"
_TOKEN = re.compile(re.escape(PREFIX) + r"(c[a-z0-9]{1,31})/([0-9]{1,18})(?:/([0-9]{1,18}))?")


@dataclass(frozen=True, slots=True)
class Token:
    """Where a client is: at `bookmark`, or still in its first synchronisation after the item `after`."""

    bookmark: Bookmark
    after: ItemId | None = None


def complete(collection_id: CollectionId, bookmark: Bookmark) -> str:
    return f"{PREFIX}{collection_id}/{bookmark}"


def partial(collection_id: CollectionId, bookmark: Bookmark, after: ItemId) -> str:
    return f"{PREFIX}{collection_id}/{bookmark}/{after}"


def read(text: str, collection_id: CollectionId) -> Token:
    """The token that a client sent. BookmarkExpired if it is none of this collection."""
    found = _TOKEN.fullmatch(text)
    if found is None or found[1] != collection_id:
        raise BookmarkExpired(f"a strange sync token for {collection_id}")
    return Token(Bookmark(int(found[2])), ItemId(int(found[3])) if found[3] else None)
