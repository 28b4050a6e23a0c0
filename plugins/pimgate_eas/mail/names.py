"""How devices name messages: one form for those that they synchronise, one for those that only a search found.

    c6f1e2d3a4b5:4711              ServerId, and LongId: folder and item; good for the life of the message
    c6f1e2d3a4b5:1742050000.812    folder, UIDVALIDITY and UID of a message beyond what the index holds

A name says nothing about who may have the message: folders are opened for the person who asks, and one that is not theirs is not
there. The second form means nothing to Sync and MoveItems, so that no device can be told of such a message, nor lose it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from pimgate.api import CollectionId, ItemId, Message, NoSuchCollection
from pimgate.mail import finding
from pimgate.mail.imap import MOST_UID
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail.messages import messages_of, post_room

LONGEST: Final = 64
"""Characters of a name. Source: MS-ASCMD, "ServerId"."""
_NAME: Final = re.compile(r"([a-z0-9]{1,40}):(?:([0-9]{1,18})|([0-9]{1,10})\.([0-9]{1,10}))\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Name:
    """One message of a folder: an item of the index, or a place on the server."""

    folder: CollectionId
    item_id: ItemId | None = None
    uid_validity: int = 0
    uid: int = 0

    def __str__(self) -> str:
        if self.item_id is not None:
            return f"{self.folder}:{self.item_id}"
        return f"{self.folder}:{self.uid_validity}.{self.uid}"


def read_name(text: str) -> Name | None:
    """The message that a device means; None for what is no name of one."""
    found = _NAME.match(text.strip("\0 ")) if len(text) <= LONGEST else None
    if found is None:
        return None
    folder = CollectionId(found[1])
    if found[2] is not None:
        return Name(folder, ItemId(int(found[2])))
    uid = int(found[4])
    return Name(folder, None, int(found[3]), uid) if 1 <= uid <= MOST_UID else None


def name_of(hit: finding.Hit) -> Name:
    """How devices name what was found."""
    if hit.item_id is not None:
        return Name(hit.collection_id, hit.item_id)
    return Name(hit.collection_id, None, hit.uid_validity, hit.uid)


async def named_messages(exchange: Exchange, names: Collection[Name]) -> dict[Name, Message]:
    """Those of the messages that this device may see and that are still there. AwayNow, and the errors of
    `Upstream.connection`."""
    by_folder: defaultdict[CollectionId, list[Name]] = defaultdict(list)
    for each in names:
        by_folder[each.folder].append(each)
    found: dict[Name, Message] = {}
    for folder, those in by_folder.items():
        try:
            found |= await _indexed(exchange, folder, those)
        except NoSuchCollection:
            continue
        found |= await _placed(exchange, folder, [each for each in those if each.item_id is None])
    return found


async def _indexed(exchange: Exchange, folder: CollectionId, names: Iterable[Name]) -> dict[Name, Message]:
    """NoSuchCollection for a folder that the device may not see."""
    by_id = {each.item_id: each for each in names if each.item_id is not None}
    items = await exchange.core.read(lambda work: messages_of(work, exchange, folder, list(by_id)))
    return {by_id[item_id]: message for item_id, message in items.items()}


async def _placed(exchange: Exchange, folder: CollectionId, names: Iterable[Name]) -> dict[Name, Message]:
    """Messages that are known by their places; the folder is one that the device may see."""
    box = post_room(exchange).box(exchange.identity.account)
    numbered: defaultdict[int, dict[int, Name]] = defaultdict(dict)
    for each in names:
        numbered[each.uid_validity][each.uid] = each
    found: dict[Name, Message] = {}
    for uid_validity, by_uid in numbered.items():
        there = await finding.messages_at(box, folder, uid_validity, by_uid)
        found |= {by_uid[uid]: message for uid, message in there.items()}
    return found
