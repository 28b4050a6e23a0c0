"""Text as it crosses the border: free of what one of the two sides cannot hold."""

from __future__ import annotations

import re
from typing import Final

# Line breaks and tabs are the only controls that a property or an element can hold; some devices append a NUL.
_UNWANTED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BREAK: Final = re.compile(r"\r\n?")
_TAG: Final = re.compile(r"<[^>]*>")
_UNSEEN: Final = re.compile(r"(?is)<(style|script|title)\b.*?</\1\s*>|<!--.*?-->")
_LINE_ENDS: Final = re.compile(r"(?i)<br\s*/?>|</(?:p|div|tr|li|h[1-6])\s*>")
_ENTITY: Final = re.compile(r"&(?:(lt|gt|amp|quot|apos|nbsp)|#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6}));")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'", "nbsp": " "}


def clean(text: str) -> str:
    """Text without control characters and without white space around it; lines end in a line feed.

    Two texts that are alike afterwards count as the same: devices trim, and end lines as they please.
    """
    return _UNWANTED.sub("", _BREAK.sub("\n", text)).strip()


def without_tags(html: str) -> str:
    """The words of an HTML text, a line for each paragraph. Simple on purpose: notes of events and people are short."""
    visible = _LINE_ENDS.sub("\n", _UNSEEN.sub("", html).replace("\r", "").replace("\n", " "))
    return clean(_ENTITY.sub(_character, _TAG.sub("", visible)))


def _character(found: re.Match[str]) -> str:
    name, decimal, hexadecimal = found.groups()
    if name:
        return _NAMED[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if number <= 0x10FFFF else ""
