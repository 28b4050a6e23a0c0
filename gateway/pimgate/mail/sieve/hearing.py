"""What a ManageSieve server says, line by line, read into values. Pure.

A line is pieces: its octets, and between them the literals that it announced. Source: RFC 5804, "Formal Syntax".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pimgate.mail.imap.errors import BadAnswer

LONGEST_LINE: Final = 16_384
LARGEST_LITERAL: Final = 1_048_576
MOST_VALUES: Final = 50
STATES: Final = ("OK", "NO", "BYE")

_ANNOUNCED: Final = re.compile(rb"\{([0-9]{1,10})\+?\}\Z")
_QUOTED: Final = re.compile(rb'"((?:[^"\\]++|\\.)*+)"')
_WORD: Final = re.compile(rb'[^\x00-\x20"(){}\x7f]++')
_ESCAPED: Final = re.compile(rb"\\(.)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `state` is "OK", "NO", "BYE" or "" for a line of data; `code` the word in parentheses after it, in capitals;
    `values` the strings of a line of data, and `words` what stands there without quotation marks, in capitals."""

    state: str = ""
    code: str = ""
    values: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def announced(octets: bytes) -> int | None:
    """How many octets of a literal follow; None if none do. BadAnswer for too many."""
    found = _ANNOUNCED.search(octets[-16:])
    if found is None:
        return None
    if int(found.group(1)) > LARGEST_LITERAL:
        raise BadAnswer("a literal that is too large")
    return int(found.group(1))


def heard(pieces: Sequence[bytes]) -> Line:
    """The line that these pieces make: line, literal, line ... BadAnswer."""
    first = _WORD.match(pieces[0])
    state = first.group().decode("ascii", "replace").upper() if first else ""
    if state in STATES:
        # What follows the code is words for people, which are not kept.
        code = re.match(rb"[A-Za-z]+ \(\"?([A-Za-z/-]{1,60})", pieces[0])
        return Line(state, code.group(1).decode("ascii").upper() if code else "")
    values: list[str] = []
    words: list[str] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            values.append(_text(piece))
        else:
            _read(_ANNOUNCED.sub(b"", piece), values, words)
    return Line("", "", tuple(values), tuple(words))


def _read(octets: bytes, values: list[str], words: list[str]) -> None:
    at = 0
    while at < len(octets):
        if octets[at : at + 1] == b" ":
            at += 1
            continue
        string, word = _QUOTED.match(octets, at), _WORD.match(octets, at)
        if string is not None:
            values.append(_text(_ESCAPED.sub(rb"\1", string.group(1))))
        elif word is not None:
            words.append(_text(word.group()).upper())
        else:
            raise BadAnswer("an octet that belongs nowhere")
        found = string or word
        at = found.end() if found else at
        if len(values) + len(words) > MOST_VALUES:
            raise BadAnswer("too many values in one line")


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")
