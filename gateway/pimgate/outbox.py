"""What must leave once: mail, and messages about meetings to people here. A row is written in the unit of work of the edit that
causes it, and leaves after the commit (`leaving.py`).

    accepted ──► sending ──► sent
        ▲           │ ├────► failed    refused for good, or too often for the moment
        └───────────┘ └────► unknown   the line or the process died after the last octet: never sent again by itself
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pimgate.errors import Refused
from pimgate.model.outbox import Channel, Entry, EntryId, Parcel, State
from pimgate.model.people import AccountId
from pimgate.store.work import Work

BELL = "outbox"
"""Rung when something was posted; it has no journal."""

SAME_SECONDS = 15 * 60
"""What is said again within this time, with nothing else said about it in between, is said once."""

KEPT_DAYS = 30
SECONDS_AN_HOUR, SECONDS_A_DAY = 3600, 86_400


@dataclass(frozen=True, slots=True)
class Posting:
    """Something to send. `topic` is what it is about and for whom: for a meeting its UID, revision, occurrence, method and
    recipient; for a mail of a phone the device and its ClientId. `words` tells whether it says the same as the last time."""

    channel: Channel
    account_id: AccountId
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    topic: tuple[str, ...]
    words: str = ""
    about: str = ""


def post(work: Work, posting: Posting, *, same_seconds: float | None = SAME_SECONDS) -> EntryId | None:
    """Take something to be sent after the commit; None for what was taken already, within `same_seconds` or (None) ever."""
    topic, words = _digest(*posting.topic), _digest(posting.words)[:32]
    before = work.outbox.latest(topic)
    is_same = before is not None and before.key.startswith(f"{words}.")
    if before is not None and is_same and (same_seconds is None or before.created_at > work.now - same_seconds):
        return None
    # Two units of work that both saw the same past make the same key, and only one of them is kept.
    key = f"{words}.{topic[:24]}.{before.id if before is not None else 0}"
    parcel = Parcel(
        key=key,
        topic=topic,
        channel=posting.channel,
        account_id=posting.account_id,
        sender=posting.sender,
        recipients=posting.recipients,
        content=posting.content,
        about=posting.about[:512],
    )
    work.rings.add(BELL)
    return work.outbox.add(parcel)


def check_room(work: Work, account_id: AccountId, more: int, per_hour: int) -> None:
    """Refused if a person would send more in an hour than they may."""
    if more and work.outbox.count_of(account_id, work.now - SECONDS_AN_HOUR) + more > per_hour:
        raise Refused(
            f"{account_id} sends too much", public=f"A person may send at most {per_hour} messages in an hour."
        )


def entries(work: Work, states: Sequence[State] = ()) -> list[Entry]:
    """What is in the outbox, oldest first."""
    return work.outbox.all(states)


def counts(work: Work) -> dict[State, int]:
    return work.outbox.counts()


def retry(work: Work, entry_id: EntryId) -> Entry:
    """Send something again that failed or is unknown: the operator's word. Refused for others."""
    found = _get(work, entry_id)
    if found.state not in (State.FAILED, State.UNKNOWN) or not found.content:
        raise Refused(str(entry_id), public="Only what failed or is unknown can be sent again.")
    work.outbox.change(entry_id, State.ACCEPTED, tries=0, due_at=work.now, claimed_until=0.0, note="")
    work.rings.add(BELL)
    return _get(work, entry_id)


def drop(work: Work, entry_id: EntryId) -> Entry:
    """Forget something that shall not be sent. Refused for what is just leaving."""
    found = _get(work, entry_id)
    if found.state is State.SENDING:
        raise Refused(str(entry_id), public="It is just being sent.")
    work.outbox.remove(entry_id)
    return found


def prune(work: Work) -> int:
    """Forget what came to its end long ago; gives how many rows."""
    return work.outbox.prune(work.now - KEPT_DAYS * SECONDS_A_DAY)


def _get(work: Work, entry_id: EntryId) -> Entry:
    found = work.outbox.lock(entry_id)
    if found is None:
        raise Refused(str(entry_id), public="There is no such entry in the outbox.")
    return found


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()
