"""MoveItems: items from one folder to another of the same class. Source: MS-ASCMD, "MoveItems" and "Status (MoveItems)".

A moved item is a new one with a new id. A device whose answer was lost asks again, and the item is no longer where it was: the
last moves of each device are kept, and told once more.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from pimgate.api import AwayNow, Document, ItemHead, NoSuchCollection, PimgateError, ReadOnly, View, Work
from pimgate_eas import shelved
from pimgate_eas.classes import CLASSES
from pimgate_eas.exchange import Exchange
from pimgate_eas.status import Common, MoveItems
from pimgate_eas.sync import turn
from pimgate_eas.sync.edits import item_of, server_id
from pimgate_eas.sync.moves import Notes
from pimgate_eas.wbxml.element import Element

MOST_MOVES = 1_000
MOVES_AT_ONCE = 100
"""So many in one unit of work: other writers wait for it."""
KEPT_MOVES = 1_000
"""At least as many as one request may ask for: all of it may be asked again."""
LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Move:
    """One item, where it is, and where it is to go; ids as the device says them."""

    item: str
    source: str
    target: str


async def serve(exchange: Exchange) -> Element:
    """A status for each item, with its new id if it was moved."""
    asked = _read(exchange.body)
    if asked is None:
        return Element("Move:MoveItems", Element("Move:Status", text=str(int(Common.INVALID_XML))))
    answer, now = Element("Move:MoveItems"), set[str]()
    for first in range(0, len(asked), MOVES_AT_ONCE):
        some = asked[first : first + MOVES_AT_ONCE]
        answer.children += await exchange.core.write(partial(_moved, exchange, some, now))
    return answer


def _read(body: Element | None) -> list[Move] | None:
    """The moves of a request; None for one that does not follow the schema or asks for too many."""
    elements = body.find_all("Move:Move") if body is not None and body.name == "Move:MoveItems" else []
    asked = [
        Move(*(each.text_of(f"Move:{tag}") or "" for tag in ("SrcMsgId", "SrcFldId", "DstFldId"))) for each in elements
    ]
    is_whole = all(0 < len(text) <= LONGEST_ID for each in asked for text in (each.item, each.source, each.target))
    return asked if is_whole and 0 < len(asked) <= MOST_MOVES else None


def _moved(exchange: Exchange, asked: list[Move], now: set[str], work: Work) -> list[Element]:
    """The responses to some of the moves, kept together with what they did and what is remembered of them."""
    exchange.hold(work)
    moving = _Moving(work, exchange, now)
    moving.open_all(asked)
    responses = [moving.response(each) for each in asked]
    moving.keep()
    return responses


@dataclass(slots=True)
class _Moving:
    """Moves, one after the other, in one unit of work. `now`: the items that the request has moved so far; `moved`: the device's
    last moves, these included: the old id and the new one."""

    work: Work
    exchange: Exchange
    now: set[str]
    views: dict[str, View] = field(default_factory=dict)
    notes: dict[str, Notes | None] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

    def open_all(self, asked: list[Move]) -> None:
        """Open what is shown to the device, and be alone with what may be written, in the order of the ids: two devices that move
        to and fro never wait for each other."""
        for each in sorted({name for move in asked for name in (move.source, move.target)}):
            with suppress(NoSuchCollection):
                view = turn.open_view(self.work, self.exchange, each)
                with suppress(ReadOnly):
                    view.begin_writing()
                self.views[each] = view
        kept = self.work.shelf.get(self.exchange.device.id, shelved.MOVES)
        self.moved = dict(kept.content["moved"]) if kept is not None else {}

    def response(self, move: Move) -> Element:
        """What became of one move."""
        status = self._status(move)
        parts = [Element("Move:SrcMsgId", text=move.item), Element("Move:Status", text=str(int(status)))]
        if status is MoveItems.OK:
            parts.append(Element("Move:DstMsgId", text=self.moved[move.item]))
        return Element("Move:Response", *parts)

    def _status(self, move: Move) -> MoveItems:
        source, target = self.views.get(move.source), self.views.get(move.target)
        if source is None:
            return MoveItems.BAD_SOURCE
        if move.source == move.target:
            return MoveItems.SAME_FOLDER
        if target is None or target.collection.kind is not source.collection.kind:
            return MoveItems.BAD_DESTINATION
        head = _head(source, move.item)
        if head is None:
            return self._status_of_gone(move)
        try:
            self._move(move, source, target, head)
        except AwayNow:
            raise
        except PimgateError:  # one of them may not be written, or the item cannot be kept there: it stays where it is
            return MoveItems.FAILED
        return MoveItems.OK

    def _status_of_gone(self, move: Move) -> MoveItems:
        """The device moved it before, to where it now asks for: it is told so again. The same item twice in one request, to two
        places, goes to the first."""
        came_to = self.moved.get(move.item, "").partition(":")[0]
        if came_to == move.target and move.item.startswith(f"{move.source}:"):
            return MoveItems.OK
        return MoveItems.FAILED if move.item in self.now else MoveItems.BAD_SOURCE

    def _move(self, move: Move, source: View, target: View, head: ItemHead) -> None:
        name = head.name
        if target.head(name) is not None:
            name = f"{uuid.uuid4()}{CLASSES[target.collection.kind].ending}"
        made = source.move(head.name, target, name)
        self.moved.pop(move.item, None)
        self.moved[move.item] = server_id(target, made.id)
        self.now.add(move.item)
        self._note(source, head, target, made)

    def _note(self, source: View, head: ItemHead, target: View, made: ItemHead) -> None:
        """Let Sync pass over it in both folders. Who never synchronised the one has nothing of it, and is told in the other."""
        left, came = self._notes(source), self._notes(target)
        if left is not None and came is not None:
            came.came(made, is_latest=left.has_latest(head))
        if left is not None:
            left.left(head.id)

    def _notes(self, view: View) -> Notes | None:
        if view.id not in self.notes:
            key = shelved.collection_key(view.id)
            generations, answer = shelved.load(self.work, self.exchange.device.id, key)
            self.notes[view.id] = Notes(generations, answer) if generations is not None else None
        return self.notes[view.id]

    def keep(self) -> None:
        """Keep what was noted; of old moves only the last."""
        if not self.notes:
            return
        device = self.exchange.device.id
        for collection_id, notes in self.notes.items():
            if notes is not None:
                key = shelved.collection_key(collection_id)
                shelved.keep_noted(self.work, device, key, notes.generations(), notes.answer)
        last = dict(list(self.moved.items())[-KEPT_MOVES:])
        self.work.shelf.put(device, shelved.MOVES, Document({"moved": last}))


def _head(view: View, item: str) -> ItemHead | None:
    """The item that is meant, if it is one that the device can have."""
    item_id = item_of(item, view)
    head = view.head_by_id(item_id) if item_id is not None else None
    return head if head is not None and head.component == CLASSES[view.collection.kind].component else None
