"""Hearing what happens: IDLE for the open mailbox, NOTIFY for all of them.

Source: RFC 9051, "IDLE Command"; RFC 5465 (NOTIFY).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pimgate.mail.imap.answers import Unasked
from pimgate.mail.imap.conversation import Conversation, Done
from pimgate.mail.imap.errors import BadAnswer, Rejected

_EVENTS = b"MessageNew MessageExpunge FlagChange"
_OF_MAILBOXES = b" MailboxName SubscriptionChange"


class Waiting(Conversation):
    """What the server says by itself."""

    @asynccontextmanager
    async def idle(self) -> AsyncIterator[Idling]:
        """Let the server speak: `async with connection.idle() as idling: ... await idling.next(600)`. Servers end a connection that
        idles for half an hour, so leave the block and come again before. Whatever is raised within closes the connection."""
        async with self._busy:
            with self._sound():
                tag, done = next(self._tags), Done()
                await self._stream.send(tag.encode("ascii") + b" IDLE\r\n")
                is_idle = await self._hear_for(tag, (), done)
            if not is_idle:
                raise Rejected(done.closing.word, done.closing.code_name)
            patience, self._stream.patience_seconds = self._stream.patience_seconds, None
            try:
                yield Idling(self)
            except BaseException:
                self.close()
                raise
            finally:
                self._stream.patience_seconds = patience
            with self._sound():
                await self._stream.send(b"DONE\r\n")
                if await self._hear_for(tag, (), done):
                    raise BadAnswer("the server waits for what nobody has")
        if done.closing.word != "OK":
            raise Rejected(done.closing.word, done.closing.code_name)

    async def notify(self, *, with_status: bool = False) -> None:
        """Be told of everything that happens in all mailboxes of the person, in `idle` and beside any command. `with_status` brings
        figures of each mailbox at once, to be found by `take_unasked`. Rejected where the server cannot."""
        status = [b"STATUS"] if with_status else []
        selected = b"(selected (" + _EVENTS + b"))"
        personal = b"(personal (" + _EVENTS + _OF_MAILBOXES + b"))"
        await self.ask(b"NOTIFY SET", *status, selected, personal)

    async def notify_none(self) -> None:
        """Be told of nothing any more."""
        await self.ask(b"NOTIFY NONE")

    def take_unasked(self) -> list[Unasked]:
        """What the server said by itself beside commands, since this was last asked."""
        taken = list(self._unasked)
        self._unasked.clear()
        return taken

    async def _next_unasked(self, seconds: float) -> Unasked | None:
        waiting: deque[Unasked] = self._unasked
        with self._sound():
            try:
                async with asyncio.timeout(seconds):
                    while not waiting:
                        self._octets = 0
                        answer = await self._hear()
                        if answer.tag != "+":
                            self._sort(answer, (), [])
            except TimeoutError:
                return None
        return waiting.popleft()


class Idling:
    """The server may speak; ask it what it says. Made by `Waiting.idle`."""

    def __init__(self, connection: Waiting) -> None:
        self._connection = connection

    async def next(self, seconds: float) -> Unasked | None:
        """The next thing the server says, or said while nobody listened; None if it says nothing for so long. Away."""
        return await self._connection._next_unasked(seconds)
