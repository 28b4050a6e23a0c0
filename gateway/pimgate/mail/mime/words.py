"""Text of headers: encoded words decoded as far as they can be, and everything fit to be shown.

Source: RFC 2047 "Encoded Words"; XML "Characters".
"""

from __future__ import annotations

import binascii
import re
from typing import Final

from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.transfer import from_base64

_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACE: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([BbQq])\?([^?]*)\?=")


def readable(text: str) -> str:
    """The text without what no XML and no screen can hold: NUL and other controls, halves of characters."""
    return text if text.isprintable() else _UNFIT.sub("", text)


def one_line(text: str) -> str:
    """The text in one line, without spaces around it."""
    return _SPACE.sub(" ", readable(text)).strip()


def header_text(value: bytes) -> str:
    """What a field says: encoded words decoded, also broken ones and those that cut a character in two; octets that no header may
    hold are taken for what they most likely are."""
    return one_line(decoded_words(decode(value)))


def decoded_words(text: str) -> str:
    """The text with its encoded words decoded. White space between two of them is none."""
    if "=?" not in text:
        return text
    found: list[str] = []
    charset, octets, at = "", b"", 0
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        name = word.group(1).partition("*")[0].lower()  # RFC 2231 adds a language
        if octets and (between.strip() or name != charset):
            found.append(decode(octets, charset))
            octets = b""
        if between.strip() or not at:
            found.append(between)
        charset, at = name, word.end()
        octets += _octets(word.group(2), word.group(3))
    found += [decode(octets, charset) if octets else "", text[at:]]
    return "".join(found)


def _octets(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "Bb":
        return from_base64(raw)
    return binascii.a2b_qp(raw.replace(b"\r", b"").replace(b"\n", b""), header=True)
