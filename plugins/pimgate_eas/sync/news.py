"""What a collection has for a device: the steps of all sources, within the room of one answer. Reads heads, never texts.

First what is given back, then the journal to its end, then the first synchronisation as far as it has not come, and last what
the cut passes on its way to where it should be now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pimgate.api import Bookmark, Changes, Cut, ItemHead, ItemId
from pimgate_eas.sync import engine
from pimgate_eas.sync.engine import Plan, Room, Step
from pimgate_eas.sync.state import SyncState

AT_ONCE, FEW = 512, 64
ENDLESS = 2**62


@dataclass(frozen=True, slots=True)
class News:
    """The steps, the state after them, what room is left, and whether there is more."""

    steps: tuple[Step, ...]
    state: SyncState
    room: Room
    has_more: bool


class Source(Protocol):
    """What is read of a collection: a `View`, or what does the same for messages."""

    def bookmark(self) -> Bookmark: ...
    def changes_since(self, bookmark: Bookmark, limit: int) -> Changes: ...
    def heads_of(self, ids: Sequence[ItemId]) -> dict[ItemId, ItemHead]: ...
    def heads_after(self, item_id: ItemId, limit: int) -> list[ItemHead]: ...
    def heads_ending(
        self, after: Cut, upto: Cut, component: str, limit: int, *, last_first: bool = False
    ) -> list[ItemHead]: ...
    def next_end(self, after: int, component: str) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Newsreader:
    """Reads what one collection has for a device that shows only items of `component`, and is to look back as far as `target`."""

    view: Source
    component: str
    target: Cut

    def read(self, state: SyncState, room: Room) -> News:
        """The next steps. BookmarkExpired when the device must begin anew."""
        state = engine.begun(state, self.target, self.view.bookmark())
        steps: tuple[Step, ...] = ()
        for source in (self._given_back, self._walk, self._fill, self._slide):
            plan = source(state, room)
            steps, state, room = steps + plan.steps, plan.state, plan.room
            if not plan.is_walked:
                return News(steps, state, room, True)
        return News(steps, state, room, False)

    def has_any(self, state: SyncState) -> bool:
        """Whether there is a step at all. Its cost does not depend on the size of the collection."""
        return state.filled_to is not None or bool(self.read(state, Room(1, ENDLESS)).steps)

    def passed_over(self, state: SyncState) -> SyncState:
        """The state without the next lines of the journal that mean nothing to the device: for one that edits on and does not
        want to hear what is new."""
        if state.resend:
            return state
        lines = self.view.changes_since(state.bookmark, AT_ONCE)
        plan = engine.walk(state, lines.changes, self._heads_in(lines), Room(0, 0), self.component)
        is_at_the_end = plan.is_walked and not lines.has_more
        return engine.walked_to_the_end(plan.state) if is_at_the_end else plan.state

    def _given_back(self, state: SyncState, room: Room) -> Plan:
        return engine.resend(state, self.view.heads_of(list(state.resend)), room, self.component)

    def _walk(self, state: SyncState, room: Room) -> Plan:
        steps: tuple[Step, ...] = ()
        while True:
            lines = self.view.changes_since(state.bookmark, AT_ONCE)
            plan = engine.walk(state, lines.changes, self._heads_in(lines), room, self.component)
            steps, state, room = steps + plan.steps, plan.state, plan.room
            if not plan.is_walked:
                return replace(plan, steps=steps)
            if not lines.has_more:
                return Plan(steps, engine.walked_to_the_end(state), room, True)

    def _heads_in(self, lines: Changes) -> dict[ItemId, ItemHead]:
        return self.view.heads_of(list({line.item_id for line in lines.changes if line.item_id is not None}))

    def _fill(self, state: SyncState, room: Room) -> Plan:
        steps: tuple[Step, ...] = ()
        at_once = _at_once(room)
        while state.filled_to is not None:
            heads = self.view.heads_after(state.filled_to, at_once)
            plan = engine.fill(state, heads, room, self.component)
            steps, state, room = steps + plan.steps, plan.state, plan.room
            if not plan.is_walked:
                return replace(plan, steps=steps)
            if len(heads) < at_once:
                state = engine.finished(state)
        return Plan(steps, state, room, True)

    def _slide(self, state: SyncState, room: Room) -> Plan:
        steps: tuple[Step, ...] = ()
        at_once = _at_once(room)
        while state.cut != self.target:
            is_falling = self.target < state.cut
            low, high = sorted((state.cut, self.target))
            heads = self.view.heads_ending(low, high, self.component, at_once, last_first=is_falling)
            plan = engine.slide(state, heads, self.target, room)
            if heads and self.view.bookmark() != state.bookmark:
                return Plan(steps, state, room, False)  # somebody wrote since the journal was walked: once more
            steps, state, room = steps + plan.steps, plan.state, plan.room
            if not plan.is_walked:
                return replace(plan, steps=steps)
            if len(heads) < at_once:
                state = replace(state, cut=self.target)
        return Plan(steps, state, room, True)


def _at_once(room: Room) -> int:
    """Heads in one look: few where there is little room."""
    return max(FEW, min(room.items + 1, AT_ONCE))
