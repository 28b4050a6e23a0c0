"""Search in the directory and in mail: contacts' search field and autocompletion, and what people look for in their folders.

Source: MS-ASCMD, "Search", "Status (Search)", "Range (Search)".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pimgate.api import AwayNow, CollectionHidden, NoSuchCollection
from pimgate_eas.exchange import Exchange
from pimgate_eas.gal import MOST, is_searchable, picture_wish, range_of
from pimgate_eas.looking import Look, Question, look
from pimgate_eas.mail.searching import results as mail_search
from pimgate_eas.mail.searching.query import EMAIL, BadQuestion, from_search
from pimgate_eas.mail.searching.results import Page
from pimgate_eas.mapping.email import read_options
from pimgate_eas.status import Common, Search
from pimgate_eas.versions import knows
from pimgate_eas.wbxml.element import Element

ELSEWHERE: Final[Mapping[str, Search]] = {"documentlibrary": Search.BLOCKED}
"""Stores that are not served, and what a device learns of them: never that they hold nothing."""


async def serve(exchange: Exchange) -> Element:
    """Whoever fits the query, from every book that this device may search; or messages of the person."""
    body = exchange.body
    stores = body.find_all("Search:Store") if body is not None and body.name == "Search:Search" else []
    if len(stores) != 1:
        return Element("Search:Search", Element("Search:Status", text=str(int(Common.INVALID_XML))))
    store = stores[0]
    name = (store.text_of("Search:Name") or "").strip().lower()
    if name == "gal":
        return await _people(exchange, store)
    if name == "mailbox":
        return await _mail(exchange, store)
    return _answer(ELSEWHERE.get(name, Search.INVALID_REQUEST))


async def _people(exchange: Exchange, store: Element) -> Element:
    question = _question(exchange, store)
    if isinstance(question, Search):
        return _answer(question)
    core, viewer = exchange.core, exchange.viewer
    return _found(await core.read(lambda work: look(core, work, viewer, question)))


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


async def _mail(exchange: Exchange, store: Element) -> Element:
    """Messages, the latest first. A mailbox that is away is never one that holds nothing."""
    options = store.find("Search:Options")
    span = range_of(options, "Search:Range")
    if span is None:
        return _answer(Search.INVALID_REQUEST)
    if exchange.core.mail is None:
        return _answer(Search.NOT_REACHED)
    is_anew = options is not None and options.has("Search:RebuildResults")
    try:
        question = from_search(store, exchange.now())
        found = await mail_search.find(exchange, question, is_beginning=span[0] == 0, is_anew=is_anew)
        if span[0] and span[0] >= len(found.hits):
            return _answer(Search.END_OF_RANGE)
        return _messages(await mail_search.page(exchange, found, *span, read_options(options)))
    except BadQuestion as error:
        return _answer(Search.TOO_COMPLEX if error.is_too_complex else Search.INVALID_REQUEST)
    except (NoSuchCollection, CollectionHidden):
        return _answer(Search.FOLDERS_CHANGED)
    except AwayNow:
        return _answer(Search.NOT_REACHED)


def _messages(page: Page) -> Element:
    """What was found until the time was up is shown, and said to be no more than that."""
    results = [
        Element(
            "Search:Result",
            Element("AirSync:Class", text=EMAIL),
            Element("Search:LongId", text=str(each.name)),
            Element("AirSync:CollectionId", text=each.name.folder),
            Element("Search:Properties", *each.elements),
        )
        for each in page.shown
    ]
    status = Search.OK if page.is_complete else Search.TIMED_OUT
    return _answer(status, *_listed(results, page.range, page.total))


def _found(found: Look) -> Element:
    results = [Element("Search:Result", Element("Search:Properties", *fields)) for fields in found.people]
    return _answer(Search.OK, *_listed(results, found.range, found.total))


def _listed(results: list[Element], span: str | None, total: int) -> list[Element]:
    """Some phones show nothing without Range and Total."""
    range_ = [Element("Search:Range", text=span)] if span is not None else []
    return [*(results or [Element("Search:Result")]), *range_, Element("Search:Total", text=str(total))]


def _answer(status: Search, *parts: Element) -> Element:
    """The answer for one store."""
    store = Element("Search:Store", Element("Search:Status", text=str(int(status))), *parts)
    status_of_all = Element("Search:Status", text=str(int(Search.OK)))
    return Element("Search:Search", status_of_all, Element("Search:Response", store))
