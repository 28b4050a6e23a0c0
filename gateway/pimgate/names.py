"""Opaque names that are given once and never again, and the names that programs choose."""

from __future__ import annotations

import secrets
import unicodedata

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits that are not mistaken for one another."""

LENGTH = 12

LONGEST = 254
"""Of a name that a program chooses."""

_NEVER = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode: control characters, halves of characters, ends of lines and paragraphs."""


def opaque(prefix: str, length: int = LENGTH) -> str:
    """`prefix` and `length` random letters and digits: 60 bits for 12 of them."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


def can_be_chosen(name: str) -> bool:
    """Whether an item may stand under this name: any single segment of an address, in whatever script, on one line."""
    if not 0 < len(name) <= LONGEST or "/" in name or name in (".", ".."):
        return False
    return name.isprintable() or all(unicodedata.category(each) not in _NEVER for each in name)
