"""The photo: PHOTO as a Picture of at most 48 KB. A larger one is scaled down for the device and stays in the card as it is; the
smaller one, sent back, changes nothing.

Sources: MS-ASCNTC "Picture", RFC 6350 "PHOTO".
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from pimgate.text.lines import make_line
from pimgate.text.photo import photo_in
from pimgate_eas.mapping.contacts.card import Card
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import Row, Shape, text_element
from pimgate_eas.pictures import scaled
from pimgate_eas.wbxml.element import Element

MOST_CHARACTERS: Final = 48 * 1024
MOST_BYTES: Final = MOST_CHARACTERS // 4 * 3
_SLOT: Final = "Contacts:Picture"
_DATA: Final = "data:"
_KINDS: Final = ((b"\x89PNG", "PNG"), (b"GIF8", "GIF"), (b"", "JPEG"))


def fill(card: Card) -> None:
    """Put the first photo into the slot."""
    card.fill((_SLOT,), [line for line in card.named("PHOTO") if line.value.strip()])


def _read(element: Element) -> str | None:
    """The picture in base64. Empty means unchanged: devices send that for a picture they leave alone.

    CannotConvert for one that is too large, or no base64.
    """
    text = "".join((element.text or "").split())
    if not text:
        return None
    if len(text) > MOST_CHARACTERS:
        raise CannotConvert("A picture is larger than 48 KB.")
    picture = _decoded(text)
    if not picture:
        raise CannotConvert("A picture is not in base64.")
    return base64.b64encode(picture).decode()


PICTURE: Final = Shape("", _read, text_element)


def _picture(card: Card) -> str:
    line = card.slots.get(_SLOT)
    return fitting(photo_in(line)) if line is not None else ""


def fitting(picture: bytes) -> str:
    """The picture in base64 as devices take it; "" for one that is too large and cannot be scaled down."""
    if len(picture) > MOST_BYTES:
        picture = scaled(picture, MOST_BYTES) or b""
    return base64.b64encode(picture).decode()


def _put_picture(card: Card, text: str) -> None:
    """A new picture, in the place and manner of the old one. Nothing that was said of the old one is said of it."""
    old = card.slots.get(_SLOT)
    group = old.group if old is not None else None
    kind = next(kind for start, kind in _KINDS if base64.b64decode(text).startswith(start))
    if card.version == "4.0" or (old is not None and old.value[:5].lower() == _DATA):
        line = make_line("PHOTO", f"{_DATA}image/{kind.lower()};base64,{text}", (), group)
    else:
        encoding = "BASE64" if card.version == "2.1" else "b"
        line = make_line("PHOTO", text, (("ENCODING", (encoding,)), ("TYPE", (kind,))), group)
    card.replace(_SLOT, line)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


PHOTO: Final = Row(_SLOT, _picture, _put_picture, PICTURE, stays_when_absent=True)
