"""Grants: what other people may do with a collection."""

from __future__ import annotations

from pimgate.collections import lock_audience
from pimgate.errors import NoSuchAccount, NoSuchCollection, ReadOnly
from pimgate.journal import touch_hierarchy
from pimgate.model.collections import CollectionId, CollectionKind, Grant, Right
from pimgate.model.people import AccountId
from pimgate.store.work import Work


def grant(work: Work, given: Grant) -> None:
    """Set the right of one person, or of everybody; Right.NONE takes it away. Nobody is subscribed by it: whoever gets a right
    decides for themselves. Whoever loses it loses the collection at their clients' next contact. NoSuchCollection,
    NoSuchAccount."""
    found = work.collections.by_id(given.collection_id)
    if found is None or found.kind is CollectionKind.MAILBOX:
        raise NoSuchCollection(given.collection_id)
    everyone = [person.id for person in work.people.all()] if given.account_id is None else None
    concerned = {given.account_id} if given.account_id is not None else set(everyone or ())
    lock_audience(work, given.collection_id, concerned)
    if given.account_id is not None and work.people.by_id(given.account_id) is None:
        raise NoSuchAccount(given.account_id)
    if not work.journal.lock(given.collection_id):
        raise NoSuchCollection(f"{given.collection_id} has just gone")
    before = work.collections.audience(given.collection_id, everyone)
    work.collections.grant(given)
    after = work.collections.audience(given.collection_id, everyone)
    touch_hierarchy(work, before | after, given.collection_id)


def grant_by(work: Work, giver: AccountId, given: Grant) -> None:
    """The same on behalf of a person, who must hold the right to manage (ReadOnly if they may just read)."""
    check_manages(work, giver, given.collection_id)
    grant(work, given)


def check_manages(work: Work, account_id: AccountId, collection_id: CollectionId) -> None:
    """NoSuchCollection for whoever may not even read a collection, ReadOnly for who may not say who else does."""
    standing = work.collections.standing(account_id, collection_id)
    if standing is None or standing.right is Right.NONE:
        raise NoSuchCollection(f"{collection_id} for {account_id}")
    if standing.right < Right.MANAGE:
        raise ReadOnly(f"{account_id} may not share {collection_id}")


def grants(work: Work, collection_id: CollectionId) -> list[Grant]:
    """Who was given what."""
    return work.collections.grants(collection_id)
