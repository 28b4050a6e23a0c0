"""The post office: the one door through which IMAP, SMTP and the demo reach the store.

Each piece of work is one hop to the thread that owns the store's connection; after it, those who wait for the mailboxes
it touched are woken. Nothing rings before the commit.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from .bell import Bell
from .flags import flags_from
from .names import INBOX
from .store import Store

T = TypeVar("T")

FILE_NAME = "mail.sqlite3"


class Post:
    """The store, its thread and its bell."""

    def __init__(self, store: Store, thread: ThreadPoolExecutor) -> None:
        self._store = store
        self._thread = thread
        self.bell = Bell()

    async def hop(self, work: Callable[[Store], T]) -> T:
        """Run `work` on the store in its thread, then wake whoever waits for what it touched."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, work, self._store)
        finally:
            touched = await loop.run_in_executor(self._thread, self._take_touched)
            self.bell.ring(touched)

    def look(self, work: Callable[[Store], T], patience_seconds: float) -> T:
        """What `work`, which touches no mailbox, gives to somebody who waits in another thread. TimeoutError when the store has no
        time for it so soon."""
        asked = self._thread.submit(work, self._store)
        try:
            return asked.result(patience_seconds)
        finally:
            asked.cancel()

    async def furnish(self, login: str) -> None:
        """Make the first mailboxes of `login`, unless they are there."""
        await self.hop(lambda store: store.furnish(login))

    async def deliver(self, login: str, octets: bytes, mailbox: str = INBOX, flags: Iterable[str] = ()) -> int:
        """Put a message into a mailbox of `login` (made on first use) and give its UID. Raises MailboxProblem, BadFlag."""
        kept = flags_from(flags)

        def work(store: Store) -> int:
            store.furnish(login)
            return store.append(store.mailbox(login, mailbox).id, octets, kept)

        return await self.hop(work)

    def _take_touched(self) -> set[int]:
        touched, self._store.touched = self._store.touched, set()
        return touched


@asynccontextmanager
async def open_post(directory: Path) -> AsyncIterator[Post]:
    """Open the post office whose mail lies in `directory`, which is made when missing, readable by its owner alone."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="pimgate-mail") as thread:
        store = await loop.run_in_executor(thread, _open_store, directory)
        try:
            yield Post(store, thread)
        finally:
            await loop.run_in_executor(thread, store.close)


def _open_store(directory: Path) -> Store:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Store(directory / FILE_NAME)
