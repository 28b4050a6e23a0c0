"""Which items to send next, and the state after that. Pure: lines of the journal and heads of items in, steps out.

The journal is walked line by line. A line says what happened then; what is sent is the item as it is now, and `has` remembers
that later lines about it are news no more. While the first synchronisation goes on, items come in the order of their ids, and
the journal only speaks of those that were sent already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from pimgate.api import Bookmark, Change, ItemHead, ItemId, Op
from pimgate_eas.sync.state import GONE, SyncState


class Send(Enum):
    ADD = "Add"
    CHANGE = "Change"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class Step:
    """One command to the device."""

    send: Send
    item_id: ItemId


@dataclass(frozen=True, slots=True)
class Room:
    """What still fits into the answer."""

    items: int
    size_bytes: int

    @property
    def is_full(self) -> bool:
        return self.items <= 0 or self.size_bytes <= 0

    def less(self, size_bytes: int) -> Room:
        return Room(self.items - 1, self.size_bytes - size_bytes)


@dataclass(frozen=True, slots=True)
class Plan:
    """The next steps in order, the state after them, what room is left, and whether the lines given were all walked."""

    steps: tuple[Step, ...]
    state: SyncState
    room: Room
    is_walked: bool


def resend(state: SyncState, heads: Mapping[ItemId, ItemHead], room: Room) -> Plan:
    """Our version of the items whose edits were refused; those that went meanwhile are the journal's to tell. All of them come
    with the answer to the edits, whatever the window: a device that hears nothing of an item it deleted takes it for gone. Only
    the size of the answer bounds them."""
    steps: list[Step] = []
    has, left = dict(state.has), {}
    for item, send in state.resend.items():
        if item in heads and room.size_bytes <= 0:
            left[item] = send
        elif item in heads:
            steps.append(Step(Send(send), item))
            has[item] = heads[item].seq
            room = room.less(heads[item].size_bytes)
    return Plan(tuple(steps), replace(state, resend=left, has=has), room, not left)


def walk(
    state: SyncState, lines: Sequence[Change], heads: Mapping[ItemId, ItemHead], room: Room, component: str
) -> Plan:
    """The steps for these lines of the journal, which begin right after the state's bookmark. `heads`: the items among them
    that are there now. Only items of `component` concern the device."""
    steps: list[Step] = []
    has = dict(state.has)
    bookmark = state.bookmark
    for line in lines:
        if room.is_full:
            return Plan(tuple(steps), _after(state, bookmark, has), room, False)
        bookmark = Bookmark(line.seq)
        item = line.item_id
        if item is None or (state.filled_to is not None and item > state.filled_to and item not in has):
            continue
        step = _step(line, item, heads.get(item), has, component)
        if step is not None:
            steps.append(step)
            head = heads.get(item)
            room = room.less(head.size_bytes if head else 0)
    return Plan(tuple(steps), _after(state, bookmark, has), room, True)


def _step(line: Change, item: ItemId, head: ItemHead | None, has: dict[ItemId, int], component: str) -> Step | None:
    """What one line means to the device, given that the item is `head` now; notes in `has` what it knows from then on."""
    known = has.get(item, 0)
    if line.op is Op.DELETE:
        has.pop(item, None)
        return None if known == GONE else Step(Send.DELETE, item)
    if known == GONE or line.seq <= known:
        return None
    if head is None:
        has[item] = GONE
        return None if line.op is Op.CREATE else Step(Send.DELETE, item)
    if head.component != component:
        return None
    has[item] = head.seq
    return Step(Send.ADD if line.op is Op.CREATE else Send.CHANGE, item)


def fill(state: SyncState, heads: Iterable[ItemHead], room: Room, component: str) -> Plan:
    """The next items of a first synchronisation, `heads` being those after `filled_to` in order; `is_walked` when there was
    room for all of them."""
    steps: list[Step] = []
    has = dict(state.has)
    filled_to = state.filled_to or ItemId(0)
    for head in heads:
        if room.is_full:
            return Plan(tuple(steps), replace(state, filled_to=filled_to, has=has), room, False)
        filled_to = head.id
        if head.component != component or has.get(head.id, 0) >= head.seq:
            continue
        steps.append(Step(Send.ADD if head.id not in has else Send.CHANGE, head.id))
        if head.id in has or head.seq > state.bookmark:
            has[head.id] = head.seq
        room = room.less(head.size_bytes)
    return Plan(tuple(steps), replace(state, filled_to=filled_to, has=has), room, True)


def walked_to_the_end(state: SyncState) -> SyncState:
    """Nothing of the journal is left: notes on items that went have seen the line they waited for."""
    return replace(state, has={item: seq for item, seq in state.has.items() if seq != GONE})


def finished(state: SyncState) -> SyncState:
    """The first synchronisation is over: from now on the journal tells everything."""
    return _after(replace(state, filled_to=None), state.bookmark, dict(state.has))


def _after(state: SyncState, bookmark: Bookmark, has: dict[ItemId, int]) -> SyncState:
    """The state at a new bookmark, without notes that the bookmark makes needless."""
    kept = {
        item: seq
        for item, seq in has.items()
        if seq == GONE or seq > bookmark or (state.filled_to is not None and item > state.filled_to)
    }
    return replace(state, bookmark=bookmark, has=kept)
