"""Answers of a server, read into values: untrusted octets in, nested values out, within limits. Pure.

An answer is one or more pieces: the octets of a line, and between them the literals it announced. A value is None (NIL), an int,
a str (an atom, flags and section names included), bytes (a string or literal), or a list of values.

Source: RFC 9051, "Formal Syntax"; RFC 3501, "Server Responses".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, Union

from pimgate.mail.imap.errors import BadAnswer

LONGEST_LINE: Final = 8 * 1_048_576
LARGEST_LITERAL: Final = 4 * 1_048_576
LARGEST_ANSWER: Final = 32 * 1_048_576
DEEPEST: Final = 120
MOST_VALUES: Final = 1_000_000

Value: TypeAlias = Union[int, str, bytes, "list[Value]", None]

STATES: Final = ("OK", "NO", "BAD", "BYE", "PREAUTH")

_ANNOUNCED: Final = re.compile(rb"~?\{([0-9]{1,10})\+?\}\Z")
_WORD: Final = re.compile(rb'[^\x00-\x20"(){\x7f]++')
_SECTION: Final = re.compile(rb"(?:BODY|BINARY(?:\.SIZE)?)\[[^\]\x00-\x1f]*\](?:<[0-9]+>)?", re.IGNORECASE)
_QUOTED: Final = re.compile(rb'"((?:[^"\\\r\n]++|\\[^\r\n])*+)"')
_ESCAPED: Final = re.compile(rb"\\(.)")
_STATE: Final = re.compile(rb"[^ ]+ (?:OK|NO|BAD|BYE|PREAUTH)(?: |\Z)", re.IGNORECASE)


def announced(line: bytes, *, is_first: bool = True) -> int | None:
    """How many octets of a literal follow this line (without its CRLF); None if none do. BadAnswer for too many. Words for people
    may end like the announcement of a literal, and are none."""
    found = _ANNOUNCED.search(line[-16:])
    if found is None or (is_first and (line.startswith(b"+") or _STATE.match(line))):
        return None
    length = int(found.group(1))
    if length > LARGEST_LITERAL:
        raise BadAnswer("a literal that is too large")
    return length


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `tag` is "*", "+" or that of a command; `word` the first word in capitals, or the second after a number: EXISTS,
    FETCH. `code` is what stands in brackets after OK, NO, BAD, BYE and PREAUTH; `values` everything after the word for the others.
    Words for people are not kept."""

    tag: str
    word: str
    number: int = 0
    values: tuple[Value, ...] = ()
    code: tuple[Value, ...] = ()

    @property
    def code_name(self) -> str:
        """The first word of the code, in capitals: "UIDVALIDITY"; "" if there is none."""
        return str(self.code[0]).upper() if self.code and isinstance(self.code[0], str) else ""


def heard(pieces: Sequence[bytes]) -> Answer:
    """The answer that these pieces make: line, literal, line, literal ... line. BadAnswer."""
    if pieces[0][:1] == b"+":
        return Answer("+", "")
    tag, _, rest = pieces[0].partition(b" ")
    if not tag or len(tag) > 32 or not tag.isascii():
        raise BadAnswer("an answer without a tag")
    first, _, after = rest.partition(b" ")
    number = int(first) if first.isdigit() and len(first) <= 10 else 0
    if first.isdigit():
        first, _, after = after.partition(b" ")
    word = _words(first).upper()
    if word in STATES:
        return Answer(tag.decode("ascii"), word, number, code=_code(after))
    return Answer(tag.decode("ascii"), word, number, tuple(_Reader([after, *pieces[1:]]).all()))


def _code(octets: bytes) -> tuple[Value, ...]:
    """The response code; none for one that cannot be read: it may be words for people that begin with a bracket."""
    if not octets.startswith(b"[") or b"]" not in octets:
        return ()
    try:
        return tuple(_Reader([octets[1 : octets.index(b"]")]]).all())
    except BadAnswer:
        return ()


def _words(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


class _Reader:
    """Reads the values of one answer, one piece after the other."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces
        self._piece = 0
        self._at = 0
        self._count = 0

    def all(self) -> list[Value]:
        values = self._list(0)
        if self._piece + 1 < len(self._pieces) or self._at < len(self._line):
            raise BadAnswer("an end of a list that never began")
        return values

    @property
    def _line(self) -> bytes:
        return self._pieces[self._piece]

    def _list(self, depth: int) -> list[Value]:
        if depth > DEEPEST:
            raise BadAnswer("lists within lists without end")
        values: list[Value] = []
        while True:
            while self._line[self._at : self._at + 1] == b" ":
                self._at += 1
            following = self._line[self._at : self._at + 1]
            if following in (b"", b")"):
                return values
            values.append(self._value(following, depth))
            self._count += 1
            if self._count > MOST_VALUES:
                raise BadAnswer("too many values in one answer")

    def _value(self, following: bytes, depth: int) -> Value:
        if following == b"(":
            self._at += 1
            values = self._list(depth + 1)
            if self._line[self._at : self._at + 1] != b")":
                raise BadAnswer("a list without its end")
            self._at += 1
            return values
        if following == b'"':
            return self._quoted()
        if following == b"{" or self._line[self._at : self._at + 2] == b"~{":
            return self._literal()
        return self._word()

    def _quoted(self) -> bytes:
        found = _QUOTED.match(self._line, self._at)
        if found is None:
            raise BadAnswer("a string without its end")
        self._at = found.end()
        return _ESCAPED.sub(rb"\1", found.group(1))

    def _literal(self) -> bytes:
        if not _ANNOUNCED.match(self._line, self._at) or self._piece + 2 >= len(self._pieces):
            raise BadAnswer("a literal that does not follow")
        literal = self._pieces[self._piece + 1]
        self._piece, self._at = self._piece + 2, 0
        return literal

    def _word(self) -> Value:
        found = _SECTION.match(self._line, self._at) or _WORD.match(self._line, self._at)
        if found is None:
            raise BadAnswer("an octet that belongs nowhere")
        self._at = found.end()
        word = found.group()
        # An id may be made of digits, and with a zero before them it would not be the same as a number.
        if word.isdigit() and len(word) <= 20 and (word == b"0" or word[0] != 0x30):
            return int(word)
        return None if word.upper() == b"NIL" else _words(word)
