"""Messages that a device moves: all from one folder to another in one step on the mail server, then noted for the device.

What was noted is answered again; what the server did before we could note it, it is not asked to do twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pimgate.api import (
    AwayNow,
    CollectionId,
    ItemHead,
    ItemId,
    MailFolder,
    NoSuchCollection,
    NotAllowedIn,
    PimgateError,
    Work,
)
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail.messages import post_room
from pimgate_eas.moving import Move, Moves, response
from pimgate_eas.status import MoveItems
from pimgate_eas.sync.edits import item_of
from pimgate_eas.wbxml.element import Element

AT_ONCE: Final = 500
"""Messages in one step."""

Route = tuple[CollectionId, CollectionId]


@dataclass(slots=True)
class _Plan:
    """`routes`: what is to be moved from where to where, each item once, as it is now; `statuses`: what can be answered at once."""

    routes: defaultdict[Route, dict[Move, ItemHead]] = field(default_factory=lambda: defaultdict(dict))
    statuses: dict[Move, MoveItems] = field(default_factory=dict)


async def responses(exchange: Exchange, asked: Sequence[Move]) -> list[Element]:
    """A response to each move of messages. AwayNow when the server cannot say what became of one: what was done until then is
    noted, and answered when the device asks again."""
    await post_room(exchange).ready(exchange.identity, [], 0)
    now: set[str] = set()
    plan = await exchange.core.read(lambda work: _planned(work, exchange, asked))
    for route, heads in plan.routes.items():
        moves = list(heads)
        for start in range(0, len(moves), AT_ONCE):
            some = {each: heads[each] for each in moves[start : start + AT_ONCE]}
            plan.statuses |= await _moved(exchange, route, some, now)
    return await exchange.core.read(lambda work: _answers(work, exchange, asked, plan.statuses, now))


def _planned(work: Work, exchange: Exchange, asked: Sequence[Move]) -> _Plan:
    plan, taken = _Plan(), set[str]()
    folders = {name: _opened(work, exchange, name) for each in asked for name in (each.source, each.target)}
    for each in asked:
        source, target = folders[each.source], folders[each.target]
        if source is None:
            plan.statuses[each] = MoveItems.BAD_SOURCE
        elif each.source == each.target:
            plan.statuses[each] = MoveItems.SAME_FOLDER
        elif target is None or not target.may_write:
            plan.statuses[each] = MoveItems.BAD_DESTINATION
        elif each.item not in taken and (head := _head(source, each.item)) is not None:
            taken.add(each.item)
            plan.routes[source.id, target.id][each] = head
    return plan


def _opened(work: Work, exchange: Exchange, name: str) -> MailFolder | None:
    try:
        return post_room(exchange).open(work, exchange.viewer, CollectionId(name))
    except NoSuchCollection:
        return None


def _head(folder: MailFolder, item: str) -> ItemHead | None:
    item_id = item_of(item, folder)
    return folder.head_by_id(item_id) if item_id is not None else None


async def _moved(
    exchange: Exchange, route: Route, heads: Mapping[Move, ItemHead], now: set[str]
) -> dict[Move, MoveItems]:
    """What became of these moves, all on one route."""
    source, target = route
    acting = post_room(exchange).acting(exchange.identity, exchange.device.id)
    try:
        found = await acting.move(source, [each.id for each in heads.values()], target)
    except (AwayNow, NotAllowedIn):
        raise
    except PimgateError:  # the mailbox is full, or one of them went: they stay where they are
        return dict.fromkeys(heads, MoveItems.FAILED)
    return await exchange.core.write(lambda work: _noted(work, exchange, route, heads, found, now))


def _noted(
    work: Work,
    exchange: Exchange,
    route: Route,
    heads: Mapping[Move, ItemHead],
    found: Mapping[ItemId, ItemId | None],
    now: set[str],
) -> dict[Move, MoveItems]:
    exchange.hold(work)
    moves = Moves.load(work, exchange.device.id, now)
    source, target = (_opened(work, exchange, each) for each in route)
    made = {} if target is None else target.heads_of([each for each in found.values() if each is not None])
    statuses: dict[Move, MoveItems] = {}
    for move, head in heads.items():
        new = found.get(head.id)
        if new is None or new not in made or source is None or target is None:
            statuses[move] = MoveItems.BAD_SOURCE  # somebody else was quicker
            continue
        moves.note(move, source, head, target, made[new])
        statuses[move] = MoveItems.OK
    moves.keep()
    return statuses


def _answers(
    work: Work, exchange: Exchange, asked: Sequence[Move], statuses: Mapping[Move, MoveItems], now: set[str]
) -> list[Element]:
    """What was not planned is no longer there: perhaps the device moved it before."""
    moves = Moves.load(work, exchange.device.id, now)
    return [
        response(each, statuses.get(each) or moves.status_of_gone(each), moves.moved.get(each.item, ""))
        for each in asked
    ]
