"""CLASS as Sensitivity: normal, personal, private or confidential.

Sources: MS-ASCAL "Sensitivity", MS-ASTASK "Sensitivity", RFC 5545 "Classification".
"""

from __future__ import annotations

from typing import Final

from pimgate.text.component import Component
from pimgate_eas.mapping.editing import put, text_of

NUMBERS: Final = {"PUBLIC": "0", "X-PERSONAL": "1", "PRIVATE": "2", "CONFIDENTIAL": "3"}
_PRIVATE: Final = "2"


def sensitivity(component: Component) -> str:
    """What nobody knows is private (RFC 5545)."""
    word = text_of(component.get("CLASS")).upper()
    return NUMBERS.get(word, _PRIVATE) if word else "0"


def put_sensitivity(component: Component, wanted: str) -> None:
    put(component, "CLASS", next(word for word, number in NUMBERS.items() if number == wanted))
