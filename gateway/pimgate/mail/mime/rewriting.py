"""A message with other fields in its header, or with another content; everything else stays, octet by octet.

Source: RFC 5322 "Header Fields"; RFC 2045 "Additional MIME Header Fields".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.policy import SMTP, SMTPUTF8
from typing import Final

from pimgate.mail.mime.layout import layout_of
from pimgate.mail.mime.pieces import HEADER, Piece
from pimgate.mail.mime.words import one_line

_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


def with_crlf(octets: bytes) -> bytes:
    """The message with the line ends that mail travels with."""
    return _LINE_END.sub(b"\r\n", octets)


def with_fields(message: bytes, changes: Mapping[str, str | None]) -> bytes:
    """The message with these fields, by name; None takes a field away. New ones stand at the beginning. ValueError for a value
    that no header can say."""
    header, body = _split(message)
    gone = {name.lower() for name in changes}
    kept = b"".join(each.group() for each in _FIELD.finditer(header) if _name(each) not in gone)
    new = b"".join(_folded(name, value) for name, value in changes.items() if value)
    return new + kept + b"\r\n" + body


def with_content(message: bytes, content: bytes) -> bytes:
    """The message with the content of another: its body, and the fields that tell what it is."""
    old, _ = _split(message)
    new, body = _split(content)
    kept = b"".join(each.group() for each in _FIELD.finditer(old) if not _is_of_content(each))
    return kept + b"".join(each.group() for each in _FIELD.finditer(new) if _is_of_content(each)) + b"\r\n" + body


def _split(message: bytes) -> tuple[bytes, bytes]:
    """Header without the empty line that ends it, and body."""
    whole = layout_of(message).piece(Piece(HEADER))
    header = whole
    for ending in (b"\r\n", b"\n"):
        if whole in (ending,) or whole.endswith((b"\n" + ending,)):
            header = whole.removesuffix(ending)
            break
    if header and not header.endswith(b"\n"):
        header += b"\r\n"
    return header, message[len(whole) :]


def _name(field: re.Match[bytes]) -> str:
    return field.group(1).decode("ascii").lower()


def _is_of_content(field: re.Match[bytes]) -> bool:
    name = _name(field)
    return (name.startswith("content-") and name != "content-class") or name == "mime-version"


def _folded(name: str, value: str) -> bytes:
    """A field as it is sent, with encoded words; addresses that are not ASCII stay as they are (RFC 6532)."""
    is_plain = all("@" not in word or word.isascii() for word in value.split())
    policy = SMTP if is_plain else SMTPUTF8
    found = policy.header_factory(name, one_line(value)).fold(policy=policy)
    return str(found).encode("utf-8", "replace")
