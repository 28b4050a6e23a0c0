"""Who wants to hear of what. A subscription belongs to one person's device and one collection; a client that subscribes again with
the same push resource renews it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, Final

from pimgate.api import AccountId, Bookmark, CollectionId, DeviceId, Document, NoSuchItem, Refused, Work
from pimgate_dav.push.keys import OWNER, in_base64

BELL: Final = "dav-push"
"""Rings when somebody subscribed or left."""

PREFIX: Final = "s:"


@dataclass(frozen=True, slots=True)
class Subscription:
    """`told` is the position of the journal up to which the client was told; `due_at` is when it may be told next, in seconds since
    1970; `failures` counts messages in a row that did not arrive."""

    id: str
    account: AccountId
    device: DeviceId
    collection: CollectionId
    resource: str
    client_key: str
    auth: str
    expires_at: float
    told: Bookmark
    due_at: float = 0.0
    failures: int = 0


def id_of(account: AccountId, collection: CollectionId, resource: str) -> str:
    """The same for the same client, and known to nobody else. It begins with the person, so theirs are found without the others."""
    return f"{account}." + in_base64(sha256(f"{account}\n{collection}\n{resource}".encode()).digest()[:18])


def subscribe(work: Work, wanted: Subscription, most: int) -> None:
    """Keep a subscription, or the next version of one. Refused if the person has `most` others."""
    mine = [each for each in of_person(work, wanted.account) if each.id != wanted.id]
    if len(mine) >= most:
        raise Refused(f"{len(mine)} subscriptions", public="There are too many push subscriptions.")
    put(work, wanted)
    work.shelf.remove(OWNER, PREFIX + wanted.id.partition(".")[2])  # its name before names began with the person
    work.rings.add(BELL)


def leave(work: Work, account: AccountId, subscription_id: str) -> None:
    """End a subscription of this person. NoSuchItem."""
    found = one(work, subscription_id)
    if found is None or found.account != account:
        raise NoSuchItem(f"push subscription of {account}")
    remove(work, found)
    work.rings.add(BELL)


def everybody(work: Work) -> list[Subscription]:
    return [_read(each.content) for each in work.shelf.get_many(OWNER, PREFIX).values()]


def of_person(work: Work, account: AccountId) -> list[Subscription]:
    return [_read(each.content) for each in work.shelf.get_many(OWNER, f"{PREFIX}{account}.").values()]


def one(work: Work, subscription_id: str) -> Subscription | None:
    found = work.shelf.peek(OWNER, PREFIX + subscription_id)
    return None if found is None else _read(found)


def put(work: Work, subscription: Subscription) -> None:
    work.shelf.put(OWNER, PREFIX + subscription.id, Document(asdict(subscription)))


def remove(work: Work, subscription: Subscription) -> None:
    work.shelf.remove(OWNER, PREFIX + subscription.id)


def told_of_own(work: Work, subscription: Subscription, upto: Bookmark) -> None:
    """The client knows everything up to there: it did it itself."""
    put(work, replace(subscription, told=upto))


def _read(content: Mapping[str, Any]) -> Subscription:
    return Subscription(**content)
