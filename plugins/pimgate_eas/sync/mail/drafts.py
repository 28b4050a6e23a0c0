"""Drafts that a device writes through Sync, and sends. From 16.0 on.

A draft keeps its id however often it is edited. One that the device adds has a Message-ID that follows from the question: asked
again, it adds no second one.
Source: MS-ASEMAIL, "Sending E-Mail Drafts", "Send", "ConversationId"; MS-ASAIRS, "ClientId".
"""

from __future__ import annotations

import hashlib
from typing import Final

from pimgate.api import Acting, ItemId, Message, NoSuchItem, Refused
from pimgate.mail.mime.headers import headers_of
from pimgate.mail.mime.limits import LIMITS
from pimgate_eas.errors import row_for
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail import messages
from pimgate_eas.mapping.email import Draft, drafted, read_edit
from pimgate_eas.mapping.email.conversation import conversation_id
from pimgate_eas.mapping.email.drafts import SEND
from pimgate_eas.mapping.email.editing import TAGS
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.sending.once import send_now
from pimgate_eas.sending.request import NotSent
from pimgate_eas.status import Common, Sync
from pimgate_eas.sync.mail.scene import Outcome, Scene
from pimgate_eas.versions import is_16
from pimgate_eas.wbxml.element import Element

DATA: Final = "AirSync:ApplicationData"
FLAGS: Final = ("\\Draft", "\\Seen")
LONGEST_ID: Final = 64
NO_PLACE: Final = "New messages are made in the folder for drafts alone."


def is_draft_edit(exchange: Exchange, scene: Scene, command: Element) -> bool:
    """Whether a Change edits a draft itself, and not just what is noted about a message; or sends it."""
    data = command.find(DATA)
    is_content = data is not None and any(each.name not in TAGS for each in data.children)
    return is_16(exchange.version) and scene.is_drafts and (is_content or is_to_be_sent(command))


def is_to_be_sent(command: Element) -> bool:
    """The specification has the mark beside the data, and devices within it as well."""
    data = command.find(DATA)
    return command.has(SEND) or (data is not None and data.has(SEND))


async def added(exchange: Exchange, acting: Acting, scene: Scene, command: Element) -> Outcome:
    """A new draft, kept or sent at once."""
    client_id, data = command.text_of("AirSync:ClientId") or "", command.find(DATA)
    if not client_id or len(client_id) > LONGEST_ID or data is None:
        return Outcome(Sync.PROTOCOL)
    if not is_16(exchange.version) or not scene.is_drafts:
        return Outcome(Sync.CONVERSION, reason=NO_PLACE)
    message_id = _message_id(exchange, scene, client_id)
    try:
        context = exchange.context(is_own=True)
        draft = await messages.in_thread(exchange, lambda: drafted(data, None, context, message_id=message_id))
        if is_to_be_sent(command):
            await _send(exchange, draft, f"{scene.id} {scene.sync_key} {client_id}")
            return Outcome(Sync.OK)
        before = scene.added.get(client_id) or await _known(exchange, scene, message_id)
        return await _kept(exchange, acting, scene, draft, before, frozenset(FLAGS))
    except CannotConvert as error:
        return Outcome(Sync.CONVERSION, reason=error.reason)
    except Refused as error:
        return Outcome(Sync(row_for(error).item), reason=error.public)


async def changed(exchange: Exchange, acting: Acting, scene: Scene, command: Element, message: Message) -> Outcome:
    """A draft with what the device changed of it, kept or sent."""
    data = command.find(DATA) or Element(DATA)
    context = exchange.context(is_own=True).of_item(f"{scene.id}:{message.id}")
    message_id = _message_id(exchange, scene, str(message.id))
    try:
        before = await _octets(exchange, scene, message)
        draft = await messages.in_thread(
            exchange,
            lambda: drafted(data, before, context, message_id=message_id, is_again=message.id in scene.again),
        )
        if is_to_be_sent(command):
            await _send(exchange, draft, f"{scene.id}:{message.id}")
            await acting.delete(scene.id, [message.id], for_good=True)
            return Outcome(Sync.OK, message.id)
        added_flags, removed = read_edit(data).changes(message.flags)
        return await _kept(exchange, acting, scene, draft, message.id, (message.flags - removed) | added_flags)
    except NoSuchItem:
        return Outcome(Sync.NOT_FOUND)
    except CannotConvert as error:
        return Outcome(Sync.CONVERSION, message.id, is_more=True, reason=error.reason)
    except Refused as error:
        return Outcome(Sync(row_for(error).item), message.id, is_more=True, reason=error.public)


async def _kept(
    exchange: Exchange,
    acting: Acting,
    scene: Scene,
    draft: Draft,
    before: ItemId | None,
    flags: frozenset[str],
) -> Outcome:
    """The draft on the mail server, in place of the one that was there `before`; and what its device hears of it."""
    kept = await acting.append(scene.id, draft.octets, flags=sorted(flags), replaces=before)
    known = await exchange.core.read(lambda work: messages.messages_of(work, exchange, scene.id, [kept]))
    headers = headers_of(draft.octets[: LIMITS.header_block_bytes].partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    said = [Element("Email2:ConversationId", opaque=conversation_id(headers))]
    if (receipt := draft.receipt(f"{scene.id}:{kept}")) is not None:
        said.append(receipt)
    seq = known[kept].seq if kept in known else 0
    is_more = draft.has_moved_files or kept in scene.behind or kept in scene.again
    return Outcome(Sync.OK, kept, seq=seq, is_more=is_more, data=(Element(DATA, *said),))


async def _octets(exchange: Exchange, scene: Scene, message: Message) -> bytes:
    """The draft as it lies on the server. NoSuchItem."""
    async with messages.post_room(exchange).reading(exchange.identity).opened(scene.id) as opened:
        found = await opened.whole(message)
    if found is None:
        raise NoSuchItem(f"{scene.id}:{message.id}")
    return found


async def _known(exchange: Exchange, scene: Scene, message_id: str) -> ItemId | None:
    """The draft that was made when this was asked before, if nobody lived to write it down."""
    found = await exchange.core.read(
        lambda work: exchange.core.catalogue.open_folder(work, exchange.viewer, scene.id).with_message_id(message_id)
    )
    return found[-1].id if found else None


def _message_id(exchange: Exchange, scene: Scene, name: str) -> str:
    """The same for the same question, and for no other."""
    said = f"{exchange.device.id} {scene.id} {scene.sync_key} {name}"
    domain = exchange.identity.account.login.rpartition("@")[2]
    return f"<{hashlib.sha256(said.encode()).hexdigest()[:40]}@{domain}>"


async def _send(exchange: Exchange, draft: Draft, name: str) -> None:
    """Hand the message over, once; its copy goes to the folder of sent mail. Refused."""
    try:
        await send_now(exchange, draft.octets, client_id=f"draft {name}", keeps_copy=True)
    except NotSent as error:
        if error.status is not Common.MESSAGE_PREVIOUSLY_SENT:
            raise Refused(str(error), public="The message cannot be sent.") from error
