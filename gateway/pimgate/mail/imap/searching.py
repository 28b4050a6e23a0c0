"""What may be searched for: criteria as values, and the words of the command for them. Pure; no text is ever pasted in.

Source: RFC 9051, "SEARCH Command"; RFC 7162 (MODSEQ).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pimgate.mail.imap.errors import Unsayable
from pimgate.mail.imap.numbers import UidSet
from pimgate.mail.imap.saying import Literal, Part, day, flag, number, string

DEEPEST: Final = 20
LONGEST_TEXT: Final = 1_000
_FIELD: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_SYSTEM_FLAGS: Final = ("answered", "deleted", "draft", "flagged", "seen")
_ENVELOPE: Final = ("BCC", "CC", "FROM", "SUBJECT", "TO")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition, made by the functions below. Conditions are joined with & and |, and turned round with ~."""

    parts: tuple[Part, ...]
    depth: int = 0

    @classmethod
    def everything(cls) -> Criterion:
        return cls((b"ALL",))

    @classmethod
    def among(cls, uids: Iterable[int] | UidSet) -> Criterion:
        """The message is one of these. Unsayable for so many that they fit on no line."""
        batches = UidSet.of(uids).batches()
        if len(batches) != 1:
            raise Unsayable("none, or too many UIDs for one search")
        return cls((b"UID", batches[0]))

    @classmethod
    def flagged(cls, name: str) -> Criterion:
        r"""The message has this flag or keyword: "\Seen", "$Forwarded"."""
        said = flag(name)
        if not name.startswith("\\"):
            return cls((b"KEYWORD", said))
        if name[1:].lower() not in _SYSTEM_FLAGS:
            raise Unsayable("no flag that can be searched for")
        return cls((said[1:].upper(),))

    @classmethod
    def arrived_since(cls, first: date) -> Criterion:
        """The message arrived on this day or later, in the zone of the server."""
        return cls((b"SINCE", day(first)))

    @classmethod
    def arrived_before(cls, first: date) -> Criterion:
        return cls((b"BEFORE", day(first)))

    @classmethod
    def sent_since(cls, first: date) -> Criterion:
        """The Date of its header is this day or later."""
        return cls((b"SENTSINCE", day(first)))

    @classmethod
    def sent_before(cls, first: date) -> Criterion:
        return cls((b"SENTBEFORE", day(first)))

    @classmethod
    def header(cls, field: str, text: str) -> Criterion:
        """A field of its header has this in it; with an empty text: it has such a field."""
        if not _FIELD.fullmatch(field):
            raise Unsayable("no name of a header field")
        return cls((b"HEADER", field.encode("ascii"), _text(text)))

    @classmethod
    def envelope(cls, field: str, text: str) -> Criterion:
        """One of the fields that servers have at hand, From, To, Cc, Bcc or Subject, has this in it."""
        if field.upper() not in _ENVELOPE:
            raise Unsayable("no field of an envelope")
        return cls((field.upper().encode("ascii"), _text(text)))

    @classmethod
    def body(cls, text: str) -> Criterion:
        """Its text has this in it."""
        return cls((b"BODY", _text(text)))

    @classmethod
    def text(cls, text: str) -> Criterion:
        """Its header or its text has this in it."""
        return cls((b"TEXT", _text(text)))

    @classmethod
    def larger_than(cls, size_bytes: int) -> Criterion:
        return cls((b"LARGER", number(size_bytes, 2**32 - 1)))

    @classmethod
    def smaller_than(cls, size_bytes: int) -> Criterion:
        return cls((b"SMALLER", number(size_bytes, 2**32 - 1)))

    @classmethod
    def changed_since(cls, modseq: int) -> Criterion:
        """Something about it changed at this modseq or later."""
        return cls((b"MODSEQ", number(modseq)))

    @classmethod
    def any_of(cls, criteria: Sequence[Criterion]) -> Criterion:
        """At least one of these holds. Many are no deeper within each other than they must be."""
        if not criteria:
            return ~cls.everything()
        if len(criteria) == 1:
            return criteria[0]
        middle = len(criteria) // 2
        return cls.any_of(criteria[:middle]) | cls.any_of(criteria[middle:])

    def __and__(self, other: Criterion) -> Criterion:
        return Criterion((*self.parts, *other.parts), max(self.depth, other.depth))

    def __or__(self, other: Criterion) -> Criterion:
        return Criterion((b"OR", *self._grouped(), *other._grouped()), _deeper(self, other))

    def __invert__(self) -> Criterion:
        return Criterion((b"NOT", *self._grouped()), _deeper(self))

    def _grouped(self) -> tuple[Part, ...]:
        """The parts in parentheses, with ALL at both ends: a space follows each part, and none may stand beside a parenthesis."""
        return (b"(ALL", *self.parts, b"ALL)")

    @property
    def is_ascii(self) -> bool:
        """Whether the server need not be told in which characters the texts are."""
        return all(not isinstance(each, Literal) or each.octets.isascii() for each in self.parts)


def _deeper(*criteria: Criterion) -> int:
    depth = 1 + max(each.depth for each in criteria)
    if depth > DEEPEST:
        raise Unsayable("conditions within conditions without end")
    return depth


def _text(text: str) -> Part:
    if len(text) > LONGEST_TEXT:
        raise Unsayable("too long a text to search for")
    return string(text)
