"""The tasks that empty the outbox: messages are brought to the calendars of people here, mail is handed to the carrier, copies and
notices are put into people's folders.

Each row is claimed before anything is done with it, so several tasks and several processes may do this. A message inside is brought
and marked in one unit of work. How mail leaves: `handing_over.py`; how it comes into folders: `filing.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from pimgate import outbox, scheduling
from pimgate.errors import AwayNow, PimgateError
from pimgate.filing import Filing
from pimgate.handing_over import HandingOver
from pimgate.model.outbox import Channel, State
from pimgate.store.work import Work

if TYPE_CHECKING:
    from pimgate.core import Core

log = logging.getLogger("pimgate.outbox")

LOOK_SECONDS = 10.0
"""What another process wrote to an SQLite file is found within this time."""

LANES = 4
"""Mails that leave at the same time, so that one which a server takes its time for does not hold up the others."""

FAULTS = (ValueError, LookupError, TypeError, ArithmeticError, AttributeError, AssertionError, RecursionError)
"""One message that we cannot make sense of does not hold up the others."""


@asynccontextmanager
async def leaving(core: Core) -> AsyncIterator[None]:
    """The tasks, while the block runs."""
    mail, files = HandingOver(core, LANES), Filing(core)
    chores: list[tuple[Channel, Callable[[], Awaitable[bool]]]] = [
        (Channel.INSIDE, lambda: core.write(lambda work: bring_next(core, work))),
        *[(Channel.MAIL, mail.hand_over_next)] * LANES,
        *[(Channel.FOLDER, files.put_next)] * LANES,
    ]
    tasks = [asyncio.create_task(_empty(core, channel, do_next)) for channel, do_next in chores]
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
