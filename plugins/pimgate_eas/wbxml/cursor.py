"""Cursor: a place in the bytes, and the pieces that WBXML is made of below the level of elements.

Reading past the end raises IndexError, anything else that is wrong a WbxmlError.

Source: WAP-192-WBXML, "Multi-byte Integers", "BNF for Document Structure" and "Global Tokens".
"""

from typing import Final

from pimgate_eas.wbxml.limits import Limits, WbxmlError

_VERSIONS: Final = frozenset({0x01, 0x02, 0x03})
_PUBLIC_ID_UNKNOWN: Final = 1
_CHARSETS: Final = frozenset({106, 0})  # UTF-8, and "unknown", which is read as UTF-8


class Cursor:
    """Reads from `position` onwards and moves it."""

    __slots__ = ("data", "limits", "position")

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self.limits = limits
        self.position = 0

    def read_header(self) -> None:
        """Version, public identifier, character set and string table: all but one choice of each is refused."""
        if self.data[0] not in _VERSIONS:
            raise WbxmlError("not WBXML 1.1, 1.2 or 1.3", 0)
        self.position = 1
        if self.read_integer() != _PUBLIC_ID_UNKNOWN:
            raise WbxmlError("a public identifier other than 1", 1)
        charset_at = self.position
        if self.read_integer() not in _CHARSETS:
            raise WbxmlError("a character set other than UTF-8", charset_at)
        table_at = self.position
        if self.read_integer() != 0:
            raise WbxmlError("a string table, which ActiveSync does not use", table_at)

    def read_integer(self) -> int:
        """A multi-byte integer (mb_u_int32): seven bits a byte; the highest bit says that more follow."""
        value = 0
        start = self.position
        for position in range(start, start + self.limits.integer_bytes):
            byte = self.data[position]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                self.position = position + 1
                return value
        raise WbxmlError(f"an integer of more than {self.limits.integer_bytes} bytes", start)

    def read_string(self) -> bytes:
        """The octets of a text that ends with a zero byte, without that byte."""
        start = self.position
        end = self.data.find(0, start)
        if end < 0:
            raise WbxmlError("a text without an end", start)
        self.position = end + 1
        return self.data[start:end]

    def read_octets(self) -> bytes:
        """Octets behind their length. A length is believed only if so much is there."""
        length_at = self.position
        length = self.read_integer()
        start = self.position
        if length > len(self.data) - start:
            raise WbxmlError("octets longer than the document", length_at)
        self.position = start + length
        return self.data[start : self.position]

    def read_character(self) -> bytes:
        """One character given by its number, as UTF-8."""
        start = self.position
        code = self.read_integer()
        if not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise WbxmlError("an entity that is no character", start)
        return chr(code).encode()
