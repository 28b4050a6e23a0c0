"""What a mail is known by when it is handed in again. Pure.

Some programs keep what they send until they have the answer, others make it anew for each try: with another Date, Message-ID and
boundaries, other line ends and transfer encodings, another signature. What they do not change is whom it is for, its subject, and
what its parts hold.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from pimgate.mail.letters import RECIPIENT_FIELDS, WHOLE_HEADER
from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.fields import fields_of
from pimgate.mail.mime.layout import Layout, layout_of
from pimgate.mail.mime.parts import Part, Seal, contents_of
from pimgate.mail.mime.pieces import Piece
from pimgate.mail.mime.rewriting import with_crlf
from pimgate.mail.mime.transfer import decoded

_SIGNATURES: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
_STAMP: Final = re.compile(r"^(?:DTSTAMP|LAST-MODIFIED|CREATED)[:;].*$", re.MULTILINE | re.IGNORECASE)


def words_of(octets: bytes, about: str = "") -> str:
    """The same for a mail and for that mail made anew, another one for all others; `about` is what it answers or forwards. Of what
    is encrypted nothing but the header can be compared."""
    octets = octets.lstrip(b"\r\n")
    fields = fields_of(octets, WHOLE_HEADER)
    compared = [(name, value) for name, value in fields if name in (*RECIPIENT_FIELDS, "subject")]
    header = (b" ".join((name.encode(), *value.split())) for name, value in compared)
    return _digest(about.encode("utf-8", "replace"), *header, *_contents(layout_of(octets)))


def identity_of(octets: bytes) -> str:
    """What tells a mail from all others: its Message-ID and what it says; without one, the whole of it."""
    header, _, body = with_crlf(octets).lstrip(b"\r\n").partition(b"\r\n\r\n")
    own = [value for name, value in fields_of(header, WHOLE_HEADER) if name == "message-id"]
    return _digest(*(own or [header]), body)


def _contents(layout: Layout) -> Iterator[bytes]:
    root = layout.structure.root
    if contents_of(root).seal is Seal.WRAPPED:
        return
    for part in root.walk():
        is_leaf = not part.parts and part.message is None
        if is_leaf and part.media_type not in _SIGNATURES:
            yield f"{part.media_type} {part.filename}".encode("utf-8", "replace")
            yield _content(layout, part)


def _content(layout: Layout, part: Part) -> bytes:
    """What a part holds: of a text its words, however the lines are broken; files are large, and encoded alike each time."""
    octets = layout.piece(Piece(part.section))
    if part.type != "text":
        return octets.translate(None, b"\r\n")
    text = decode(decoded(octets, part.encoding), part.charset)
    text = _STAMP.sub("", text) if part.subtype == "calendar" else text
    return " ".join(text.split()).encode("utf-8", "replace")


def _digest(*octets: bytes) -> str:
    return hashlib.sha256(b"\0".join(octets)).hexdigest()
