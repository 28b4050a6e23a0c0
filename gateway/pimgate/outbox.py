"""What must leave once: mail, messages about meetings to people here, copies and notices into people's own folders. A row is
written in the unit of work of the edit that causes it, and leaves after the commit (`leaving.py`).

    accepted ──► sending ──► sent
        ▲           │ ├────► failed    refused for good, or too often for the moment
        └───────────┘ └────► unknown   the line or the process died after the last octet: never sent again by itself

Somebody may wait to hear what becomes of a mail (`awaited_seconds`): a device, to be told at once that it was refused. Meanwhile
the copy for the folder of sent mail rests; it goes with a mail that fails. Who waits no longer (`stop_waiting`) took it as
accepted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pimgate.errors import Refused
from pimgate.model.mail import SpecialUse
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
    awaited_seconds: float = 0.0


def post(work: Work, posting: Posting, *, same_seconds: float | None = SAME_SECONDS) -> EntryId | None:
    """Take something to be sent after the commit; None for what was taken already, within `same_seconds` or (None) ever."""
    topic, words = _digest(*posting.topic), _digest(posting.words)[:32]
    before = work.outbox.latest(topic)
    if before is not None and _is_said(work, before, words, same_seconds):
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
        awaited_seconds=posting.awaited_seconds,
    )
    work.rings.add(BELL)
    return work.outbox.add(parcel)


def said_before(
    work: Work, topic: tuple[str, ...], words: str, *, same_seconds: float | None = SAME_SECONDS
) -> Entry | None:
    """What `post` would find to be taken already."""
    before = work.outbox.latest(_digest(*topic))
    return before if before is not None and _is_said(work, before, _digest(words)[:32], same_seconds) else None


def _is_said(work: Work, before: Entry, words: str, same_seconds: float | None) -> bool:
    """Whether it says the same, is not too long ago, and did not fail in the face of who waited: that may be tried again."""
    is_same = before.key.startswith(f"{words}.")
    is_late = same_seconds is not None and before.created_at <= work.now - same_seconds
    return is_same and not is_late and not was_refused(before)


def was_refused(entry: Entry) -> bool:
    """Whether it failed while somebody waited to hear so."""
    return entry.state is State.FAILED and entry.awaited_until > 0


def keep_copy(work: Work, of: EntryId, account_id: AccountId, content: bytes, rests_seconds: float) -> None:
    """Have a copy of a mail put into its sender's folder of sent mail: once it left, or after that time."""
    _put_into(work, account_id, SpecialUse.SENT, content, ("copy", str(of)), rests_seconds, of)


def put_into_inbox(work: Work, account_id: AccountId, content: bytes, topic: tuple[str, ...]) -> None:
    """Have a message put into a person's inbox, once for each topic."""
    _put_into(work, account_id, SpecialUse.INBOX, content, topic)


def _put_into(
    work: Work,
    account_id: AccountId,
    use: SpecialUse,
    content: bytes,
    topic: tuple[str, ...],
    rests_seconds: float = 0.0,
    follows: EntryId | None = None,
) -> None:
    name = _digest(*topic)
    parcel = Parcel(
        key=f"{use.value}.{name}",
        topic=name,
        channel=Channel.FOLDER,
        account_id=account_id,
        sender="",
        recipients=(use.value,),
        content=content,
        due_in_seconds=rests_seconds,
        follows=follows,
    )
    work.rings.add(BELL)
    work.outbox.add(parcel)


def stop_waiting(work: Work, entry_id: EntryId) -> Entry | None:
    """Nobody waits any more to hear what became of a mail; gives how it stands. What is on its way counts as accepted: its copy is
    put away, and should it fail later its sender reads so in their inbox."""
    found = work.outbox.lock(entry_id)
    if found is None or was_refused(found):
        return found
    work.outbox.change(entry_id, found.state, awaited_until=0.0)
    release_copy(work, entry_id)
    return found


def release_copy(work: Work, entry_id: EntryId) -> None:
    """The copy of a mail rests no longer."""
    work.outbox.release_copies(entry_id)
    work.rings.update((BELL, bell_of(entry_id)))


def bell_of(entry_id: EntryId) -> str:
    """Rung when something became of this row."""
    return f"{BELL} {entry_id}"


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
    work.outbox.change(
        entry_id, State.ACCEPTED, tries=0, due_at=work.now, claimed_until=0.0, note="", awaited_until=0.0
    )
    work.rings.add(BELL)
    return _get(work, entry_id)


def drop(work: Work, entry_id: EntryId) -> Entry:
    """Forget something that shall not be sent. Refused for what is just leaving."""
    found = _get(work, entry_id)
    if found.state is State.SENDING:
        raise Refused(str(entry_id), public="It is just being sent.")
    if found.state is not State.SENT:
        work.outbox.remove_copies(entry_id)
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
