"""SmartReply and SmartForward: a device's message goes out with the original below it, which the device need not have.

A message that was taken before is known before the original is looked at: it may be gone by then. Once the message is taken the
original is marked as answered or forwarded.

Source: MS-ASCMD "SmartReply", "SmartForward", "ReplaceMime", "Forwardees".
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from anyio.to_thread import run_sync

from pimgate.api import NoSuchCollection, PimgateError
from pimgate.mail.imip import description_of, title_of
from pimgate.mail.mime.addresses import addresses_in
from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.fields import fields_of
from pimgate.mail.mime.html_text import text_of
from pimgate.mail.mime.layout import layout_of
from pimgate.mail.mime.pieces import HEADER, Piece
from pimgate.mail.mime.rewriting import with_crlf, with_fields
from pimgate.text.errors import BadText
from pimgate.text.itip import Meeting
from pimgate.text.itip.forwarding import forwarded
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail.messages import WHAT_GOES_WRONG, Renderers
from pimgate_eas.mail.names import read_name
from pimgate_eas.mapping.email import answering, composing
from pimgate_eas.mapping.email.answering import Kind
from pimgate_eas.mapping.email.message import ANSWERED, FORWARDED
from pimgate_eas.mapping.words import clean
from pimgate_eas.sending.once import send_now, was_sent
from pimgate_eas.sending.originals import Event, Letter, original
from pimgate_eas.sending.request import NotSent, Request, Source, read
from pimgate_eas.status import Common
from pimgate_eas.wbxml.element import Element

log = logging.getLogger("pimgate.eas")

MARKS: Final[Mapping[Kind, str]] = {Kind.REPLY: ANSWERED, Kind.FORWARD: FORWARDED}
TO: Final = ("to", "cc", "bcc")
MOST_WORDS: Final = 100_000


async def serve(exchange: Exchange, kind: Kind) -> None:
    """Send what the device wrote, with the original below, and mark the original. NotSent."""
    request = read(exchange.query, exchange.body, exchange.octets)
    source = request.source
    if source is None:
        raise NotSent(Common.INVALID_CONTENT)
    written, about = request.mime or _invitation(request), source.name
    if await was_sent(exchange, written, client_id=request.client_id, about=about):
        await _mark(exchange, source, kind)
        raise NotSent(Common.MESSAGE_PREVIOUSLY_SENT)
    found = await original(exchange, source, kind, is_needed=not request.replaces)
    zone = exchange.context(is_own=True).home
    limiter = exchange.core.belonging(Renderers).limiter
    octets = await run_sync(_composed, request, written, found, kind, zone, limiter=limiter)
    await send_now(
        exchange, octets, client_id=request.client_id, keeps_copy=request.keeps_copy, written=written, about=about
    )
    await _mark(exchange, source, kind)


async def _mark(exchange: Exchange, source: Source, kind: Kind) -> None:
    """Note at the original that it was answered or forwarded. The message is on its way, whether that succeeds or not."""
    name = read_name(source.name)
    if name is None or name.item_id is None or exchange.core.mail is None:
        return
    try:
        await exchange.core.mail.acting(exchange.identity).set_flags(name.folder, [name.item_id], add=[MARKS[kind]])
    except NoSuchCollection:
        return  # it lies in a calendar
    except PimgateError as error:
        log.warning("the original of a mail of device %s is not marked: %s", exchange.device.id, error.detail)


def _composed(request: Request, written: bytes, found: Letter | Event, kind: Kind, zone: tzinfo) -> bytes:
    """What leaves. NotSent for what cannot be put together."""
    try:
        if isinstance(found, Event):
            return _with_event(request, written, found, kind)
        own = with_crlf(written).lstrip(b"\r\n")
        if not request.replaces:
            own = answering.answered(own, answering.original(found.octets, kind, zone, is_cut=found.is_cut))
        return answering.in_thread(own, layout_of(found.octets).piece(Piece(HEADER)), kind)
    except (BadText, *WHAT_GOES_WRONG) as error:
        raise NotSent(Common.INVALID_MIME, type(error).__name__) from error


def _with_event(request: Request, written: bytes, event: Event, kind: Kind) -> bytes:
    """The device's message with the event below; one without subject is called after it."""
    to = {each.email: each.name for each in request.forwardees} or _recipients(written)
    text = forwarded(event.text, to, datetime.now(UTC), event.occurrence)
    told = Meeting(text)
    own = written
    if request.forwardees:
        own = with_fields(own, {"Subject": f"FW: {title_of(told) or '(no title)'}"})
    if request.replaces:
        return own
    return answering.answered(own, answering.meeting(description_of(told), text, kind))


def _recipients(written: bytes) -> dict[str, str]:
    """Whom the device's message is for: names by address."""
    fields = fields_of(with_crlf(written).lstrip(b"\r\n").partition(b"\r\n\r\n")[0])
    people = [each for name, value in fields if name in TO for each in addresses_in(decode(value))]
    return {each.email: each.name for each in people if "@" in each.email}


def _invitation(request: Request) -> bytes:
    """The message of a device that only names who is to have a calendar entry, and what they are to read above it."""
    plain, rich = _words(request.words)
    made = composing.content(plain, rich, [])
    header = {"To": ", ".join(map(str, request.forwardees)), "MIME-Version": "1.0"}
    return with_fields(made, dict(header))


def _words(body: Element | None) -> tuple[str, str]:
    """Plain text and HTML of a Body; "" for a form that is not there."""
    text = (body.text_of("AirSyncBase:Data") or "")[:MOST_WORDS] if body is not None else ""
    if body is None or (body.text_of("AirSyncBase:Type") or "1").strip() != "2":
        return clean(text), ""
    return text_of(text), text
