"""Strings on their way into an IMAP line: checked once, written in the one form that cannot break out of it.

Source: RFC 9051, "Formal Syntax" (string, quoted, literal).
"""

import re

MAX_STRING_BYTES = 1024
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]")


class UnsafeText(ValueError):
    """The text holds characters that must never reach a protocol line, or is too long."""


def wire_safe(text: str) -> bytes:
    """The octets of `text` for a protocol line; control characters (CR, LF and NUL above all) raise UnsafeText."""
    if _FORBIDDEN.search(text):
        raise UnsafeText("control characters are not allowed here")
    try:
        octets = text.encode("utf-8")
    except UnicodeEncodeError:
        raise UnsafeText("the text is not valid Unicode") from None
    if len(octets) > MAX_STRING_BYTES:
        raise UnsafeText(f"more than {MAX_STRING_BYTES} bytes")
    return octets


def quoted(text: str) -> bytes:
    """`text` as an IMAP quoted string, quotes included; raises UnsafeText as `wire_safe` does."""
    octets = wire_safe(text)
    return b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def is_ascii(octets: bytes) -> bool:
    """Whether a quoted string may carry these octets; others travel as a literal."""
    return octets.isascii()
