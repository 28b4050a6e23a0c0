"""A mail server with a few people in it, on an event loop in a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pimgate_mail.people import Person
from pimgate_mail.server import MailServer, mail_server
from pimgate_mail.settings import MailSettings

T = TypeVar("T")

PASSWORDS = {"alice@example.org": "wonder land", "bob@example.org": "grün-geheim"}


class Villagers:
    """Everybody who lives here."""

    async def with_password(self, login: str, password: str, network: str, protocol: str) -> Person | None:
        return await self.with_login(login) if PASSWORDS.get(login) == password else None

    async def with_login(self, login: str) -> Person | None:
        return Person(login, frozenset({login})) if login in PASSWORDS else None

    async def at_address(self, address: str) -> Person | None:
        return await self.with_login(address)


@dataclass
class Village:
    """A running server, reached with blocking calls."""

    server: MailServer
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def deliver(self, login: str, octets: bytes, **details: Any) -> int:
        return self.run(self.server.deliver(login, octets, **details))


@contextlib.contextmanager
def village(directory: Path, **changes: Any) -> Iterator[Village]:
    settings = MailSettings(**({"imap_port": 0, "smtp_port": 0, "master_password": "master key"} | changes))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    context = mail_server(settings, directory, Villagers())

    def run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    async def enter() -> MailServer:
        return await context.__aenter__()

    async def leave() -> None:
        await asyncio.sleep(0.02)  # A connection that is just being accepted when its server closes is never closed.
        await context.__aexit__(None, None, None)
        await asyncio.sleep(0.02)  # Transports that are closing need their last turns.

    try:
        server = run(enter())
        try:
            yield Village(server, loop)
        finally:
            run(leave())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
