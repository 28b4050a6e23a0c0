"""Who wrote to whom: the addresses of a field, as far as anybody can read them.

One pass over the text, whatever is nested in it. What is no address at all is kept as a name, so that a person sees what stands
there. Source: RFC 5322 "Address Specification".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pimgate.mail.mime.limits import LIMITS, Limits
from pimgate.mail.mime.words import decoded_words, one_line

_SPECIAL: Final = re.compile(r'["(<>,;:)]|\\')
_NEEDS_QUOTES: Final = re.compile(r'[()<>\[\]:;@\\,."]')


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox. `email` is "" for a group without members and for what is no address."""

    name: str
    email: str

    @property
    def shown(self) -> str:
        """What people read: the name, else the address."""
        return self.name or self.email

    def __str__(self) -> str:
        """`"Anna Weiß" <anna@example.org>`: names are not encoded."""
        if not self.email:
            return _quoted(self.name)
        return f"{_quoted(self.name)} <{self.email}>" if self.name else self.email


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if name else ""


def addresses_in(text: str, limits: Limits = LIMITS) -> tuple[Address, ...]:
    """The addresses of a field (one line, encoded words not yet decoded), at most as many as are shown."""
    found: list[Address] = []
    for each in _mailboxes(text):
        if each.shown:
            found.append(each)
        if len(found) >= limits.addresses:
            break
    return tuple(found)


class _Mailbox:
    """What was read of one address so far."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comment: list[str] = []
        self.angle: str | None = None

    def address(self) -> Address:
        words = one_line("".join(self.words))
        comment = one_line(decoded_words("".join(self.comment)))
        if self.angle is not None:
            return Address(one_line(decoded_words(words)) or comment, _bare(self.angle))
        if "@" in words and " " not in words:
            return Address(comment, _bare(words))
        return Address(one_line(decoded_words(words)) or comment, "")


def _bare(text: str) -> str:
    """An address without spaces and route: `<@relay.example:anna@example.org>`."""
    bare = "".join(one_line(text).split())
    return bare.rpartition(":")[2] if bare.startswith("@") else bare


def _mailboxes(text: str) -> Iterator[Address]:
    here, at, closes = _Mailbox(), 0, True
    while at < len(text):
        special = _SPECIAL.search(text, at)
        here.words.append(text[at : special.start() if special else len(text)])
        if special is None:
            break
        at = special.end()
        match special.group():
            case '"' if closes:
                said, end = _quoted_string(text, at)
                # Where one has no end the others are taken as they stand, or each would be looked for to the end.
                closes = end > at
                here.words.append(said)
                at = end
            case "(":
                said, at = _comment(text, at)
                here.comment.append(said)
            case "<":
                end = text.find(">", at)
                end = len(text) if end < 0 else end
                here.angle, at = text[at:end], end + 1
            case "," | ";":
                yield here.address()
                here = _Mailbox()
            case ":" if here.angle is None:
                here = _Mailbox()  # what came was the name of a group
            case _:
                pass
    yield here.address()


def _quoted_string(text: str, at: int) -> tuple[str, int]:
    """The string that begins at `at`, and where it ends; without an end it is only a stray quotation mark."""
    end = at
    while end < len(text) and text[end] != '"':
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        return "", at
    return re.sub(r"\\(.)", r"\1", text[at:end]), end + 1


def _comment(text: str, at: int) -> tuple[str, int]:
    depth, end = 1, at
    while end < len(text):
        character = text[end]
        depth += (character == "(") - (character == ")")
        if not depth:
            return text[at:end], end + 1
        end += 2 if character == "\\" else 1
    return text[at:], len(text)
