"""A mail server of the world outside: takes everything, or does as it is told, and keeps what it took."""

import asyncio
import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult

from pimgate.settings import Outgoing, Security


@dataclass
class Sink:
    """`answers` are given to the next messages instead of 250; `taking` is called when one has come whole, before it
    is answered. Whoever `knows` a login (authorisation, authentication, password) wants to see it; `options` are those of
    the last MAIL; `guesses` are logins that were refused."""

    port: int = 0
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    taking: Callable[[], None] = lambda: None
    knows: tuple[bytes, bytes, bytes] | None = None
    options: list[str] = field(default_factory=list)
    guesses: list[bytes] = field(default_factory=list)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.options, envelope.mail_from = options, address
        return "250 OK"

    async def auth_PLAIN(self, server: Any, words: list[str]) -> AuthResult:
        is_known = len(words) == 2 and tuple(base64.b64decode(words[1]).split(b"\0")) == self.knows
        self.guesses += [] if is_known else [b" ".join(map(str.encode, words))]
        return AuthResult(success=is_known, handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refuses:
            return "550 5.1.1 Nobody lives here."
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        await asyncio.to_thread(self.taking)
        return answer

    @property
    def settings(self) -> Outgoing:
        return Outgoing(host="127.0.0.1", port=self.port, security=Security.NONE, timeout_seconds=10)

    def letters(self, recipient: str = "") -> list[EmailMessage]:
        """What was taken for somebody."""
        return [
            cast(EmailMessage, message_from_bytes(octets, policy=default))
            for _, recipients, octets in self.taken
            if not recipient or recipient in recipients
        ]

    def subjects(self, recipient: str = "") -> list[str]:
        return [str(letter["Subject"]) for letter in self.letters(recipient)]

    def calendar(self, number: int = -1) -> str:
        """The calendar part of a letter, with the line ends of texts in this house."""
        part = next(each for each in self.letters()[number].walk() if each.get_content_type() == "text/calendar")
        return cast(bytes, part.get_payload(decode=True)).decode()


@contextmanager
def listening(sink: Sink | None = None) -> Iterator[Sink]:
    """A sink on a free port, in a thread of its own."""
    sink = sink or Sink()
    ready, loop = threading.Event(), asyncio.new_event_loop()
    connected: set[asyncio.BaseTransport] = set()

    class Server(SMTP):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connected.add(transport)
            super().connection_made(transport)

    wants: dict[str, Any] = {"auth_require_tls": False} if sink.knows else {}

    async def serve() -> None:
        server = await loop.create_server(lambda: Server(sink, hostname="sink", loop=loop, **wants), "127.0.0.1", 0)
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()
        try:
            await stopped.wait()
        finally:
            server.close()
            for transport in connected:
                transport.close()
            await asyncio.sleep(0.05)

    stopped = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
        loop.close()
