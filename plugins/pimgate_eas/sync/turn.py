"""One collection's turn in a Sync: which generation, the device's edits, what is new, and the answer; all in one unit of work."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from pimgate.api import BookmarkExpired, CollectionId, NoSuchCollection, ReadOnly, View, Work
from pimgate_eas import shelved
from pimgate_eas.classes import CLASSES, ItemClass
from pimgate_eas.exchange import Exchange
from pimgate_eas.status import Sync
from pimgate_eas.sync import engine
from pimgate_eas.sync.edits import Edits, is_own, server_id
from pimgate_eas.sync.engine import Plan, Room, Send, Step
from pimgate_eas.sync.keys import Generations, Turn, first_key
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.state import GONE, SyncState
from pimgate_eas.wbxml.element import Element

LINES_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Answer:
    """The Collection element for the answer (None: nothing to say), and what room it left for the next collection."""

    element: Element | None
    room: Room


def serve(work: Work, exchange: Exchange, request: CollectionRequest, room: Room) -> Answer:
    """Carry out one collection's part of a Sync. Every failure is a status of this collection alone."""
    try:
        view = open_view(work, exchange, request.collection_id)
    except NoSuchCollection:
        return Answer(status_answer(request, Sync.HIERARCHY_CHANGED), room)
    generations, last_answer = shelved.load(work, exchange.device.id, shelved.collection_key(view.id))
    turn = _turn_of(view, request, generations)
    if turn is Turn.UNKNOWN or (turn is Turn.AGAIN and not last_answer):
        return Answer(status_answer(request, Sync.INVALID_KEY), room)
    if turn is Turn.AGAIN:
        return Answer(shelved.answer_again(last_answer), room)
    if turn is Turn.BEGIN or generations is None:
        return Answer(_begin(work, exchange, view, request), room)
    return _Turn(work, exchange, view, request, generations, turn).take(room)


def hold_edited(work: Work, exchange: Exchange, requests: Iterable[CollectionRequest]) -> None:
    """Be alone, until the commit, with every collection that the device edits: in the order of their ids, so that two devices
    never wait for each other."""
    for request in sorted((each for each in requests if each.commands), key=lambda each: each.collection_id):
        with suppress(NoSuchCollection, ReadOnly):
            open_view(work, exchange, request.collection_id).begin_writing()


def has_news(work: Work, exchange: Exchange, request: CollectionRequest) -> bool:
    """Whether this part of a Sync has anything to do or to say. Its cost does not depend on the size of the collection."""
    if request.is_first or request.commands:
        return True
    try:
        view = open_view(work, exchange, request.collection_id)
        generations, _ = shelved.load(work, exchange.device.id, shelved.collection_key(view.id))
        if generations is None or generations.key != request.sync_key:
            return True
        return request.wants_changes and has_changes(view, SyncState.from_document(generations.state))
    except (NoSuchCollection, BookmarkExpired):
        return True


def has_changes(view: View, state: SyncState) -> bool:
    """Whether the device lacks anything of this collection. BookmarkExpired when it must begin anew."""
    if state.filled_to is not None or state.resend:
        return True
    bookmark = state.bookmark
    while True:
        changes = view.changes_since(bookmark, LINES_AT_ONCE)
        for line in changes.changes:
            known = state.has.get(line.item_id, 0) if line.item_id is not None else 0
            if known != GONE and line.seq > known:
                return True
        if not changes.has_more:
            return False
        bookmark = changes.upto


def is_kept(work: Work, exchange: Exchange, request: CollectionRequest) -> bool:
    """Whether the key of this part of a Sync is the present one, or the question a repeated one."""
    generations, _ = shelved.load(work, exchange.device.id, shelved.collection_key(request.collection_id))
    return generations is not None and generations.turn(request.sync_key, request.question) in (Turn.NEXT, Turn.AGAIN)


def is_repeated(work: Work, exchange: Exchange, request: CollectionRequest) -> bool:
    """Whether this part of a Sync is the same question again."""
    generations, _ = shelved.load(work, exchange.device.id, shelved.collection_key(request.collection_id))
    return generations is not None and generations.turn(request.sync_key, request.question) is Turn.AGAIN


def open_view(work: Work, exchange: Exchange, collection_id: str) -> View:
    """The collection, if this device is shown it and we can translate it. NoSuchCollection."""
    view = exchange.core.catalogue.open_view(work, exchange.viewer, CollectionId(collection_id))
    if view.collection.kind not in CLASSES:
        raise NoSuchCollection(collection_id)
    return view


def status_answer(request: CollectionRequest, status: Sync) -> Element:
    """A collection that is answered with nothing but a status."""
    key = "0" if status is Sync.INVALID_KEY else request.sync_key
    return Element(
        "AirSync:Collection",
        Element("AirSync:SyncKey", text=key),
        Element("AirSync:CollectionId", text=request.collection_id),
        Element("AirSync:Status", text=str(int(status))),
    )


def _turn_of(view: View, request: CollectionRequest, generations: Generations | None) -> Turn:
    """What the question is. Where the journal no longer reaches back to the state that it starts from, nothing of it may be
    carried out: the device begins anew, and would give us its edits a second time."""
    afresh = Turn.BEGIN if request.is_first else Turn.UNKNOWN
    if generations is None:
        return afresh
    turn = generations.turn(request.sync_key, request.question)
    return turn if _is_in_reach(view, SyncState.from_document(generations.state_for(turn))) else afresh


def _is_in_reach(view: View, state: SyncState) -> bool:
    try:
        view.changes_since(state.bookmark, 1)
    except BookmarkExpired:
        return False
    return True


def _begin(work: Work, exchange: Exchange, view: View, request: CollectionRequest) -> Element:
    """A new life of this collection on this device: a first key, and no items yet. What the journal says up to now will have
    come with the items themselves."""
    state = SyncState(bookmark=view.bookmark(), supported=request.supported, options=dict(request.options))
    generations = Generations(first_key(int(work.now * 10)), state.to_document(), question=request.question)
    answer = Element(
        "AirSync:Collection",
        Element("AirSync:SyncKey", text=generations.key),
        Element("AirSync:CollectionId", text=request.collection_id),
        Element("AirSync:Status", text=str(int(Sync.OK))),
    )
    shelved.keep(work, exchange.device.id, shelved.collection_key(view.id), generations, answer)
    return answer


class _Turn:
    """A NEXT or BACK turn: edits first, then news, then the new generation and the answer together."""

    def __init__(
        self,
        work: Work,
        exchange: Exchange,
        view: View,
        request: CollectionRequest,
        generations: Generations,
        turn: Turn,
    ) -> None:
        self._work, self._exchange, self._view, self._request = work, exchange, view, request
        self._generations, self._turn = generations, turn
        self._state = SyncState.from_document(generations.state_for(turn))
        self._class: ItemClass = CLASSES[view.collection.kind]
        self._context = exchange.context(is_own=is_own(view))
        self._lost = SyncState.from_document(generations.state) if turn is Turn.BACK else SyncState()

    def take(self, room: Room) -> Answer:
        before = self._state
        if self._request.options:
            before = replace(before, options=dict(self._request.options))
        edits = self._apply_edits(room)
        state = replace(
            before,
            has={**before.has, **edits.has},
            resend={**before.resend, **edits.resend},
            added=edits.added,
            edited=edits.has,
        )
        own_room = Room(min(self._request.window, room.items), edits.fetch_bytes)
        if self._request.wants_changes:
            plan, has_more = self._news(state, own_room)
        else:
            plan, has_more = Plan((), state, own_room, True), False
        following = self._generations.advanced(self._turn, plan.state.to_document(), self._request.question)
        element = self._answer(following.key, edits.responses, plan.steps, has_more)
        shelved.keep(self._work, self._exchange.device.id, shelved.collection_key(self._view.id), following, element)
        left = Room(room.items - (own_room.items - plan.room.items), plan.room.size_bytes)
        return Answer(element, left)

    def _apply_edits(self, room: Room) -> Edits:
        edits = Edits(self._view, self._class, self._request, self._state, self._context, self._lost, room.size_bytes)
        edits.apply()
        return edits

    def _news(self, state: SyncState, room: Room) -> tuple[Plan, bool]:
        """Steps of all three sources: what is given back, the journal, and the first synchronisation."""
        heads = self._view.heads_of(list(state.resend))
        plan = engine.resend(state, heads, room)
        if not plan.is_walked:
            return plan, True
        steps = plan.steps
        while True:
            lines = self._view.changes_since(plan.state.bookmark, LINES_AT_ONCE)
            ids = list({line.item_id for line in lines.changes if line.item_id is not None})
            plan = engine.walk(plan.state, lines.changes, self._view.heads_of(ids), plan.room, self._class.component)
            steps += plan.steps
            if not plan.is_walked:
                return replace(plan, steps=steps), True
            if not lines.has_more:
                break
        plan = replace(plan, state=engine.walked_to_the_end(plan.state))
        if plan.state.filled_to is None:
            return replace(plan, steps=steps), False
        return self._fill(replace(plan, steps=steps))

    def _fill(self, plan: Plan) -> tuple[Plan, bool]:
        steps = plan.steps
        while True:
            after = plan.state.filled_to
            assert after is not None, "only a first synchronisation fills"
            heads = self._view.heads_after(after, max(1, min(plan.room.items + 1, LINES_AT_ONCE)))
            plan = engine.fill(plan.state, heads, plan.room, self._class.component)
            steps += plan.steps
            if not plan.is_walked:
                return replace(plan, steps=steps), True
            if not heads:
                return replace(plan, steps=steps, state=engine.finished(plan.state)), False

    def _answer(self, key: str, responses: list[Element], steps: tuple[Step, ...], has_more: bool) -> Element:
        """MoreAvailable comes right after the status: one kind of phone reads it nowhere else."""
        answer = Element(
            "AirSync:Collection",
            Element("AirSync:SyncKey", text=key),
            Element("AirSync:CollectionId", text=self._request.collection_id),
            Element("AirSync:Status", text=str(int(Sync.OK))),
        )
        if has_more:
            answer.append(Element("AirSync:MoreAvailable"))
        if responses:
            answer.append(Element("AirSync:Responses", *responses))
        commands = self._commands(steps)
        if commands:
            answer.append(Element("AirSync:Commands", *commands))
        return answer

    def _commands(self, steps: tuple[Step, ...]) -> list[Element]:
        items = self._view.items_by_id([step.item_id for step in steps if step.send is not Send.DELETE])
        commands = []
        for step in steps:
            if step.send is not Send.DELETE and step.item_id not in items:
                continue  # it went since the journal was read; the next line about it says so
            command = Element(
                f"AirSync:{step.send.value}",
                Element("AirSync:ServerId", text=server_id(self._view, step.item_id)),
            )
            if step.send is not Send.DELETE:
                data = self._class.render(items[step.item_id].text, self._context)
                command.append(Element("AirSync:ApplicationData", *data))
            commands.append(command)
        return commands
