"""Find: people and mail, as newer phones look for them. It came with 16.1 and is answered in every version, for iPhones ask it
whatever was agreed on. Source: MS-ASCMD, "Find", "Status (Find)".
"""

from __future__ import annotations

from pimgate.api import AwayNow, CollectionHidden, NoSuchCollection
from pimgate_eas.exchange import Exchange
from pimgate_eas.gal import is_searchable, picture_wish, range_of
from pimgate_eas.looking import Look, Question, look
from pimgate_eas.mail.searching import results as mail_search
from pimgate_eas.mail.searching.query import EMAIL, BadQuestion, from_find
from pimgate_eas.mail.searching.results import Shown
from pimgate_eas.mapping.email.options import PLAIN, Options, Preference
from pimgate_eas.status import Common, Find
from pimgate_eas.versions import knows
from pimgate_eas.wbxml.element import Element

STORE = "Mailbox"
"""What the answer calls its store, whichever was searched."""
FIRST_WORDS = Options((Preference(PLAIN, 0, preview=255),))
"""A list shows no more of a text."""


async def serve(exchange: Exchange) -> Element:
    """Whoever fits the query; or messages of the person."""
    body = exchange.body
    searches = body.find_all("Find:ExecuteSearch") if body is not None and body.name == "Find:Find" else []
    criteria = searches[0].children if len(searches) == 1 else []
    if len(criteria) != 1:
        return _refused(Find.INVALID_REQUEST)
    criterion = criteria[0]
    if criterion.name == "Find:GALSearchCriterion":
        return await _people(exchange, criterion)
    if criterion.name == "Find:MailBoxSearchCriterion":
        return await _mail(exchange, criterion)
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
    return _found(await core.read(lambda work: look(core, work, viewer, question)))


async def _mail(exchange: Exchange, criterion: Element) -> Element:
    """Messages, the latest first. A mailbox that is away is never one that holds nothing."""
    span = range_of(criterion.find("Find:Options"), "Find:Range")
    if span is None:
        return _answer(Find.INVALID_REQUEST)
    try:
        question = from_find(criterion, exchange.now())
        if exchange.core.mail is None:
            return _answer(Find.RANGE_MUST_START_AT_0) if span[0] else _refused(Common.MAILBOX_OFFLINE)
        found = await mail_search.find(exchange, question, is_beginning=span[0] == 0)
        if span[0] and span[0] >= len(found.hits):
            return _answer(Find.RANGE_MUST_START_AT_0)
        page = await mail_search.page(exchange, found, *span, FIRST_WORDS)
    except BadQuestion:
        return _answer(Find.INVALID_REQUEST)
    except (NoSuchCollection, CollectionHidden):
        return _answer(Find.FOLDERS_CHANGED)
    except AwayNow:
        return _refused(Common.MAILBOX_OFFLINE)
    if not page.shown and not page.is_complete:
        return _refused(Common.SERVER_ERROR_RETRY)
    results = [_result(each) for each in page.shown]
    return _answer(Find.OK, *_listed(results, page.range, page.total))


def _result(shown: Shown) -> Element:
    """What a list shows of a message: some of its elements, in words of Find where it has its own."""
    by_name = {each.name: each for each in shown.elements}
    properties = [
        by_name[name] for name in ("Email:Subject", "Email:DateReceived", "Email:DisplayTo") if name in by_name
    ]
    if "Email:Cc" in by_name:
        properties.append(Element("Find:DisplayCc", text=by_name["Email:Cc"].text))
    if "Email2:Bcc" in by_name:
        properties.append(Element("Find:DisplayBcc", text=by_name["Email2:Bcc"].text))
    properties += [by_name[name] for name in ("Email:Importance", "Email:Read", "Email2:IsDraft") if name in by_name]
    words = by_name["AirSyncBase:Body"].text_of("AirSyncBase:Preview") if "AirSyncBase:Body" in by_name else ""
    properties.append(Element("Find:Preview", text=words or ""))
    properties.append(Element("Find:HasAttachments", text="1" if "AirSyncBase:Attachments" in by_name else "0"))
    properties += [by_name["Email:From"]] if "Email:From" in by_name else []
    return Element(
        "Find:Result",
        Element("AirSync:Class", text=EMAIL),
        Element("AirSync:ServerId", text=str(shown.name)),
        Element("AirSync:CollectionId", text=shown.name.folder),
        Element("Find:Properties", *properties),
    )


def _refused(status: Find | Common) -> Element:
    return Element("Find:Find", Element("Find:Status", text=str(int(status))))


def _found(found: Look) -> Element:
    results = [Element("Find:Result", Element("Find:Properties", *fields)) for fields in found.people]
    return _answer(Find.OK, *_listed(results, found.range, found.total))


def _listed(results: list[Element], span: str | None, total: int) -> list[Element]:
    range_ = [Element("Find:Range", text=span)] if span is not None else []
    return [*results, *range_, Element("Find:Total", text=str(total))]


def _answer(status: Find, *parts: Element) -> Element:
    response = Element(
        "Find:Response",
        Element("ItemOperations:Store", text=STORE),
        Element("Find:Status", text=str(int(status))),
        *parts,
    )
    return Element("Find:Find", Element("Find:Status", text=str(int(Find.OK))), response)
