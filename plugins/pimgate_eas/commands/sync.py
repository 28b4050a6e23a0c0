"""Sync: edits in, news out, for any number of collections; and the wait when there is nothing to say.

Source: MS-ASCMD, "Sync".
"""

from __future__ import annotations

from pimgate.api import Document, Work, hierarchy_of
from pimgate_eas import shelved
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
        if not request.collections:
            return None
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
    document = await exchange.core.read(lambda work: work.shelf.get(exchange.device.id, shelved.SYNC_QUESTION))
    if document is None or document.blob is None:
        raise SyncProblem(Sync.SEND_FULL_REQUEST)
    request = read(decode(document.blob))
    if any(each.commands for each in request.collections):
        raise SyncProblem(Sync.SEND_FULL_REQUEST)
    return request


def _remember(exchange: Exchange) -> None:
    """Keep a request that hangs, for an empty one to repeat; written only when it differs from the last."""
    core, device = exchange.core, exchange.device.id
    with core.database.read() as work:
        kept = work.shelf.get(device, shelved.SYNC_QUESTION)
    if kept is None or kept.blob != exchange.octets:
        with core.database.write() as work:
            work.shelf.put(device, shelved.SYNC_QUESTION, Document({}, exchange.octets))


async def _look(exchange: Exchange, request: SyncRequest) -> bool:
    """Whether any collection has something to do or to say."""
    return await exchange.core.read(
        lambda work: any(turn.has_news(work, exchange, each) for each in request.collections)
    )


async def _waited(exchange: Exchange, request: SyncRequest) -> bool:
    """Whether news came within the time the device waits."""
    if not request.wait_seconds:
        return False
    streams = [each.collection_id for each in request.collections]
    streams.append(hierarchy_of(exchange.identity.account.id))

    async def look() -> bool:
        if not await exchange.core.read(
            lambda work: exchange.core.still_holds(work, exchange.identity, exchange.device)
        ):
            raise Ended
        return await _look(exchange, request)

    return await exchange.waiting.until(exchange.request, exchange.device.id, streams, request.wait_seconds, look)


def _answer(work: Work, exchange: Exchange, request: SyncRequest) -> Element | None:
    work.lock_device(exchange.device.id)
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
    if not elements:
        return None
    return Element("AirSync:Sync", Element("AirSync:Collections", *elements))


def _problem(problem: SyncProblem) -> Element:
    answer = Element("AirSync:Sync", Element("AirSync:Status", text=str(int(problem.status))))
    if problem.limit is not None:
        answer.append(Element("AirSync:Limit", text=str(problem.limit)))
    return answer
