"""Flags and keywords of a message. Source: RFC 9051, "Flags Message Attribute"."""

import re
from collections.abc import Iterable

SEEN, DELETED, DRAFT, ANSWERED, FLAGGED = "\\Seen", "\\Deleted", "\\Draft", "\\Answered", "\\Flagged"
SYSTEM_FLAGS = (ANSWERED, FLAGGED, DELETED, SEEN, DRAFT)
MAX_FLAGS = 100
MAX_KEYWORD_CHARACTERS = 100

_CANONICAL = {flag.lower(): flag for flag in SYSTEM_FLAGS}
_KEYWORD = re.compile(r'[^\x00-\x20\x7f-\U0010ffff(){%*"\\\]]+')


class BadFlag(ValueError):
    """A flag that cannot be kept; the text is one public sentence."""


def flags_from(words: Iterable[str]) -> frozenset[str]:
    """The flags that `words` name, system flags in their usual spelling; \\Recent is passed over. Raises BadFlag."""
    flags: set[str] = set()
    for word in words:
        if word.lower() == "\\recent":
            continue
        flag = _CANONICAL.get(word.lower(), word)
        if flag not in SYSTEM_FLAGS and (not _KEYWORD.fullmatch(flag) or len(flag) > MAX_KEYWORD_CHARACTERS):
            raise BadFlag("This is not a flag that can be kept.")
        flags.add(flag)
    if len(flags) > MAX_FLAGS:
        raise BadFlag(f"A message carries {MAX_FLAGS} flags at most.")
    return frozenset(flags)


def listed(flags: Iterable[str]) -> str:
    """Flags as IMAP writes them: `(\\Seen $Work)`."""
    return "(" + " ".join(sorted(flags)) + ")"
