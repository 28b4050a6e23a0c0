"""Pictures made small enough for a phone. Pure.

    scaled(octets, 36_864) -> at most so many octets of a picture, or None

Pictures come from anybody who may put a card into a book, so what a file says of itself is looked at before any of it is unpacked.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final

from PIL import Image, ImageOps

_FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP")
_SHOWN_BY_PHONES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8")

MOST_PIXELS: Final = 40_000_000
"""Of a picture before it is unpacked: forty megapixels take a hundred and twenty megabytes for a moment."""

_STEPS: Final = ((720, 85), (480, 80), (360, 75), (256, 70), (192, 65), (128, 60), (96, 50), (64, 40), (48, 30))
"""Longest edge in pixels and quality of what is tried, one after the other."""

_UNREADABLE: Final = (
    *(OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, struct.error, zlib.error),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)
"""What Pillow raises for files that are no pictures."""


def scaled(octets: bytes, most_bytes: int) -> bytes | None:
    """The picture in at most `most_bytes`: as it is where it fits, else the largest JPEG of it that does; the same for the same.
    None for what is no picture, is too large to unpack, or fits at no size."""
    if len(octets) <= most_bytes and octets.startswith(_SHOWN_BY_PHONES):
        return octets
    try:
        with Image.open(io.BytesIO(octets), formats=_FORMATS) as opened:
            width, height = opened.size
            if width * height > MOST_PIXELS:
                return None
            # JPEGs can be unpacked at a fraction of their size.
            opened.draft("RGB", (_STEPS[0][0],) * 2)
            picture = _plain(opened)
        return _fitting(picture, most_bytes)
    except _UNREADABLE:
        return None


def _plain(picture: Image.Image) -> Image.Image:
    """Upright, in red, green and blue, on white where it was transparent, no larger than any step needs."""
    picture.thumbnail((_STEPS[0][0],) * 2)
    upright = ImageOps.exif_transpose(picture)
    if upright.mode == "RGB":
        return upright
    colours = upright.convert("RGBA")
    plain = Image.new("RGB", colours.size, "white")
    plain.paste(colours, mask=colours.getchannel("A"))
    return plain


def _fitting(picture: Image.Image, most_bytes: int) -> bytes | None:
    for edge, quality in _STEPS:
        smaller = picture.copy()
        smaller.thumbnail((edge, edge))
        written = io.BytesIO()
        smaller.save(written, "JPEG", quality=quality, optimize=True)
        if written.tell() <= most_bytes:
            return written.getvalue()
    return None
