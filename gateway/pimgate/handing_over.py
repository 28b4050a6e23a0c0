"""Mail on its way to the carrier, and what becomes of it.

A mail is marked as sending between its body and its last octet: a process that dies before that leaves a row that is tried again,
one that dies after it a row that is unknown. What becomes of it is written down together with what follows from it: its copy for
the folder of sent mail, and a notice to its sender, unless a device waits to be told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from pimgate import outbox, scheduling
from pimgate.errors import AwayNow, BadCredentials
from pimgate.mail import returned
from pimgate.mail.carrying import Carrier, LeftOut, Letter, Lost, Never, NotLetIn, NotNow
from pimgate.mail.imap.sasl import Login
from pimgate.mail.refusals import Refusals
from pimgate.model.outbox import Channel, Entry, Parcel, State
from pimgate.settings import OutgoingLogin
from pimgate.store.work import Work

if TYPE_CHECKING:
    from pimgate.core import Core

log = logging.getLogger("pimgate.outbox")

MOST_PAUSE_SECONDS = 6 * 3600
FIRST_PAUSE_SECONDS = 60

LOGIN_PAUSE_SECONDS = 60
LOGIN_DAYS = 5
"""A mail of somebody whose login is not known waits so long for them to come in."""

LAST_SECONDS = 10.0
"""A gateway that is stopped gives the message that is just leaving so long."""

CLAIM_ANSWERS = 8
"""A claim lasts for as many answers of the mail server as handing over one message takes, and some."""


class HandingOver:
    """Hands mail over, `lanes` messages at a time."""

    def __init__(self, core: Core, lanes: int = 1) -> None:
        self._core = core
        self._lanes = CapacityLimiter(lanes)
        self._refusals = Refusals()

    async def hand_over_next(self) -> bool:
        """Whether there was a message to hand over."""
        core = self._core
        carrier = core.carrier()
        if carrier is None:
            return False
        seconds = core.settings.outgoing.timeout_seconds * CLAIM_ANSWERS
        entry = await core.write(lambda work: claim(core, work, seconds))
        if entry is None:
            return False
        try:
            login = await self._login(entry)
        except (AwayNow, BadCredentials) as error:
            words = error.detail
            await core.write(lambda work: _wait_for_login(core, work, entry, words))
            return True
        handing = asyncio.ensure_future(run_sync(hand_over, core, carrier, entry, login, limiter=self._lanes))
        try:
            await asyncio.shield(handing)
        except asyncio.CancelledError:
            await asyncio.wait({handing}, timeout=LAST_SECONDS)
            raise
        except NotLetIn as problem:
            words = problem.words
            if login is not None:
                self._refusals.note(entry.account_id, login)
            await core.write(lambda work: _wait_for_login(core, work, entry, words))
        return True

    async def _login(self, entry: Entry) -> Login | None:
        """Whose login a mail is handed over with; None for that of the gateway. AwayNow, BadCredentials."""
        chosen, mail = self._core.settings.outgoing, self._core.mail
        if chosen.login is not OutgoingLogin.PERSON or mail is None:
            return None
        account = await self._core.read(lambda work: work.people.by_id(entry.account_id))
        try:
            login = await mail.upstream.logins.login_of(account) if account is not None else None
        except AwayNow:
            if chosen.user:
                return None
            raise
        if login is not None and self._refusals.holds(entry.account_id, login):
            raise AwayNow(f"the login of {entry.account_id} was refused a moment ago")
        return login


def claim(core: Core, work: Work, seconds: float) -> Entry | None:
    """The next mail that is due, for the caller alone for that time. What was being sent by somebody who died is unknown from now
    on."""
    for each in work.outbox.lost():
        _end(core, work, each, State.UNKNOWN, "who sent it died")
    return work.outbox.claim([Channel.MAIL], work.now + seconds)


class _Gone(Exception):
    """The operator dropped the message at the last moment."""


def hand_over(core: Core, carrier: Carrier, entry: Entry, login: Login | None = None) -> None:
    """Hand one message to the carrier, and note what became of it. Runs in a thread. NotLetIn if the person's login was refused."""
    is_over = False

    def last_octet() -> None:
        nonlocal is_over
        with core.database.write() as work:
            held = work.outbox.lock(entry.id)
            if held is None or held.state is not State.ACCEPTED:
                raise _Gone
            answered_by = work.now + core.settings.outgoing.timeout_seconds * CLAIM_ANSWERS
            work.outbox.change(entry.id, State.SENDING, claimed_until=answered_by)
        is_over = True

    try:
        left_out = carrier.carry(Letter(entry.sender, entry.recipients, entry.content, login), last_octet)
    except _Gone:
        log.info("message %s was dropped while it was about to leave", entry.id)
    except NotNow as problem:
        if isinstance(problem, NotLetIn) and login is not None:
            raise
        _try_later(core, entry, problem.words)
    except Never as problem:
        _ends(core, entry, State.FAILED, problem.words)
    except Lost as problem:
        _ends(core, entry, State.UNKNOWN, problem.words)
    except AwayNow:
        raise
    except Exception as problem:  # noqa: BLE001 - a plugin's carrier may fail in any way
        if is_over:
            _ends(core, entry, State.UNKNOWN, type(problem).__name__)
        else:
            _try_later(core, entry, type(problem).__name__)
    else:
        _left(core, carrier, entry, left_out or LeftOut())


def _left(core: Core, carrier: Carrier, entry: Entry, left_out: LeftOut) -> None:
    with core.database.write() as work:
        work.outbox.change(entry.id, State.SENT, content=None, tries=entry.tries + 1)
        outbox.release_copy(work, entry.id)
        if left_out.later:
            work.outbox.add(_for_the_rest(entry, left_out.later))
        if left_out.refused:
            _tell(core, work, entry, State.FAILED, left_out.refused)
    log.info("message %s left by %s", entry.id, carrier.name)


def _for_the_rest(entry: Entry, recipients: tuple[str, ...]) -> Parcel:
    """The same mail for those who could not have it this time."""
    name = f"rest.{entry.id}"
    return Parcel(
        key=name,
        topic=name,
        channel=entry.channel,
        account_id=entry.account_id,
        sender=entry.sender,
        recipients=recipients,
        content=entry.content,
        about=entry.about,
        due_in_seconds=FIRST_PAUSE_SECONDS,
    )


def _try_later(core: Core, entry: Entry, words: str) -> None:
    tries = entry.tries + 1
    if tries >= core.settings.outgoing.most_tries:
        _ends(core, entry, State.FAILED, words)
        return
    pause = min(FIRST_PAUSE_SECONDS * 2**entry.tries, MOST_PAUSE_SECONDS)
    with core.database.write() as work:
        if work.outbox.lock(entry.id) is not None:
            later = work.now + pause
            work.outbox.change(entry.id, State.ACCEPTED, tries=tries, due_at=later, claimed_until=0.0, note=words[:200])
            work.rings.add(outbox.bell_of(entry.id))
    log.warning("message %s did not leave, trying again in %d s: %s", entry.id, pause, words)


def _wait_for_login(core: Core, work: Work, entry: Entry, words: str) -> None:
    """A login that is not known, or is refused, costs a mail no try: its sender may come in any moment."""
    if work.now - entry.created_at > LOGIN_DAYS * outbox.SECONDS_A_DAY:
        _end(core, work, entry, State.FAILED, words)
        return
    due_at = work.now + LOGIN_PAUSE_SECONDS
    work.outbox.change(entry.id, State.ACCEPTED, due_at=due_at, claimed_until=0.0, note=words[:200])


def _ends(core: Core, entry: Entry, state: State, words: str) -> None:
    with core.database.write() as work:
        _end(core, work, entry, state, words)


def _end(core: Core, work: Work, entry: Entry, state: State, words: str) -> None:
    """A mail came to its end without being taken for sure."""
    held = work.outbox.lock(entry.id)
    if held is None:
        return
    is_awaited = held.awaited_until > work.now and state is State.FAILED
    awaited_until = held.awaited_until if is_awaited else 0.0
    work.outbox.change(entry.id, state, tries=entry.tries + 1, note=words[:200], awaited_until=awaited_until)
    if is_awaited:
        work.outbox.remove_copies(entry.id)
        work.rings.add(outbox.bell_of(entry.id))
    else:
        outbox.release_copy(work, entry.id)
        _tell(core, work, entry, state, dict.fromkeys(entry.recipients, words))
    if state is State.FAILED:
        scheduling.note_failure(core, work, entry)
    log.error("message %s: %s: %s", entry.id, state.value, words)


def _tell(core: Core, work: Work, entry: Entry, state: State, reasons: Mapping[str, str]) -> None:
    """Tell the sender of a mail in their inbox for whom it was not taken, or may not have been. Of a meeting it stands in the
    calendar."""
    account = work.people.by_id(entry.account_id)
    if entry.about or core.mail is None or account is None:
        return
    try:
        notice = returned.notice(entry, account, reasons, work.now, is_unknown=state is State.UNKNOWN)
    except (ValueError, LookupError, TypeError, AttributeError) as error:  # one mail does not hold up the others
        log.error("message %s: its sender cannot be told: %s", entry.id, type(error).__name__)
        return
    outbox.put_into_inbox(work, account.id, notice, ("returned", str(entry.id)))
