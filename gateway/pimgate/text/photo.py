"""The picture in a card.

Sources: RFC 6350 "PHOTO", RFC 2426 "PHOTO Type Definition", vCard 2.1 "Photograph".
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from pimgate.text.component import Component
from pimgate.text.lines import Line

_DATA: Final = "data:"


def photo_of(card: Component) -> bytes:
    """The octets of the first photo that is in the card itself; b"" for none, for a link and for what is no base64."""
    return next((octets for line in card.all("PHOTO") if (octets := photo_in(line))), b"")


def photo_in(line: Line) -> bytes:
    """The octets in a PHOTO line; b"" for a link and for what is no base64."""
    try:
        return base64.b64decode(_base64_of(line), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _base64_of(line: Line) -> str:
    """What follows `data:...;base64,`, or the value of a line in base64; "" for a photo that is a link."""
    value = "".join(line.value.split())
    if value[:5].lower() == _DATA:
        head, _, data = value.partition(",")
        return data if head.lower().endswith(";base64") else ""
    return value if line.is_base64 else ""
