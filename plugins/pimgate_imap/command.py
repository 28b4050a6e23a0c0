"""The commands a mail program may send before it has logged in, read from hostile input.

Source: RFC 9051, "Formal Syntax" (tag, astring, literal) and "Client Commands - Not Authenticated State"; RFC 7888 for
literals that do not wait (`{n+}`).
"""

import re
from dataclasses import dataclass, field

from .peer import Peer

MAX_LINE_BYTES = 8 * 1024
MAX_COMMAND_BYTES = 8 * 1024

_TAG = re.compile(rb"[!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|}~]{1,64}")
_LITERAL = re.compile(rb"\{([0-9]{1,10})(\+?)\}$")
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\0]|\\["\\])*)"')
_LITERAL_INSIDE = re.compile(rb"\{([0-9]{1,10})\+?\}\r\n")
_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')


class BadCommand(Exception):
    """The command cannot be understood. `tag` is "*" when not even the tag could be read."""

    def __init__(self, tag: bytes, sentence: str, *, is_fatal: bool = False) -> None:
        super().__init__(sentence)
        self.tag = tag
        self.sentence = sentence
        self.is_fatal = is_fatal


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its tag, its name in capitals, and the rest, which may hold passwords and is never shown.

    `rest` is kept as it came over the wire, each literal in its place: `alice {6}\\r\\nsecret`.
    """

    tag: bytes
    name: str
    rest: bytes = field(repr=False)


async def next_command(peer: Peer) -> Command:
    """The next command from `peer`, its literals asked for and read. Raises BadCommand, LineTooLong, PeerGone."""
    line = await peer.line(MAX_LINE_BYTES)
    match = _TAG.match(line)
    if match is None or line[match.end() : match.end() + 1] != b" ":
        raise BadCommand(b"*", "A command begins with a tag and a space.")
    tag = match.group()
    name, _, rest = line[match.end() + 1 :].partition(b" ")
    if not name.isalpha():
        raise BadCommand(tag, "This is not a command.")
    return Command(tag, name.decode("ascii").upper(), await _with_literals(peer, tag, rest))


async def _with_literals(peer: Peer, tag: bytes, line: bytes) -> bytes:
    """The rest of a command after every literal that it announces was read; the total stays within its limit."""
    rest = line
    while match := _LITERAL.search(line):
        size, does_not_wait = int(match.group(1)), bool(match.group(2))
        if len(rest) + size > MAX_COMMAND_BYTES:
            # A literal that does not wait is already under way and would be read as commands.
            raise BadCommand(tag, "The command is too long.", is_fatal=does_not_wait)
        if not does_not_wait:
            await peer.send(b"+ OK\r\n")
        literal = await peer.exactly(size)
        line = await peer.line(MAX_COMMAND_BYTES)
        rest += b"\r\n" + literal + line
        if len(rest) > 2 * MAX_COMMAND_BYTES:
            raise BadCommand(tag, "The command is too long.")
    return rest


@dataclass(slots=True)
class Arguments:
    """Reads the arguments of one command from left to right."""

    command: Command
    position: int = field(default=0)

    def astrings(self, count: int) -> list[bytes]:
        """Exactly `count` strings separated by single spaces, and nothing after them; raises BadCommand otherwise."""
        values = [self._astring()]
        while len(values) < count:
            self._skip(b" ")
            values.append(self._astring())
        if self.position != len(self.command.rest):
            raise self._bad()
        return values

    def strings_in_parentheses(self, limit: int) -> list[bytes]:
        """The strings of a parenthesised list such as `("name" "Thunderbird")`; NIL values are empty strings."""
        values: list[bytes] = []
        self._skip(b"(")
        while not self._is_at(b")"):
            if values:
                self._skip(b" ")
            values.append(self._astring())
            if len(values) > limit:
                raise self._bad()
        self._skip(b")")
        return [b"" if value.upper() == b"NIL" else value for value in values]

    def _astring(self) -> bytes:
        rest = self.command.rest
        if match := _QUOTED.match(rest, self.position):
            self.position = match.end()
            return re.sub(rb"\\(.)", rb"\1", match.group(1))
        if match := _LITERAL_INSIDE.match(rest, self.position):
            self.position = match.end() + int(match.group(1))
            return rest[match.end() : self.position]
        if match := _ATOM.match(rest, self.position):
            self.position = match.end()
            return match.group()
        raise self._bad()

    def _is_at(self, mark: bytes) -> bool:
        return self.command.rest.startswith(mark, self.position)

    def _skip(self, mark: bytes) -> None:
        if not self._is_at(mark):
            raise self._bad()
        self.position += len(mark)

    def _bad(self) -> BadCommand:
        return BadCommand(self.command.tag, f"The arguments of {self.command.name} cannot be understood.")
