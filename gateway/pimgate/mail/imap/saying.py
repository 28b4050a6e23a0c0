"""Commands as octets. Every word that came from outside passes here, so none of it can end a command or begin another.

A command is a list of parts: octets that stand on the line, and literals that are sent apart, after the server agreed.

Source: RFC 9051, "Formal Syntax"; RFC 3501, "Formal Syntax"; RFC 7888, "LITERAL- Capability".
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pimgate.mail.imap.errors import Unsayable
from pimgate.mail.imap.names import to_server

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONGEST_QUOTED: Final = 1000
LONGEST_NAME: Final = 1000
_FLAG: Final = re.compile(r"\\?[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]{1,200}")
_QUOTABLE: Final = re.compile(rb"[ -~]*")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Literal:
    """Octets of any kind, sent after their length."""

    octets: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.octets)


@dataclass(frozen=True, slots=True)
class Streamed:
    """A literal whose octets come one piece after the other, and which is never in memory as a whole."""

    size_bytes: int
    pieces: AsyncIterable[bytes]


Part = bytes | Literal | Streamed


def flag(text: str) -> bytes:
    r"""A flag or keyword: "\Seen", "$Forwarded". Unsayable for anything else."""
    if not _FLAG.fullmatch(text):
        raise Unsayable("this is no flag")
    return text.encode("ascii")


def flags(wanted: Iterable[str]) -> bytes:
    """Flags in parentheses, each once."""
    return in_list(flag(each) for each in dict.fromkeys(wanted))


def string(text: str | bytes) -> bytes | Literal:
    """A text as it is: quoted where that can hold it, else a literal. Unsayable for NUL, which only messages may hold."""
    octets = _utf8(text) if isinstance(text, str) else text
    if b"\0" in octets:
        raise Unsayable("a string holds no NUL")
    if len(octets) > LONGEST_QUOTED or not _QUOTABLE.fullmatch(octets):
        return Literal(octets)
    return b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def mailbox(name: str, *, is_utf8: bool = False) -> bytes | Literal:
    """The name of a mailbox. Unsayable for one that is empty, too long, or holds what nobody can see."""
    if not name or len(name) > LONGEST_NAME or _CONTROLS.search(name):
        raise Unsayable("this is no name of a mailbox")
    _utf8(name)
    return string(to_server(name, is_utf8=is_utf8))


def number(value: int, most: int = 2**63 - 1) -> bytes:
    """A number that is not negative."""
    if not 0 <= value <= most:
        raise Unsayable("this number is out of range")
    return b"%d" % value


def in_list(words: Iterable[bytes]) -> bytes:
    """Words in parentheses."""
    return b"(" + b" ".join(words) + b")"


def day(moment: date) -> bytes:
    """A date as searches want it: 3-Feb-2026."""
    return f"{moment.day}-{MONTHS[moment.month - 1]}-{moment.year:04}".encode("ascii")


def moment(at: datetime) -> bytes:
    """A date and time as APPEND wants it, quoted. Unsayable without a zone."""
    if at.tzinfo is None:
        raise Unsayable("a moment has a zone")
    offset = at.strftime("%z")[:5]
    return f'"{at.day:2}-{MONTHS[at.month - 1]}-{at.year:04} {at:%H:%M:%S} {offset}"'.encode("ascii")


def joined(parts: Sequence[Part]) -> list[Part]:
    """The parts of a command with a space between each two, neighbouring octets put together."""
    whole: list[Part] = []
    for place, part in enumerate(parts):
        space = b" " if place else b""
        if isinstance(part, bytes):
            _append(whole, space + part)
        else:
            _append(whole, space)
            whole.append(part)
    return whole


def _append(whole: list[Part], octets: bytes) -> None:
    last = whole[-1] if whole else None
    if isinstance(last, bytes):
        whole[-1] = last + octets
    elif octets:
        whole.append(octets)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Unsayable("half of a character") from None
