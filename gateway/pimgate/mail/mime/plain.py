"""Plain text as HTML, and as one line to be shown in a list."""

from __future__ import annotations

import html
import re
from typing import Final

from pimgate.mail.mime.words import one_line, readable

_BREAK: Final = re.compile(r"\r\n?|[\x0b\x0c\u2028\u2029]")
_SPACES: Final = re.compile(r"(?<=[ \n])  *|^ +", re.MULTILINE)
_QUOTE: Final = re.compile(r"^(?:>[ >]*)", re.MULTILINE)
_PREVIEWED: Final = 8_000


def as_html(text: str) -> str:
    """A fragment that shows the text as it is written."""
    lines = html.escape(plain(text), quote=False)
    kept = _SPACES.sub(lambda found: "&nbsp;" * len(found.group()), lines)
    return f"<div>{kept.replace(chr(10), '<br>')}</div>" if kept else ""


def plain(text: str) -> str:
    """Text whose lines end in a line feed, free of what cannot be shown."""
    return readable(_BREAK.sub("\n", text))


def preview(text: str, most: int) -> str:
    """The first words in one line of at most `most` characters, without the marks of quoted lines."""
    return one_line(_QUOTE.sub("", text[:_PREVIEWED]))[:most].rstrip()
