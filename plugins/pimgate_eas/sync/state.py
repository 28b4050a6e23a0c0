"""What is remembered of one device and one collection: constant in size, except for what is under way.

There is no list of what the device holds. It holds what lies before its `cut`, in the version that the journal had at its
`bookmark`; how long that version lasted is said by the next line of the journal about the item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pimgate.api import Bookmark, Cut, ItemId
from pimgate_eas.sync.windows import EVERYTHING

BEGINNING = Bookmark(0)
NOTHING_YET = ItemId(0)
GONE = -1
"""In `has`: the item went before the device heard of it; its lines of the journal are passed over until it ends."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """`bookmark`: what the device has of the journal. `filled_to`: while the first synchronisation goes on, the id of the last
    item sent; None when it is over. `has`: items of which the device has a later version than the bookmark says, by the journal
    position of that version. `resend`: items of which the device has something else than the rest says, by how it is told: an edit
    that was refused gets our version back, as a Change or, where it meant to delete, as an Add; an item that its own edit
    brought behind the cut leaves it, as a SoftDelete. `added`: the ids given to the device's own new items by the question that
    led here, by ClientId; `edited`: the journal positions of its own edits in that question (GONE for a deletion). `cut`: how far
    back it looks, by what it was told so far."""

    bookmark: Bookmark = BEGINNING
    filled_to: ItemId | None = NOTHING_YET
    has: Mapping[ItemId, int] = field(default_factory=dict)
    resend: Mapping[ItemId, str] = field(default_factory=dict)
    added: Mapping[str, ItemId] = field(default_factory=dict)
    edited: Mapping[ItemId, int] = field(default_factory=dict)
    supported: tuple[str, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    cut: Cut = EVERYTHING

    @property
    def notes(self) -> int:
        """How many items are remembered one by one."""
        return len(self.has) + len(self.resend)

    def to_document(self) -> dict[str, Any]:
        document: dict[str, Any] = {"bookmark": self.bookmark}
        if self.filled_to is not None:
            document["filled_to"] = self.filled_to
        if self.has:
            document["has"] = {str(item): seq for item, seq in self.has.items()}
        if self.resend:
            document["resend"] = {str(item): send for item, send in self.resend.items()}
        if self.added:
            document["added"] = dict(self.added)
        if self.edited:
            document["edited"] = {str(item): seq for item, seq in self.edited.items()}
        if self.supported is not None:
            document["supported"] = list(self.supported)
        if self.options:
            document["options"] = dict(self.options)
        if self.cut != EVERYTHING:
            document["cut"] = [self.cut.at, self.cut.item]
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> SyncState:
        filled_to, supported = document.get("filled_to"), document.get("supported")
        return cls(
            bookmark=Bookmark(document["bookmark"]),
            filled_to=None if filled_to is None else ItemId(filled_to),
            has={ItemId(int(item)): seq for item, seq in document.get("has", {}).items()},
            resend={ItemId(int(item)): send for item, send in document.get("resend", {}).items()},
            added={client_id: ItemId(item) for client_id, item in document.get("added", {}).items()},
            edited={ItemId(int(item)): seq for item, seq in document.get("edited", {}).items()},
            supported=None if supported is None else tuple(supported),
            options=document.get("options", {}),
            cut=Cut(*document["cut"]) if "cut" in document else EVERYTHING,
        )

    def is_ghosted(self, name: str) -> bool:
        """Whether an element that the device leaves out of a change means "unchanged" (True) or "removed". Without a list of
        supported elements nothing is ghosted; with one, all that it does not name. Source: MS-ASCMD, "Supported"."""
        return self.supported is not None and name not in self.supported
