"""One command at a time from a mail program, literals and all, within limits.

A command is kept as it came over the wire, each literal in its place (`a1 LOGIN alice {6}\\r\\nsecret`), so that the
parser has one buffer and one position. Source: RFC 9051, "Formal Syntax"; RFC 7888 for literals that do not wait.
"""

import asyncio
import re
from dataclasses import dataclass

from .answers import Bad, Goodbye, No

MAX_LINE_BYTES = 64 * 1024
MAX_LITERALS_BYTES = 64 * 1024
MAX_BYTES_BEFORE_LOGIN = 8 * 1024

_START = re.compile(rb"([!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]{1,64}) ([A-Za-z]{1,20})(?: |$)")
_LITERAL = re.compile(rb"\{([0-9]{1,10})(\+?)\}$")


@dataclass(frozen=True, slots=True)
class Command:
    """A command: tag, name in capitals, and its arguments as they came."""

    tag: str
    name: str
    arguments: bytes


class Unreadable(Exception):
    """The command was read and means nothing; `tag` is "*" when it had none. `cause` is a Bad or a No."""

    def __init__(self, tag: str, cause: Bad | No) -> None:
        super().__init__(str(cause))
        self.tag = tag
        self.cause = cause


class Reader:
    """Reads commands and lines from a stream. `max_message_bytes` is what APPEND may carry."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, max_message_bytes: int) -> None:
        self._reader = reader
        self._writer = writer
        self._max_message_bytes = max_message_bytes
        self.is_logged_in = False

    async def line(self) -> bytes:
        """The next line without its line end. Raises Goodbye at the end and for a line without end."""
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            raise Goodbye("The line is too long.") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Goodbye("") from None
        return line.removesuffix(b"\n").removesuffix(b"\r")

    async def command(self) -> Command:
        """The next command. Raises Unreadable, Goodbye."""
        line = await self.line()
        match = _START.match(line)
        if match is None:
            tag = line.split(b" ")[0]
            known = tag.decode("ascii", "replace") if tag.isalnum() and len(tag) <= 64 else "*"
            raise Unreadable(known, Bad("This is not a command."))
        known, name = match.group(1).decode(), match.group(2).decode().upper()
        try:
            return Command(known, name, await self._with_literals(name, line[match.end() :]))
        except (Bad, No) as cause:
            raise Unreadable(known, cause) from None

    async def _with_literals(self, name: str, line: bytes) -> bytes:
        limit = self._limit(name)
        parts, total = [line], len(line)
        while match := _LITERAL.search(line):
            size, waits = int(match.group(1)), not match.group(2)
            total += size
            if total > limit:
                if not waits:
                    raise Goodbye("The command is too long.")
                raise No("TOOBIG", "The message is too large.") if name == "APPEND" else Bad("The command is too long.")
            if waits:
                self._writer.write(b"+ OK\r\n")
            try:
                literal = await self._reader.readexactly(size)
            except (asyncio.IncompleteReadError, ConnectionError):
                raise Goodbye("") from None
            line = await self.line()
            total += len(line)
            parts += [b"\r\n", literal, line]
        return b"".join(parts)

    def _limit(self, name: str) -> int:
        if not self.is_logged_in:
            return MAX_BYTES_BEFORE_LOGIN
        return self._max_message_bytes + MAX_LINE_BYTES if name == "APPEND" else MAX_LITERALS_BYTES
