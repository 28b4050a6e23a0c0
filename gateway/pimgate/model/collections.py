"""Address books, calendars and the like, and what people have to do with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NewType

from pimgate.model.people import AccountId

CollectionId = NewType("CollectionId", str)
"""Opaque, stable for life, never used again: `c` and twelve letters or digits."""


class CollectionKind(StrEnum):
    BOOK = "book"
    CALENDAR = "calendar"
    TASKS = "tasks"
    NOTES = "notes"
    MAILBOX = "mailbox"


class Role(StrEnum):
    """Why a collection exists. Those that are not ORDINARY can't be deleted or unsubscribed by their owner."""

    DEFAULT = "default"
    COLLECTED = "collected"
    DIRECTORY = "directory"
    ORDINARY = "ordinary"


class Ownership(StrEnum):
    """What a collection is to the person who looks at it."""

    DEFAULT = "default"
    OWN = "own"
    SHARED = "shared"
    DOMAIN = "domain"


class Right(IntEnum):
    """What an account may do with a collection; each includes those before it."""

    NONE = 0
    READ = 1
    WRITE = 2
    MANAGE = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of items with one owner: a person, or the organisation when `owner` is None."""

    id: CollectionId
    kind: CollectionKind
    owner: AccountId | None
    role: Role
    name: str
    colour: str = ""
    description: str = ""
    item_count: int = 0
    size_bytes: int = 0
    properties: dict[str, str] = field(default_factory=dict)

    def ownership_for(self, account: AccountId) -> Ownership:
        """What this collection is to `account`."""
        if self.owner is None:
            return Ownership.DOMAIN
        if self.owner != account:
            return Ownership.SHARED
        return Ownership.DEFAULT if self.role is Role.DEFAULT else Ownership.OWN


@dataclass(frozen=True, slots=True)
class Subscription:
    """This account wants this collection; `is_on` is the synchronisation switch."""

    account_id: AccountId
    collection_id: CollectionId
    is_on: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything the decision needs to know about one person and one collection: the right they hold (their own, or the highest
    that was granted) and their subscription."""

    collection: Collection
    account_id: AccountId
    right: Right
    subscription: Subscription | None

    @property
    def ownership(self) -> Ownership:
        return self.collection.ownership_for(self.account_id)


@dataclass(frozen=True, slots=True)
class Grant:
    """The owner gives `account_id` (everybody when None) a right on a collection."""

    collection_id: CollectionId
    account_id: AccountId | None
    right: Right
