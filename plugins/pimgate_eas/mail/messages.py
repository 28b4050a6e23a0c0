"""Messages as a device gets them: fetched from the mail server as far as is wanted, and rendered.

    found = await rendered(exchange, folder, ids, options)      # on the event loop, never within a unit of work
    found[item_id].elements                                      # the children of ApplicationData
    found[item_id].seq                                           # the version of the message that they show

Sync and ItemOperations get their messages here. Messages come many at a time, a large one is never read whole for its first lines,
and what strangers wrote is taken apart in a worker thread within limits of size and time. A message that cannot be shown becomes
one that says so, with the original beside it: it never stands in the way of the others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from pimgate.api import AwayNow, CollectionId, Identity, ItemId, Message, NoSuchCollection, PostRoom, Work
from pimgate.mail.mime.limits import LIMITS
from pimgate.mail.mime.pieces import HEADER, Piece
from pimgate.mail.mime.structure import Structure, structure_of, untold
from pimgate.mail.reading import AT_ONCE_BYTES, OpenFolder, Sketch
from pimgate_eas.exchange import Exchange
from pimgate_eas.mapping import email
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.email import Options
from pimgate_eas.wbxml.element import Element

log = logging.getLogger("pimgate.eas")

T = TypeVar("T")

AT_ONCE: Final = 50
"""Messages that are asked for in one command."""
RENDER_SECONDS: Final = 20.0
"""For one message."""
THREADS: Final = 2
HEADERS: Final = Piece(HEADER, min(LIMITS.header_block_bytes, AT_ONCE_BYTES))
NOT_HANDED_OUT: Final = "The mail server does not hand it out."
NOT_READABLE: Final = "It cannot be taken apart."
WHAT_GOES_WRONG: Final = (
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
    MemoryError,
)
"""With what strangers wrote, in parsers of others and in ours."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message: the children of ApplicationData, of which version of it they are (`Message.seq`), and about how many octets
    they make."""

    elements: tuple[Element, ...]
    seq: int
    size_bytes: int


class Renderers:
    """The worker threads of one gateway in which messages are taken apart: few, so that the store keeps its own."""

    def __init__(self) -> None:
        self.limiter = CapacityLimiter(THREADS)


async def rendered(
    exchange: Exchange,
    folder: CollectionId,
    ids: Sequence[ItemId],
    options: Options,
    *,
    most_bytes: int | None = None,
) -> dict[ItemId, Rendered]:
    """These messages of one of the person's mail folders, in as much of them as device and dialect want.

    `options` are what `mapping.email.read_options` reads from the Options of Sync, ItemOperations, Search or Find. Left out are ids
    that are not in the index of the folder, messages that went from the server meanwhile and, with `most_bytes`, the last ones
    when that many octets are reached (the first is always given). `core.mail.ready` is the caller's.

    NoSuchCollection, CollectionHidden; AwayNow, NoSecret and BadCredentials when the mail server cannot be asked."""
    messages = await exchange.core.read(lambda work: messages_of(work, exchange, folder, ids))
    order = [messages[each] for each in ids if each in messages]
    return await rendered_messages(exchange, folder, order, options, most_bytes=most_bytes)


async def rendered_messages(
    exchange: Exchange,
    folder: CollectionId,
    order: Sequence[Message],
    options: Options,
    *,
    most_bytes: int | None = None,
    name: Callable[[Message], str] | None = None,
) -> dict[ItemId, Rendered]:
    """The same for messages that were looked up already, and for those that are not in the index, which have ids below zero and
    are called by `name`."""
    name = name or (lambda message: f"{folder}:{message.id}")
    found: dict[ItemId, Rendered] = {}
    left = most_bytes
    for start in range(0, len(order), AT_ONCE):
        some = await _some(exchange, folder, order[start : start + AT_ONCE], options, left, name)
        for item_id, each in some.items():
            found[item_id] = each
            left = None if left is None else left - each.size_bytes
        if left is not None and left <= 0:
            break
    return found


def messages_of(work: Work, exchange: Exchange, folder: CollectionId, ids: Sequence[ItemId]) -> dict[ItemId, Message]:
    """What the index knows of those of these messages that are in the folder. NoSuchCollection, CollectionHidden."""
    return exchange.core.catalogue.open_folder(work, exchange.viewer, folder).messages(ids)


def post_room(exchange: Exchange) -> PostRoom:
    """The mail of this gateway. NoSuchCollection where it brings none."""
    if exchange.core.mail is None:
        raise NoSuchCollection("no mail for phones")
    return exchange.core.mail


def watched(exchange: Exchange, *, has_mail: bool) -> AbstractContextManager[None]:
    """While a device waits for mail, the person's mailbox is watched."""
    return post_room(exchange).watch(exchange.identity) if has_mail else nullcontext()


def as_mapped(message: Message, structure: Structure) -> email.Message:
    """What is known of a message without its octets, as the mappings want it."""
    arrived_at = datetime.fromtimestamp(message.arrived_at, UTC)
    return email.Message(structure, message.flags, arrived_at, message.size_bytes, follow_up_of(message))


def follow_up_of(message: Message) -> email.FollowUp | None:
    """What devices said of the flag of a message."""
    return None if message.follow_up is None else email.FollowUp(message.follow_up)


# Fetching


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A message with what was fetched of it."""

    message: Message
    structure: Structure
    pieces: Mapping[Piece, bytes]


async def _some(
    exchange: Exchange,
    folder: CollectionId,
    messages: Sequence[Message],
    options: Options,
    left: int | None,
    name: Callable[[Message], str],
) -> dict[ItemId, Rendered]:
    found: dict[ItemId, Rendered] = {}
    for each in await _fetched(exchange, folder, messages, options):
        item_id = each.message.id
        context = exchange.context(is_own=True).of_item(name(each.message))
        found[item_id] = await _in_time(exchange, each, options, context)
        if left is not None:
            left -= found[item_id].size_bytes
            if left <= 0:
                break
    return found


async def _fetched(
    exchange: Exchange, folder: CollectionId, messages: Sequence[Message], options: Options
) -> list[_Fetched]:
    """What is wanted of these messages, in their order. One at which the server stumbles keeps none of the others back."""
    try:
        return await _asked(exchange, folder, messages, options)
    except AwayNow:
        if len(messages) > 1:
            alone = [await _fetched(exchange, folder, [each], options) for each in messages]
            return [each for those in alone for each in those]
        async with post_room(exchange).reading(exchange.identity).opened(folder):
            pass  # it answers, but for this message
        log.warning("message %s of %s cannot be read on the mail server", messages[0].id, folder)
        return [_Fetched(messages[0], untold(NOT_HANDED_OUT), {})]


async def _asked(
    exchange: Exchange, folder: CollectionId, messages: Sequence[Message], options: Options
) -> list[_Fetched]:
    async with post_room(exchange).reading(exchange.identity).opened(folder) as opened:
        sketches = await opened.sketches(messages, (HEADERS,))
        plans = await in_thread(exchange, _plans, sketches, options)
        octets = await _pieces(opened, messages, plans)
    gone = [each for each in messages if each.id not in octets and each.id > 0]
    if gone:
        await _look_again(exchange.identity, post_room(exchange), gone)
    return [
        _Fetched(each, plans[each.id].structure, {**sketches[each.id].pieces, **octets[each.id]})
        for each in messages
        if each.id in octets
    ] + [_Fetched(each, untold(NOT_HANDED_OUT), {}) for each in await _still_there(exchange, folder, gone)]


@dataclass(frozen=True, slots=True)
class _Plan:
    structure: Structure
    wanted: tuple[Piece, ...]


def _plans(sketches: Mapping[ItemId, Sketch], options: Options) -> dict[ItemId, _Plan]:
    return {item_id: _plan(each, options) for item_id, each in sketches.items()}


def _plan(sketch: Sketch, options: Options) -> _Plan:
    try:
        structure = structure_of(sketch.structure)
        wanted = email.wanted(structure, options)
    except WHAT_GOES_WRONG:
        structure = untold(NOT_READABLE)
        wanted = email.wanted(structure, options)
    return _Plan(structure, tuple(each for each in wanted if each.section != HEADER))


async def _pieces(
    opened: OpenFolder, messages: Sequence[Message], plans: Mapping[ItemId, _Plan]
) -> dict[ItemId, dict[Piece, bytes]]:
    by_id = {each.id: each for each in messages}
    return await opened.pieces(by_id, {item_id: plan.wanted for item_id, plan in plans.items()})


async def _look_again(identity: Identity, mail: PostRoom, gone: Sequence[Message]) -> None:
    """Messages that the index knows and the server does not hand out: mostly they went this very moment."""
    for folder in {each.collection_id for each in gone}:
        await mail.box(identity.account).look_at(folder, min(each.arrived_at for each in gone))


async def _still_there(exchange: Exchange, folder: CollectionId, gone: Sequence[Message]) -> list[Message]:
    if not gone:
        return []
    ids = [each.id for each in gone]
    return list((await exchange.core.read(lambda work: messages_of(work, exchange, folder, ids))).values())


# Rendering


async def _in_time(exchange: Exchange, fetched: _Fetched, options: Options, context: Context) -> Rendered:
    """The message, or what is shown in its place when that takes too long or cannot be done."""
    closed = replace(fetched, structure=untold(NOT_READABLE))
    header = {piece: octets for piece, octets in fetched.pieces.items() if piece.section == HEADER}
    for each in (fetched, replace(closed, pieces=header)):
        try:
            async with asyncio.timeout(RENDER_SECONDS):
                return await in_thread(exchange, _rendered, each, options, context)
        except (TimeoutError, *WHAT_GOES_WRONG) as error:
            log.warning("message %s cannot be shown: %s", context.server_id, type(error).__name__)
    return _rendered(replace(closed, pieces={}), options, context)


async def in_thread(exchange: Exchange, call: Callable[..., T], *given: object) -> T:
    """What a call gives that takes its time. Whoever waits no longer leaves the thread to its work, which has limits of its own."""
    limiter = exchange.core.belonging(Renderers).limiter
    return await run_sync(call, *given, limiter=limiter, abandon_on_cancel=True)


def _rendered(fetched: _Fetched, options: Options, context: Context) -> Rendered:
    message = as_mapped(fetched.message, fetched.structure)
    elements = tuple(email.render(message, fetched.pieces, options, context))
    return Rendered(elements, fetched.message.seq, sum(_size(each) for each in elements))


def _size(element: Element) -> int:
    own = len(element.opaque or b"") + len((element.text or "").encode("utf-8", "replace"))
    return 8 + own + sum(_size(each) for each in element.children)
