"""One collection's turn in a Sync: which generation, the device's edits, what is new, and the answer; all in one unit of work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from pimgate.api import (
    BookmarkExpired,
    CollectionId,
    CollectionKind,
    NoSuchCollection,
    ReadOnly,
    View,
    Work,
    device_notes,
    scheduling,
)
from pimgate_eas import shelved
from pimgate_eas.classes import CLASSES, ItemClass
from pimgate_eas.exchange import Exchange
from pimgate_eas.status import Estimate, Sync
from pimgate_eas.sync import engine
from pimgate_eas.sync.edits import Edits, is_own, server_id
from pimgate_eas.sync.engine import Room, Step
from pimgate_eas.sync.keys import Generations, Turn, first_key
from pimgate_eas.sync.news import ENDLESS, News, Newsreader
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.state import SyncState
from pimgate_eas.sync.windows import cut_of
from pimgate_eas.versions import is_16
from pimgate_eas.wbxml.element import Element

MOST_NOTES = 20_000
"""Items that are remembered one by one, before it is better that the device begins anew."""


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


def reader(view: View, options: Mapping[str, str], now: float) -> Newsreader:
    """What reads the news of this collection for a device with these options."""
    item_class = CLASSES[view.collection.kind]
    return Newsreader(view, item_class.component, cut_of(item_class.name, options, now))


def is_present(work: Work, exchange: Exchange, request: CollectionRequest) -> bool:
    """Whether the key of this part of a Sync is the present one."""
    generations = shelved.peek(work, exchange.device.id, shelved.collection_key(request.collection_id))
    return generations is not None and generations.key == request.sync_key


def present_key(work: Work, exchange: Exchange, collection_id: str, key: str) -> str:
    """The key that the device has by now if it asked with `key` last and has our answer."""
    generations = shelved.peek(work, exchange.device.id, shelved.collection_key(collection_id))
    return generations.key if generations is not None and key == generations.previous else key


def is_repeated(work: Work, exchange: Exchange, request: CollectionRequest) -> bool:
    """Whether this part of a Sync is the same question again."""
    generations = shelved.peek(work, exchange.device.id, shelved.collection_key(request.collection_id))
    return generations is not None and generations.turn(request.sync_key, request.question) is Turn.AGAIN


def estimate(work: Work, exchange: Exchange, request: CollectionRequest, most: int) -> int | Estimate:
    """How many commands a Sync with this key and these options would bring until there is nothing more, counted as far as `most`:
    it is the same engine that counts. Or why that cannot be said."""
    try:
        view = open_view(work, exchange, request.collection_id)
    except NoSuchCollection:
        return Estimate.BAD_COLLECTION
    generations = shelved.peek(work, exchange.device.id, shelved.collection_key(view.id))
    if generations is None or request.is_first or not request.sync_key:
        return Estimate.NOT_PRIMED
    turn = _turn_of(view, request, generations)
    if turn is Turn.UNKNOWN:
        return Estimate.INVALID_KEY
    state = SyncState.from_document(generations.state_for(turn))
    try:
        return len(reader(view, request.options or state.options, work.now).read(state, Room(most, ENDLESS)).steps)
    except BookmarkExpired:  # the journal was pruned this very moment
        return Estimate.INVALID_KEY


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
    state = SyncState.from_document(generations.state_for(turn))
    return turn if state.notes <= MOST_NOTES and _is_in_reach(view, state) else afresh


def _is_in_reach(view: View, state: SyncState) -> bool:
    try:
        view.changes_since(state.bookmark, 1)
    except BookmarkExpired:
        return False
    return True


def _begin(work: Work, exchange: Exchange, view: View, request: CollectionRequest) -> Element:
    """A new life of this collection on this device: a first key, and no items yet. What the journal says up to now will have
    come with the items themselves."""
    if request.supported is not None and view.collection.kind is CollectionKind.NOTES:
        return status_answer(request, Sync.PROTOCOL)  # notes have no elements that a device may leave out
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
        forms = request.body_forms(self._state.options)
        self._context = replace(exchange.context(is_own=is_own(view)), body_forms=forms)
        self._lost = SyncState.from_document(generations.state) if turn is Turn.BACK else SyncState()

    def take(self, room: Room) -> Answer:
        before = self._state
        if self._request.options:
            before = replace(before, options=dict(self._request.options))
        news = reader(self._view, before.options, self._work.now)
        before = engine.begun(before, news.target)
        edits = self._apply_edits(room)
        heads = self._view.heads_of(list(edits.has))
        state = engine.edited(before, edits.has, edits.resend, heads, self._class.component)
        state = replace(state, added=edits.added, edited=edits.has)
        own_room = Room(min(self._request.window, room.items), edits.fetch_bytes)
        if self._request.wants_changes:
            found = news.read(state, own_room)
        else:
            found = News((), news.passed_over(state), own_room, False)
        if edits.taken_back:
            told_later = {**found.state.resend, **edits.taken_back}
            found = replace(found, state=replace(found.state, resend=told_later), has_more=True)
        following = self._generations.advanced(self._turn, found.state.to_document(), self._request.question)
        element = self._answer(following.key, edits.responses, found.steps, found.has_more)
        shelved.keep(self._work, self._exchange.device.id, shelved.collection_key(self._view.id), following, element)
        left = Room(room.items - (own_room.items - found.room.items), found.room.size_bytes)
        return Answer(element, left)

    def _apply_edits(self, room: Room) -> Edits:
        edits = Edits(
            self._arranging(), self._class, self._request, self._state, self._context, self._lost, room.size_bytes
        )
        edits.apply()
        device_notes.add_refusals(self._work, self._exchange.device.id, edits.refused)
        return edits

    def _arranging(self) -> View:
        """The collection, whose edits tell the guests: outside of this deployment only where the device does not do so itself."""
        exchange, version = self._exchange, self._exchange.version
        sender = scheduling.Sender.SERVER if is_16(version) else scheduling.Sender.CLIENT
        return scheduling.arranging(exchange.core, self._work, self._view, sender, replies=False)

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
        items = self._view.items_by_id([step.item_id for step in steps if step.send.has_data])
        commands = []
        for step in steps:
            if step.send.has_data and step.item_id not in items:
                continue  # it went since the journal was read; the next line about it says so
            name = server_id(self._view, step.item_id)
            command = Element(f"AirSync:{step.send.value}", Element("AirSync:ServerId", text=name))
            if step.send.has_data:
                data = self._class.render(items[step.item_id].text, self._context.of_item(name))
                command.append(Element("AirSync:ApplicationData", *data))
            commands.append(command)
        return commands
