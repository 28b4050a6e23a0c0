"""Parts made of words and octets, and messages made of parts. What goes in stays as it is, octet by octet.

A part is its header, an empty line and its body, with CRLF. Source: RFC 2045; RFC 2046 "Multipart Media Type", "RFC822 Subtype".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from types import MappingProxyType
from typing import Final

ANY: Final = "application/octet-stream"
NO_PARAMS: Final[Mapping[str, str]] = MappingProxyType({})


def text_part(words: str, subtype: str, params: Mapping[str, str] = NO_PARAMS) -> bytes:
    """Words as a part, in UTF-8."""
    part = EmailMessage(policy=SMTP)
    part.set_content(words, subtype=subtype, cte="base64", params=dict(params))
    return entity_of(part)


def message_part(octets: bytes, name: str = "") -> bytes:
    """A message as a part of another one, as it is; with a name it is a file."""
    file = 'attachment; filename="{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"')) if name else ""
    return _with_body({"Content-Type": "message/rfc822", "Content-Disposition": file}, octets)


def file_part(
    octets: bytes, name: str, media_type: str = ANY, *, content_id: str = "", is_inline: bool = False
) -> bytes:
    """A file of this type; `is_inline`: it stands in a text, which calls it by its id."""
    part = EmailMessage(policy=SMTP)
    kind, _, subtype = media_type.partition("/")
    part.set_content(
        octets,
        maintype=kind,
        subtype=subtype,
        disposition="inline" if is_inline else "attachment",
        filename=name,
        cid=f"<{content_id}>" if content_id else None,
    )
    return entity_of(part)


def plain_part(media_type: str, octets: bytes) -> bytes:
    """Octets that are lines already, as they are."""
    return _with_body({"Content-Type": media_type}, octets)


def several(subtype: str, parts: Sequence[bytes], params: str = "") -> bytes:
    """Parts one after the other; what divides them follows from what they hold, so the same parts give the same octets. `params`
    are further ones as they are written, beginning with a semicolon."""
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
    boundary = f"=_{subtype}_{digest}"
    line = b"--" + boundary.encode()
    body = b"".join(line + b"\r\n" + part.removesuffix(b"\r\n") + b"\r\n" for part in parts)
    header = f'Content-Type: multipart/{subtype}{params};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return header + body + line + b"--\r\n"


def entity_of(part: EmailMessage) -> bytes:
    """A part that the standard library made."""
    del part["MIME-Version"]
    return part.as_bytes()


def _with_body(fields: Mapping[str, str], octets: bytes) -> bytes:
    encoding = "" if octets.isascii() else "8bit"
    told = {**fields, "Content-Transfer-Encoding": encoding}
    header = "".join(SMTP.header_factory(each, value).fold(policy=SMTP) for each, value in told.items() if value)
    return header.encode("utf-8", "replace") + b"\r\n" + octets
