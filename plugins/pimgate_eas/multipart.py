"""An answer in several parts: the command's element first, then contents that the element points to by number.

A part is octets as they are: a photo or an attachment needs no base64 inside the element. Commands return `Multipart` only where
`Query.accepts_multipart` says that the device can read it; in the element a part is named by its place, counted from 1
(`ItemOperations:Part`), since the element itself is part 0.

Source: MS-ASCMD, "Delivery of Content Requested by Fetch", "MultiPartResponse".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import accumulate

from pimgate_eas.spool import Portion
from pimgate_eas.wbxml.codec import encode
from pimgate_eas.wbxml.element import Element

MEDIA_TYPE = "application/vnd.ms-sync.multipart"
MOST_BYTES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Multipart:
    """A command's answer with the parts that it points to: `parts[0]` is the one that `element` calls 1."""

    element: Element
    parts: tuple[bytes | Portion, ...]


def to_pieces(answer: Multipart) -> tuple[bytes | Portion, ...]:
    """The answer as it is sent: the count of parts, the place and length of each, then the parts; all numbers are little-endian,
    of 32 bits. OverflowError for what is larger than such a number can say."""
    parts = (encode(answer.element), *answer.parts)
    head_bytes = 4 + 8 * len(parts)
    places = list(accumulate((size_of(part) for part in parts), initial=head_bytes))
    if places[-1] > MOST_BYTES:
        raise OverflowError(f"an answer of {places[-1]} bytes")
    numbers = [len(parts)]
    for place, part in zip(places, parts, strict=False):
        numbers += [place, size_of(part)]
    return (struct.pack(f"<{len(numbers)}i", *numbers), *parts)


def size_of(part: bytes | Portion) -> int:
    """What a part takes in an answer."""
    return part.size_bytes if isinstance(part, Portion) else len(part)
