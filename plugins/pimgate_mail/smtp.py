"""Submission: mail from people here to people here, and to nobody else.

aiosmtpd speaks the protocol; this decides. Who has not logged in sends nothing, senders are the login's own addresses,
recipients live here. Source: RFC 6409, RFC 4954 (AUTH), RFC 5321.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .people import People, Person
from .post import Post

MAX_RECIPIENTS = 100
MAX_COMMANDS = 50
MAX_CONNECTIONS = 200
IDLE_SECONDS = 300
NAME = "pimgate.localhost"

# A line end that is not CRLF ends the message for some servers and not for others; none is passed on.
_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")

log = logging.getLogger("pimgate.mail")


class Submission:
    """aiosmtpd's handler: what happens at each step of a submission."""

    def __init__(
        self, post: Post, people: People, arrived: Callable[[str, Sequence[str], bytes], Awaitable[None]]
    ) -> None:
        self._post = post
        self._people = people
        self._arrived = arrived

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Somebody must have logged in, and the sender must be one of the login's own addresses."""
        person = _person(session)
        if person is None:
            return "530 5.7.0 Log in first."
        if address.lower() not in person.addresses:
            return "553 5.7.1 The sender must be your own address."
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The recipient must live here."""
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients."
        if await self._people.at_address(address.lower()) is None:
            return "550 5.1.1 There is no such person here, and mail does not leave this server."
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Deliver into the INBOX of every recipient, each person once."""
        octets = envelope.content
        if not isinstance(octets, bytes) or _BARE_LINE_END.search(octets):
            return "554 5.6.0 The message has line ends other than CRLF, or NUL octets."
        logins = set()
        for address in envelope.rcpt_tos:
            recipient = await self._people.at_address(address.lower())
            if recipient is not None:
                logins.add(recipient.login)
        message = _trace(session, envelope) + octets
        for login in sorted(logins):
            await self._post.deliver(login, message)
        await self._arrived(str(envelope.mail_from), sorted(logins), message)
        log.info("%r sent %d bytes to %d people", envelope.mail_from, len(octets), len(logins))
        return "250 2.0.0 Delivered."


class Server(SMTP):
    """aiosmtpd's server, with logins that may take a while: its own authenticator cannot wait."""

    def __init__(self, handler: Submission, people: People, max_message_bytes: int, connected: "set[Server]") -> None:
        super().__init__(
            handler,
            data_size_limit=max_message_bytes,
            hostname=NAME,
            ident="pimgate mail, for trying things out",
            # Loopback only, so the login may travel without TLS; that there is one, `handle_MAIL` demands.
            auth_require_tls=False,
            authenticator=_believe,
            timeout=IDLE_SECONDS,
            command_call_limit={"*": MAX_COMMANDS, "RCPT": MAX_RECIPIENTS + MAX_COMMANDS},
            loop=asyncio.get_running_loop(),
        )
        self._people = people
        self._connected = connected

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connected.add(self)
        if len(self._connected) > MAX_CONNECTIONS:
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._connected.discard(self)

    async def auth_PLAIN(self, _: Any, args: list[str]) -> AuthResult:
        return await self._verified(await super().auth_PLAIN(_, args))

    async def auth_LOGIN(self, _: Any, args: list[str]) -> AuthResult:
        return await self._verified(await super().auth_LOGIN(_, args))

    async def _verified(self, claim: AuthResult) -> AuthResult:
        """What the people say of a login and password that were read without fault."""
        if not claim.success:
            return claim
        login_octets, password_octets = cast(LoginPassword, claim.auth_data)
        try:
            login, password = login_octets.decode("utf-8"), password_octets.decode("utf-8")
        except UnicodeDecodeError:
            return AuthResult(success=False, handled=False)
        network = str(self.transport.get_extra_info("peername")[0]) if self.transport is not None else ""
        person = await self._people.with_password(login, password, network, "smtp")
        return AuthResult(success=person is not None, handled=False, auth_data=person)


def _believe(server: SMTP, session: Session, envelope: Envelope, mechanism: str, claim: LoginPassword) -> AuthResult:
    """Pass the claim on: it is verified afterwards, where waiting is possible."""
    return AuthResult(success=True, handled=False, auth_data=claim)


@asynccontextmanager
async def serving_smtp(
    host: str,
    port: int,
    post: Post,
    people: People,
    max_message_bytes: int,
    arrived: Callable[[str, Sequence[str], bytes], Awaitable[None]],
) -> AsyncIterator[int]:
    """Serve submission while entered; gives the port. `arrived` is told what was delivered. Leaving ends every connection."""
    # aiosmtpd's own log would show the mail itself at its lowest level.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    handler, connected = Submission(post, people, arrived), set[Server]()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(handler, people, max_message_bytes, connected), host, port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for connection in list(connected):
            if connection.transport is not None:
                connection.transport.close()


def _person(session: Session) -> Person | None:
    return cast(Person, session.auth_data) if session.authenticated else None


def _trace(session: Session, envelope: Envelope) -> bytes:
    """The lines a server adds at the top. Source: RFC 5321, "Trace Information"."""
    return (
        f"Return-Path: <{envelope.mail_from}>\r\nReceived: by {NAME} with ESMTPA; {formatdate(localtime=False)}\r\n"
    ).encode("utf-8", "replace")
