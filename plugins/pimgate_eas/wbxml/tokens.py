"""The bytes of WBXML that are not element names.

Source: WAP-192-WBXML, "Global Tokens"; which of them ActiveSync uses: MS-ASWBXML, "WBXML Tokens".
"""

from typing import Final

SWITCH_PAGE: Final = 0x00
END: Final = 0x01
ENTITY: Final = 0x02
STR_I: Final = 0x03
OPAQUE: Final = 0xC3

HAS_CONTENT: Final = 0x40
HAS_ATTRIBUTES: Final = 0x80

# Version 1.3, public identifier 1 ("unknown"), UTF-8 (MIBenum 106), no string table.
HEADER: Final = b"\x03\x01\x6a\x00"

# Valid WBXML that has no place in ActiveSync: byte -> what it is, as an error message says it.
REFUSED: Final = {
    0x04: "a literal tag",
    0x44: "a literal tag",
    0x84: "a literal tag",
    0xC4: "a literal tag",
    0x43: "a processing instruction",
    0x83: "a reference to the string table",
    0x40: "an extension token",
    0x41: "an extension token",
    0x42: "an extension token",
    0x80: "an extension token",
    0x81: "an extension token",
    0x82: "an extension token",
    0xC0: "an extension token",
    0xC1: "an extension token",
    0xC2: "an extension token",
}
