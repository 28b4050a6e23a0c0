"""Subscribe, unsubscribe, turn the switch; and what a person should know before turning it."""

from __future__ import annotations

from dataclasses import dataclass

from pimgate.errors import NoSuchCollection, Protected
from pimgate.journal import hierarchy_of, touch_hierarchy
from pimgate.model.collections import (
    Collection,
    CollectionId,
    CollectionKind,
    Ownership,
    Right,
    Role,
    Standing,
    Subscription,
)
from pimgate.model.people import AccountId
from pimgate.settings import Limits
from pimgate.store.work import Work


@dataclass(frozen=True, slots=True)
class Volume:
    """What a switch would send to devices: items, bytes, and whether that is more than is comfortable. It never forbids."""

    items: int
    size_bytes: int
    devices: tuple[str, ...]
    warns_above: int

    @property
    def is_large(self) -> bool:
        return self.items > self.warns_above


def subscribe(work: Work, account_id: AccountId, collection_id: CollectionId, *, is_on: bool = True) -> None:
    """This person wants this collection. NoSuchCollection if they may not read it."""
    _to_change(work, account_id, collection_id)
    work.collections.subscribe(Subscription(account_id, collection_id, is_on))
    touch_hierarchy(work, [account_id], collection_id)


def unsubscribe(work: Work, account_id: AccountId, collection_id: CollectionId) -> None:
    """No longer. Protected for the collections that a person always has."""
    standing = _to_change(work, account_id, collection_id)
    if is_kept_for(standing.collection, account_id):
        raise Protected(collection_id)
    work.collections.unsubscribe(account_id, collection_id)
    touch_hierarchy(work, [account_id], collection_id)


def turn(work: Work, account_id: AccountId, collection_id: CollectionId, *, is_on: bool) -> bool:
    """Turn the switch of a subscribed collection; gives whether that changed anything. NoSuchCollection without a
    subscription."""
    standing = _to_change(work, account_id, collection_id)
    if standing.subscription is None:
        raise NoSuchCollection(f"{account_id} is not subscribed to {collection_id}")
    if standing.subscription.is_on == is_on:
        return False
    work.collections.subscribe(Subscription(account_id, collection_id, is_on))
    touch_hierarchy(work, [account_id], collection_id)
    return True


def volume(work: Work, standing: Standing, limits: Limits) -> Volume:
    """How much a collection is, and to which of the person's phones it may go."""
    found = standing.collection
    warns_above = limits.contacts_warning if found.kind is CollectionKind.BOOK else limits.entries_warning
    phones = [each for each in work.devices.of_person(standing.account_id) if each.protocol == "eas"]
    return Volume(
        found.item_count, found.size_bytes, tuple(each.device_type or each.identifier for each in phones), warns_above
    )


def is_kept_for(collection: Collection, account_id: AccountId) -> bool:
    """Whether this is one of the collections that a person always has: their default ones, the collected addresses, and
    the organisation's directory."""
    if collection.ownership_for(account_id) is Ownership.DOMAIN:
        return collection.role is Role.DIRECTORY
    return collection.owner == account_id and collection.role is not Role.ORDINARY


def _to_change(work: Work, account_id: AccountId, collection_id: CollectionId) -> Standing:
    """As things stand, and nobody else changes what this person wants until the commit."""
    work.journal.lock(hierarchy_of(account_id))
    return _readable(work, account_id, collection_id)


def _readable(work: Work, account_id: AccountId, collection_id: CollectionId) -> Standing:
    standing = work.collections.standing(account_id, collection_id)
    if standing is None or standing.right is Right.NONE or standing.collection.kind is CollectionKind.MAILBOX:
        raise NoSuchCollection(f"{collection_id} for {account_id}")
    return standing
