"""The content of a message: words, files that stand within them, and files beside them.

Files that were there already go in as they are, octet by octet. Sources: RFC 2046 "Multipart Media Type"; RFC 2387.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from pimgate.mail.mime.html_text import text_of
from pimgate.mail.mime.limits import LIMITS
from pimgate.mail.mime.making import ANY, file_part, several, text_part
from pimgate.mail.mime.plain import plain as plain_lines
from pimgate.mail.mime.words import one_line
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.wbxml.element import Element

LONGEST_NAME: Final = 200
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\Z")
_NO_FILE: Final = ("multipart/", "message/")


@dataclass(frozen=True, slots=True)
class File:
    """One file as a part with its header. `is_inline`: it belongs into the text."""

    entity: bytes
    is_inline: bool


def content(plain: str, html: str, files: list[File], invitation: bytes = b"") -> bytes:
    """A message of which only the fields about its content are there. HTML gets plain text beside it, and an invitation (a part
    with its header) stands beside both."""
    words = plain_lines(plain) if plain or not html else text_of(html[: LIMITS.html_bytes])
    forms = [text_part(words, "plain"), *([text_part(html, "html")] if html else []), *filter(None, [invitation])]
    found = several("alternative", forms) if len(forms) > 1 else forms[0]
    for subtype, is_inline in (("related", True), ("mixed", False)):
        parts = [each.entity for each in files if each.is_inline == is_inline]
        if parts:
            found = several(subtype, [found, *parts])
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
    media_type = wanted if _TYPE.match(wanted) and not wanted.startswith(_NO_FILE) else ANY
    content_id = one_line(added.text_of("AirSyncBase:ContentId") or "").strip("<>")[:LONGEST_NAME]
    is_inline = (added.text_of("AirSyncBase:IsInline") or "").strip() in ("1", "true") and bool(content_id)
    return File(file_part(octets, name, media_type, content_id=content_id, is_inline=is_inline), is_inline)


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
