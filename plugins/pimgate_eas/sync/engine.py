"""Which items to send next, and the state after that. Pure: lines of the journal and heads of items in, steps out.

The journal is walked line by line. A line says what happened then; what is sent is the item as it is now, and `has` remembers
that later lines about it are news no more. While the first synchronisation goes on, items come in the order of their ids, and
the journal only speaks of those that were sent already.

Where a device looks back only so far, it holds what lies before its cut. A line of the journal says how long the item lasted
before: that tells whether the device holds it. When the journal has nothing more to say the cut itself slides to where it should
be, and what it passes leaves the device, or comes to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from pimgate.api import Bookmark, Change, Cut, ItemHead, ItemId, Op
from pimgate_eas.sync.state import BEGINNING, GONE, NOTHING_YET, SyncState


class Send(Enum):
    ADD = "Add"
    CHANGE = "Change"
    DELETE = "Delete"
    SOFT_DELETE = "SoftDelete"

    @property
    def has_data(self) -> bool:
        return self in (Send.ADD, Send.CHANGE)


@dataclass(frozen=True, slots=True)
class Step:
    """One command to the device."""

    send: Send
    item_id: ItemId


Lacks = Callable[[Send, ItemHead], bool]


@dataclass(frozen=True, slots=True)
class Room:
    """What still fits into the answer. `lacks` says which items are not at hand, and have to wait for another answer."""

    items: int
    size_bytes: int
    lacks: Lacks | None = None

    @property
    def is_full(self) -> bool:
        return self.items <= 0 or self.size_bytes <= 0

    def takes(self, send: Send, head: ItemHead | None) -> bool:
        """Whether this can be said now."""
        return not self.is_full and self.is_at_hand(send, head)

    def is_at_hand(self, send: Send, head: ItemHead | None) -> bool:
        return self.lacks is None or head is None or not send.has_data or not self.lacks(send, head)

    def less(self, size_bytes: int) -> Room:
        return replace(self, items=self.items - 1, size_bytes=self.size_bytes - size_bytes)

    def after(self, send: Send, head: ItemHead | None) -> Room:
        return self.less(head.size_bytes if head is not None and send.has_data else 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """The next steps in order, the state after them, what room is left, and whether all that was given is done."""

    steps: tuple[Step, ...]
    state: SyncState
    room: Room
    is_walked: bool


def begun(state: SyncState, target: Cut, present: Bookmark = BEGINNING) -> SyncState:
    """The state with its cut where it should be, and the journal read as far as it goes at `present`, while the device holds
    nothing yet."""
    holds_nothing = state.filled_to == NOTHING_YET and not state.notes
    return replace(state, cut=target, bookmark=max(state.bookmark, present)) if holds_nothing else state


def is_shown(head: ItemHead | None, state: SyncState, component: str) -> bool:
    """Whether the device is to hold this item."""
    return head is not None and head.component == component and state.cut.keeps(head.lasts_until, head.id)


def edited(
    state: SyncState,
    has: Mapping[ItemId, int],
    refused: Mapping[ItemId, str],
    heads: Mapping[ItemId, ItemHead],
    component: str,
) -> SyncState:
    """The state after the device's own edits: `has` says which version it has of each item (GONE of one that it removed), `heads`
    what these are now, and `refused` what it gets back. What it brought behind its cut is told to leave it."""
    behind = [item for item in has if item in heads and not is_shown(heads[item], state, component)]
    resend = {**state.resend, **dict.fromkeys(behind, Send.SOFT_DELETE.value), **refused}
    kept = {item: send for item, send in resend.items() if has.get(item) != GONE}
    return replace(state, has={**state.has, **has}, resend=kept)


def resend(state: SyncState, heads: Mapping[ItemId, ItemHead], room: Room, component: str) -> Plan:
    """What was noted to be told. Items that went meanwhile are the journal's to tell, but for one that the journal believes is no
    longer there. What a refused edit gets back comes with the answer to the edit, whatever the window: a device that hears
    nothing of an item it deleted takes it for gone. Only the size of the answer bounds that."""
    steps: list[Step] = []
    has, left = dict(state.has), {}
    for item, noted in state.resend.items():
        head = heads.get(item)
        send = _given_back(Send(noted), head, is_shown(head, state, component))
        if send is not None and not _takes_back(room, send, head):
            left[item] = noted
            continue
        if send is not None:
            steps.append(Step(send, item))
            room = room.after(send, head)
        if head is not None:
            has[item] = head.seq
        elif noted in (Send.SOFT_DELETE.value, Send.ADD.value):
            has[item] = GONE
    return Plan(tuple(steps), replace(state, resend=left, has=has), room, not left)


def _takes_back(room: Room, send: Send, head: ItemHead | None) -> bool:
    return (room.size_bytes > 0 if send.has_data else not room.is_full) and room.is_at_hand(send, head)


def _given_back(noted: Send, head: ItemHead | None, is_to_be_held: bool) -> Send | None:
    """How to bring the device to what it should hold; one that meant to delete the item holds it no more."""
    is_held = noted is not Send.ADD
    if head is None:
        return Send.DELETE if noted in (Send.DELETE, Send.SOFT_DELETE) else None
    return _towards(is_held, is_to_be_held)


def _towards(is_held: bool, is_to_be_held: bool) -> Send | None:
    if is_held:
        return Send.CHANGE if is_to_be_held else Send.SOFT_DELETE
    return Send.ADD if is_to_be_held else None


def walk(
    state: SyncState, lines: Sequence[Change], heads: Mapping[ItemId, ItemHead], room: Room, component: str
) -> Plan:
    """The steps for these lines of the journal, which begin right after the state's bookmark. `heads`: the items among them
    that are there now. Only items of `component` concern the device. A line that means nothing to it needs no room."""
    steps: list[Step] = []
    has = dict(state.has)
    bookmark = state.bookmark
    for line in lines:
        item = line.item_id
        if item is None or _is_yet_to_come(state, item, has):
            bookmark = Bookmark(line.seq)
            continue
        head = heads.get(item)
        send, known = _meaning(line, head, has.get(item, 0), state, component)
        if send is not None and not room.takes(send, head):
            return Plan(tuple(steps), _after(state, bookmark, has), room, False)
        bookmark = Bookmark(line.seq)
        if known:
            has[item] = known
        else:
            has.pop(item, None)
        if send is not None:
            steps.append(Step(send, item))
            room = room.after(send, head)
    return Plan(tuple(steps), _after(state, bookmark, has), room, True)


def _is_yet_to_come(state: SyncState, item: ItemId, has: Mapping[ItemId, int]) -> bool:
    """Whether the first synchronisation has still to bring the item."""
    return state.filled_to is not None and item > state.filled_to and item not in has


def _meaning(
    line: Change, head: ItemHead | None, known: int, state: SyncState, component: str
) -> tuple[Send | None, int]:
    """What one line means to the device, given that the item is `head` now and that it has the version `known` of it (GONE: it
    went, 0: nothing is noted); and what it knows from then on."""
    is_held = line.op is not Op.CREATE and state.cut.keeps(line.lasted_until, line.item_id or 0)
    if line.op is Op.DELETE:
        return (None if known == GONE or not is_held else Send.DELETE), 0
    if known == GONE or line.seq <= known:
        return None, known
    if head is None:
        return (Send.DELETE if is_held else None), GONE
    if head.component != component:
        return None, known
    return _towards(is_held, is_shown(head, state, component)), head.seq


def fill(state: SyncState, heads: Iterable[ItemHead], room: Room, component: str) -> Plan:
    """The next items of a first synchronisation, `heads` being those after `filled_to` in order; `is_walked` when there was
    room for all of them."""
    steps: list[Step] = []
    has = dict(state.has)
    filled_to = state.filled_to or NOTHING_YET
    for head in heads:
        if is_shown(head, state, component) and has.get(head.id, 0) < head.seq:
            send = Send.ADD if head.id not in has else Send.CHANGE
            if not room.takes(send, head):
                return Plan(tuple(steps), replace(state, filled_to=filled_to, has=has), room, False)
            steps.append(Step(send, head.id))
            room = room.less(head.size_bytes)
        if head.id in has or head.seq > state.bookmark:
            has[head.id] = max(has.get(head.id, 0), head.seq)
        filled_to = head.id
    return Plan(tuple(steps), replace(state, filled_to=filled_to, has=has), room, True)


def slide(state: SyncState, heads: Sequence[ItemHead], target: Cut, room: Room) -> Plan:
    """The steps for the next items that the cut passes on its way to `target`, in the order in which it comes to them. The journal
    must have been walked to its end."""
    steps: list[Step] = []
    is_rising = target > state.cut
    cut = state.cut
    for head in heads:
        send = Send.SOFT_DELETE if is_rising else Send.ADD
        if not room.takes(send, head):
            return Plan(tuple(steps), replace(state, cut=cut), room, False)
        steps.append(Step(send, head.id))
        room = room.after(send, head)
        cut = Cut(head.lasts_until or 0, head.id if is_rising else head.id - 1)
    return Plan(tuple(steps), replace(state, cut=cut), room, True)


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
