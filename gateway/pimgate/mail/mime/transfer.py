"""Transfer encodings: the octets that were meant, also where they were encoded badly.

Source: RFC 2045 "Content-Transfer-Encoding Header Field".
"""

from __future__ import annotations

import binascii
import re
from typing import Final

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_FOREIGN: Final = bytes(octet for octet in range(256) if octet not in _ALPHABET)
_PADDING: Final = re.compile(rb"=+")
_HALF_ESCAPE: Final = re.compile(rb"=[0-9A-Fa-f]?\r?\n?\Z")
UU_NAMES: Final = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_UU_BEGIN: Final = re.compile(rb"^begin [0-7]{3,4} [^\n]*\n", re.MULTILINE)


def decoded(octets: bytes, encoding: str, *, is_cut: bool = False) -> bytes:
    """What was encoded; as it is for encodings that are none or unknown. `is_cut` for the beginning of something longer."""
    match encoding.strip().lower():
        case "base64":
            return from_base64(octets)
        case "quoted-printable":
            return binascii.a2b_qp(_HALF_ESCAPE.sub(b"", octets) if is_cut else octets)
        case name if name in UU_NAMES:
            return from_uu(octets)
        case _:
            return octets


def from_base64(octets: bytes) -> bytes:
    """Base64 with foreign characters within, without its padding, or several pieces of it one after the other."""
    return b"".join(_quartets(each) for each in _PADDING.split(foreign_left_out(octets)) if each)


def foreign_left_out(octets: bytes) -> bytes:
    """Base64 without what does not belong to it: ends of lines, mostly."""
    return octets.translate(None, _FOREIGN)


def _quartets(piece: bytes) -> bytes:
    left = len(piece) % 4
    if left == 1:  # six bits are no octet
        piece, left = piece[:-1], 0
    return binascii.a2b_base64(piece + b"=" * (-left % 4))


def from_uu(octets: bytes) -> bytes:
    """Lines between `begin` and `end`; what cannot be read of them is left out."""
    begin = _UU_BEGIN.search(octets)
    if begin is None:
        return octets
    found = []
    for line in octets[begin.end() :].split(b"\n"):
        line = line.rstrip(b"\r")
        if line.strip() in (b"end", b"`", b""):
            if line.strip() == b"end":
                break
            continue
        found.append(_uu_line(line))
    return b"".join(found)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders pad lines with more than belongs to them.
        meant = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:meant])
        except binascii.Error:
            return b""
