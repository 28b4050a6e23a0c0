"""A grant as its two sides speak of it: what was offered to a person, and whether they took it.

Whoever is given a right decides for themselves: they accept by subscribing. What they declined is remembered, and offered again
only if they are given more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pimgate import sharing, subscriptions
from pimgate.colleagues import Colleagues
from pimgate.errors import NoSuchCollection, Refused
from pimgate.model.collections import Collection, CollectionId, CollectionKind, Grant, Right
from pimgate.model.people import Account, AccountId
from pimgate.store.shelf import Document
from pimgate.store.work import Work

_PREFIX = "declined:"


@dataclass(frozen=True, slots=True)
class Share:
    """One person to whom something was given. `is_declined` is their word; neither word means that they have not decided."""

    person: Account
    right: Right
    is_accepted: bool
    is_declined: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A collection that somebody gave this person a right on, and that they have not decided about."""

    collection: Collection
    owner: Account
    right: Right


def shares(work: Work, collection_id: CollectionId) -> list[Share]:
    """Everybody to whom a collection was given by name, by their addresses. The caller has the right to know."""
    found = []
    for given in work.collections.grants(collection_id):
        person = work.people.by_id(given.account_id) if given.account_id is not None else None
        standing = work.collections.standing(person.id, collection_id) if person is not None else None
        if person is not None and standing is not None and person.is_active:
            accepted = standing.subscription is not None
            declined = not accepted and _has_declined(work, person.id, given)
            found.append(Share(person, given.right, accepted, declined))
    return sorted(found, key=lambda each: each.person.login)


def give(work: Work, people: Colleagues, collection_id: CollectionId, address: str, right: Right) -> None:
    """Give somebody, known by their address, a right on behalf of whose `people` these are; Right.NONE takes it away. ReadOnly for
    whoever may not manage the collection. Refused alike for an address that nobody here has, and for somebody of whom the giver
    may not know and who has no right yet. Who may manage stays so when they are given the right to write."""
    giver = people.me.id
    sharing.check_manages(work, giver, collection_id)
    before = {each.account_id: each.right for each in work.collections.grants(collection_id)}
    person = people.by_typed_address(address) or _one_of(work, before, address)
    if person is None or person.id == giver:
        raise Refused("no such person", public="Nobody here has this address.")
    if right is Right.WRITE and before.get(person.id) is Right.MANAGE:
        return
    sharing.grant(work, Grant(collection_id, person.id, right))


def offers(work: Work, account_id: AccountId) -> list[Offer]:
    """What was given to a person by name and waits for their word."""
    found = []
    for standing in work.collections.standings(account_id):
        collection = standing.collection
        if standing.subscription is not None or collection.owner in (None, account_id) or not standing.right:
            continue
        given = _given_by_name(work, account_id, collection.id)
        owner = work.people.by_id(collection.owner) if collection.owner is not None else None
        if given is None or owner is None or collection.kind is CollectionKind.MAILBOX:
            continue
        if not _has_declined(work, account_id, given):
            found.append(Offer(collection, owner, given.right))
    return found


def accept(work: Work, account_id: AccountId, collection_id: CollectionId) -> None:
    """The person wants it: they are subscribed, with the switch on. NoSuchCollection for what they may not read."""
    _given(work, account_id, collection_id)
    work.shelf.remove(account_id, _PREFIX + collection_id)
    subscriptions.subscribe(work, account_id, collection_id)


def decline(work: Work, account_id: AccountId, collection_id: CollectionId) -> None:
    """The person does not want it, or not any more. The right stays: only its owner takes that back. NoSuchCollection."""
    given = _given(work, account_id, collection_id)
    standing = work.collections.standing(account_id, collection_id)
    if standing is not None and standing.subscription is not None:
        subscriptions.unsubscribe(work, account_id, collection_id)
    work.shelf.put(account_id, _PREFIX + collection_id, Document({"right": int(given.right)}))


def _given(work: Work, account_id: AccountId, collection_id: CollectionId) -> Grant:
    given = _given_by_name(work, account_id, collection_id)
    standing = work.collections.standing(account_id, collection_id)
    if (
        given is None
        and standing is not None
        and standing.right
        and standing.collection.owner not in (None, account_id)
    ):
        given = Grant(collection_id, account_id, standing.right)
    if given is None:
        raise NoSuchCollection(f"{collection_id} for {account_id}")
    return given


def _given_by_name(work: Work, account_id: AccountId, collection_id: CollectionId) -> Grant | None:
    return next((each for each in work.collections.grants(collection_id) if each.account_id == account_id), None)


def _has_declined(work: Work, account_id: AccountId, given: Grant) -> bool:
    known = work.shelf.peek(account_id, _PREFIX + given.collection_id)
    return known is not None and int(known.get("right", 0)) >= given.right


def _one_of(work: Work, given: Iterable[AccountId | None], address: str) -> Account | None:
    """Whoever of these has this address: a manager of the collection sees them among those who have it."""
    people = (work.people.by_id(each) for each in given if each is not None)
    return next((each for each in people if each and each.is_active and each.login == address.strip().lower()), None)
