"""Categories as keywords of IMAP, and back.

A keyword is an atom; a category is any words. Letters and digits stay as they are, so that people see the same in other programs;
everything else is written in the modified UTF-7 that names of folders have. The five labels that most mail programs share go by
their names. Source: RFC 9051 "Flags Message Attribute"; RFC 3501 "Mailbox International Naming Convention".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Final

from pimgate_eas.mapping.words import clean

MOST: Final = 300
LONGEST: Final = 255
LABELS: Final[Mapping[str, str]] = {
    "$label1": "Important",
    "$label2": "Work",
    "$label3": "Personal",
    "$label4": "To Do",
    "$label5": "Later",
}
_OF_PROGRAMS: Final = frozenset(
    ("junk", "nonjunk", "notjunk", "forwarded", "redirected", "mdnsent", "recent", "old", "receiptchecked", "dtag")
)
_SAFE: Final = re.compile(r"[A-Za-z0-9_.,/!#'=:;@^~|?<>+-]+")
_PIECE: Final = re.compile(r"&([A-Za-z0-9+,]*)-")


def categories_in(flags: Iterable[str]) -> tuple[str, ...]:
    """The categories among the flags of a message, in order of their names."""
    found = {category_of(each) for each in flags}
    return tuple(sorted(each for each in found if each))[:MOST]


def category_of(flag: str) -> str:
    """The category that a flag stands for; "" for those that say something else."""
    if flag.lower() in LABELS:
        return LABELS[flag.lower()]
    if flag.startswith(("\\", "$")) or flag.lower() in _OF_PROGRAMS:
        return ""
    return clean(_PIECE.sub(_decoded, flag))


def keyword_of(category: str) -> str:
    """The keyword for a category; "" for one that cannot be kept: no words, or more than a keyword may have."""
    words = clean(category)
    label = next((flag for flag, name in LABELS.items() if name == words), "")
    if label or not words:
        return label
    found: list[str] = []
    at = 0
    for safe in _SAFE.finditer(words):
        found += [_encoded(words[at : safe.start()]), safe.group()]
        at = safe.end()
    keyword = "".join([*found, _encoded(words[at:])])
    return keyword if len(keyword) <= LONGEST and category_of(keyword) == words else ""


def _encoded(text: str) -> str:
    if not text:
        return ""
    octets = base64.b64encode(text.encode("utf-16-be", "replace")).decode().rstrip("=").replace("/", ",")
    return f"&{octets}-"


def _decoded(piece: re.Match[str]) -> str:
    octets = piece.group(1).replace(",", "/")
    try:
        found = base64.b64decode(octets + "=" * (-len(octets) % 4)).decode("utf-16-be")
    except (binascii.Error, ValueError):
        return piece.group()
    return found or "&"
