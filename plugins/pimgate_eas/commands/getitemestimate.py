"""GetItemEstimate: how many items a Sync would bring. Source: MS-ASCMD, "GetItemEstimate" and "Status (GetItemEstimate)".

The engine of Sync itself counts, so that both never disagree; nothing is written, and no item is read.
"""

from __future__ import annotations

from pimgate.api import Work
from pimgate_eas.exchange import Exchange
from pimgate_eas.status import Common, Estimate
from pimgate_eas.sync import turn
from pimgate_eas.sync.mail import courier
from pimgate_eas.sync.request import CollectionRequest, bodies_of, options_of
from pimgate_eas.wbxml.element import Element

MOST_COLLECTIONS = 1_000
MOST_WITHOUT_OPTIONS = 512
MOST_COUNTED = 100_000
"""In all collections of a request together. A device shows how far it has come; beyond this the number tells it nothing."""
LONGEST_ID = 64


async def serve(exchange: Exchange) -> Element:
    """A status for each collection, with its estimate."""
    body = exchange.body
    is_ours = body is not None and body.name == "GetItemEstimate:GetItemEstimate"
    asked = body.path("GetItemEstimate:Collections", "GetItemEstimate:Collection") if body and is_ours else []
    if not 0 < len(asked) <= MOST_COLLECTIONS:
        return Element("GetItemEstimate:GetItemEstimate", _status(Common.INVALID_XML))
    requests = [_request(each) for each in asked]
    await courier.make_ready(exchange, requests)
    return await exchange.core.read(lambda work: _answer(work, exchange, asked))


def _answer(work: Work, exchange: Exchange, asked: list[Element]) -> Element:
    answer, left = Element("GetItemEstimate:GetItemEstimate"), MOST_COUNTED
    for each in asked:
        most = min(left, MOST_COUNTED if each.has("AirSync:Options") else MOST_WITHOUT_OPTIONS)
        found = turn.estimate(work, exchange, _request(each), most)
        status, count = (found, 0) if isinstance(found, Estimate) else (Estimate.OK, found)
        left -= count
        answer.append(Element("GetItemEstimate:Response", _status(status), _collection(each, status, count)))
    return answer


def _request(asked: Element) -> CollectionRequest:
    """What the device would ask Sync. Before 14.0 the filter stands beside the key."""
    options = options_of(asked)
    filter_type = asked.text_of("AirSync:FilterType")
    if filter_type:
        options["FilterType"] = filter_type[:LONGEST_ID]
    return CollectionRequest(
        collection_id=(asked.text_of("GetItemEstimate:CollectionId") or "")[: LONGEST_ID + 1],
        sync_key=(asked.text_of("AirSync:SyncKey") or "")[: LONGEST_ID + 1],
        question="",
        wants_changes=True,
        window=MOST_COUNTED,
        options=options,
        bodies=bodies_of(asked),
    )


def _collection(asked: Element, status: Estimate, count: int) -> Element:
    """What the answer says of a collection, named as the device did."""
    names = [each for each in asked.children if each.name in ("GetItemEstimate:Class", "GetItemEstimate:CollectionId")]
    estimate = [Element("GetItemEstimate:Estimate", text=str(count))] if status is Estimate.OK else []
    return Element("GetItemEstimate:Collection", *names, *estimate)


def _status(status: Estimate | Common) -> Element:
    return Element("GetItemEstimate:Status", text=str(int(status)))
