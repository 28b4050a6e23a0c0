"""A message as a tree of parts, from what an IMAP server says of it.

Servers answer with lists in lists; what a server says is believed as far as it makes sense, and no further than the limits.
Source: RFC 9051 "FETCH Response" (BODYSTRUCTURE).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.fields import collapsed
from pimgate.mail.mime.limits import LIMITS, Limits, TooMuch
from pimgate.mail.mime.parts import NO_PARAMS, Part
from pimgate.mail.mime.words import decoded_words, header_text, one_line, readable

LONGEST_NAME: Final = 1_000
BODY: Final = "TEXT"
TOO_MANY: Final = "It has too many parts."
TOO_DEEP: Final = "Its parts are too deep within each other."
UNREADABLE: Final = "What it consists of cannot be told."


@dataclass(frozen=True, slots=True)
class Structure:
    """A message's tree. With a `breach`, a sentence for people, the message is beyond a limit and its tree one opaque part."""

    root: Part
    breach: str = ""


def structure_of(answer: object, limits: Limits = LIMITS) -> Structure:
    """The tree that a BODYSTRUCTURE describes: nested lists of None, int, str and bytes."""
    try:
        return Structure(_Reader(limits).part(answer, "", 0))
    except TooMuch as error:
        return untold(error.what)


def untold(what: str) -> Structure:
    """The structure of a message that is not taken apart."""
    return Structure(Part(BODY, "application", "octet-stream"), what)


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.parts

    def part(self, value: object, prefix: str, depth: int, own: str = "") -> Part:
        """The part that a list describes. `prefix` is what the numbers of its children begin with; `own` its section, if it has a
        number itself."""
        if not isinstance(value, Sequence) or isinstance(value, str | bytes) or not value:
            raise TooMuch(UNREADABLE)
        self._left -= 1
        if self._left < 0:
            raise TooMuch(TOO_MANY)
        if depth > self._limits.depth:
            raise TooMuch(TOO_DEEP)
        if isinstance(value[0], list | tuple):
            return self._multipart(value, prefix, depth, own or f"{prefix}{BODY}")
        return self._leaf(value, own or f"{prefix}1", depth)

    def _multipart(self, value: Sequence[object], prefix: str, depth: int, own: str) -> Part:
        children = [each for each in value if isinstance(each, list | tuple)]
        count = next((at for at, each in enumerate(value) if not isinstance(each, list | tuple)), len(value))
        numbered = (f"{prefix}{number}" for number in range(1, count + 1))
        parts = tuple(
            self.part(child, f"{number}.", depth + 1, number)
            for child, number in zip(children[:count], numbered, strict=True)
        )
        size = sum(each.size_bytes for each in parts)
        found = Part(own, "multipart", _word(_at(value, count)) or "mixed", self._params(_at(value, count + 1)))
        return self._with_extension(replace(found, parts=parts, size_bytes=size), value, count + 2)

    def _leaf(self, value: Sequence[object], own: str, depth: int) -> Part:
        kind, subtype = _word(_at(value, 0)) or "text", _word(_at(value, 1)) or "plain"
        found = Part(
            own,
            kind,
            subtype,
            self._params(_at(value, 2)),
            content_id=bare_id(_text(_at(value, 3))),
            description=header_text(_octets(_at(value, 4))),
            encoding=_word(_at(value, 5)) or "7bit",
            size_bytes=max(0, _number(_at(value, 6))),
        )
        extension = 8
        if kind == "text":
            extension = 9
        elif kind == "message" and isinstance(_at(value, 8), list | tuple):
            message = self.part(_at(value, 8), f"{own}.", depth + 1)
            envelope = _at(value, 7)
            subject = _at(envelope, 1) if isinstance(envelope, list | tuple) else None
            found, extension = replace(found, message=message, subject=header_text(_octets(subject))), 11
        return self._with_extension(found, value, extension)

    def _with_extension(self, part: Part, value: Sequence[object], at: int) -> Part:
        """The part with its disposition and location, which stand at the end: `("inline" ("filename" "a.png")) NIL NIL`."""
        disposition = _at(value, at)
        location = one_line(_text(_at(value, at + 2)))[:LONGEST_NAME]
        if not isinstance(disposition, list | tuple):
            return replace(part, location=location)
        return replace(
            part,
            disposition=_word(_at(disposition, 0)),
            disposition_params=self._params(_at(disposition, 1)),
            location=location,
        )

    def _params(self, value: object) -> Mapping[str, str]:
        if not isinstance(value, list | tuple) or not value:
            return NO_PARAMS
        flat = [_text(each) for each in value[: 2 * self._limits.params]]
        return said(collapsed(zip(flat[::2], flat[1::2], strict=False), self._limits))


def said(params: Mapping[str, str]) -> Mapping[str, str]:
    """Parameters as people read them: many programs put encoded words into names of files."""
    return {name: one_line(decoded_words(value))[:LONGEST_NAME] for name, value in params.items()}


def bare_id(text: str) -> str:
    """A Content-ID without its brackets: what an HTML text calls `cid:`."""
    return one_line(text).strip("<> ")[:LONGEST_NAME]


def _at(value: object, index: int) -> object:
    return value[index] if isinstance(value, list | tuple) and index < len(value) else None


def _octets(value: object) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "replace") if isinstance(value, str) else b""


def _text(value: object) -> str:
    return readable(decode(_octets(value)))


def _word(value: object) -> str:
    return one_line(_text(value)).lower()[:LONGEST_NAME]


def _number(value: object) -> int:
    if isinstance(value, int):
        return value
    text = _text(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
