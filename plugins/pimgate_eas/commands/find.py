"""Find: people and mail, as newer phones look for them. It came with 16.1 and is answered in every version, for iPhones ask it
whatever was agreed on. Source: MS-ASCMD, "Find", "Status (Find)".
"""

from __future__ import annotations

from pimgate_eas.exchange import Exchange
from pimgate_eas.gal import is_searchable, picture_wish, range_of
from pimgate_eas.kql import BadKql, parse_kql
from pimgate_eas.looking import Look, Question, look
from pimgate_eas.status import Common, Find
from pimgate_eas.versions import knows
from pimgate_eas.wbxml.element import Element

STORE = "Mailbox"
"""What the answer calls its store, whichever was searched."""


async def serve(exchange: Exchange) -> Element:
    """Whoever fits the query, or that mail cannot be searched now."""
    body = exchange.body
    searches = body.find_all("Find:ExecuteSearch") if body is not None and body.name == "Find:Find" else []
    criteria = searches[0].children if len(searches) == 1 else []
    if len(criteria) != 1:
        return _refused(Find.INVALID_REQUEST)
    criterion = criteria[0]
    if criterion.name == "Find:GALSearchCriterion":
        return await _people(exchange, criterion)
    if criterion.name == "Find:MailBoxSearchCriterion":
        return _mail(criterion)
    return _refused(Find.INVALID_REQUEST)


async def _people(exchange: Exchange, criterion: Element) -> Element:
    # Some write the query without an element of its own.
    query = (criterion.text_of("Find:Query") or criterion.text or "").strip()
    options = criterion.find("Find:Options")
    span = range_of(options, "Find:Range")
    if span is None or not is_searchable(query):
        return _answer(Find.INVALID_REQUEST)
    if span[0] != 0:
        return _answer(Find.RANGE_MUST_START_AT_0)
    pictures = picture_wish(options, "Find") if knows(exchange.version, "Gal:Picture") else None
    core, viewer, question = exchange.core, exchange.viewer, Question(query, *span, pictures)
    return _answer(Find.OK, await core.read(lambda work: look(core, work, viewer, question)))


def _mail(criterion: Element) -> Element:
    """Mail is not served here yet: said as a mailbox that is away, which is no claim that nothing was found."""
    query = criterion.find("Find:Query")
    span = range_of(criterion.find("Find:Options"), "Find:Range")
    try:
        parse_kql(query.text_of("Find:FreeText") or "" if query is not None else "")
    except BadKql:
        return _answer(Find.INVALID_REQUEST)
    if span is None:
        return _answer(Find.INVALID_REQUEST)
    if span[0] != 0:
        return _answer(Find.RANGE_MUST_START_AT_0)
    return _refused(Common.MAILBOX_OFFLINE)


def _refused(status: Find | Common) -> Element:
    return Element("Find:Find", Element("Find:Status", text=str(int(status))))


def _answer(status: Find, found: Look | None = None) -> Element:
    response = Element(
        "Find:Response",
        Element("ItemOperations:Store", text=STORE),
        Element("Find:Status", text=str(int(status))),
    )
    if found is not None:
        for fields in found.people:
            response.append(Element("Find:Result", Element("Find:Properties", *fields)))
        if found.range is not None:
            response.append(Element("Find:Range", text=found.range))
        response.append(Element("Find:Total", text=str(found.total)))
    return Element("Find:Find", Element("Find:Status", text=str(int(Find.OK))), response)
