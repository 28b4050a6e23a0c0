"""Logging in at the mail server on behalf of the person, up to the moment when the relay can begin.

Credentials travel under TLS or to this very machine, never otherwise; a server that claims the connection is already
authenticated (PREAUTH) is refused, because that is how TLS is talked away.
"""

import asyncio
import base64
import re
import ssl
from dataclasses import dataclass, field

from .peer import InjectedPlaintext, LineTooLong, Peer, PeerGone
from .settings import LoginMode, Tls
from .wire import UnsafeText, is_ascii, quoted, wire_safe

CONNECT_SECONDS = 10.0
LOGIN_SECONDS = 30.0
LOGOUT_SECONDS = 2.0
MAX_LINE_BYTES = 8 * 1024
MAX_LINES_PER_ANSWER = 100

_CAPABILITY_CODE = re.compile(rb"\[CAPABILITY ([^\]]*)\]", re.IGNORECASE)
# These say that the server, not the password, is the reason. Source: RFC 9051, "Response Codes".
_AWAY_CODES = (b"[UNAVAILABLE]", b"[INUSE]", b"[LIMIT]", b"[SERVERBUG]")


class UpstreamAway(Exception):
    """The mail server cannot be used now. The text is for the log, never for the person."""


class UpstreamRefused(Exception):
    """The mail server answered that this login is wrong."""


@dataclass(frozen=True, slots=True)
class Target:
    """The mail server behind the proxy and the way in. `context` is needed unless `tls` is NONE."""

    host: str
    port: int
    tls: Tls
    context: ssl.SSLContext | None
    mode: LoginMode
    master_login: str = ""
    master_password: str = field(default="", repr=False)
    tells_address: bool = False


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A connection on which the person is logged in: what the server can do, and what it said besides (alerts)."""

    peer: Peer
    capabilities: bytes
    remarks: tuple[bytes, ...]


async def log_in(target: Target, login: str, password: str, client_address: str) -> LoggedIn:
    """Connect to `target` and log in as `login`. Raises UpstreamAway or UpstreamRefused; closes what it opened."""
    peer = await _connect(target)
    try:
        async with asyncio.timeout(LOGIN_SECONDS):
            conversation = _Conversation(peer)
            await conversation.greet()
            await _protect(conversation, target)
            if target.tells_address:
                await conversation.tell_address(client_address)
            if target.mode is LoginMode.MASTER:
                await conversation.authenticate(login, target.master_login, target.master_password)
            else:
                await conversation.log_in(login, password)
            return await conversation.finish()
    except UnsafeText as error:
        peer.abort()
        raise UpstreamRefused(str(error)) from None
    except (PeerGone, LineTooLong, InjectedPlaintext, OSError, TimeoutError) as error:
        peer.abort()
        raise UpstreamAway(f"{type(error).__name__} while logging in: {error}") from error
    except BaseException:
        peer.abort()
        raise


async def log_out(upstream: LoggedIn) -> None:
    """Say good-bye and close the connection. Nobody is served by knowing what goes wrong with that."""
    try:
        async with asyncio.timeout(LOGOUT_SECONDS):
            await upstream.peer.send(b"bye LOGOUT\r\n")
            while True:
                await upstream.peer.line(MAX_LINE_BYTES)
    except (LineTooLong, OSError):
        pass  # The server has closed, which is the usual end, or it takes too long.
    finally:
        upstream.peer.abort()


async def _connect(target: Target) -> Peer:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            if target.tls is Tls.IMPLICIT:
                assert target.context is not None
                _, peer = await loop.create_connection(
                    Peer, target.host, target.port, ssl=target.context, server_hostname=target.host
                )
            else:
                _, peer = await loop.create_connection(Peer, target.host, target.port)
    except (OSError, TimeoutError) as error:
        raise UpstreamAway(f"{type(error).__name__} while connecting: {error}") from error
    return peer


async def _protect(conversation: "_Conversation", target: Target) -> None:
    peer = conversation.peer
    if target.tls is Tls.STARTTLS:
        assert target.context is not None
        await conversation.start_tls(target.context, target.host)
    if not peer.is_encrypted and not peer.is_loopback:
        raise UpstreamAway("no TLS on the way to a mail server on another machine: no password is sent")


class _Conversation:
    """What is said on one connection before the login succeeds."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self._capabilities = b""
        self._remarks: list[bytes] = []
        self._count = 0

    async def greet(self) -> None:
        greeting = await self.peer.line(MAX_LINE_BYTES)
        if not greeting.upper().startswith(b"* OK"):
            raise UpstreamAway(f"greeting is not OK: {greeting[:9]!r}")
        self._learn(greeting)

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        await self._know_capabilities()
        if not self._offers(b"STARTTLS"):
            raise UpstreamAway("the mail server does not offer STARTTLS")
        await self._ask(b"STARTTLS")
        await self.peer.start_tls(context, server_side=False, server_name=host)
        # What was said without protection counts for nothing.
        self._capabilities = b""
        self._remarks.clear()

    async def tell_address(self, address: str) -> None:
        await self._know_capabilities()
        if self._offers(b"ID"):
            await self._ask(b'ID ("x-originating-ip" ' + quoted(address) + b")")

    async def log_in(self, login: str, password: str) -> None:
        await self._know_capabilities()
        if self._offers(b"AUTH=PLAIN"):
            await self.authenticate("", login, password)
        elif self._offers(b"LOGINDISABLED"):
            raise UpstreamAway("the mail server offers no login on this connection")
        else:
            await self._ask(b"LOGIN", _string(login), _string(password), is_login=True)

    async def authenticate(self, authorize_as: str, login: str, password: str) -> None:
        await self._know_capabilities()
        if not self._offers(b"AUTH=PLAIN"):
            raise UpstreamAway("the mail server does not offer AUTH=PLAIN")
        message = b"\0".join(wire_safe(part) for part in (authorize_as, login, password))
        answer = base64.b64encode(message)
        if self._offers(b"SASL-IR"):
            await self._ask(b"AUTHENTICATE PLAIN " + answer, is_login=True)
        else:
            await self._ask(b"AUTHENTICATE PLAIN", _Continuation(answer), is_login=True)

    async def finish(self) -> LoggedIn:
        if not self._capabilities:
            await self._ask(b"CAPABILITY")
        return LoggedIn(self.peer, self._capabilities, tuple(self._remarks))

    async def _know_capabilities(self) -> None:
        if not self._capabilities:
            await self._ask(b"CAPABILITY")

    def _offers(self, capability: bytes) -> bool:
        return capability in self._capabilities.upper().split()

    async def _ask(self, command: bytes, *parts: "bytes | _Continuation", is_login: bool = False) -> None:
        """Send a command whose `parts` may have to wait for a continuation, and read until its answer."""
        self._count += 1
        tag = b"pg%d" % self._count
        line = tag + b" " + command
        for part in parts:
            if isinstance(part, bytes):
                line += b" " + part
                continue
            await self.peer.send(line + part.announcement + b"\r\n")
            line = part.octets
            if not await self._invited(tag):
                return
        await self.peer.send(line + b"\r\n")
        self._judge(await self._answer(tag), is_login)

    async def _invited(self, tag: bytes) -> bool:
        """Whether the server asks to go on; a refusal instead is raised, and success instead means a broken server."""
        answer = await self._answer(tag, or_continuation=True)
        if answer.startswith(b"+"):
            return True
        self._judge(answer, is_login=True)
        raise UpstreamAway("the mail server said OK in the middle of a command")

    async def _answer(self, tag: bytes, *, or_continuation: bool = False) -> bytes:
        """The tagged answer without its tag; untagged lines before it are learnt from."""
        for _ in range(MAX_LINES_PER_ANSWER):
            line = await self.peer.line(MAX_LINE_BYTES)
            if line.startswith(tag + b" "):
                answer = line[len(tag) + 1 :]
                self._learn(answer)
                return answer
            if line.startswith(b"+") and or_continuation:
                return line
            if line.upper().startswith(b"* BYE"):
                raise UpstreamAway("the mail server said BYE")
            self._learn(line)
        raise UpstreamAway("the mail server answers without end")

    def _judge(self, answer: bytes, is_login: bool) -> None:
        if answer.upper().startswith(b"OK"):
            return
        if not is_login or any(code in answer.upper() for code in _AWAY_CODES):
            raise UpstreamAway(f"a command was answered with {answer[:3]!r}")
        raise UpstreamRefused("the mail server does not accept this login")

    def _learn(self, line: bytes) -> None:
        if match := _CAPABILITY_CODE.search(line):
            self._capabilities = match.group(1)
        elif line.upper().startswith(b"* CAPABILITY "):
            self._capabilities = line[len(b"* CAPABILITY ") :]
        elif b"[ALERT]" in line.upper() and line.startswith(b"* "):
            self._remarks.append(line)


@dataclass(frozen=True, slots=True)
class _Continuation:
    """Octets that are sent only after the server asked for them; `announcement` ends the line before."""

    octets: bytes
    announcement: bytes = b""


def _string(text: str) -> bytes | _Continuation:
    octets = wire_safe(text)
    return quoted(text) if is_ascii(octets) else _Continuation(octets, b" {%d}" % len(octets))
