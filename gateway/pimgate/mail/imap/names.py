"""Names of mailboxes: as people read them, and as a server says them (modified UTF-7, or UTF-8 once that is agreed).

Source: RFC 3501, "Mailbox International Naming Convention"; RFC 9051, "Mailbox Naming"; RFC 6855.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error
from typing import Final

_SHIFTED: Final = re.compile(rb"&([A-Za-z0-9+,]*)-")
_RUN: Final = re.compile(r"[^ -~]+|&")


def to_server(name: str, *, is_utf8: bool = False) -> bytes:
    """The name as the server wants it."""
    if is_utf8:
        return name.encode()
    return _RUN.sub(_shifted, name).encode("ascii")


def from_server(octets: bytes, *, is_utf8: bool = False) -> str:
    """The name as people read it; what is no proper modified UTF-7 is shown as it stands, so that it keeps a name at all."""
    if is_utf8 or any(each > 126 for each in octets):
        return octets.decode("utf-8", "replace")
    try:
        name = "".join(_unshifted(octets))
    except (Error, ValueError):
        return octets.decode("ascii", "replace")
    return name if to_server(name) == octets else octets.decode("ascii", "replace")


def _shifted(found: re.Match[str]) -> str:
    run = found.group()
    if run == "&":
        return "&-"
    return "&" + b64encode(run.encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",") + "-"


def _unshifted(octets: bytes) -> list[str]:
    parts, end = [], 0
    for found in _SHIFTED.finditer(octets):
        parts.append(octets[end : found.start()].decode("ascii"))
        coded = found.group(1).replace(b",", b"/")
        parts.append(b64decode(coded + b"=" * (-len(coded) % 4)).decode("utf-16-be") if coded else "&")
        end = found.end()
    parts.append(octets[end:].decode("ascii"))
    return parts
