"""Texts as programs read them: an address in the place of each managed file.

What is shown follows from what is kept and from who reads it, so the ETag of what is kept is a good one of what is shown.
"""

from __future__ import annotations

from typing import Final

from pimgate.api import ItemHead, Listed, View
from pimgate.text.lines import Line, read_lines
from pimgate_dav.attachments.addresses import Where, address_of
from pimgate_dav.attachments.held import id_of, may_hold, with_address
from pimgate_dav.visit import Visit

FEW: Final = 20
"""Whoever asks for more sizes than this is listing the collection, whose texts are then fetched at once."""

LEAST_BYTES: Final = 200
"""An event with a managed file is larger than this."""


def shown(visit: Visit, head: ItemHead, text: str) -> str:
    """The text of an item for this reader."""
    if not may_hold(text):
        return text

    def written(line: Line) -> str:
        managed = id_of(line)
        if not managed:
            return line.raw
        return with_address(line, address_of(visit, Where(head.collection_id, head.id, managed))).raw

    return "".join(written(line) for line in read_lines(text))


def shown_bytes(visit: Visit, view: View, head: ItemHead | Listed) -> int:
    """How many octets GET gives of an item."""
    if head.component == "VCARD" or head.size_bytes < LEAST_BYTES:
        return head.size_bytes
    if head.id not in visit.sizes:
        items = view.items() if len(visit.sizes) >= FEW else view.items_by_id([head.id]).values()
        for item in items:
            is_plain = not may_hold(item.text)
            visit.sizes[item.id] = (
                item.head.size_bytes if is_plain else len(shown(visit, item.head, item.text).encode())
            )
    return visit.sizes.setdefault(head.id, head.size_bytes)
