"""Copies of sent mail and notices, put into their person's folders on the mail server.

One that lies there already, by its Message-ID and what it says, is not put there again, so whoever dies on the way leaves nothing
twice. While the server is away, or lets nobody in, it waits.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pimgate import outbox
from pimgate.errors import AwayNow, BadCredentials, NoSuchCollection, PimgateError
from pimgate.mail.imap import Rejected
from pimgate.mail.postroom import PostRoom
from pimgate.model.mail import Mailbox, SpecialUse
from pimgate.model.outbox import Channel, Entry, State
from pimgate.model.people import Account, Identity
from pimgate.store.work import Work

if TYPE_CHECKING:
    from pimgate.core import Core

log = logging.getLogger("pimgate.outbox")

CLAIM_ANSWERS: Final = 4
"""A claim lasts for as many answers of the mail server as putting one message away takes."""
FIRST_PAUSE_SECONDS: Final = 15.0
MOST_PAUSE_SECONDS: Final = 15 * 60.0
SEEN: Final = "\\Seen"
SENT: Final = "Sent"
"""The folder that is made for somebody who has none for sent mail."""


class Filing:
    """Puts messages into folders, one at a time."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def put_next(self) -> bool:
        """Whether there was a message to put away."""
        core = self._core
        if core.mail is None:
            return False
        seconds = core.settings.mail.timeout_seconds * CLAIM_ANSWERS
        entry = await core.write(lambda work: work.outbox.claim([Channel.FOLDER], work.now + seconds))
        if entry is None:
            return False
        account = await core.read(lambda work: work.people.by_id(entry.account_id))
        if account is None:
            return True
        try:
            await _put(core.mail, account, entry)
        except (AwayNow, BadCredentials, NoSuchCollection) as error:
            await self._try_later(entry, error.detail)
        except (PimgateError, Rejected) as error:
            await self._try_later(entry, getattr(error, "detail", str(error)))
        else:
            await core.write(lambda work: work.outbox.change(entry.id, State.SENT, content=None))
        return True

    async def _try_later(self, entry: Entry, words: str) -> None:
        core, tries = self._core, entry.tries + 1
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(entry.tries, 10), MOST_PAUSE_SECONDS)
        log.warning("message %s could not be put away, trying again in %d s: %s", entry.id, pause, words)

        def note(work: Work) -> None:
            is_over = work.now - entry.created_at > outbox.KEPT_DAYS * outbox.SECONDS_A_DAY
            state = State.FAILED if is_over else State.ACCEPTED
            due_at = work.now + pause
            work.outbox.change(entry.id, state, tries=tries, due_at=due_at, claimed_until=0.0, note=words[:200])

        await core.write(note)


async def _put(room: PostRoom, account: Account, entry: Entry) -> None:
    use = SpecialUse(entry.recipients[0])
    acting = room.acting(Identity(account))
    found = await acting.special(use) or await _made(room, account, use)
    flags = (SEEN,) if use is SpecialUse.SENT else ()
    arrived_at = datetime.fromtimestamp(entry.created_at, UTC)
    await acting.append(found.collection_id, entry.content, flags=flags, arrived_at=arrived_at)


async def _made(room: PostRoom, account: Account, use: SpecialUse) -> Mailbox:
    """The folder that a person lacks. NoSuchCollection where it cannot be made."""
    box = room.box(account)
    if use is SpecialUse.SENT:
        async with box.upstream.connection(account) as line:
            above, _ = await line.top() or ("", "")
            await line.create(above + SENT, special_use="\\Sent")
            await line.subscribe(above + SENT)
        await box.look_at_folders()
    found = await room.acting(Identity(account)).special(use)
    if found is None:
        raise NoSuchCollection(f"{account.id} has no folder {use.value}")
    return found
