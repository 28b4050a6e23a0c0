"""What one process remembers of all push subscriptions, so that a change costs a look at those of its collection alone: which there
are for a collection, and when each must be looked at whatever happens.

What they say is in the database. It is read as a whole when somebody subscribed or left, and now and then, because another process
may have put one off; else only those are read for whose collection the bell rang, or whose time has come.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pimgate.api import Bookmark, CollectionId, Work, positions_of
from pimgate_dav.push.subscriptions import BELL, Subscription, everybody, one

LOOK_SECONDS: Final = 10.0
READ_SECONDS: Final = 60.0


@dataclass(slots=True)
class Table:
    """`times` says for each subscription when it is to be looked at next, in seconds since 1970; `read_at` when all were read."""

    read_at: float = 0.0
    of_collections: dict[CollectionId, set[str]] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)

    def concerned(self, rang: Collection[str], now: float) -> list[str]:
        """The subscriptions for whose collection the bell rang, and those whose time has come."""
        found = {each for stream in rang for each in self.of_collections.get(CollectionId(stream), ())}
        return [*found, *(each for each, at in self.times.items() if at <= now and each not in found)]


@dataclass(frozen=True, slots=True)
class Look:
    """What a look shows: the table as it is now, the subscriptions for which there is something to do, and after how many seconds
    there will be."""

    table: Table
    due: Sequence[str]
    seconds: float


def look(work: Work, table: Table, rang: Collection[str]) -> Look:
    """What is to be done, where the bell rang for these streams since the last look."""
    if BELL in rang or not table.read_at <= work.now < table.read_at + READ_SECONDS:
        found = everybody(work)
        table = Table(work.now)
        for each in found:
            table.of_collections.setdefault(each.collection, set()).add(each.id)
    else:
        found = present(work, table.concerned(rang, work.now), table)
    heads = heads_of(work, found)
    table.times.update({each.id: _time_of(each, heads.get(each.collection)) for each in found})
    due = [each.id for each in found if table.times[each.id] <= work.now]
    seconds = min(table.times.values(), default=work.now + LOOK_SECONDS) - work.now
    return Look(table, due, max(0.0, min(seconds, LOOK_SECONDS)))


def present(work: Work, ids: Sequence[str], table: Table | None = None) -> list[Subscription]:
    """Those of these subscriptions that are still there; the others are forgotten."""
    found = []
    for each in ids:
        subscription = one(work, each)
        if subscription is not None:
            found.append(subscription)
        elif table is not None:
            table.times.pop(each, None)
    return found


def heads_of(work: Work, subscriptions: Sequence[Subscription]) -> Mapping[CollectionId, Bookmark]:
    """Where the journals of their collections end; one that has gone is not among them."""
    found = positions_of(work, {str(each.collection) for each in subscriptions})
    return {CollectionId(name): position for name, position in found.items()}


def _time_of(subscription: Subscription, head: Bookmark | None) -> float:
    """When there is something to do: now if the collection has gone, soon if something happened, else when it ends."""
    if head is None:
        return 0.0
    return min(subscription.expires_at, subscription.due_at) if head > subscription.told else subscription.expires_at
