"""Search in the directory: contacts' search field and autocompletion. Source: MS-ASCMD, "Search", "Status (Search)"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pimgate_eas.exchange import Exchange
from pimgate_eas.gal import MOST, is_searchable, picture_wish, range_of
from pimgate_eas.looking import Look, Question, look
from pimgate_eas.status import Common, Search
from pimgate_eas.versions import knows
from pimgate_eas.wbxml.element import Element

ELSEWHERE: Final[Mapping[str, Search]] = {
    "mailbox": Search.NOT_REACHED,
    "documentlibrary": Search.BLOCKED,
}
"""Stores that are not served, and what a device learns of them: mail may be reached another time, documents never. Neither is
said to hold nothing."""


async def serve(exchange: Exchange) -> Element:
    """Whoever fits the query, from every book that this device may search."""
    body = exchange.body
    stores = body.find_all("Search:Store") if body is not None and body.name == "Search:Search" else []
    if len(stores) != 1:
        return Element("Search:Search", Element("Search:Status", text=str(int(Common.INVALID_XML))))
    store = stores[0]
    name = (store.text_of("Search:Name") or "").strip().lower()
    if name != "gal":
        return _answer(ELSEWHERE.get(name, Search.INVALID_REQUEST))
    question = _question(exchange, store)
    if isinstance(question, Search):
        return _answer(question)
    core, viewer = exchange.core, exchange.viewer
    return _answer(Search.OK, await core.read(lambda work: look(core, work, viewer, question)))


def _question(exchange: Exchange, store: Element) -> Question | Search:
    query = (store.text_of("Search:Query") or "").strip()
    options = store.find("Search:Options")
    span = range_of(options, "Search:Range")
    if not is_searchable(query) or span is None:
        return Search.INVALID_REQUEST
    if span[0] >= MOST:
        return Search.END_OF_RANGE
    pictures = picture_wish(options, "Search") if knows(exchange.version, "Gal:Picture") else None
    return Question(query, *span, pictures)


def _answer(status: Search, found: Look | None = None) -> Element:
    """The answer for one store. Some phones show nothing without Range and Total."""
    store = Element("Search:Store", Element("Search:Status", text=str(int(status))))
    if found is not None:
        for fields in found.people:
            store.append(Element("Search:Result", Element("Search:Properties", *fields)))
        if found.range is None:
            store.append(Element("Search:Result"))
        else:
            store.append(Element("Search:Range", text=found.range))
        store.append(Element("Search:Total", text=str(found.total)))
    status_of_all = Element("Search:Status", text=str(int(Search.OK)))
    return Element("Search:Search", status_of_all, Element("Search:Response", store))
