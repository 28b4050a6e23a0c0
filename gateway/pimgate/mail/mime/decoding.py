"""Transfer encodings undone piece by piece: what comes in slices need never be in memory as a whole. Pure.

    decoder = decoder_for("base64")
    for octets in slices: kept += decoder.feed(octets)
    kept += decoder.end()

All pieces together give what `transfer.decoded` gives of the whole.
"""

from __future__ import annotations

import binascii
import re
from typing import Final, Protocol

from pimgate.mail.mime.transfer import UU_NAMES, decoded, foreign_left_out

LONGEST_LINE: Final = 64 * 1024
"""Octets of quoted-printable without an end of line that are kept together."""
_PADDING: Final = re.compile(rb"=+")
_ESCAPE_AT_END: Final = re.compile(rb"=[0-9A-Fa-f]?\Z")


class Decoder(Protocol):
    def feed(self, octets: bytes) -> bytes:
        """What can be told from the next piece."""

    def end(self) -> bytes:
        """The rest."""


def decoder_for(encoding: str) -> Decoder:
    """The decoder for a Content-Transfer-Encoding; for encodings that are none or unknown, one that changes nothing."""
    match encoding.strip().lower():
        case "base64":
            return _Base64()
        case "quoted-printable":
            return _QuotedPrintable()
        case name if name in UU_NAMES:
            return _Whole(name)
        case _:
            return _AsItIs()


class _AsItIs:
    def feed(self, octets: bytes) -> bytes:
        return octets

    def end(self) -> bytes:
        return b""


class _Base64:
    """Quartets; padding ends one text and begins another."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, octets: bytes) -> bytes:
        *ended, last = _PADDING.split(self._left + foreign_left_out(octets))
        found = [decoded(each, "base64") for each in ended]
        whole = len(last) - len(last) % 4
        self._left = last[whole:]
        return b"".join([*found, binascii.a2b_base64(last[:whole])])

    def end(self) -> bytes:
        left, self._left = self._left, b""
        return decoded(left, "base64")


class _QuotedPrintable:
    """Whole lines, and of a line without end what no escape is part of."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, octets: bytes) -> bytes:
        octets = self._left + octets
        end = octets.rfind(b"\n") + 1
        if len(octets) - end > LONGEST_LINE:
            end = len(octets) - 1
            escape = _ESCAPE_AT_END.search(octets, 0, end)
            end = escape.start() if escape is not None else end
        self._left = octets[end:]
        return binascii.a2b_qp(octets[:end])

    def end(self) -> bytes:
        left, self._left = self._left, b""
        return binascii.a2b_qp(left)


class _Whole:
    """What can only be undone as a whole."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._pieces: list[bytes] = []

    def feed(self, octets: bytes) -> bytes:
        self._pieces.append(octets)
        return b""

    def end(self) -> bytes:
        return decoded(b"".join(self._pieces), self._encoding)
