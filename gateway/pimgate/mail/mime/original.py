"""A message as it is, as text: what a device reads that takes messages apart by itself.

Most messages fit as they are, to the last octet. What no text can hold (octets that are no UTF-8, NUL and other controls) is
encoded anew, in those parts alone where it stands, and never within what is signed: a signature counts every octet.

Sources: MS-ASAIRS "Type (Body)"; RFC 2045 "Content-Transfer-Encoding Header Field"; RFC 1847 "Multipart/Signed".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final

from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.layout import Layout, Span, layout_of
from pimgate.mail.mime.limits import LIMITS, Limits
from pimgate.mail.mime.parts import Part
from pimgate.mail.mime.words import readable

_AS_IT_IS: Final = frozenset({"", "7bit", "8bit", "binary"})
_UNFIT: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ENCODING: Final = re.compile(rb"(?im)^content-transfer-encoding[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")
_BASE64: Final = b"Content-Transfer-Encoding: base64\r\n"
_PIECE: Final = 57 * 4_096
"""Octets at a time; as lines of base64, whole ones."""


def original_text(octets: bytes, limits: Limits = LIMITS) -> str:
    """The message as text; encoded in UTF-8 it is the message, or one that means the same."""
    if _fits(octets):
        return octets.decode("utf-8")
    return b"".join(rewritten(octets, limits)).decode("utf-8")


def rewritten(octets: bytes, limits: Limits = LIMITS) -> Iterator[bytes]:
    """A message that is no text as it is, as one that means the same: piece by piece, in UTF-8."""
    layout = layout_of(octets, limits)
    at = 0
    for span in _unfit_leaves(layout):
        yield from _between(octets, at, span.header)
        yield _readable(_with_base64(octets[span.header : span.start]))
        for start in range(span.start, span.end, _PIECE):
            encoded = base64.encodebytes(octets[start : min(start + _PIECE, span.end)])
            yield encoded.replace(b"\n", b"\r\n")
        at = span.end
    yield from _between(octets, at, len(octets))


def _between(octets: bytes, start: int, end: int) -> Iterator[bytes]:
    """What stands between bodies that are encoded anew. What is foreign is looked at as a whole, to tell what it is written in."""
    places = range(start, end, _PIECE)
    if not all(octets[at : min(at + _PIECE, end)].isascii() for at in places):
        yield _readable(_header_text(octets[start:end]))
        return
    for at in places:
        yield _readable(octets[at : min(at + _PIECE, end)])


def _readable(octets: bytes) -> bytes:
    return readable(octets.decode("utf-8", "replace")).encode()


def _fits(octets: bytes) -> bool:
    if _UNFIT.search(octets) is not None:
        return False
    try:
        text = octets.decode("utf-8")
    except UnicodeError:
        return False
    return readable(text) == text


def _unfit_leaves(layout: Layout) -> list[Span]:
    """Where octets lie that no text can hold, and that may be written otherwise; in the order of the message."""
    found: list[Span] = []
    waiting: list[Part] = [layout.structure.root]
    while waiting:
        part = waiting.pop()
        if part.media_type == "multipart/signed" or layout.structure.breach:
            continue
        if part.parts or part.message is not None:
            waiting += [*reversed(part.parts), *([part.message] if part.message is not None else [])]
            continue
        span = layout.spans[part.section]
        if part.encoding in _AS_IT_IS and not _fits(layout.octets[span.start : span.end]):
            found.append(span)
    return found


def _with_base64(header: bytes) -> bytes:
    """The header of a part that is now encoded so."""
    fields, ending, rest = header.rstrip(b"\r\n"), b"\r\n", b"\r\n"
    kept = _ENCODING.sub(b"", fields + ending)
    return _header_text((kept if kept.strip() else b"") + _BASE64 + rest)


def _header_text(octets: bytes) -> bytes:
    """What stands between bodies, as UTF-8."""
    return octets if octets.isascii() else decode(octets).encode("utf-8", "replace")
