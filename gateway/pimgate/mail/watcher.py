"""Watching one person's mail, however many devices they have: one connection hears what happens, another one looks.

Where the server can tell of all folders (NOTIFY) it does; else it tells of the inbox (IDLE), and of the others the figures are
compared now and then; a server that tells nothing is asked for everything now and then. The watcher begins when a device asks or
waits, and ends some minutes after the last one. Looking writes to the journal, and that rings the bell.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pimgate.errors import AwayNow, BadCredentials, PimgateError
from pimgate.mail.imap import Connection, Listed, Overflow, Rejected, Status, Unasked
from pimgate.mail.logins import NoSecret
from pimgate.mail.postbox import Postbox
from pimgate.model.collections import CollectionId

log = logging.getLogger("pimgate.mail")

LINGER_SECONDS: Final = 600.0
"""How long a watcher goes on after the last device."""
LOOK_UP_SECONDS: Final = 20.0
"""How often it sees whether it is still needed."""
RENEW_SECONDS: Final = 1_500.0
"""Servers end a connection that idles for half an hour."""
FIRST_PAUSE_SECONDS: Final = 2.0
LONGEST_PAUSE_SECONDS: Final = 300.0
INBOX: Final = "INBOX"
EVERYTHING: Final = "*"
"""What is heard: of all folders, or of the inbox alone."""


class Attention(StrEnum):
    """How a mailbox is watched."""

    EVERYTHING = "everything"
    """The server tells what happens in all folders."""
    INBOX = "inbox"
    """It tells what happens in the inbox; the others are asked about now and then."""
    ASKING = "asking"
    """It tells nothing, and is asked now and then."""
    NONE = "none"


class Hindrance(StrEnum):
    """Why a mailbox could not be watched."""

    NO_SECRET = "no-secret"
    LOGIN = "login"
    AWAY = "away"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class WatchState:
    """How one mailbox is watched, by how many requests that wait, and what hindered it last: words for the operator without
    secrets, and when that was (seconds since 1970). What was hindered and works again has no hindrance."""

    attention: Attention
    waiting: int
    hindrance: Hindrance | None = None
    words: str = ""
    hindered_at: float = 0.0


class Watcher:
    """Watches one postbox. Belongs to the event loop."""

    def __init__(
        self,
        box: Postbox,
        poll_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        arrived: Callable[[Postbox], Awaitable[None]] | None = None,
    ) -> None:
        """`arrived` is told each time after the index was brought up to date, by whomever."""
        self._box = box
        self._arrived = arrived
        self._poll_seconds = poll_seconds
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._waiting = 0
        self._needed_until = 0.0
        self._pause = FIRST_PAUSE_SECONDS
        self._heard: str | None = None
        self._inbox: CollectionId | None = None
        self._is_asking = False
        self._looks_told = -1
        self._hindered: tuple[Hindrance, str, float] | None = None
        box.hears = self.hears

    # Who needs it

    def needed(self) -> None:
        """Somebody asked: watch for a while."""
        self._needed_until = self._clock() + LINGER_SECONDS
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"mail of {self._box.account.id}")
            self._task.add_done_callback(_report)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Somebody waits within the block."""
        self._waiting += 1
        self.needed()
        try:
            yield
        finally:
            self._waiting -= 1
            self._needed_until = self._clock() + LINGER_SECONDS

    @property
    def is_needed(self) -> bool:
        return self._waiting > 0 or self._clock() < self._needed_until

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    def hears(self, collection_id: CollectionId) -> bool:
        """Whether everything that happens in this folder is heard at once."""
        return self._heard == EVERYTHING or (self._heard == INBOX and collection_id == self._inbox)

    @property
    def state(self) -> WatchState:
        attention = Attention.ASKING if self._is_asking else Attention.NONE
        if self._heard is not None:
            attention = Attention.EVERYTHING if self._heard == EVERYTHING else Attention.INBOX
        return WatchState(attention, self._waiting, *(self._hindered or ()))

    async def stop(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    # Watching

    async def _run(self) -> None:
        while self.is_needed:
            try:
                await self._watch()
            except (PimgateError, Rejected) as error:
                log.info("the mail of %s cannot be watched now: %s", self._box.account.id, error)
                self._hindered = (_hindrance(error), str(error), time.time())
            finally:
                self._heard, self._is_asking = None, False
            if self.is_needed:
                await asyncio.sleep(self._pause * random.uniform(0.75, 1.25))
                self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    async def _watch(self) -> None:
        async with self._box.upstream.connection(self._box.account) as line:
            try:
                if line.has("NOTIFY") and line.has("IDLE") and await self._asks_for_everything(line):
                    await self._listen(line, EVERYTHING)
                    return
                if line.has("IDLE"):
                    await line.select(INBOX)
                    await self._listen(line, INBOX)
                    return
            finally:
                line.close()  # nobody else should hear what this one asked for
        await self._poll()

    async def _asks_for_everything(self, line: Connection) -> bool:
        """Whether the server tells of all folders from now on."""
        await line.unselect()
        try:
            await line.notify()
        except Rejected:
            return False
        return True

    async def _listen(self, line: Connection, scope: str) -> None:
        """Hear what happens in `scope`, and look at once; compare the figures of all folders now and then, also where the server
        tells of all: some forget to tell that one was renamed."""
        await self._look_around()
        self._heard, self._pause, self._hindered = scope, FIRST_PAUSE_SECONDS, None
        next_round = self._next_round()
        while self.is_needed:
            async with line.idle() as idling:
                renew = self._clock() + RENEW_SECONDS
                while self.is_needed and self._clock() < renew:
                    event = await idling.next(self._until(min(renew, next_round)))
                    while event is not None:
                        self._note(event)
                        event = await idling.next(0)
                    await self._catch_up()
                    if self._clock() >= next_round:
                        await self._look_around()
                        next_round = self._next_round()

    async def _poll(self) -> None:
        while self.is_needed:
            await self._look_around()
            self._is_asking, self._pause, self._hindered = True, FIRST_PAUSE_SECONDS, None
            next_round = self._next_round()
            while self.is_needed and self._clock() < next_round:
                await self._rest(self._until(next_round))

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _look_around(self) -> None:
        """Compare the figures of all folders, and look at those that changed."""
        await self._box.look_at_folders()
        self._inbox = self._box.at(INBOX)
        await self._catch_up()

    async def _catch_up(self) -> None:
        await self._box.catch_up()
        if self._arrived is not None and self._looks_told != self._box.looks:
            looks = self._box.looks
            await self._arrived(self._box)
            self._looks_told = looks

    def _next_round(self) -> float:
        """Not all at the same time."""
        return self._clock() + self._poll_seconds * random.uniform(0.75, 1.25)

    def _until(self, moment: float) -> float:
        return min(max(0.0, moment - self._clock()), LOOK_UP_SECONDS)

    def _note(self, event: Unasked) -> None:
        match event:
            case Status():
                self._box.note(event.name)
            case Listed():
                self._box.note_folders()
            case Overflow():
                self._box.note_everything()
            case _:
                self._box.note(INBOX)


def _hindrance(error: PimgateError | Rejected) -> Hindrance:
    match error:
        case NoSecret():
            return Hindrance.NO_SECRET
        case BadCredentials():
            return Hindrance.LOGIN
        case AwayNow():
            return Hindrance.AWAY
    return Hindrance.REFUSED


def _report(task: asyncio.Task[None]) -> None:
    """Whoever asks next begins anew; that something was wrong with us should not go unseen."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s: the watcher ended", task.get_name(), exc_info=error)
