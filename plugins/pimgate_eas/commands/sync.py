"""Sync: edits in, news out, for any number of collections; and the wait when there is nothing to say.

Source: MS-ASCMD, "Sync".
"""

from __future__ import annotations

from pimgate.api import Document, Work, hierarchy_of
from pimgate_eas import folders, shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.status import Sync
from pimgate_eas.sync import turn
from pimgate_eas.sync.engine import Room
from pimgate_eas.sync.request import SyncProblem, SyncRequest, read
from pimgate_eas.waiting import Ended
from pimgate_eas.wbxml.codec import decode
from pimgate_eas.wbxml.element import Element


async def serve(exchange: Exchange) -> Element | None:
    """The answer, or None for an empty one: nothing changed."""
    try:
        request = await _request(exchange)
        if not await _look(exchange, request) and not await _waited(exchange, request):
            return None
        return await exchange.core.write(lambda work: _answer(work, exchange, request))
    except SyncProblem as problem:
        return _problem(problem)
    except Ended:
        return None


async def _request(exchange: Exchange) -> SyncRequest:
    """The request; an empty one repeats the last that was not empty. Source: MS-ASCMD, "Empty Sync Request"."""
    if exchange.body is not None:
        request = read(exchange.body)
        if request.wait_seconds:
            await exchange.core.in_thread(_remember, exchange)
        return request
    return await exchange.core.read(lambda work: _remembered(work, exchange))


def _remembered(work: Work, exchange: Exchange) -> SyncRequest:
    """The last request that waited, if it can be asked again: one with edits cannot, nor one whose keys are spent."""
    document = work.shelf.get(exchange.device.id, shelved.SYNC_QUESTION)
    if document is None or document.blob is None:
        raise SyncProblem(Sync.SEND_FULL_REQUEST)
    request = read(decode(document.blob))
    if any(each.commands or not turn.is_kept(work, exchange, each) for each in request.collections):
        raise SyncProblem(Sync.SEND_FULL_REQUEST)
    return request


def _remember(exchange: Exchange) -> None:
    """Keep a request that hangs, for an empty one to repeat; written only when it differs from the last."""
    core, device = exchange.core, exchange.device.id
    with core.database.read() as work:
        kept = work.shelf.get(device, shelved.SYNC_QUESTION)
    if kept is None or kept.blob != exchange.octets:
        with core.database.write() as work:
            exchange.hold(work)
            work.shelf.put(device, shelved.SYNC_QUESTION, Document({}, exchange.octets))


async def _look(exchange: Exchange, request: SyncRequest) -> bool:
    """Whether there is something to do or to say."""
    return await exchange.core.read(lambda work: _has_news(work, exchange, request))


def _has_news(work: Work, exchange: Exchange, request: SyncRequest) -> bool:
    return any(turn.has_news(work, exchange, each) for each in request.collections) or (
        request.wait_seconds > 0 and _untold_folders(work, exchange) is not None
    )


def _untold_folders(work: Work, exchange: Exchange) -> Document | None:
    """What a device that waits here, and so never hears of it in a Ping, should be told of its folders: that they changed. Once,
    since some devices do not listen, and would ask again without end."""
    device = exchange.device.id
    generations, _ = shelved.load(work, device, shelved.FOLDERS)
    now = folders.to_document(folders.wanted(work, exchange.core.catalogue, exchange.viewer))
    if generations is None or generations.state == now:
        return None
    told, telling = work.shelf.get(device, shelved.FOLDERS_TOLD), {"key": generations.key, "folders": now}
    return None if told is not None and told.content == telling else Document(telling)


async def _waited(exchange: Exchange, request: SyncRequest) -> bool:
    """Whether news came within the time the device waits."""
    if not request.wait_seconds:
        return False
    streams = [each.collection_id for each in request.collections]
    streams.append(hierarchy_of(exchange.identity.account.id))

    def find(work: Work) -> bool:
        if not exchange.core.still_holds(work, exchange.identity, exchange.device):
            raise Ended
        return _has_news(work, exchange, request)

    async def look() -> bool:
        return await exchange.core.read(find)

    return await exchange.waiting.until(exchange.request, exchange.device.id, streams, request.wait_seconds, look)


def _answer(work: Work, exchange: Exchange, request: SyncRequest) -> Element | None:
    exchange.hold(work)
    turn.hold_edited(work, exchange, request.collections)
    room = Room(request.window, exchange.settings.window_bytes)
    elements: list[Element] = []
    is_repeated = any(turn.is_repeated(work, exchange, each) for each in request.collections)
    for each in request.collections:
        if is_repeated and not each.commands and not turn.is_repeated(work, exchange, each):
            continue  # a repeated question gets the answer it got, not what came since
        if turn.has_news(work, exchange, each):
            answer = turn.serve(work, exchange, each, room)
            room = answer.room
            elements += [answer.element] if answer.element is not None else []
    if elements:
        return Element("AirSync:Sync", Element("AirSync:Collections", *elements))
    untold = _untold_folders(work, exchange) if request.wait_seconds else None
    if untold is None:
        return None
    work.shelf.put(exchange.device.id, shelved.FOLDERS_TOLD, untold)
    return _problem(SyncProblem(Sync.HIERARCHY_CHANGED))


def _problem(problem: SyncProblem) -> Element:
    answer = Element("AirSync:Sync", Element("AirSync:Status", text=str(int(problem.status))))
    if problem.limit is not None:
        answer.append(Element("AirSync:Limit", text=str(problem.limit)))
    return answer
