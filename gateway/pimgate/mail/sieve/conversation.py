"""One connection to a ManageSieve server, on which somebody is logged in.

Credentials travel under TLS or to this very machine; what the server says before TLS begins counts for nothing.

Source: RFC 5804, "A Protocol for Remotely Managing Sieve Scripts".
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from pimgate.mail.imap.connecting import AWAY_CODES, LOGIN_SECONDS, Place, context_of, opened
from pimgate.mail.imap.errors import Away, BadAnswer, BadLogin, Busy, Rejected, Unsayable
from pimgate.mail.imap.sasl import Login, said
from pimgate.mail.imap.stream import Stream
from pimgate.mail.sieve.hearing import LONGEST_LINE, Line, announced, heard
from pimgate.settings import Security

MOST_LINES: Final = 2_000
LONGEST_NAME: Final = 512


@dataclass(frozen=True, slots=True)
class Script:
    """A script on the server."""

    name: str
    is_active: bool


@asynccontextmanager
async def connect(place: Place, login: Login) -> AsyncIterator[Conversation]:
    """A conversation within the block. Away, also for a server that leaves meanwhile; BadLogin; Rejected is left to the caller."""
    async with _begun(place) as conversation:
        await conversation.log_in(place, login)
        yield conversation
        await conversation.log_out()


async def look(place: Place) -> frozenset[str]:
    """What scripts may ask for, as the server says before anybody logs in. Away."""
    try:
        async with _begun(place) as conversation:
            return conversation.extensions
    except Rejected as error:
        raise Away(f"while looking: {error}") from error


@asynccontextmanager
async def _begun(place: Place) -> AsyncIterator[Conversation]:
    """A conversation in which nobody is logged in yet."""
    stream = await opened(place)
    stream.patience_seconds = min(place.patience_seconds, LOGIN_SECONDS)
    conversation = Conversation(stream)
    try:
        await conversation.know_capabilities(is_greeting=True)
        if place.security is Security.STARTTLS:
            await conversation.protect(place)
        yield conversation
    except (OSError, TimeoutError) as error:
        raise Away(f"{type(error).__name__} in a conversation about scripts") from error
    finally:
        stream.abort()


class Conversation:
    """One command after the other. Each raises Rejected where the server says no, Away where it leaves."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._is_tls_offered = False
        self._mechanisms: frozenset[str] = frozenset()
        self.extensions: frozenset[str] = frozenset()
        """What scripts may ask for, in small letters."""

    # Scripts

    async def scripts(self) -> list[Script]:
        """All scripts of the person."""
        lines = await self._ask(b"LISTSCRIPTS")
        return [Script(each.values[0], "ACTIVE" in each.words) for each in lines if each.values]

    async def script(self, name: str) -> str:
        """The text of a script."""
        lines = await self._ask(b"GETSCRIPT " + _string(name))
        if not lines or not lines[0].values:
            raise BadAnswer("a script without its text")
        return lines[0].values[0]

    async def put(self, name: str, text: str) -> None:
        """Keep a script; the server refuses one that it could not run."""
        await self._ask(b"PUTSCRIPT " + _string(name) + b" " + _literal(text))

    async def activate(self, name: str) -> None:
        """Have this script run from now on; "" for none."""
        await self._ask(b"SETACTIVE " + _string(name))

    async def remove(self, name: str) -> None:
        await self._ask(b"DELETESCRIPT " + _string(name))

    # Coming and going

    async def know_capabilities(self, *, is_greeting: bool = False) -> None:
        """Learn what the server can do: it says so by itself in its greeting, and after TLS began."""
        lines = await (self._answered() if is_greeting else self._ask(b"CAPABILITY"))
        told = {each.values[0].upper(): " ".join(each.values[1:]) for each in lines if each.values}
        self._is_tls_offered = "STARTTLS" in told
        self._mechanisms = frozenset(told.get("SASL", "").upper().split())
        self.extensions = frozenset(told.get("SIEVE", "").lower().split())

    async def protect(self, place: Place) -> None:
        """Go on under TLS."""
        if not self._is_tls_offered:
            raise BadAnswer("no STARTTLS is offered")
        await self._ask(b"STARTTLS")
        await self._stream.start_tls(context_of(place), place.host)
        await self.know_capabilities(is_greeting=True)

    async def log_in(self, place: Place, login: Login) -> None:
        """BadLogin."""
        if not self._stream.is_private:
            raise Away("no TLS on the way to another machine: no password is sent")
        found = said(login, self._mechanisms, place.host, place.port)
        if found is None:
            raise BadLogin("the server of scripts offers no way for this login")
        first = b'AUTHENTICATE "%s" ' % found.mechanism.encode("ascii") + _literal(_coded(found.message))
        try:
            await self._ask(first, last_word=_coded(found.last_word or b"\x01"))
        except Rejected as error:
            if error.code in ("TRYLATER", *AWAY_CODES):
                raise Busy(f"while logging in: {error}") from error
            raise BadLogin("the server of scripts does not accept this login") from None
        await self.know_capabilities()

    async def log_out(self) -> None:
        await self._ask(b"LOGOUT")

    # Octets

    async def _ask(self, command: bytes, *, last_word: str = "") -> list[Line]:
        await self._stream.send(command + b"\r\n")
        return await self._answered(last_word)

    async def _answered(self, last_word: str = "") -> list[Line]:
        """The lines up to the one that says how it went. With `last_word` the server may ask once more before that."""
        lines: list[Line] = []
        async with asyncio.timeout(LOGIN_SECONDS):
            while len(lines) < MOST_LINES:
                line = await self._line()
                match line.state:
                    case "":
                        lines.append(line)
                        if last_word:
                            await self._stream.send(_literal(last_word) + b"\r\n")
                            last_word = ""
                    case "OK":
                        return lines
                    case "NO":
                        raise Rejected("NO", line.code)
                    case _:
                        raise Away(f"the server of scripts ended the connection {line.code}".rstrip())
        raise BadAnswer("lines without end")

    async def _line(self) -> Line:
        pieces = [await self._stream.line(LONGEST_LINE)]
        while (length := announced(pieces[-1])) is not None and len(pieces) < MOST_LINES:
            pieces.append(await self._stream.exactly(length))
            pieces.append(await self._stream.line(LONGEST_LINE))
        return heard(pieces)


def _string(name: str) -> bytes:
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Unsayable("no name of a script")
    return _literal(name)


def _literal(text: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    return b"{%d+}\r\n" % len(octets) + octets


def _coded(message: bytes) -> str:
    return base64.b64encode(message).decode("ascii")
