"""A running gateway with one person in it and a mail server behind it, and what tests ask of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from gateway.mail.mailserver import MailServer
from pimgate.core import Core
from pimgate.journal import hierarchy_of
from pimgate.mail.postroom import PostRoom
from pimgate.model.items import Bookmark, Op
from pimgate.model.mail import Mailbox, Message
from pimgate.model.people import Account, Identity

PATIENCE = 60.0
NEVER = Bookmark(0)


@dataclass
class House:
    """A running gateway, one person in it, and the mail server behind."""

    core: Core
    room: PostRoom
    identity: Identity
    server: MailServer

    @property
    def account(self) -> Account:
        return self.identity.account

    async def folders(self) -> dict[str, Mailbox]:
        found = await self.core.read(lambda work: work.mail.mailboxes(self.account.id))
        return {each.path: each for each in found}

    async def ready(self, path: str = "INBOX", since: int = 0) -> Mailbox:
        """The folder, ready for a request."""
        await self.room.ready(self.identity, [], 0)
        await self.room.ready(self.identity, [(await self.folders())[path].collection_id], since)
        return (await self.folders())[path]

    async def messages(self, path: str = "INBOX") -> dict[str, Message]:
        """What is indexed, by the name of each message."""
        folder = (await self.folders())[path]
        found = await self.core.read(lambda work: work.mail.messages(folder.collection_id))
        return {each.message_id.strip("<>").partition("@")[0]: each for each in found}

    async def lines(self, stream: str) -> list[tuple[Op, int | None]]:
        found = await self.core.read(lambda work: work.journal.since(stream, NEVER, 10_000))
        return [(each.op, each.item_id) for each in found.changes]

    async def until(self, holds: Callable[[], Coroutine[Any, Any, bool]], stream: str = "") -> None:
        """Wait by the bell until something holds."""
        deadline = time.monotonic() + PATIENCE
        streams = [stream] if stream else [each.collection_id for each in (await self.folders()).values()]
        with self.core.bell.listening([*streams, hierarchy_of(self.account.id)]) as ear:
            while not await holds():
                await ear.heard(1.0)
                assert time.monotonic() < deadline, "it never came"

    async def program(self, deed: Callable[..., Any]) -> Any:
        """What another mail program of this person does."""

        def go() -> Any:
            with self.server.program(self.account.login) as line:
                return deed(line)

        return await asyncio.to_thread(go)


@asynccontextmanager
async def house(core: Core, server: MailServer, login: str) -> AsyncIterator[House]:
    assert core.mail is not None
    with core.database.write() as work:
        account = core.people.create(work, login, None)
    async with core.running():
        yield House(core, core.mail, Identity(account), server)
