"""Messages for Search and Find: what a device looks for, found in the person's folders and rendered, part by part.

Source: MS-ASCMD, "Search", "Find", "Range (Search)", "RebuildResults", "DeepTraversal".
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pimgate.api import AwayNow, CollectionId, CollectionKind, Mailbox, Message, NoSuchCollection, Work
from pimgate.mail import finding
from pimgate.mail.conversations import related
from pimgate.mail.finding import Found, Hit, Wish
from pimgate.mail.mime.headers import headers_of
from pimgate.mail.postbox import Postbox
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail.messages import Rendered, post_room, rendered_messages
from pimgate_eas.mail.names import Name, name_of, named_messages
from pimgate_eas.mail.searching.kept_results import KeptResults
from pimgate_eas.mail.searching.running import RunningSearches
from pimgate_eas.mapping.email import Options
from pimgate_eas.mapping.email.conversation import begun_with, conversation_id
from pimgate_eas.mapping.email.options import Preference
from pimgate_eas.wbxml.element import Element

MOST_SHOWN: Final = 100
"""Messages in one answer."""
BODY_BYTES: Final = 128 * 1024
"""Of one message in a list, whatever a device asks for: it fetches the rest of the one that it opens."""
AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for, and where: in these folders, or (without any) in all; with `is_deep` also in those below them. With a
    `conversation` what belongs to it is looked for, and of the wish its times alone count."""

    wish: Wish
    folders: frozenset[CollectionId] = frozenset()
    is_deep: bool = False
    conversation: bytes = b""


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of a list."""

    name: Name
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list. `first` and `last` are the places that it covers, counted from 0; messages that went meanwhile are left
    out of it."""

    shown: tuple[Shown, ...]
    first: int
    last: int
    total: int
    is_complete: bool

    @property
    def range(self) -> str | None:
        return f"{self.first}-{self.last}" if self.last >= self.first else None


async def find(exchange: Exchange, question: Question, *, is_beginning: bool, is_anew: bool = False) -> Found:
    """What is found; without `is_anew`, what was found a while ago for the same question. NoSuchCollection for a folder that this
    device is not shown; AwayNow, Unsayable, and the errors of `Upstream.connection`."""
    results = exchange.core.belonging(KeptResults)
    kept = None if is_anew else results.get(exchange.device.id, question, is_beginning=is_beginning)
    if kept is not None:
        return kept
    mail = post_room(exchange)
    await mail.ready(exchange.identity, [], 0)
    folders = await exchange.core.read(lambda work: _folders(work, exchange, question))
    box = mail.box(exchange.identity.account)
    search = (
        _related(exchange, box, question, folders)
        if question.conversation
        else finding.find(box, question.wish, folders)
    )
    found = await exchange.core.belonging(RunningSearches).run(exchange.device.id, search)
    if found.is_complete:
        results.keep(exchange.device.id, question, found)
    return found


async def page(exchange: Exchange, found: Found, first: int, last: int, options: Options) -> Page:
    """The messages at these places of what was found, as many as an answer has room for. AwayNow, and the errors of
    `Upstream.connection`."""
    wanted = found.hits[first : min(last, first + MOST_SHOWN - 1) + 1]
    options = _short(options)
    shown: list[Shown] = []
    covered, room = 0, exchange.settings.window_bytes
    for start in range(0, len(wanted), AT_ONCE):
        for hit, rendered in await _rendered(exchange, wanted[start : start + AT_ONCE], options):
            covered += 1
            if rendered is not None:
                shown.append(Shown(name_of(hit), rendered.elements))
                room -= rendered.size_bytes
            if room <= 0:
                break
        if room <= 0:
            break
    return Page(tuple(shown), first, first + covered - 1, max(found.total, len(found.hits)), found.is_complete)


async def _related(exchange: Exchange, box: Postbox, question: Question, folders: Collection[CollectionId]) -> Found:
    """What belongs to a conversation, as far as it is in the index."""
    try:
        async with asyncio.timeout(finding.SECONDS):
            found = await related(
                box,
                folders,
                lambda first: begun_with(first) == question.conversation,
                lambda header: conversation_id(headers_of(header)) == question.conversation,
            )
    except TimeoutError:
        raise AwayNow("a conversation was not found in time") from None
    names = {Name(folder, item_id) for folder, ids in found.items() for item_id in ids}
    messages = [
        each for each in (await named_messages(exchange, names)).values() if question.wish.is_in_time(each.arrived_at)
    ]
    messages.sort(key=lambda each: (-each.arrived_at, each.id))
    hits = tuple(Hit(each.collection_id, 0, each.uid, each.arrived_at, each.id) for each in messages[: finding.MOST])
    return Found(hits, len(messages))


def _folders(work: Work, exchange: Exchange, question: Question) -> Collection[CollectionId]:
    """Where to look: in folders that this device sees."""
    sights = exchange.core.catalogue.visible_to(work, exchange.viewer)
    seen = {each.standing.collection.id for each in sights if each.standing.collection.kind is CollectionKind.MAILBOX}
    unknown = question.folders - seen
    if unknown:
        raise NoSuchCollection(f"{len(unknown)} folders")
    if not question.folders:
        return seen
    if not question.is_deep:
        return question.folders
    known: Mapping[CollectionId, Mailbox] = post_room(exchange).mailboxes(work, exchange.viewer)
    return finding.below(known.values(), question.folders) & seen


async def _rendered(exchange: Exchange, hits: Sequence[Hit], options: Options) -> list[tuple[Hit, Rendered | None]]:
    """These messages in their order; None for those that are gone."""
    names = {each: name_of(each) for each in hits}
    messages = await named_messages(exchange, names.values())
    found: dict[Name, Rendered] = {}
    for folder in {each.folder for each in messages}:
        there = {name: message for name, message in messages.items() if name.folder == folder}
        found |= await render_named(exchange, folder, there, options)
    return [(each, found.get(names[each])) for each in hits]


async def render_named(
    exchange: Exchange, folder: CollectionId, messages: Mapping[Name, Message], options: Options
) -> dict[Name, Rendered]:
    """Messages of one folder as a device gets them, called by the names that it has for them."""
    names = {message.id: name for name, message in messages.items()}
    rendered = await rendered_messages(
        exchange, folder, list(messages.values()), options, name=lambda message: str(names[message.id])
    )
    return {names[item_id]: each for item_id, each in rendered.items()}


def _short(options: Options) -> Options:
    """Bodies of a list: not too long, and no originals, of which half is worth nothing."""
    part = _shorter(options.part) if options.part is not None else None
    return replace(options, bodies=tuple(_shorter(each) for each in options.bodies), part=part, mime_support=0)


def _shorter(asked: Preference) -> Preference:
    return replace(asked, most=BODY_BYTES if asked.most is None else min(BODY_BYTES, asked.most))
