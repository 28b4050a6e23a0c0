"""The content of a message: words, files that stand within them, and files beside them.

Files that were there already go in as they are, octet by octet. Sources: RFC 2046 "Multipart Media Type"; RFC 2387.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from pimgate.mail.mime.html_text import text_of
from pimgate.mail.mime.limits import LIMITS
from pimgate.mail.mime.plain import plain as plain_lines
from pimgate.mail.mime.words import one_line
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.wbxml.element import Element

LONGEST_NAME: Final = 200
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\Z")
_NO_FILE: Final = ("multipart/", "message/")
_ANY: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class File:
    """One file as a part with its header. `is_inline`: it belongs into the text."""

    entity: bytes
    is_inline: bool


def content(plain: str, html: str, files: list[File]) -> bytes:
    """A message of which only the fields about its content are there. HTML gets plain text beside it."""
    words = plain_lines(plain) if plain or not html else text_of(html[: LIMITS.html_bytes])
    found = _text(words, "plain")
    if html:
        found = _several("alternative", [found, _text(html, "html")])
    for subtype, is_inline in (("related", True), ("mixed", False)):
        parts = [each.entity for each in files if each.is_inline == is_inline]
        if parts:
            found = _several(subtype, [found, *parts])
    return found


def sections(files: list[File]) -> tuple[str, ...]:
    """By what section each of these files is found in the content that is made with them."""
    is_both = len({each.is_inline for each in files}) == 2
    counts = {True: 1, False: 1}
    found = []
    for each in files:
        counts[each.is_inline] += 1
        found.append(f"1.{counts[True]}" if is_both and each.is_inline else str(counts[each.is_inline]))
    return tuple(found)


def new_file(added: Element) -> File:
    """The file that an Add of a device holds. CannotConvert without a content."""
    octets = _octets(added)
    name = one_line(added.text_of("AirSyncBase:DisplayName") or "")[:LONGEST_NAME] or "attachment"
    wanted = one_line(added.text_of("AirSyncBase:ContentType") or "").lower()
    media_type = wanted if _TYPE.match(wanted) and not wanted.startswith(_NO_FILE) else _ANY
    content_id = one_line(added.text_of("AirSyncBase:ContentId") or "").strip("<>")[:LONGEST_NAME]
    is_inline = (added.text_of("AirSyncBase:IsInline") or "").strip() in ("1", "true") and bool(content_id)
    kind, _, subtype = media_type.partition("/")
    part = EmailMessage(policy=SMTP)
    part.set_content(
        octets,
        maintype=kind,
        subtype=subtype,
        disposition="inline" if is_inline else "attachment",
        filename=name,
        cid=f"<{content_id}>" if content_id else None,
    )
    return File(_entity_of(part), is_inline)


def _octets(added: Element) -> bytes:
    found = added.find("AirSyncBase:Content")
    if found is None:
        raise CannotConvert("An attachment has no content.")
    if found.opaque is not None:
        return found.opaque
    try:
        return base64.b64decode(found.text or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise CannotConvert("An attachment has no content.") from error


def _text(words: str, subtype: str) -> bytes:
    part = EmailMessage(policy=SMTP)
    part.set_content(words, subtype=subtype, cte="base64")
    return _entity_of(part)


def _entity_of(part: EmailMessage) -> bytes:
    del part["MIME-Version"]
    return part.as_bytes()


def _several(subtype: str, parts: list[bytes]) -> bytes:
    """Parts one after the other; what divides them follows from what they hold, so the same draft is the same octets."""
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
    boundary = f"=_{subtype}_{digest}"
    line = b"--" + boundary.encode()
    body = b"".join(line + b"\r\n" + part.removesuffix(b"\r\n") + b"\r\n" for part in parts)
    header = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return header + body + line + b"--\r\n"
