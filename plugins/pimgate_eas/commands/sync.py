"""Sync: edits in, news out, for any number of collections; and the wait when there is nothing to say.

Source: MS-ASCMD, "Sync".
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from pimgate.api import AwayNow, Document, Work, hierarchy_of
from pimgate_eas import folders, shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.looks import Glance
from pimgate_eas.mail import messages
from pimgate_eas.questions import Questions
from pimgate_eas.status import Sync
from pimgate_eas.sync import remembered, turn, watching
from pimgate_eas.sync.engine import Room
from pimgate_eas.sync.mail import planning
from pimgate_eas.sync.mail.courier import Courier
from pimgate_eas.sync.request import CollectionRequest, SyncProblem, SyncRequest, read
from pimgate_eas.waiting import Ended, Seen
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element

MOST_KEPT_BYTES = 65_536
MOST_ATTEMPTS = 3
"""To fetch what will be sent, while mail comes in."""


async def serve(exchange: Exchange) -> Element | None:
    """The answer, or None for an empty one: nothing changed."""
    try:
        questions = exchange.core.belonging(Questions)
        last = questions.of(exchange.device.id)
        request = await exchange.core.read(lambda work: _request(work, exchange, last))
        questions.remember(exchange.device.id, request.question)
        courier = Courier(exchange, request.folders)
        if request.folders:
            await courier.make_ready()
            courier.check(request.sync)
            has_news = await exchange.core.read(lambda work: _has_news(work, exchange, request.sync, courier))
            request = replace(request, has_news=has_news)
        if not request.has_news and not await _waited(exchange, request, courier):
            return None
        return await _answered(exchange, request, courier)
    except SyncProblem as problem:
        return _problem(problem)
    except Ended:
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request; the question as it may be repeated, and whether the store has to learn it; the mail folders whose index has to
    be brought up to date first, with how far back; and whether there is something to do or to say at once."""

    sync: SyncRequest
    question: bytes
    is_to_keep: bool
    folders: Mapping[str, int]
    has_news: bool = False

    @property
    def waits(self) -> bool:
        return self.sync.wait_seconds > 0


def _request(work: Work, exchange: Exchange, last: bytes | None) -> Asked:
    """The request, completed by what is known of the last."""
    if exchange.body is None:
        question = last or _kept(work, exchange)
        request = _repeated(work, exchange, question)
    else:
        request, question = _given(work, exchange, exchange.body, last)
    waits = request.wait_seconds > 0
    is_to_keep = waits and len(question) <= MOST_KEPT_BYTES and question != _kept(work, exchange)
    asked = {each.collection_id: planning.since(work, exchange, each) for each in request.collections}
    mail = {folder: since for folder, since in asked.items() if since is not None}
    has_news = not mail and _has_news(work, exchange, request, Courier(exchange, {}))
    return Asked(request, question, is_to_keep, mail, has_news)


def _has_news(work: Work, exchange: Exchange, request: SyncRequest, courier: Courier) -> bool:
    """Whether there is something to do or to say at once."""
    glance, waits = Glance(work, ()), request.wait_seconds > 0
    said = (each for each in request.collections if not courier.is_silent(each))
    if any(watching.has_news(glance, exchange, each, waits=waits) for each in said):
        return True
    return waits and _untold_folders(work, exchange) is not None


def _kept(work: Work, exchange: Exchange) -> bytes:
    document = work.shelf.get(exchange.device.id, shelved.SYNC_QUESTION)
    return (document.blob if document is not None else None) or b""


def _repeated(work: Work, exchange: Exchange, question: bytes) -> SyncRequest:
    """The last request, if it can be asked again: one whose keys are spent cannot. Source: MS-ASCMD, "Empty Sync Request"."""
    if not question:
        raise SyncProblem(Sync.SEND_FULL_REQUEST)
    request = read(decode(question), exchange.version)
    if not all(turn.is_present(work, exchange, each) for each in request.collections):
        raise SyncProblem(Sync.SEND_FULL_REQUEST)
    return request


def _given(work: Work, exchange: Exchange, body: Element, last: bytes | None) -> tuple[SyncRequest, bytes]:
    """The request of a body, and the question that it may be repeated as."""
    if body.name == "AirSync:Sync" and remembered.is_partial(body):
        known = last or _kept(work, exchange)
        kept = decode(known) if known else None
        body = remembered.completed(body, kept, lambda name, key: turn.present_key(work, exchange, name, key))
    request = read(body, exchange.version)
    return request, encode(remembered.without_edits(body))


def _keep(work: Work, exchange: Exchange, asked: Asked) -> None:
    if asked.is_to_keep:
        work.shelf.put(exchange.device.id, shelved.SYNC_QUESTION, Document({}, asked.question))


def _untold_folders(work: Work, exchange: Exchange) -> Document | None:
    """What a device that waits here, and so never hears of it in a Ping, should be told of its folders: that they changed. Once,
    since some devices do not listen, and would ask again without end."""
    device = exchange.device.id
    generations, _ = shelved.load(work, device, shelved.FOLDERS)
    now = folders.to_document(folders.wanted(work, exchange.core, exchange.viewer))
    if generations is None or generations.state == now:
        return None
    told, telling = work.shelf.get(device, shelved.FOLDERS_TOLD), {"key": generations.key, "folders": now}
    return None if told is not None and told.content == telling else Document(telling)


async def _waited(exchange: Exchange, request: Asked, courier: Courier) -> bool:
    """Whether news came within the time the device waits."""
    if request.is_to_keep:
        await exchange.core.write(lambda work: _kept_alone(work, exchange, request))
    if not request.waits:
        return False
    unheard = frozenset(courier.away)
    watcher = Watcher(exchange, request.sync, hierarchy_of(exchange.identity.account.id), unheard)
    streams = [*(each.collection_id for each in request.sync.collections), watcher.hierarchy]
    device, seconds = exchange.device.id, request.sync.wait_seconds
    with messages.watched(exchange, has_mail=bool(request.folders)):
        return await exchange.waiting.until(exchange.core, exchange.request, device, streams, seconds, watcher)


def _kept_alone(work: Work, exchange: Exchange, request: Asked) -> None:
    exchange.hold(work)
    _keep(work, exchange, request)


@dataclass(slots=True)
class Watcher:
    """Looks for a Sync that hangs. `unheard` are mail folders that were out of reach: what was known of them before is no news.
    `ages`: when time alone will bring news of a collection."""

    exchange: Exchange
    request: SyncRequest
    hierarchy: str
    unheard: frozenset[str] = frozenset()
    ages: watching.Ages = field(default_factory=watching.Ages)

    def look(self, glance: Glance, moved: frozenset[str]) -> Seen:
        """Whether there is something to say. Whatever is decided about the person or the device is in the hierarchy."""
        looked_at = [each for each in self.request.collections if each.collection_id in moved]
        if self.hierarchy in moved:
            if not self.exchange.core.still_holds(glance.work, self.exchange.identity, self.exchange.device):
                return Seen(False, is_ended=True)
            if _untold_folders(glance.work, self.exchange) is not None:
                return Seen(True)
            looked_at = list(self.request.collections)
        looked_at = [each for each in looked_at if each.collection_id not in self.unheard]
        self.unheard = frozenset()
        if any(watching.has_news(glance, self.exchange, each, waits=True) for each in looked_at):
            return Seen(True)
        options = {each.collection_id: each.options for each in looked_at}
        return Seen(False, self.ages.again_in(glance, self.exchange, options))


async def _answered(exchange: Exchange, asked: Asked, courier: Courier) -> Element | None:
    """The answer: what the device edited reaches the mail server first, and what will be sent of it is fetched; then all else
    happens in one unit of work."""
    await courier.carry_out(asked.sync)
    for _ in range(MOST_ATTEMPTS):
        await courier.fetch(asked.sync)
        courier.check(asked.sync)
        with suppress(turn.NotAtHand):
            return await exchange.core.write(lambda work: _answer(work, exchange, asked, courier))
    raise AwayNow("mail comes faster than it can be fetched")


def _answer(work: Work, exchange: Exchange, asked: Asked, courier: Courier) -> Element | None:
    exchange.hold(work)
    _keep(work, exchange, asked)
    request = asked.sync
    turn.hold_edited(work, exchange, request.collections)
    room = Room(request.window, exchange.settings.window_bytes)
    elements: list[Element] = []
    is_repeated = any(turn.is_repeated(work, exchange, each) for each in request.collections)
    for each in request.collections:
        if is_repeated and not each.commands and not turn.is_repeated(work, exchange, each):
            continue  # a repeated question gets the answer it got, not what came since
        if courier.is_silent(each):
            continue
        if watching.has_news(Glance(work, ()), exchange, each, waits=asked.waits):
            answer = turn.serve(work, exchange, each, room, courier.handed.get(each.collection_id))
            room = answer.room
            elements += [_named(answer.element, each)] if answer.element is not None else []
    if elements:
        return Element("AirSync:Sync", Element("AirSync:Collections", *elements))
    untold = _untold_folders(work, exchange) if request.wait_seconds else None
    if untold is None:
        return None
    work.shelf.put(exchange.device.id, shelved.FOLDERS_TOLD, untold)
    return _problem(SyncProblem(Sync.HIERARCHY_CHANGED))


def _named(answer: Element, request: CollectionRequest) -> Element:
    """The answer about a collection, with its class first where the device named it."""
    if not request.class_name:
        return answer
    return Element(answer.name, Element("AirSync:Class", text=request.class_name), *answer.children)


def _problem(problem: SyncProblem) -> Element:
    answer = Element("AirSync:Sync", Element("AirSync:Status", text=str(int(problem.status))))
    if problem.limit is not None:
        answer.append(Element("AirSync:Limit", text=str(problem.limit)))
    return answer
