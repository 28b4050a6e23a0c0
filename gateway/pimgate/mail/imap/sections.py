"""Parts of a message by name: what to ask for, and what the server says it gives. Pure.

Source: RFC 9051, "FETCH Command" (BODY[<section>]).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pimgate.mail.imap.errors import Unsayable

_PART: Final = re.compile(r"[1-9][0-9]{0,8}(?:\.[1-9][0-9]{0,8}){0,60}")
_FIELD: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
WITH_FIELDS: Final = ("HEADER.FIELDS", "HEADER.FIELDS.NOT")
WHATS: Final = ("", "HEADER", "TEXT", "MIME", *WITH_FIELDS)


@dataclass(frozen=True, slots=True)
class Section:
    """Which octets of a message: `part` is "1.2", or "" for the message as a whole; `what` one of WHATS, "" for everything;
    `fields` are names of header fields, for HEADER.FIELDS and HEADER.FIELDS.NOT."""

    part: str = ""
    what: str = ""
    fields: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it stands between the brackets: "1.2.MIME", "HEADER.FIELDS (DATE FROM)". Unsayable."""
        is_right = (
            (not self.part or _PART.fullmatch(self.part))
            and self.what in WHATS
            and (self.part or self.what != "MIME")
            and bool(self.fields) == (self.what in WITH_FIELDS)
            and len(self.fields) <= 50
            and all(_FIELD.fullmatch(each) for each in self.fields)
        )
        if not is_right:
            raise Unsayable("this is no part of a message")
        name = ".".join(each for each in (self.part, self.what) if each)
        return f"{name} ({' '.join(each.upper() for each in self.fields)})" if self.fields else name


def heard_name(word: str) -> str | None:
    """The name in BODY[...] as `Section.name` has it, whatever case and quotes the server likes; None for other words."""
    if not word.upper().startswith("BODY[") or "]" not in word:
        return None
    inner = word[len("BODY[") : word.rindex("]")].upper().replace('"', "")
    return re.sub(r" *\( *", " (", re.sub(r" *\)", ")", inner))


def heard_origin(word: str) -> int | None:
    """Where a slice begins: BODY[1]<2048>; None if the part is given as a whole."""
    found = re.search(r"\]<([0-9]{1,10})>\Z", word)
    return int(found.group(1)) if found else None
