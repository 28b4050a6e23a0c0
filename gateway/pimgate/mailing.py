"""Mail of people, taken from their programs: once, however often it is handed in, and with a word on what became of it.

A mail is taken when its row stands in the outbox. Whoever handed it in waits a moment more for the mail server's answer, so that a
refusal can be told at once; what is on its way by then counts as accepted.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pimgate import outbox
from pimgate.errors import Refused
from pimgate.mail import letters, repeats
from pimgate.mail.letters import Fault, From, Ready, Unfit
from pimgate.model.outbox import Channel, Entry, EntryId, State
from pimgate.model.people import Account
from pimgate.outbox import Posting
from pimgate.store.work import Work

if TYPE_CHECKING:
    from pimgate.core import Core

LOOK_SECONDS = 1.0
"""What another process does with a mail is found within this time."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a mail is known by when it is handed in again."""

    topic: tuple[str, ...]
    words: str
    same_seconds: float | None


async def token(core: Core, account: Account, device_id: str, client_id: str, octets: bytes, about: str = "") -> Token:
    """The token of a mail of one person's device, `about` another one or nothing. `client_id` is the device's own name for it, ""
    for none: then it is known by what it is, for a while. A device that counts its mails, and begins anew, has other mails under
    the same names: whom they are for and what they say tells them apart."""
    if client_id:
        words = await core.in_thread(repeats.words_of, octets, about)
        return Token(("mail", account.id, device_id, client_id), words, None)
    identity = await core.in_thread(repeats.identity_of, octets)
    return Token(("mail", account.id, device_id, "", about, identity), "", outbox.SAME_SECONDS)


async def taken_before(core: Core, mark: Token) -> bool:
    """Whether this mail was taken already. Unfit if it was and the mail server refuses it just now."""
    before = await core.read(
        lambda work: outbox.said_before(work, mark.topic, mark.words, same_seconds=mark.same_seconds)
    )
    if before is None:
        return False
    _check(await _outcome(core, before.id))
    return True


async def hand_in(
    core: Core,
    account: Account,
    octets: bytes,
    mark: Token,
    *,
    keeps_copy: bool,
    hold: Callable[[Work], None] = lambda work: None,
) -> bool:
    """Take a mail of a person; gives whether it is new, False for one that was taken already. `keeps_copy`: one lies in their
    folder of sent mail afterwards; `hold` is called first in the unit of work that takes it. Unfit."""
    origin = _origin(core, account)
    found = await core.in_thread(_ready, core, octets, origin)
    keeps_copy = keeps_copy and core.mail is not None
    entry_id = await core.write(lambda work: _posted(core, work, account, found, mark, keeps_copy, hold))
    if entry_id is None:
        return not await taken_before(core, mark)
    _check(await _outcome(core, entry_id))
    return True


def _origin(core: Core, account: Account) -> From:
    """In whose name the person's mail leaves. Unfit where there is no way out for it."""
    chosen = core.settings.outgoing
    domains = [each.lower() for each in chosen.from_domains]
    if core.carrier() is None:
        raise Unfit(Fault.NO_WAY, "no server for outgoing mail")
    if not domains or account.login.rpartition("@")[2] in domains:
        return From(account.name, account.login)
    if not chosen.other_sender:
        raise Unfit(Fault.NO_WAY, f"{account.id} is of another domain")
    return From(account.name, chosen.other_sender, account.login)


def _ready(core: Core, octets: bytes, origin: From) -> Ready:
    chosen = core.settings.outgoing
    message_id = f"<{uuid.uuid4()}@{origin.address.rpartition('@')[2]}>"
    now = datetime.now(UTC).replace(microsecond=0)
    return letters.ready(octets, origin, now, message_id, chosen.message_bytes, chosen.recipients_per_message)


def _posted(
    core: Core,
    work: Work,
    account: Account,
    found: Ready,
    mark: Token,
    keeps_copy: bool,
    hold: Callable[[Work], None],
) -> EntryId | None:
    """The row of the mail; None if it was taken already."""
    hold(work)
    chosen = core.settings.outgoing
    if outbox.said_before(work, mark.topic, mark.words, same_seconds=mark.same_seconds) is not None:
        return None
    try:
        outbox.check_room(work, account.id, 1, chosen.messages_per_hour)
    except Refused as error:
        raise Unfit(Fault.TOO_MUCH, error.detail) from error
    posting = Posting(
        channel=Channel.MAIL,
        account_id=account.id,
        sender=found.sender,
        recipients=found.recipients,
        content=found.leaves,
        topic=mark.topic,
        words=mark.words,
        awaited_seconds=chosen.wait_seconds,
    )
    entry_id = outbox.post(work, posting, same_seconds=mark.same_seconds)
    if entry_id is not None and keeps_copy:
        outbox.keep_copy(work, entry_id, account.id, found.copy, chosen.wait_seconds)
    return entry_id


async def _outcome(core: Core, entry_id: EntryId) -> Entry | None:
    """How a mail stands after the first try, or when the time to wait for that is up."""
    until = time.monotonic() + core.settings.outgoing.wait_seconds
    with core.bell.listening([outbox.bell_of(entry_id)]) as ear:
        while (left := until - time.monotonic()) > 0:
            entry = await core.read(lambda work: work.outbox.get(entry_id))
            if entry is None or entry.state not in (State.ACCEPTED, State.SENDING) or entry.tries:
                break
            await ear.heard(min(left, LOOK_SECONDS))
    return await core.write(lambda work: outbox.stop_waiting(work, entry_id))


def _check(entry: Entry | None) -> None:
    if entry is not None and outbox.was_refused(entry):
        raise Unfit(Fault.NOT_TAKEN, entry.note)
