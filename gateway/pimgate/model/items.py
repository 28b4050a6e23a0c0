"""One text in a collection, and how we speak of its changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, NewType

from pimgate.model.collections import CollectionId

ItemId = NewType("ItemId", int)
"""A number given once in the life of a deployment and never again."""

Bookmark = NewType("Bookmark", int)
"""A position in one stream of the journal: everything up to and including it has been seen. 0 is the beginning."""


@dataclass(frozen=True, slots=True)
class ItemHead:
    """What lists need of an item: all but its text. `name` is the last part of its DAV address; `etag` comes from the octets of
    the text; `created_seq` and `seq` are the journal positions of its first and latest change. An event that `is_private` shows
    others only when it takes place (see `text.private`). `lasts_until` is when it becomes a thing of the past, in seconds since
    1970: the end of an event, always for a task that is over, never (None) for what has no end."""

    id: ItemId
    collection_id: CollectionId
    name: str
    uid: str
    component: str
    etag: str
    size_bytes: int
    created_seq: int
    seq: int
    changed_at: float
    starts_at: int | None = None
    ends_at: int | None = None
    is_recurring: bool = False
    is_private: bool = False
    lasts_until: int | None = None


class Listed(NamedTuple):
    """What a list of a whole collection says of an item: of tens of thousands at a time, so it is no more than a tuple. The fields
    are those of its head."""

    id: ItemId
    name: str
    etag: str
    component: str
    size_bytes: int
    created_seq: int
    changed_at: float
    is_private: bool


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """A place in the order in which items end: what ends at or before `at` lies behind it, of those that end just then only
    the items up to `item`. What never ends lies before every cut."""

    at: int
    item: int = 2**62

    def keeps(self, lasts_until: int | None, item: int) -> bool:
        """Whether an item that lasts so long is not yet behind."""
        return lasts_until is None or (lasts_until, item) > (self.at, self.item)


@dataclass(frozen=True, slots=True)
class Item:
    """One vCard or iCalendar object, octet for octet as the client sent it."""

    head: ItemHead
    text: str

    @property
    def id(self) -> ItemId:
        return self.head.id


class Op(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal: at position `seq` of its stream, this happened to this item. `origin` names the device that
    did it, if one did. `lasted_until` is what the item's head said of that before it happened."""

    stream: str
    seq: int
    op: Op
    item_id: ItemId | None
    name: str
    origin: str
    lasted_until: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """The next piece of a stream after a bookmark. `has_more` says that `upto` is not yet the end."""

    changes: tuple[Change, ...]
    upto: Bookmark
    has_more: bool


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """Somebody found by a search: a name, and what is known of them. `fields` uses vCard property names in lower case
    (`org`, `title`, `tel-work`, `tel-cell`, ...); `source` is the collection's name or the directory's. `addresses` are all
    e-mail addresses, where there are more than `email`; `photo` is a picture's octets, where no item holds it."""

    name: str
    email: str
    source: str
    fields: Mapping[str, str]
    collection_id: CollectionId | None = None
    item_id: ItemId | None = None
    addresses: tuple[str, ...] = ()
    photo: bytes = b""
    is_of_organisation: bool = False
    is_group: bool = False
