"""Reads the arguments of a command from left to right. Source: RFC 9051, "Formal Syntax"."""

import re
from collections.abc import Callable
from typing import TypeVar

from .answers import Bad

T = TypeVar("T")

MAX_LIST = 10_000

_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_ASTRING = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')
_PATTERN = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\]+')
_FLAG = re.compile(rb'\\?[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\0]|\\["\\])*)"')
_LITERAL = re.compile(rb"~?\{([0-9]{1,10})\+?\}\r\n")
_NUMBER = re.compile(rb"[0-9]{1,20}")
_SET = re.compile(rb"[0-9*:,]+")


class Arguments:
    """A buffer and a position in it. Every method raises Bad when something else stands there."""

    def __init__(self, buffer: bytes) -> None:
        self._buffer = buffer
        self._position = 0

    def is_at_end(self) -> bool:
        return self._position == len(self._buffer)

    def end(self) -> None:
        if not self.is_at_end():
            raise Bad("There are too many arguments.")

    def is_at(self, mark: bytes) -> bool:
        """Whether `mark` comes next, in any case."""
        return self._buffer[self._position : self._position + len(mark)].upper() == mark

    def is_digit(self) -> bool:
        """Whether a digit comes next."""
        return self._buffer[self._position : self._position + 1].isdigit()

    def take(self, mark: bytes) -> bool:
        """Step over `mark` if it comes next, and say whether it did."""
        found = self.is_at(mark)
        if found:
            self._position += len(mark)
        return found

    def skip(self, mark: bytes) -> None:
        if not self.take(mark):
            raise Bad("The arguments cannot be understood.")

    def space(self) -> None:
        self.skip(b" ")

    def rest(self) -> bytes:
        """Everything that is left."""
        start, self._position = self._position, len(self._buffer)
        return self._buffer[start:]

    def atom(self) -> str:
        return self._match(_ATOM).decode("ascii")

    def word(self) -> str:
        """An atom in capitals: the name of a key, an item, an option."""
        return self.atom().upper()

    def flag(self) -> str:
        return self._match(_FLAG).decode("ascii")

    def number(self) -> int:
        return int(self._match(_NUMBER))

    def sequence_set(self) -> str:
        return self._match(_SET).decode("ascii")

    def astring(self) -> bytes:
        return self._string_or(_ASTRING)

    def string(self) -> bytes:
        """A quoted string or a literal."""
        return self._string_or(None)

    def mailbox(self) -> str:
        """The name of a mailbox as IMAP writes it."""
        return _ascii(self.astring())

    def pattern(self) -> str:
        """A name of a mailbox with wildcards, for LIST."""
        return _ascii(self._string_or(_PATTERN))

    def text(self) -> str:
        """An astring as text."""
        try:
            return self.astring().decode("utf-8")
        except UnicodeDecodeError:
            raise Bad("This is not UTF-8.") from None

    def list_of(self, item: Callable[[], T], *, may_be_empty: bool = True) -> list[T]:
        """A parenthesised list: `(a b c)`."""
        items: list[T] = []
        self.skip(b"(")
        while not self.take(b")"):
            if items:
                self.space()
            items.append(item())
            if len(items) > MAX_LIST:
                raise Bad("The list is too long.")
        if not items and not may_be_empty:
            raise Bad("The list is empty.")
        return items

    def one_or_list_of(self, item: Callable[[], T]) -> list[T]:
        """A parenthesised list, or a single item without parentheses."""
        return self.list_of(item, may_be_empty=False) if self.is_at(b"(") else [item()]

    def _string_or(self, plain: re.Pattern[bytes] | None) -> bytes:
        if match := _QUOTED.match(self._buffer, self._position):
            self._position = match.end()
            return re.sub(rb"\\(.)", rb"\1", match.group(1))
        if match := _LITERAL.match(self._buffer, self._position):
            start, self._position = match.end(), match.end() + int(match.group(1))
            return self._buffer[start : self._position]
        if plain is None:
            raise Bad("A string is missing.")
        return self._match(plain)

    def _match(self, form: re.Pattern[bytes]) -> bytes:
        match = form.match(self._buffer, self._position)
        if match is None:
            raise Bad("The arguments cannot be understood.")
        self._position = match.end()
        return match.group()


def _ascii(name: bytes) -> str:
    try:
        return name.decode("ascii")
    except UnicodeDecodeError:
        raise Bad("Names of mailboxes are written in modified UTF-7.") from None
