"""How words are folded so that "Müller", "muller" and "MÜLLER" find each other."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Accents, Hebrew points and Arabic vowel signs. Marks that make another letter (Japanese, Indic) are left.
_ACCENTS: Final = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_NOT_DIGITS: Final = re.compile(r"\D+")


def search_key(text: str) -> str:
    """`text` in small letters and without accents; what is searched and what is searched for both pass through it."""
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))


def phone_digits(phone: str) -> str:
    """The digits of a phone number alone: "+49 (30) 12-34" gives "49301234"."""
    return _NOT_DIGITS.sub("", phone)
