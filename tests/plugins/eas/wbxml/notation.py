"""A way to write WBXML by hand: hex bytes, and quoted text for texts. Everything else is a comment in ()."""

import re

_TOKEN = re.compile(r'\s+|\([^)]*\)|"(?P<text>[^"]*)"|(?P<byte>[0-9A-F]{2})(?![0-9A-Za-z])')


def octets(written: str) -> bytes:
    """`octets('03 "Hi" 00 (STR_I)')` is b"\\x03Hi\\x00"."""
    result = bytearray()
    position = 0
    while position < len(written):
        match = _TOKEN.match(written, position)
        if match is None:
            raise ValueError(f"neither a byte nor a text: {written[position : position + 20]!r}")
        if match["text"] is not None:
            result += match["text"].encode()
        elif match["byte"]:
            result.append(int(match["byte"], 16))
        position = match.end()
    return bytes(result)
