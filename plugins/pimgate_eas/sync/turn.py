"""One collection's turn in a Sync: which generation, the device's edits, what is new, and the answer; all in one unit of work.

For mail the edits were carried out and messages fetched before: see `sync.mail`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pimgate.api import (
    BookmarkExpired,
    CollectionId,
    CollectionKind,
    MailFolder,
    NoSuchCollection,
    ReadOnly,
    View,
    Work,
    device_notes,
)
from pimgate_eas import shelved
from pimgate_eas.classes import CLASSES
from pimgate_eas.exchange import Exchange
from pimgate_eas.status import Estimate, Sync
from pimgate_eas.sync import engine, texts
from pimgate_eas.sync.engine import Room, Step
from pimgate_eas.sync.keys import Generations, Turn, first_key
from pimgate_eas.sync.mail import letters
from pimgate_eas.sync.mail.side import Handed, Mail
from pimgate_eas.sync.news import ENDLESS, News, Newsreader
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.sides import Edited, Opened, Side
from pimgate_eas.sync.state import SyncState
from pimgate_eas.sync.texts import Texts
from pimgate_eas.wbxml.element import Element

MOST_NOTES = 20_000
"""Items that are remembered one by one, before it is better that the device begins anew."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The Collection element for the answer (None: nothing to say), and what room it left for the next collection."""

    element: Element | None
    room: Room


@dataclass(frozen=True, slots=True)
class Planned:
    """The steps of a turn, the options that they are rendered with, and what room they leave."""

    steps: tuple[Step, ...]
    options: Mapping[str, Any]
    room: Room


class NotAtHand(Exception):
    """There is news, and nothing of it was fetched, for it came in between: it is to be planned once more."""


def serve(
    work: Work, exchange: Exchange, request: CollectionRequest, room: Room, handed: Handed | None = None
) -> Answer:
    """Carry out one collection's part of a Sync. Every failure is a status of this collection alone. For mail `handed` is what was
    brought; NotAtHand."""
    try:
        opened = open_source(work, exchange, request.collection_id)
    except NoSuchCollection:
        return Answer(status_answer(request, Sync.HIERARCHY_CHANGED), room)
    generations, last_answer = shelved.load(work, exchange.device.id, shelved.collection_key(opened.id))
    turn = turn_of(opened, request, generations)
    if turn is Turn.UNKNOWN or (turn is Turn.AGAIN and not last_answer):
        return Answer(status_answer(request, Sync.INVALID_KEY), room)
    if turn is Turn.AGAIN:
        return Answer(shelved.answer_again(last_answer), room)
    if turn is Turn.BEGIN or generations is None:
        return Answer(_begin(work, exchange, opened, request), room)
    side = _side(work, exchange, opened, handed)
    if side is None or (isinstance(side, Mail) and request.commands and not side.is_carried_out):
        return Answer(status_answer(request, Sync.RETRY) if request.commands else None, room)
    return CollectionTurn(work, exchange, side, request, generations, turn).take(room)


def _side(work: Work, exchange: Exchange, opened: Opened, handed: Handed | None) -> Side | None:
    """The collection as a turn wants it; None for mail of which nothing could be brought."""
    if isinstance(opened, View):
        return Texts(work, exchange, opened)
    return Mail(exchange, opened, handed) if isinstance(opened, MailFolder) and handed is not None else None


def hold_edited(work: Work, exchange: Exchange, requests: Iterable[CollectionRequest]) -> None:
    """Be alone, until the commit, with every collection that the device edits: in the order of their ids, so that two devices
    never wait for each other."""
    for request in sorted((each for each in requests if each.commands), key=lambda each: each.collection_id):
        with suppress(NoSuchCollection, ReadOnly):
            open_source(work, exchange, request.collection_id).begin_writing()


def reader(opened: View | MailFolder, options: Mapping[str, Any], now: float) -> Newsreader:
    """What reads the news of this collection for a device with these options."""
    if isinstance(opened, MailFolder):
        return letters.reader(opened, options, now)
    return texts.reader(opened, options, now)


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
        view = open_source(work, exchange, request.collection_id)
    except NoSuchCollection:
        return Estimate.BAD_COLLECTION
    generations = shelved.peek(work, exchange.device.id, shelved.collection_key(view.id))
    if generations is None or request.is_first or not request.sync_key:
        return Estimate.NOT_PRIMED
    turn = turn_of(view, request, generations)
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


def open_source(work: Work, exchange: Exchange, collection_id: str) -> View | MailFolder:
    """The collection or the mail folder, if this device is shown it. NoSuchCollection."""
    try:
        return open_view(work, exchange, collection_id)
    except NoSuchCollection:
        if exchange.core.mail is None:
            raise
        return exchange.core.mail.open(work, exchange.viewer, CollectionId(collection_id))


def status_answer(request: CollectionRequest, status: Sync) -> Element:
    """A collection that is answered with nothing but a status."""
    key = "0" if status is Sync.INVALID_KEY else request.sync_key
    return Element(
        "AirSync:Collection",
        Element("AirSync:SyncKey", text=key),
        Element("AirSync:CollectionId", text=request.collection_id),
        Element("AirSync:Status", text=str(int(status))),
    )


def turn_of(view: Opened, request: CollectionRequest, generations: Generations | None) -> Turn:
    """What the question is. Where the journal no longer reaches back to the state that it starts from, nothing of it may be
    carried out: the device begins anew, and would give us its edits a second time."""
    afresh = Turn.BEGIN if request.is_first else Turn.UNKNOWN
    if generations is None:
        return afresh
    turn = generations.turn(request.sync_key, request.question)
    state = SyncState.from_document(generations.state_for(turn))
    return turn if state.notes <= MOST_NOTES and _is_in_reach(view, state) else afresh


def _is_in_reach(view: Opened, state: SyncState) -> bool:
    try:
        view.changes_since(state.bookmark, 1)
    except BookmarkExpired:
        return False
    return True


def _begin(work: Work, exchange: Exchange, view: Opened, request: CollectionRequest) -> Element:
    """A new life of this collection on this device: a first key, and no items yet. What the journal says up to now will have
    come with the items themselves."""
    if request.supported is not None and view.collection.kind is CollectionKind.NOTES:
        return status_answer(request, Sync.PROTOCOL)  # notes have no elements that a device may leave out
    options = letters.options_of(request) if isinstance(view, MailFolder) else dict(request.options)
    state = SyncState(bookmark=view.bookmark(), supported=request.supported, options=options)
    generations = Generations(first_key(int(work.now * 10)), state.to_document(), question=request.question)
    answer = Element(
        "AirSync:Collection",
        Element("AirSync:SyncKey", text=generations.key),
        Element("AirSync:CollectionId", text=request.collection_id),
        Element("AirSync:Status", text=str(int(Sync.OK))),
    )
    shelved.keep(work, exchange.device.id, shelved.collection_key(view.id), generations, answer)
    return answer


def states(generations: Generations, turn: Turn) -> tuple[SyncState, SyncState]:
    """The state that the device is in, and the one that a lost answer led to."""
    lost = SyncState.from_document(generations.state) if turn is Turn.BACK else SyncState()
    return SyncState.from_document(generations.state_for(turn)), lost


class CollectionTurn:
    """A NEXT or BACK turn: edits first, then news, then the new generation and the answer together."""

    def __init__(
        self,
        work: Work,
        exchange: Exchange,
        side: Side,
        request: CollectionRequest,
        generations: Generations,
        turn: Turn,
    ) -> None:
        self._work, self._exchange, self._side, self._request = work, exchange, side, request
        self._generations, self._turn = generations, turn
        self._state, self._lost = states(generations, turn)
        self._options = side.options(request) or self._state.options

    def take(self, room: Room) -> Answer:
        edits = self._side.edited(self._request, self._state, self._lost, room.size_bytes)
        device_notes.add_refusals(self._work, self._exchange.device.id, edits.refused)
        own_room = self._own_room(room, edits)
        found = self._news(edits, own_room)
        if found.has_more and not found.steps and not edits.responses and not own_room.is_full and self._side.lacks:
            raise NotAtHand
        if edits.taken_back:
            told_later = {**found.state.resend, **edits.taken_back}
            found = replace(found, state=replace(found.state, resend=told_later), has_more=True)
        following = self._generations.advanced(self._turn, found.state.to_document(), self._request.question)
        element = self._answer(following.key, edits.responses, found.steps, found.has_more)
        shelved.keep(self._work, self._exchange.device.id, self._key, following, element)
        return Answer(element, self._left(room, own_room, found))

    def planned(self, room: Room) -> Planned:
        """What would be sent, and nothing is kept of it: edits must not be carried out by the side."""
        edits = self._side.edited(self._request, self._state, self._lost, room.size_bytes)
        own_room = self._own_room(room, edits)
        found = self._news(edits, own_room)
        return Planned(found.steps, self._options, self._left(room, own_room, found))

    @property
    def _key(self) -> str:
        return shelved.collection_key(self._side.opened.id)

    def _own_room(self, room: Room, edits: Edited) -> Room:
        return Room(min(self._request.window, room.items), edits.fetch_bytes, self._side.lacks)

    def _left(self, room: Room, own_room: Room, found: News) -> Room:
        return Room(room.items - (own_room.items - found.room.items), found.room.size_bytes)

    def _news(self, edits: Edited, room: Room) -> News:
        """What is new, with what the edits themselves bring."""
        news = self._side.reader(self._options, self._work.now)
        before = engine.begun(replace(self._state, options=self._options), news.target)
        heads = news.view.heads_of(list(edits.has))
        state = engine.edited(before, edits.has, edits.resend, heads, news.component)
        state = replace(state, added=edits.added, edited=edits.has)
        if self._request.wants_changes:
            return news.read(state, room)
        return News((), news.passed_over(state), room, False)

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
        commands = self._side.commands(steps)
        if commands:
            answer.append(Element("AirSync:Commands", *commands))
        return answer
