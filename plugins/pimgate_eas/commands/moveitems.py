"""MoveItems: items from one folder to another of the same class. Source: MS-ASCMD, "MoveItems" and "Status (MoveItems)".

Messages move on the mail server, see `mail_moves`; everything else here.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from pimgate.api import AwayNow, CollectionId, ItemHead, NoSuchCollection, PimgateError, ReadOnly, View, Work
from pimgate_eas.classes import CLASSES
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail import moves as mail_moves
from pimgate_eas.moving import Move, Moves, response
from pimgate_eas.status import Common, MoveItems
from pimgate_eas.sync import turn
from pimgate_eas.sync.edits import item_of
from pimgate_eas.wbxml.element import Element

MOST_MOVES = 1_000
MOVES_AT_ONCE = 100
"""So many in one unit of work: other writers wait for it."""
LONGEST_ID = 64


async def serve(exchange: Exchange) -> Element:
    """A status for each item, with its new id if it was moved."""
    asked = _read(exchange.body)
    if asked is None:
        return Element("Move:MoveItems", Element("Move:Status", text=str(int(Common.INVALID_XML))))
    folders = await _mail_folders(exchange, asked)
    of_mail = [each for each in asked if each.source in folders]
    others = [each for each in asked if each.source not in folders]
    responses = iter(await _of_others(exchange, others))
    letters = iter(await mail_moves.responses(exchange, of_mail) if of_mail else [])
    return Element("Move:MoveItems", *(next(letters if each.source in folders else responses) for each in asked))


def _read(body: Element | None) -> list[Move] | None:
    """The moves of a request; None for one that does not follow the schema or asks for too many."""
    elements = body.find_all("Move:Move") if body is not None and body.name == "Move:MoveItems" else []
    asked = [
        Move(*(each.text_of(f"Move:{tag}") or "" for tag in ("SrcMsgId", "SrcFldId", "DstFldId"))) for each in elements
    ]
    is_whole = all(0 < len(text) <= LONGEST_ID for each in asked for text in (each.item, each.source, each.target))
    return asked if is_whole and 0 < len(asked) <= MOST_MOVES else None


async def _mail_folders(exchange: Exchange, asked: list[Move]) -> set[str]:
    """Those of the folders that things are to be taken from which hold messages."""
    if exchange.core.mail is None:
        return set()
    core, viewer, named = exchange.core, exchange.viewer, {each.source for each in asked}
    return await core.read(
        lambda work: {each for each in named if core.catalogue.is_folder(work, viewer, CollectionId(each))}
    )


async def _of_others(exchange: Exchange, asked: list[Move]) -> list[Element]:
    now, responses = set[str](), list[Element]()
    for first in range(0, len(asked), MOVES_AT_ONCE):
        some = asked[first : first + MOVES_AT_ONCE]
        responses += await exchange.core.write(partial(_moved, exchange, some, now))
    return responses


def _moved(exchange: Exchange, asked: list[Move], now: set[str], work: Work) -> list[Element]:
    """The responses to some of the moves, kept together with what they did and what is remembered of them."""
    exchange.hold(work)
    moving = _Moving(work, exchange, Moves.load(work, exchange.device.id, now))
    moving.open_all(asked)
    responses = [moving.response(each) for each in asked]
    moving.moves.keep()
    return responses


@dataclass(slots=True)
class _Moving:
    """Moves, one after the other, in one unit of work."""

    work: Work
    exchange: Exchange
    moves: Moves
    views: dict[str, View] = field(default_factory=dict)

    def open_all(self, asked: list[Move]) -> None:
        """Open what is shown to the device, and be alone with what may be written, in the order of the ids: two devices that move
        to and fro never wait for each other."""
        for each in sorted({name for move in asked for name in (move.source, move.target)}):
            with suppress(NoSuchCollection):
                view = turn.open_view(self.work, self.exchange, each)
                with suppress(ReadOnly):
                    view.begin_writing()
                self.views[each] = view

    def response(self, move: Move) -> Element:
        """What became of one move."""
        return response(move, self._status(move), self.moves.moved.get(move.item, ""))

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
            return self.moves.status_of_gone(move)
        try:
            self._move(move, source, target, head)
        except AwayNow:
            raise
        except PimgateError:  # one of them may not be written, or the item cannot be kept there: it stays where it is
            return MoveItems.FAILED
        return MoveItems.OK

    def _move(self, move: Move, source: View, target: View, head: ItemHead) -> None:
        name = head.name
        if target.head(name) is not None:
            name = f"{uuid.uuid4()}{CLASSES[target.collection.kind].ending}"
        made = source.move(head.name, target, name)
        self.moves.note(move, source, head, target, made)


def _head(view: View, item: str) -> ItemHead | None:
    """The item that is meant, if it is one that the device can have."""
    item_id = item_of(item, view)
    head = view.head_by_id(item_id) if item_id is not None else None
    return head if head is not None and head.component == CLASSES[view.collection.kind].component else None
