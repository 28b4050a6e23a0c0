"""The embedded server as the way out for mail: to people here, and to nobody else."""

import asyncio
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLate

from pimgate.mail.carrying import Letter, Lost, Never, NotNow

from .server import MailServer

PATIENCE_SECONDS = 30.0


class Running:
    """The mail server of one gateway while it runs; reached by `core.belonging(Running)`."""

    server: MailServer | None = None
    loop: asyncio.AbstractEventLoop | None = None


class House:
    """Puts letters into the mailboxes of this house."""

    name = "the embedded mail server"

    def __init__(self, running: Running) -> None:
        self._running = running

    def carry(self, letter: Letter, last_octet: Callable[[], None]) -> None:
        server, loop = self._running.server, self._running.loop
        if server is None or loop is None:
            raise NotNow("the embedded mail server does not run")
        here = asyncio.run_coroutine_threadsafe(server.logins_at(letter.recipients), loop).result(PATIENCE_SECONDS)
        if not here:
            raise Never("mail does not leave the embedded mail server")
        last_octet()
        try:
            taking = server.take(letter.sender, here, letter.octets)
            asyncio.run_coroutine_threadsafe(taking, loop).result(PATIENCE_SECONDS)
        except TooLate as error:
            raise Lost("the embedded mail server takes too long") from error
