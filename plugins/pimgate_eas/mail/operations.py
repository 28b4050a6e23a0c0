"""What ItemOperations does to mail: emptying a folder, and moving a conversation.

A folder of mail is emptied into the trash; the trash itself, what stands below it, and junk are emptied for good. Where something
arrives meanwhile in a folder below it, that one stays, and the device is told to ask again. A conversation is what lies in folders
that serve no purpose of their own, or in the inbox: what a person sent, drafts and what they deleted stay. It is moved once; what
comes later stays where it comes. Both may be asked for again.
Source: MS-ASCMD, "EmptyFolderContents", "DeleteSubFolders", "Status (ItemOperations)"; MS-ASCON, "Move", "Status".
"""

from __future__ import annotations

from typing import Final

from pimgate.api import (
    CollectionId,
    NoSuchCollection,
    PostRoom,
    Protected,
    Refused,
    SpecialUse,
    Work,
)
from pimgate.mail.conversations import related
from pimgate.mail.finding import below
from pimgate.mail.mime.headers import headers_of
from pimgate_eas.exchange import Exchange
from pimgate_eas.mapping.email.conversation import begun_with, conversation_id
from pimgate_eas.status import ItemOperations
from pimgate_eas.wbxml.element import Element

OF_CONVERSATIONS: Final = (SpecialUse.INBOX, SpecialUse.NONE, SpecialUse.ARCHIVE)


async def carried_out(exchange: Exchange, asked: Element) -> ItemOperations | None:
    """What became of one operation; None for what is not about mail folders. AwayNow."""
    mail = exchange.core.mail
    target = asked.text_of("AirSync:CollectionId") or asked.text_of("ItemOperations:DstFldId") or ""
    if mail is None or not await exchange.core.read(lambda work: _is_mail_folder(work, exchange, target)):
        return None
    try:
        if asked.tag == "EmptyFolderContents":
            return await _emptied(exchange, mail, CollectionId(target), asked)
        return await _moved(exchange, mail, CollectionId(target), asked)
    except NoSuchCollection:
        return ItemOperations.NOT_FOUND
    except Protected:
        return ItemOperations.DENIED
    except Refused:
        return ItemOperations.SERVER


def _is_mail_folder(work: Work, exchange: Exchange, folder: str) -> bool:
    return bool(folder) and exchange.core.catalogue.is_folder(work, exchange.viewer, CollectionId(folder))


# Emptying


async def _emptied(exchange: Exchange, mail: PostRoom, folder: CollectionId, asked: Element) -> ItemOperations:
    acting, arranging = mail.acting(exchange.identity, exchange.device.id), mail.arranging(exchange.identity)
    await mail.ready(exchange.identity, [], 0)
    known = await exchange.core.read(lambda work: mail.mailboxes(work, exchange.viewer))
    named = below(known.values(), [folder]) - {folder} if _with_folders(asked) else set()
    inside = [known[each] for each in named if each in known]
    if any(each.special_use is not SpecialUse.NONE for each in inside):
        raise Protected(folder)
    for each in inside:
        if each.is_selectable:
            await acting.empty(each.collection_id)
    await acting.empty(folder)
    are_gone = await arranging.delete_empty([each.collection_id for each in inside])
    return ItemOperations.OK if are_gone else ItemOperations.SERVER


def _with_folders(asked: Element) -> bool:
    return bool(asked.path("ItemOperations:Options", "ItemOperations:DeleteSubFolders"))


# Conversations


async def _moved(exchange: Exchange, mail: PostRoom, target: CollectionId, asked: Element) -> ItemOperations:
    conversation = _conversation(asked)
    if not conversation:
        return ItemOperations.PROTOCOL
    if not asked.path("ItemOperations:Options", "ItemOperations:MoveAlways"):
        return ItemOperations.NEEDS_MOVE_ALWAYS
    await mail.ready(exchange.identity, [], 0)
    known = await exchange.core.read(lambda work: mail.mailboxes(work, exchange.viewer))
    sources = [each.collection_id for each in known.values() if each.special_use in OF_CONVERSATIONS]
    found = await related(
        mail.box(exchange.identity.account),
        list(dict.fromkeys([target, *sources])),
        lambda first: begun_with(first) == conversation,
        lambda header: conversation_id(headers_of(header)) == conversation,
    )
    if not found:
        return ItemOperations.NOT_FOUND
    acting = mail.acting(exchange.identity, exchange.device.id)
    for folder, ids in found.items():
        if folder != target:
            await acting.move(folder, ids, target)
    return ItemOperations.OK


def _conversation(asked: Element) -> bytes:
    element = next((each for each in asked.children if each.name == "ItemOperations:ConversationId"), None)
    if element is None:
        return b""
    return element.opaque or b""
