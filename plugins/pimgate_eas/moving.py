"""What is remembered of moves, whatever moves: where each item went, and that Sync tells the mover nothing of it.

A moved item is a new one with a new id. A device whose answer was lost asks again, and the item is no longer where it was: the
last moves of each device are kept, and told once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pimgate.api import DeviceId, Document, ItemHead, MailFolder, View, Work
from pimgate_eas import shelved
from pimgate_eas.status import MoveItems
from pimgate_eas.sync.edits import server_id
from pimgate_eas.sync.moves import Notes
from pimgate_eas.wbxml.element import Element

KEPT_MOVES = 1_000
"""At least as many as one request may ask for: all of it may be asked again."""

Opened = View | MailFolder


@dataclass(frozen=True, slots=True)
class Move:
    """One item, where it is, and where it is to go; ids as the device says them."""

    item: str
    source: str
    target: str


@dataclass(slots=True)
class Moves:
    """Moves by one device in one unit of work. `now`: the items that the request has moved so far; `moved`: the device's last
    moves, these included: the old id and the new one."""

    work: Work
    device: DeviceId
    now: set[str]
    moved: dict[str, str] = field(default_factory=dict)
    _notes: dict[str, Notes | None] = field(default_factory=dict)

    @classmethod
    def load(cls, work: Work, device: DeviceId, now: set[str]) -> Moves:
        kept = work.shelf.get(device, shelved.MOVES)
        return cls(work, device, now, dict(kept.content["moved"]) if kept is not None else {})

    def status_of_gone(self, move: Move) -> MoveItems:
        """Of an item that is not where it is to be taken from. The device moved it before, to where it now asks for: it is told so
        again. The same item twice in one request, to two places, goes to the first."""
        came_to = self.moved.get(move.item, "").partition(":")[0]
        if came_to == move.target and move.item.startswith(f"{move.source}:"):
            return MoveItems.OK
        return MoveItems.FAILED if move.item in self.now else MoveItems.BAD_SOURCE

    def note(self, move: Move, source: Opened, head: ItemHead, target: Opened, made: ItemHead) -> None:
        """An item was moved: let Sync pass over it in both folders. Who never synchronised the one has nothing of it, and is told
        in the other."""
        self.moved.pop(move.item, None)
        self.moved[move.item] = server_id(target, made.id)
        self.now.add(move.item)
        left, came = self._notes_of(source), self._notes_of(target)
        if left is not None and came is not None:
            came.came(made, is_latest=left.has_latest(head))
        if left is not None:
            left.left(head.id)

    def _notes_of(self, opened: Opened) -> Notes | None:
        if opened.id not in self._notes:
            generations, answer = shelved.load(self.work, self.device, shelved.collection_key(opened.id))
            self._notes[opened.id] = Notes(generations, answer) if generations is not None else None
        return self._notes[opened.id]

    def keep(self) -> None:
        """Keep what was noted; of old moves only the last."""
        if not self._notes:
            return
        for collection_id, notes in self._notes.items():
            if notes is not None:
                key = shelved.collection_key(collection_id)
                shelved.keep_noted(self.work, self.device, key, notes.generations(), notes.answer)
        last = dict(list(self.moved.items())[-KEPT_MOVES:])
        self.work.shelf.put(self.device, shelved.MOVES, Document({"moved": last}))


def response(move: Move, status: MoveItems, new: str = "") -> Element:
    """What became of one move, with the item's new id where it was moved."""
    parts = [Element("Move:SrcMsgId", text=move.item), Element("Move:Status", text=str(int(status)))]
    if status is MoveItems.OK:
        parts.append(Element("Move:DstMsgId", text=new))
    return Element("Move:Response", *parts)
