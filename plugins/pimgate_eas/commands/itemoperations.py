"""ItemOperations: fetching single items, messages and files; emptying a folder and moving a conversation, which are for mail.

Nobody's calendar or book is emptied by this command, whatever a phone says. Source: MS-ASCMD, "ItemOperations".
"""

from __future__ import annotations

from pimgate.api import NoSuchCollection, Work
from pimgate_eas.answer import Inlined
from pimgate_eas.exchange import Exchange
from pimgate_eas.fetching import Fetcher
from pimgate_eas.mail import operations as mail_operations
from pimgate_eas.multipart import Multipart
from pimgate_eas.status import ItemOperations
from pimgate_eas.sync import turn
from pimgate_eas.wbxml.element import Element

MOST_OPERATIONS = 100
ORDER = ("Move", "EmptyFolderContents", "Fetch")
"""The order of the answers, whatever that of the questions. Source: MS-ASCMD, "ItemOperations Response Schema"."""


async def serve(exchange: Exchange) -> Element | Inlined | Multipart:
    """A status for each operation, with what was fetched; in several parts for a device that reads them."""
    body = exchange.body
    asked = body.children if body is not None and body.name == "ItemOperations:ItemOperations" else []
    if not asked or any(each.namespace != "ItemOperations" or each.tag not in ORDER for each in asked):
        return _answer(ItemOperations.PROTOCOL)
    fetcher = Fetcher(exchange, room=exchange.settings.window_bytes)
    answers = [await _carry_out(exchange, fetcher, each) for each in asked[:MOST_OPERATIONS]]
    answers += [
        Element(each.name, _status(ItemOperations.TOO_LARGE), *_named(each)) for each in asked[MOST_OPERATIONS:]
    ]
    answers.sort(key=lambda each: ORDER.index(each.tag))
    answer = _answer(ItemOperations.OK, Element("ItemOperations:Response", *answers))
    if exchange.query.accepts_multipart:
        return Multipart(answer, tuple(fetcher.parts))
    return Inlined(answer, fetcher.portions) if fetcher.portions else answer


async def _carry_out(exchange: Exchange, fetcher: Fetcher, asked: Element) -> Element:
    """The answer to one question; those beyond the limit are to be asked again in another request."""
    if asked.tag == "Fetch":
        return await fetcher.fetch(asked)
    status = await mail_operations.carried_out(exchange, asked)
    if status is not None:
        return Element(asked.name, _status(status), *_named(asked))
    call = _empty if asked.tag == "EmptyFolderContents" else _move
    return await exchange.core.read(lambda work: call(work, exchange, asked))


def _empty(work: Work, exchange: Exchange, asked: Element) -> Element:
    """Refused for what we have; a folder that is not shown is one that is not there."""
    name = asked.text_of("AirSync:CollectionId")
    status = ItemOperations.PROTOCOL
    if name:
        status = ItemOperations.DENIED if _is_shown(work, exchange, name) else ItemOperations.NOT_FOUND
    return Element(asked.name, _status(status), *_named(asked))


def _move(work: Work, exchange: Exchange, asked: Element) -> Element:
    """Conversations are of mails, and go to mail folders for good. Source: MS-ASCON, "Status"."""
    target = asked.text_of("ItemOperations:DstFldId")
    if not target or not asked.has("ItemOperations:ConversationId"):
        status = ItemOperations.PROTOCOL
    elif not asked.path("ItemOperations:Options", "ItemOperations:MoveAlways"):
        status = ItemOperations.NEEDS_MOVE_ALWAYS
    else:
        status = ItemOperations.BAD_DESTINATION if _is_shown(work, exchange, target) else ItemOperations.NOT_FOUND
    return Element(asked.name, _status(status), *_named(asked))


def _is_shown(work: Work, exchange: Exchange, collection_id: str) -> bool:
    try:
        turn.open_view(work, exchange, collection_id)
    except NoSuchCollection:
        return False
    return True


NAMES = ("AirSync:CollectionId", "AirSync:ServerId", "AirSyncBase:FileReference", "ItemOperations:ConversationId")


def _named(asked: Element) -> list[Element]:
    """What an operation is about, for its answer to repeat."""
    return [each for each in asked.children if each.name in NAMES]


def _answer(status: ItemOperations, *parts: Element) -> Element:
    return Element("ItemOperations:ItemOperations", _status(status), *parts)


def _status(status: ItemOperations) -> Element:
    return Element("ItemOperations:Status", text=str(int(status)))
