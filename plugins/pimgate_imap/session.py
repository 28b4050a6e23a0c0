"""The conversation with a mail program that has not logged in yet, up to the relay.

Everything it sends is hostile until proven otherwise: each mistake gets a tagged answer with one sentence, the third
one ends the conversation. Source: RFC 9051, "Client Commands - Any State" and "Client Commands - Not Authenticated
State"; RFC 4616 for the PLAIN message; RFC 2971 for ID.
"""

import asyncio
import base64
import binascii
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .command import MAX_LINE_BYTES, Arguments, BadCommand, Command, next_command
from .gate import Gate, RefusalCode, Refused, Visitor
from .peer import InjectedPlaintext, LineTooLong, Peer, PeerGone
from .relay import relay
from .settings import Limits
from .upstream import LoggedIn, Target, UpstreamAway, UpstreamRefused, log_in
from .wire import UnsafeText, wire_safe

MAX_BAD_COMMANDS = 3
MAX_REFUSED_LOGINS = 5
MAX_ID_STRINGS = 60
MAX_AGENT_CHARACTERS = 120
RELAY_COMMANDS = "AUTHENTICATE, CAPABILITY, ID, LOGIN, LOGOUT, NOOP and STARTTLS"

log = logging.getLogger("pimgate.imap")


@dataclass(frozen=True, slots=True)
class House:
    """What every session of one listener is handed: the gate, the mail server, the limits, and TLS for STARTTLS."""

    gate: Gate
    target: Target
    limits: Limits
    starttls: ssl.SSLContext | None = None


class _Over(Exception):
    """The conversation is finished; nothing more is to be read."""


class Session:
    """One connection of one mail program. `run` returns when it is over; it closes nothing."""

    def __init__(self, peer: Peer, house: House) -> None:
        self._peer = peer
        self._house = house
        self._agent = ""
        self._bad_commands = 0
        self._refused_logins = 0
        self._commands: dict[str, Callable[[Command], Awaitable[None]]] = {
            "CAPABILITY": self._capability,
            "NOOP": self._noop,
            "LOGOUT": self._logout,
            "ID": self._id,
            "STARTTLS": self._starttls,
            "LOGIN": self._login,
            "AUTHENTICATE": self._authenticate,
        }

    async def run(self) -> None:
        """Talk until the mail program leaves, is sent away, or its relay ends."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._house.limits.prelogin_total_seconds
        try:
            await self._say(b"* OK [CAPABILITY " + self._capabilities() + b"] pimgate ready.")
            while loop.time() < deadline:
                await self._one_command()
            await self._say(b"* BYE No login after so long a time.")
        except TimeoutError:
            await self._say(b"* BYE Nothing was said for too long.")
        except LineTooLong:
            await self._say(b"* BYE The line is too long.")
        except InjectedPlaintext:
            log.warning("octets before TLS began from %s", self._peer.address)
        except (_Over, PeerGone, ConnectionError, ssl.SSLError):
            pass

    async def _one_command(self) -> None:
        try:
            async with asyncio.timeout(self._house.limits.prelogin_idle_seconds):
                command = await next_command(self._peer)
            await self._obey(command)
        except BadCommand as bad:
            await self._say(bad.tag + b" BAD " + bad.sentence.encode())
            self._bad_commands += 1
            if bad.is_fatal or self._bad_commands >= MAX_BAD_COMMANDS:
                await self._say(b"* BYE Too many commands could not be understood.")
                raise _Over from None

    async def _obey(self, command: Command) -> None:
        obey = self._commands.get(command.name)
        if obey is None:
            raise BadCommand(command.tag, f"Before the login there are {RELAY_COMMANDS}.")
        if command.rest and command.name in ("CAPABILITY", "NOOP", "LOGOUT", "STARTTLS"):
            raise BadCommand(command.tag, f"{command.name} takes no arguments.")
        await obey(command)

    # One method a command.

    async def _capability(self, command: Command) -> None:
        await self._say(b"* CAPABILITY " + self._capabilities())
        await self._ok(command)

    async def _noop(self, command: Command) -> None:
        await self._ok(command)

    async def _logout(self, command: Command) -> None:
        await self._say(b"* BYE Good-bye.")
        await self._ok(command)
        raise _Over

    async def _id(self, command: Command) -> None:
        if command.rest.upper() != b"NIL":
            strings = Arguments(command).strings_in_parentheses(MAX_ID_STRINGS)
            self._agent = _agent_in(strings)
        await self._say(b'* ID ("name" "pimgate")')
        await self._ok(command)

    async def _starttls(self, command: Command) -> None:
        context = self._house.starttls
        if context is None or self._peer.is_encrypted:
            raise BadCommand(command.tag, "STARTTLS is not offered here.")
        # Commands sent along in the clear would otherwise be obeyed as if TLS had protected them.
        self._peer.require_nothing_waiting()
        await self._say(command.tag + b" OK Begin TLS now.")
        await self._peer.start_tls(context, server_side=True)
        self._agent = ""

    async def _login(self, command: Command) -> None:
        login, password = Arguments(command).astrings(2)
        await self._enter(command, login, password)

    async def _authenticate(self, command: Command) -> None:
        mechanism, _, initial = command.rest.partition(b" ")
        if mechanism.upper() != b"PLAIN":
            await self._no(command, None, "Only the mechanism PLAIN is offered.")
            return
        if not self._may_log_in:
            await self._no(command, "PRIVACYREQUIRED", "Log in under TLS.")
            return
        message = _decoded(command, initial or await self._asked_for(command))
        authorize_as, login, password = message
        if authorize_as not in (b"", login):
            await self._refuse(command, Refused(RefusalCode.AUTHORIZATION_FAILED, "You can log in as yourself only."))
            return
        await self._enter(command, login, password)

    async def _asked_for(self, command: Command) -> bytes:
        await self._say(b"+ ")
        async with asyncio.timeout(self._house.limits.prelogin_idle_seconds):
            answer = await self._peer.line(MAX_LINE_BYTES)
        if answer == b"*":
            raise BadCommand(command.tag, "AUTHENTICATE cancelled.")
        return answer

    # The way in.

    async def _enter(self, command: Command, login: bytes, password: bytes) -> None:
        if not self._may_log_in:
            await self._no(command, "PRIVACYREQUIRED", "Log in under TLS.")
            return
        try:
            visitor = Visitor(_text(command, login), _text(command, password), self._peer.address, self._agent)
            async with self._house.gate.admitted(visitor) as admission:
                upstream = await log_in(self._house.target, admission.login, visitor.password, visitor.network)
                await self._relay(command, admission.login, upstream, admission.ended)
        except Refused as refused:
            await self._refuse(command, refused)
        except UpstreamRefused as refused:
            log.warning("mail server refused the login of %r: %s", visitor.login, refused)
            sentence = "The mail server does not accept this login."
            await self._refuse(command, Refused(RefusalCode.AUTHENTICATION_FAILED, sentence))
        except UpstreamAway as away:
            log.error("mail server away for %r: %s", visitor.login, away)
            await self._refuse(
                command, Refused(RefusalCode.UNAVAILABLE, "The mail server cannot be reached now. Try again later.")
            )

    async def _relay(self, command: Command, login: str, upstream: LoggedIn, ended: asyncio.Event) -> None:
        try:
            for remark in upstream.remarks:
                await self._say(remark)
            await self._say(command.tag + b" OK [CAPABILITY " + upstream.capabilities + b"] Logged in.")
            agent = f" with {self._agent!r}" if self._agent else ""
            log.info("%r logged in from %s%s", login, self._peer.address, agent)
            traffic = await relay(self._peer, upstream.peer, ended, self._house.limits.idle_seconds)
            log.info(
                "session of %r over (%s): %d bytes from the client, %d from the server",
                login,
                traffic.ending,
                traffic.bytes_from_client,
                traffic.bytes_from_server,
            )
        finally:
            upstream.peer.abort()
        raise _Over

    async def _refuse(self, command: Command, refused: Refused) -> None:
        await self._no(command, refused.code, refused.sentence)
        self._refused_logins += 1
        if self._refused_logins >= MAX_REFUSED_LOGINS:
            await self._say(b"* BYE Too many logins were refused.")
            raise _Over

    @property
    def _may_log_in(self) -> bool:
        return self._peer.is_encrypted or self._peer.is_loopback

    def _capabilities(self) -> bytes:
        words = [b"IMAP4rev1", b"LITERAL+", b"SASL-IR", b"ID"]
        if self._house.starttls is not None and not self._peer.is_encrypted:
            words.append(b"STARTTLS")
        words.append(b"AUTH=PLAIN" if self._may_log_in else b"LOGINDISABLED")
        return b" ".join(words)

    async def _ok(self, command: Command) -> None:
        await self._say(command.tag + b" OK " + command.name.encode() + b" completed.")

    async def _no(self, command: Command, code: str | None, sentence: str) -> None:
        prefix = f" NO [{code}] " if code else " NO "
        await self._say(command.tag + (prefix + sentence).encode())

    async def _say(self, line: bytes) -> None:
        async with asyncio.timeout(self._house.limits.prelogin_idle_seconds):
            await self._peer.send(line + b"\r\n")


def _decoded(command: Command, encoded: bytes) -> tuple[bytes, bytes, bytes]:
    """The three parts of a PLAIN message; raises BadCommand."""
    try:
        message = base64.b64decode(b"" if encoded == b"=" else encoded, validate=True)
    except binascii.Error:
        raise BadCommand(command.tag, "This is not base64.") from None
    parts = message.split(b"\0")
    if len(parts) != 3:
        raise BadCommand(command.tag, "This is not a PLAIN message.")
    return parts[0], parts[1], parts[2]


def _text(command: Command, octets: bytes) -> str:
    """A login or password as text. Raises BadCommand for octets that are not UTF-8, Refused for control characters."""
    try:
        text = octets.decode("utf-8")
        wire_safe(text)
    except UnicodeDecodeError:
        raise BadCommand(command.tag, "Logins and passwords are UTF-8.") from None
    except UnsafeText:
        raise Refused(RefusalCode.AUTHENTICATION_FAILED, "The login or the password is wrong.") from None
    return text


def _agent_in(strings: list[bytes]) -> str:
    """What an ID list says of the program, such as "Thunderbird 140.1", cleaned for lists and logs."""
    fields = {name.lower(): value for name, value in zip(strings[::2], strings[1::2], strict=False)}
    agent = b" ".join(fields[name] for name in (b"name", b"version") if fields.get(name))
    text = agent.decode("utf-8", "replace")
    return "".join(c for c in text if c.isprintable())[:MAX_AGENT_CHARACTERS].strip()
