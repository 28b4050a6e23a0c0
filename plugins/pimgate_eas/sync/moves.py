"""What a move by the device itself changes in what is remembered of two collections: Sync tells it nothing of it again.

The item that left is passed over until the journal has said that it went. The one that came is known; if the device had an older
version of it, it gets ours, and if its cut leaves the item out there, that leaves the device. Pure.
Source: MS-ASCMD, "MoveItems"; phones that are told of their own move show the item twice.
"""

from __future__ import annotations

from dataclasses import replace

from pimgate.api import ItemHead, ItemId
from pimgate_eas.sync.engine import Send
from pimgate_eas.sync.keys import Generations
from pimgate_eas.sync.state import GONE, SyncState


class Notes:
    """What is remembered of one collection, while moves are noted in it: in both generations, since the device may be in either.
    `answer` is the last answer, which stays what it is."""

    def __init__(self, generations: Generations, answer: bytes | None) -> None:
        self.answer = answer
        self._generations = generations
        self._state = SyncState.from_document(generations.state)
        before = generations.previous_state
        self._previous = SyncState.from_document(before) if before else None

    def has_latest(self, head: ItemHead) -> bool:
        """Whether the device has this version of an item, in whichever generation it is: it is not in one that does not know the
        item which it moves."""
        return _has_latest(self._state, head) and (
            self._previous is None or not _knows(self._previous, head) or _has_latest(self._previous, head)
        )

    def left(self, item: ItemId) -> None:
        """The device moved this item away."""
        self._state = _without(self._state, item)
        self._previous = _without(self._previous, item) if self._previous is not None else None

    def came(self, head: ItemHead, *, is_latest: bool) -> None:
        """The device moved this item here; it has the latest version of it, or is to be given it. One that lies behind the cut is
        told to leave again."""
        self._state = _with(self._state, head, is_latest)
        self._previous = _with(self._previous, head, is_latest) if self._previous is not None else None

    def generations(self) -> Generations:
        """The generations with the notes made so far."""
        previous = self._previous.to_document() if self._previous is not None else self._generations.previous_state
        return replace(self._generations, state=self._state.to_document(), previous_state=previous)


def _knows(state: SyncState, head: ItemHead) -> bool:
    noted = state.has.get(head.id)
    if noted is None and state.filled_to is not None and head.id > state.filled_to:
        return False  # the first synchronisation has still to bring it
    return noted != GONE and head.created_seq <= max(state.bookmark, noted or 0)


def _has_latest(state: SyncState, head: ItemHead) -> bool:
    is_latest = head.seq <= max(state.bookmark, state.has.get(head.id, 0))
    return _knows(state, head) and is_latest and head.id not in state.resend


def _without(state: SyncState, item: ItemId) -> SyncState:
    resend = {each: send for each, send in state.resend.items() if each != item}
    return replace(state, has={**state.has, item: GONE}, resend=resend)


def _with(state: SyncState, head: ItemHead, is_latest: bool) -> SyncState:
    is_behind = not state.cut.keeps(head.lasts_until, head.id)
    send = Send.SOFT_DELETE if is_behind else Send.CHANGE
    resend = state.resend if is_latest and not is_behind else {**state.resend, head.id: send.value}
    known = head.seq if is_latest else head.seq - 1  # an edit before it has heard of ours is a conflict
    return replace(state, has={**state.has, head.id: known}, resend=resend)
