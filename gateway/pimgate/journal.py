"""What changed since a bookmark: the streams of the journal, and how long they reach back.

Each collection has a stream of its own, named by its id, with a line for every change of an item. Each person has a
*hierarchy* stream: a line whenever what they see may have changed (a collection made, renamed, shared, subscribed or switched,
a device decided about). Lines older than the settings say are pruned; a bookmark from before is `BookmarkExpired`.
"""

from __future__ import annotations

from collections.abc import Iterable

from pimgate.model.items import Bookmark, Op
from pimgate.model.people import AccountId
from pimgate.store.work import Work

SECONDS_A_DAY = 86_400
PRUNE_AT_ONCE = 5_000


def hierarchy_of(account_id: AccountId) -> str:
    """The name of a person's hierarchy stream."""
    return f"h:{account_id}"


def positions_of(work: Work, streams: Iterable[str]) -> dict[str, Bookmark]:
    """Where each of these streams ends; one that is not there is not among them."""
    return work.journal.heads(streams)


def touch_hierarchy(work: Work, people: Iterable[AccountId], about: str = "") -> None:
    """Say in these people's hierarchy streams that something about the collection or device `about` changed for them. In the
    order of the names, so that two units of work never wait for each other."""
    for account_id in sorted(set(people)):
        work.journal.append(hierarchy_of(account_id), Op.CHANGE, item=about)


def lock_hierarchies(work: Work, people: Iterable[AccountId]) -> None:
    """Be alone, until the commit, with what these people have. People come before devices, and devices before collections, wherever
    several are locked: in another order two units of work could wait for each other."""
    for account_id in sorted(set(people)):
        work.journal.lock(hierarchy_of(account_id))


def prune(work: Work, journal_days: int) -> int:
    """Forget a piece of what is older than `journal_days`; gives how many lines. Call again until it gives 0."""
    return work.journal.prune(work.now - journal_days * SECONDS_A_DAY, PRUNE_AT_ONCE)
