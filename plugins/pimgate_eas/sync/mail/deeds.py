"""What a device's edits do on the mail server: flags and categories, deletions, fetches; drafts are in `drafts`.

Every deed may be done again: a request whose answer was lost, or that we did not live to answer, leads to the same mailbox. What is
refused is refused alone.
Source: MS-ASCMD, "Change", "Delete (Sync)", "Fetch (Sync)", "DeletesAsMoves"; MS-ASEMAIL, "Read", "Flag", "Categories".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from pimgate.api import Acting, ItemId, Message, Refused
from pimgate_eas.errors import row_for
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail import messages
from pimgate_eas.mapping.email import FlagEdit, read_edit
from pimgate_eas.status import Sync
from pimgate_eas.sync.mail import drafts
from pimgate_eas.sync.mail.scene import Outcome, Scene
from pimgate_eas.sync.state import GONE
from pimgate_eas.wbxml.element import Element

Outcomes = dict[int, Outcome]
DATA = "AirSync:ApplicationData"
NOT_OURS = "A message cannot be changed in this way."


async def carry_out(exchange: Exchange, scene: Scene, most_bytes: int) -> Outcomes:
    """What became of each command, by its place. AwayNow and the errors of `Upstream.connection`: then some were carried out and
    some were not, and the device asks again; NoSuchCollection. `most_bytes` is the room for what it fetches."""
    acting = messages.post_room(exchange).acting(exchange.identity, exchange.viewer.origin)
    found: Outcomes = {}
    edits: dict[ItemId, FlagEdit] = {}
    places: defaultdict[ItemId, list[int]] = defaultdict(list)
    for index, command in enumerate(scene.commands):
        message, data = scene.message_for(index), command.find(DATA)
        if command.tag == "Add":
            found[index] = await drafts.added(exchange, acting, scene, command)
        elif command.tag == "Change" and (message is None or data is None):
            found[index] = Outcome(Sync.PROTOCOL if data is None else Sync.NOT_FOUND)
        elif command.tag == "Change" and message is not None and data is not None:
            edit = read_edit(data)
            if drafts.is_draft_edit(exchange, scene, command):
                found[index] = await drafts.changed(exchange, acting, scene, command, message)
            elif edit.is_empty:
                found[index] = Outcome(Sync.CONVERSION, message.id, is_more=True, reason=NOT_OURS)
            else:
                edits[message.id] = edit.after(edits.get(message.id))
                places[message.id].append(index)
    marked = await _marked(acting, scene, edits)
    found |= {index: marked[item_id] for item_id, those in places.items() for index in those}
    return found | await _deleted(acting, scene) | await _fetched(exchange, scene, most_bytes)


# Flags and categories


async def _marked(acting: Acting, scene: Scene, edits: Mapping[ItemId, FlagEdit]) -> dict[ItemId, Outcome]:
    """One command to the server for all messages of which the same changes."""
    alike: defaultdict[tuple[frozenset[str], frozenset[str]], list[ItemId]] = defaultdict(list)
    for item_id, edit in edits.items():
        alike[edit.changes(scene.messages[item_id].flags)].append(item_id)
    found: dict[ItemId, Outcome] = {}
    for (added, removed), ids in alike.items():
        try:
            now = {each: scene.messages[each] for each in ids}
            if added or removed:
                now = await acting.set_flags(scene.id, ids, add=added, remove=removed)
        except Refused as error:
            refused = Outcome(Sync(row_for(error).item), is_more=True, reason=error.public)
            found |= {each: replace(refused, item_id=each) for each in ids}
            continue
        found |= {each: _mark(scene, each, edits[each], now.get(each), added, removed) for each in ids}
    return found


def _mark(
    scene: Scene,
    item_id: ItemId,
    edit: FlagEdit,
    now: Message | None,
    added: frozenset[str],
    removed: frozenset[str],
) -> Outcome:
    """What the device must hear beyond its own edit: what somebody else changed, and what the server does not keep."""
    if now is None:
        return Outcome(Sync.NOT_FOUND)
    meant = (scene.messages[item_id].flags - removed) | added
    kept = None
    if edit.is_flagged is not None:
        kept = edit.follow_up.fields if edit.follow_up is not None else {}
    return Outcome(
        Sync.OK,
        item_id,
        seq=now.seq,
        is_more=item_id in scene.behind or _folded(now.flags) != _folded(meant),
        follow_up=kept,
    )


def _folded(flags: frozenset[str]) -> frozenset[str]:
    return frozenset(each.casefold() for each in flags)


# Deletions and fetches


async def _deleted(acting: Acting, scene: Scene) -> Outcomes:
    places = [index for index, each in enumerate(scene.commands) if each.tag == "Delete"]
    ids = {index: message.id for index in places if (message := scene.message_for(index)) is not None}
    if ids:
        try:
            await acting.delete(scene.id, list(ids.values()), for_good=not scene.deletes_as_moves)
        except Refused as error:
            refused = Outcome(Sync(row_for(error).item), is_more=True, reason=error.public)
            return {index: replace(refused, item_id=ids.get(index)) for index in places}
    return {index: Outcome(Sync.OK, scene.targets[index], seq=GONE if index in ids else 0) for index in places}


async def _fetched(exchange: Exchange, scene: Scene, most_bytes: int) -> Outcomes:
    """Messages that the device wants whole, or again."""
    places = [index for index, each in enumerate(scene.commands) if each.tag == "Fetch"]
    known = {index: message.id for index in places if (message := scene.message_for(index)) is not None}
    wanted = list(known.values())
    found = await messages.rendered(exchange, scene.id, wanted, scene.options, most_bytes=most_bytes) if wanted else {}
    return {index: _fetch(known.get(index), found) for index in places}


def _fetch(item_id: ItemId | None, found: Mapping[ItemId, messages.Rendered]) -> Outcome:
    if item_id is None:
        return Outcome(Sync.NOT_FOUND)
    if item_id not in found:
        return Outcome(Sync.RETRY, item_id)
    whole = found[item_id]
    return Outcome(Sync.OK, item_id, data=(Element(DATA, *whole.elements),), size_bytes=whole.size_bytes)
