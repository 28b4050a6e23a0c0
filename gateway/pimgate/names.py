"""Opaque names that are given once and never again."""

from __future__ import annotations

import secrets

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits that are not mistaken for one another."""

LENGTH = 12


def opaque(prefix: str, length: int = LENGTH) -> str:
    """`prefix` and `length` random letters and digits: 60 bits for 12 of them."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))
