"""How much of a message is looked at. What lies beyond costs a reader its detail, never the message its place in the folder.

Of a header that is too long its beginning counts. A message with too many parts, or with parts too deep within each other, is not
taken apart: it is shown as a placeholder with the original beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """`depth` counts multiparts and enclosed messages within each other; `shown_texts` the texts one after the other that make up
    what a person reads."""

    header_block_bytes: int = 256 * 1024
    header_bytes: int = 64 * 1024
    headers: int = 1_000
    depth: int = 100
    parts: int = 1_000
    params: int = 100
    addresses: int = 1_000
    shown_texts: int = 20
    html_bytes: int = 1024 * 1024
    html_depth: int = 250
    html_repairs: int = 500_000


LIMITS: Final = Limits()


class TooMuch(Exception):
    """A message is beyond a limit. `what` says which, in words for people and without content."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
