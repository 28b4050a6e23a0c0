"""What a Sync will need of the mail server, found out before it is asked. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pimgate.api import BookmarkExpired, CollectionId, ItemId, MailFolder, NoSuchCollection, Work
from pimgate_eas import shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.sync.engine import Room
from pimgate_eas.sync.keys import Generations, Turn
from pimgate_eas.sync.mail import letters
from pimgate_eas.sync.mail.scene import Scene, scene_of
from pimgate_eas.sync.mail.side import Handed, Mail
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.turn import CollectionTurn, open_source, states, turn_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """Messages that have to be fetched for a turn, in the order in which they are sent, the options for that, and what room the
    turn leaves."""

    ids: tuple[ItemId, ...]
    options: Mapping[str, Any]
    room: Room


def is_mail(work: Work, exchange: Exchange, collection_id: str) -> bool:
    """Whether this is one of the person's mail folders."""
    has_mail = exchange.core.mail is not None
    return has_mail and exchange.core.catalogue.is_folder(work, exchange.viewer, CollectionId(collection_id))


def since(work: Work, exchange: Exchange, request: CollectionRequest) -> int | None:
    """From when on the index of this mail folder has to be current; None for what is no mail, and where nothing new is told."""
    found = _next_turn(work, exchange, request)
    if found is None:
        return None
    _, generations, turn = found
    state, _ = states(generations, turn)
    return letters.since(letters.options_of(request) or state.options, work.now)


def scene(work: Work, exchange: Exchange, request: CollectionRequest) -> Scene | None:
    """What the edits of this request meet; None where none of them is to be carried out: they were, or their key is unknown."""
    found = _next_turn(work, exchange, request)
    if found is None:
        return None
    folder, generations, turn = found
    return scene_of(folder, request, *states(generations, turn))


def wanted(work: Work, exchange: Exchange, request: CollectionRequest, room: Room, handed: Handed) -> Wanted | None:
    """What a turn about mail would send now; None where it sends nothing new."""
    found = _next_turn(work, exchange, request)
    if found is None or (request.commands and handed.outcomes is None):
        return None
    folder, generations, turn = found
    side = Mail(exchange, folder, replace(handed, is_planned=True))
    try:
        planned = CollectionTurn(work, exchange, side, request, generations, turn).planned(room)
    except BookmarkExpired:  # the journal was pruned this very moment
        return None
    ids = tuple(step.item_id for step in planned.steps if side.needs_text(step.send))
    return Wanted(ids, planned.options, planned.room)


def _next_turn(
    work: Work, exchange: Exchange, request: CollectionRequest
) -> tuple[MailFolder, Generations, Turn] | None:
    """The folder and its generations, where this is a question about mail that is new."""
    if exchange.core.mail is None:
        return None
    try:
        folder = open_source(work, exchange, request.collection_id)
    except NoSuchCollection:
        return None
    if not isinstance(folder, MailFolder):
        return None
    generations = shelved.peek(work, exchange.device.id, shelved.collection_key(folder.id))
    turn = turn_of(folder, request, generations)
    if generations is None or turn not in (Turn.NEXT, Turn.BACK):
        return None
    return folder, generations, turn
