"""MeetingResponse: yes, perhaps or no to an invitation. Source: MS-ASCMD, "MeetingResponse".

From 16.0 on we tell the organizer, if the device wants it told; before, the device mails that itself, and only organizers of this
deployment hear of it from us. A response that is repeated gets the same answer and tells nobody a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from pimgate.api import (
    CollectionKind,
    Document,
    NoSuchCollection,
    PimgateError,
    ReadOnly,
    View,
    Work,
    scheduling,
)
from pimgate.text.errors import BadText
from pimgate_eas import invitations, shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.invitations import DECLINED, BadResponse, Response
from pimgate_eas.status import Common, MeetingResponse
from pimgate_eas.sync.edits import item_of, server_id
from pimgate_eas.sync.turn import open_view
from pimgate_eas.versions import is_16
from pimgate_eas.wbxml.element import Element

MOST = 100
MOST_REMEMBERED = 50


async def serve(exchange: Exchange) -> Element:
    """A Result for each Request."""
    body = exchange.body
    if body is None or body.name != "MeetingResponse:MeetingResponse":
        return _status(Common.INVALID_XML)
    requests = body.find_all("MeetingResponse:Request")
    if not 1 <= len(requests) <= MOST:
        return _status(Common.INVALID_XML)
    return await exchange.core.write(lambda work: _answer(work, exchange, requests))


def _answer(work: Work, exchange: Exchange, requests: list[Element]) -> Element:
    exchange.hold(work)
    _hold_calendars(work, exchange, {each.text_of("MeetingResponse:CollectionId") or "" for each in requests})
    return Element("MeetingResponse:MeetingResponse", *(_result(work, exchange, each) for each in requests))


def _hold_calendars(work: Work, exchange: Exchange, collection_ids: Iterable[str]) -> None:
    """In the order of their ids, so that two devices never wait for each other."""
    for collection_id in sorted(collection_ids):
        with suppress(NoSuchCollection, ReadOnly):
            open_view(work, exchange, collection_id).begin_writing()


def _result(work: Work, exchange: Exchange, request: Element) -> Element:
    try:
        response = invitations.read(request, exchange.version)
        calendar_id = _respond(work, exchange, response)
        return _result_element(request, MeetingResponse.OK, calendar_id)
    except BadResponse as problem:
        return _result_element(request, problem.status)
    except (PimgateError, BadText):
        return _result_element(request, MeetingResponse.INVALID)


def _respond(work: Work, exchange: Exchange, response: Response) -> str:
    """Carry out one response; gives the id of the event in the calendar, "" if it is no longer there."""
    view = _calendar(work, exchange, response)
    item_id = item_of(response.request_id, view)
    head = view.head_by_id(item_id) if item_id is not None else None
    if head is None:
        if response.user_response == DECLINED and response.token in _declined(work, exchange):
            return ""
        raise BadResponse(MeetingResponse.INVALID)
    answer = invitations.answer_to(response, view.text(head), exchange.context(is_own=True))
    is_ours = is_16(exchange.version)
    sender = scheduling.Sender.SERVER if is_ours else scheduling.Sender.CLIENT
    tells = not is_ours or response.sent is not None
    with work.together():
        kept = scheduling.respond(exchange.core, work, view, head.id, answer, sender, tells=tells)
    if kept is None:
        _remember_declined(work, exchange, response)
        return ""
    return server_id(view, kept.id)


def _calendar(work: Work, exchange: Exchange, response: Response) -> View:
    view = open_view(work, exchange, response.collection_id or response.request_id.partition(":")[0])
    if view.collection.kind is not CollectionKind.CALENDAR:
        raise BadResponse(MeetingResponse.INVALID)
    return view


def _declined(work: Work, exchange: Exchange) -> list[str]:
    """The responses that removed an invitation: what they speak of is gone, and may be asked for once more."""
    document = work.shelf.get(exchange.device.id, shelved.DECLINED)
    return list(document.content["tokens"]) if document is not None else []


def _remember_declined(work: Work, exchange: Exchange, response: Response) -> None:
    tokens = [*_declined(work, exchange), response.token][-MOST_REMEMBERED:]
    work.shelf.put(exchange.device.id, shelved.DECLINED, Document({"tokens": tokens}))


def _result_element(request: Element, status: int, calendar_id: str = "") -> Element:
    request_id = (request.text_of("MeetingResponse:RequestId") or "")[: invitations.LONGEST_ID]
    result = Element(
        "MeetingResponse:Result",
        Element("MeetingResponse:RequestId", text=request_id),
        Element("MeetingResponse:Status", text=str(int(status))),
    )
    if calendar_id:
        result.append(Element("MeetingResponse:CalendarId", text=calendar_id))
    return result


def _status(status: Common) -> Element:
    return Element("MeetingResponse:MeetingResponse", Element("MeetingResponse:Status", text=str(int(status))))
