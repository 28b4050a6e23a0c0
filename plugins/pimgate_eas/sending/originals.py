"""The original of a reply or a forward, looked up where the device may see it: on the mail server, or in a calendar.

One that is gone, and one that this device may not see, is status 150 in the same words.

Source: MS-ASCMD "Source", "LongId", "InstanceId (SmartForward and SmartReply)", "Common Status Codes".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pimgate.api import CollectionKind, Message, NoSuchCollection, Work
from pimgate.mail.mime.limits import LIMITS
from pimgate.mail.mime.pieces import HEADER, WHOLE, Piece
from pimgate.text.errors import BadText
from pimgate.text.events import parse_event_set
from pimgate.text.times import Time
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail.messages import post_room
from pimgate_eas.mail.names import Name, named_messages, read_name
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.originals import Originals
from pimgate_eas.mapping.email.answering import Kind
from pimgate_eas.sending.request import NotSent, Source
from pimgate_eas.status import Common

QUOTED_BYTES: Final = 4 * 1024 * 1024
"""Of the original of a reply no more is read: its words stand at its beginning."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message. `octets` are its beginning where it `is_cut`, and its header where no more is needed."""

    octets: bytes
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of a calendar. `occurrence` is the one of a series that is meant."""

    text: str
    occurrence: Time | None = None


async def original(exchange: Exchange, source: Source, kind: Kind, *, is_needed: bool) -> Letter | Event:
    """What the device answers or forwards; of a message only the header unless the rest `is_needed`. NotSent; AwayNow and the
    errors of `Upstream.connection`."""
    name = read_name(source.name)
    if name is None:
        raise NotSent(Common.ITEM_NOT_FOUND)
    event = await exchange.core.read(lambda work: _event(work, exchange, name, source))
    if event is not None:
        return event
    if exchange.core.mail is None:
        raise NotSent(Common.ITEM_NOT_FOUND)
    message = (await named_messages(exchange, [name])).get(name)
    if message is None:
        raise NotSent(Common.ITEM_NOT_FOUND)
    return await _letter(exchange, name, message, kind, is_needed=is_needed)


async def _letter(exchange: Exchange, name: Name, message: Message, kind: Kind, *, is_needed: bool) -> Letter:
    is_whole = is_needed and (kind is Kind.FORWARD or message.size_bytes <= QUOTED_BYTES)
    if is_whole and message.size_bytes > exchange.core.settings.outgoing.message_bytes:
        raise NotSent(Common.ATTACHMENT_TOO_LARGE)
    piece = Piece(WHOLE, None if is_whole else QUOTED_BYTES)
    if not is_needed:
        piece = Piece(HEADER, LIMITS.header_block_bytes)
    async with post_room(exchange).reading(exchange.identity).opened(name.folder) as opened:
        octets = await opened.piece(message, piece)
    if not octets:
        raise NotSent(Common.ITEM_NOT_FOUND)
    return Letter(octets, not is_whole)


def _event(work: Work, exchange: Exchange, name: Name, source: Source) -> Event | None:
    """The entry of a calendar that a name means; None for what lies in no calendar."""
    try:
        view = exchange.core.catalogue.open_view(work, exchange.viewer, name.folder)
    except NoSuchCollection:
        return None
    if view.collection.kind is CollectionKind.MAILBOX:
        return None
    item = view.items_by_id([name.item_id]).get(name.item_id) if name.item_id is not None else None
    if item is None or view.collection.kind is not CollectionKind.CALENDAR:
        raise NotSent(Common.ITEM_NOT_FOUND)
    if source.instance is None:
        return Event(item.text)
    return Event(item.text, _occurrence(exchange, item.text, source.instance))


def _occurrence(exchange: Exchange, text: str, instant: datetime) -> Time:
    try:
        events = parse_event_set(text)
    except BadText as error:
        raise NotSent(Common.ITEM_NOT_FOUND, error.reason) from error
    main = Entry(events, events.master or events.entries[0], exchange.context(is_own=True))
    if events.master is not None and not main.is_series:
        raise NotSent(Common.NO_RECURRENCE)
    found = Originals(main).nearest(instant)
    if found is None:
        raise NotSent(Common.ITEM_NOT_FOUND)
    return found
