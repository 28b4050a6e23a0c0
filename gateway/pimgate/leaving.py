"""The two tasks that empty the outbox: one brings messages to the calendars of people here, one hands mail to the carrier.

Each row is claimed before anything is done with it, so several processes may do this. A message inside is brought and marked in one
unit of work. A mail is marked as sending between its body and its last octet: a process that dies before that leaves a row that
is tried again, one that dies after it a row that is unknown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from pimgate import outbox, scheduling
from pimgate.errors import AwayNow, PimgateError
from pimgate.mail.carrying import Carrier, Letter, Lost, Never, NotNow
from pimgate.model.outbox import Channel, Entry, State
from pimgate.store.work import Work

if TYPE_CHECKING:
    from pimgate.core import Core

log = logging.getLogger("pimgate.outbox")

LOOK_SECONDS = 10.0
"""What another process wrote to an SQLite file is found within this time."""

MOST_PAUSE_SECONDS = 6 * 3600
FIRST_PAUSE_SECONDS = 60
FAULTS = (ValueError, LookupError, TypeError, ArithmeticError, AttributeError, AssertionError, RecursionError)
"""One message that we cannot make sense of does not hold up the others."""

LAST_SECONDS = 10.0
"""A gateway that is stopped gives the message that is just leaving so long."""

CLAIM_ANSWERS = 8
"""A claim lasts for as many answers of the mail server as handing over one message takes, and some."""


@asynccontextmanager
async def leaving(core: Core) -> AsyncIterator[None]:
    """The tasks, while the block runs."""
    tasks = [
        asyncio.create_task(_empty(core, Channel.INSIDE, lambda: core.write(lambda work: bring_next(core, work)))),
        asyncio.create_task(_empty(core, Channel.MAIL, _Post(core).hand_over_next)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _empty(core: Core, channel: Channel, do_next: Callable[[], Awaitable[bool]]) -> None:
    """Do one after the other, and wait for more. While nothing is due nothing is written."""
    with core.bell.listening([outbox.BELL]) as ear:
        while True:
            seconds = LOOK_SECONDS
            try:
                seconds = await core.read(lambda work: _seconds_to_next(work, channel))
                if seconds <= 0 and await do_next():
                    continue
            except PimgateError as error:
                log.warning("the outbox waits: %s", error.detail)
            except Exception as error:  # noqa: BLE001 - nobody is above this task, and it must not end
                log.error("the outbox waits: %s", type(error).__name__)
            await ear.heard(min(seconds, LOOK_SECONDS) if seconds > 0 else LOOK_SECONDS)


def _seconds_to_next(work: Work, channel: Channel) -> float:
    due = work.outbox.next_due(channel)
    return LOOK_SECONDS if due is None else due - work.now


def bring_next(core: Core, work: Work) -> bool:
    """Bring the next message to a calendar of a person here; gives whether there was one."""
    entry = work.outbox.claim([Channel.INSIDE], work.now)
    if entry is None:
        return False
    try:
        with work.together():
            scheduling.deliver(core, work, entry)
        work.outbox.change(entry.id, State.SENT, content=None)
    except AwayNow:
        raise
    except (PimgateError, *FAULTS) as error:
        log.warning("message %s could not be brought: %s", entry.id, getattr(error, "detail", type(error).__name__))
        work.outbox.change(entry.id, State.FAILED, note=type(error).__name__)
        scheduling.note_failure(core, work, entry)
    return True


class _Post:
    """Hands mail over, one message at a time."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._one = CapacityLimiter(1)

    async def hand_over_next(self) -> bool:
        """Whether there was a message to hand over."""
        carrier = self._core.carrier()
        if carrier is None:
            return False
        seconds = self._core.settings.outgoing.timeout_seconds * CLAIM_ANSWERS
        entry = await self._core.write(lambda work: work.outbox.claim([Channel.MAIL], work.now + seconds))
        if entry is None:
            return False
        handing = asyncio.ensure_future(run_sync(hand_over, self._core, carrier, entry, limiter=self._one))
        try:
            await asyncio.shield(handing)
        except asyncio.CancelledError:
            await asyncio.wait({handing}, timeout=LAST_SECONDS)
            raise
        return True


class _Gone(Exception):
    """The operator dropped the message at the last moment."""


def hand_over(core: Core, carrier: Carrier, entry: Entry) -> None:
    """Hand one message to the carrier, and note what became of it. Runs in a thread."""
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
        carrier.carry(Letter(entry.sender, entry.recipients, entry.content), last_octet)
    except _Gone:
        log.info("message %s was dropped while it was about to leave", entry.id)
    except NotNow as problem:
        _try_later(core, entry, problem.words)
    except Never as problem:
        _fail(core, entry, State.FAILED, problem.words)
    except Lost as problem:
        _fail(core, entry, State.UNKNOWN, problem.words)
    except AwayNow:
        raise
    except Exception as problem:  # noqa: BLE001 - a plugin's carrier may fail in any way
        if is_over:
            _fail(core, entry, State.UNKNOWN, type(problem).__name__)
        else:
            _try_later(core, entry, type(problem).__name__)
    else:
        with core.database.write() as work:
            work.outbox.change(entry.id, State.SENT, content=None, tries=entry.tries + 1)
        log.info("message %s left by %s", entry.id, carrier.name)


def _try_later(core: Core, entry: Entry, words: str) -> None:
    tries = entry.tries + 1
    if tries >= core.settings.outgoing.most_tries:
        _fail(core, entry, State.FAILED, words)
        return
    pause = min(FIRST_PAUSE_SECONDS * 2**entry.tries, MOST_PAUSE_SECONDS)
    with core.database.write() as work:
        if work.outbox.lock(entry.id) is not None:
            later = work.now + pause
            work.outbox.change(entry.id, State.ACCEPTED, tries=tries, due_at=later, claimed_until=0.0, note=words[:200])
    log.warning("message %s did not leave, trying again in %d s: %s", entry.id, pause, words)


def _fail(core: Core, entry: Entry, state: State, words: str) -> None:
    with core.database.write() as work:
        work.outbox.change(entry.id, state, tries=entry.tries + 1, note=words[:200])
        if state is State.FAILED:
            scheduling.note_failure(core, work, entry)
    log.error("message %s: %s: %s", entry.id, state.value, words)
