"""What of a message has to be fetched, in the words of IMAP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Piece:
    """One section of a message: `HEADER`, `1.2`, or "" for all of it; its first `octets` only, unless None.

    The section is what stands in the brackets of BODY[]. Piece("1", 4096) is fetched by BODY.PEEK[1]<0.4096>.
    """

    section: str
    octets: int | None = None


HEADER: Final = "HEADER"
WHOLE: Final = ""
