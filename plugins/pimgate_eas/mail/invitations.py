"""Invitations that lie in a person's mail: what they say, brought from the mail server for MeetingResponse.

Source: RFC 6047 "iMIP Message Bindings"; MS-ASCMD, "MeetingResponse".
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

from anyio.to_thread import run_sync

from pimgate.api import AwayNow, CollectionId, Message, NoSuchCollection, Refused, Work
from pimgate.mail.mime.bodies import words_of
from pimgate.mail.mime.parts import contents_of
from pimgate.mail.mime.pieces import HEADER, Piece
from pimgate.mail.mime.structure import structure_of
from pimgate.mail.reading import Sketch
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail.messages import HEADERS, WHAT_GOES_WRONG, post_room
from pimgate_eas.mail.names import Name, named_messages
from pimgate_eas.mapping.email.fetching import CALENDAR_BYTES
from pimgate_eas.mapping.email.kinds import REQUEST, method_of

log = logging.getLogger("pimgate.eas")


@dataclass(frozen=True, slots=True)
class Invitation:
    """The calendar text of a message ("" for a message that invites to nothing), and the message's header."""

    text: str
    header: bytes = b""


async def mail_folders(exchange: Exchange, folders: Iterable[CollectionId]) -> set[CollectionId]:
    """Those of these collections that are mail folders of the person."""
    if exchange.core.mail is None:
        return set()
    catalogue, viewer, asked = exchange.core.catalogue, exchange.viewer, set(folders)

    def look(work: Work) -> set[CollectionId]:
        return {each for each in asked if catalogue.is_folder(work, viewer, each)}

    return await exchange.core.read(look)


async def invitations_in(exchange: Exchange, names: Collection[Name]) -> dict[Name, Invitation]:
    """What these messages invite to, as far as they are still there. AwayNow, and the errors of `Upstream.connection`."""
    messages = await named_messages(exchange, names)
    return {name: await _invitation(exchange, message) for name, message in messages.items()}


async def _invitation(exchange: Exchange, message: Message) -> Invitation:
    async with post_room(exchange).reading(exchange.identity).opened(message.collection_id) as opened:
        sketch = (await opened.sketches([message], (HEADERS,))).get(message.id)
        piece = _calendar_piece(sketch) if sketch is not None else None
        octets = await opened.piece(message, piece) if piece is not None else None
    if sketch is None or octets is None:
        return Invitation("")
    return await run_sync(_read, sketch, octets)


def _calendar_piece(sketch: Sketch) -> Piece | None:
    """The part that invites."""
    try:
        calendar = contents_of(structure_of(sketch.structure).root).calendar
    except WHAT_GOES_WRONG:
        return None
    is_readable = calendar is not None and calendar.size_bytes <= CALENDAR_BYTES and method_of(calendar) == REQUEST
    return Piece(calendar.section) if calendar is not None and is_readable else None


def _read(sketch: Sketch, octets: bytes) -> Invitation:
    try:
        calendar = contents_of(structure_of(sketch.structure).root).calendar
        text = words_of(calendar, octets) if calendar is not None else ""
    except WHAT_GOES_WRONG:
        return Invitation("")
    return Invitation(text, next((found for piece, found in sketch.pieces.items() if piece.section == HEADER), b""))


async def put_away(exchange: Exchange, names: Iterable[Name]) -> None:
    """Move answered invitations to the trash. Whatever hinders it, they were answered; then they stay where they are. The device
    is told like everybody else: it has them still."""
    for name in names:
        if name.item_id is not None:
            with suppress(NoSuchCollection, Refused):
                try:
                    await post_room(exchange).acting(exchange.identity).delete(name.folder, [name.item_id])
                except AwayNow as error:
                    log.info("an answered invitation stays where it is: %s", error.detail)
