"""WBXML to a tree of elements and back: `decode` what a device sent, `encode` what it gets.

The dialect is that of MS-ASWBXML: no string table, no attributes, no literal tags; a page switch holds until the next
one, also across the end of an element. `decode(encode(x)) == x` for every x that `encode` accepts.
"""

from pimgate_eas.wbxml.decoder import decode
from pimgate_eas.wbxml.encoder import encode
from pimgate_eas.wbxml.limits import Limits, WbxmlError

__all__ = ["Limits", "WbxmlError", "decode", "encode"]
