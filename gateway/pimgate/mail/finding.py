"""Looking for messages in a person's folders: on the mail server, for only it has their words. What was found is given as places,
the latest first, within a limit of messages and of time.

What is found need not be in the index, which reaches back only as far as devices look. Such a message is known by its place:
folder, UIDVALIDITY and UID. Nothing is written: a search changes neither the index nor what any device is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Final

from pimgate.errors import AwayNow
from pimgate.mail.describing import describe
from pimgate.mail.imap import Connection, Criterion, Item, Rejected, UidSet
from pimgate.mail.postbox import Postbox
from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId
from pimgate.model.mail import Described, Mailbox, Message, SpecialUse

MOST: Final = 1_000
"""Messages that are given of one search."""
SECONDS: Final = 30.0
MOST_FOLDERS: Final = 1_000
AT_ONCE: Final = 500
"""Messages whose arrival is asked for in one command."""
MARGIN: Final = timedelta(days=2)
"""Servers search by days, each in its own zone; we count in seconds."""

_FIRST: Final = (SpecialUse.INBOX, SpecialUse.SENT, SpecialUse.NONE, SpecialUse.ARCHIVE, SpecialUse.DRAFTS)
"""In which folders what people look for is likely, in this order; junk and trash come last."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for: what the server can tell, and when it arrived to the second: `since` and before `before`, seconds since
    1970."""

    criterion: Criterion
    since: int | None = None
    before: int | None = None

    @property
    def for_server(self) -> Criterion:
        """The criterion, with days in which every moment that is meant surely lies."""
        whole = self.criterion
        if self.since is not None:
            whole = Criterion.arrived_since(_day(self.since, -MARGIN)) & whole
        if self.before is not None:
            whole = Criterion.arrived_before(_day(self.before, MARGIN)) & whole
        return whole

    def is_in_time(self, arrived_at: int) -> bool:
        return (self.since is None or self.since <= arrived_at) and (self.before is None or arrived_at < self.before)


@dataclass(frozen=True, slots=True)
class Hit:
    """One message that was found: where it lies, and its id if it is in the index."""

    collection_id: CollectionId
    uid_validity: int
    uid: int
    arrived_at: int
    item_id: ItemId | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, the latest first; `total` counts also what is beyond the limit. Without `is_complete` the time was up
    before all folders had been looked at."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_complete: bool = True


async def find(
    box: Postbox, wish: Wish, folders: Collection[CollectionId], *, most: int = MOST, seconds: float = SECONDS
) -> Found:
    """The messages in these folders that a wish is about. AwayNow if not one folder could be looked at; the errors of
    `Upstream.connection`; Unsayable for what no server can be asked."""
    wish.for_server  # noqa: B018 - what cannot be asked is refused before anybody is asked
    await box.folders_current()
    known = await box.folders()
    wanted = sorted((known[each] for each in set(folders) & known.keys() if known[each].is_selectable), key=_rank)
    looking = _Looking(box, wish, most)
    is_complete = len(wanted) <= MOST_FOLDERS
    try:
        async with asyncio.timeout(seconds):
            await looking.through(wanted[:MOST_FOLDERS])
    except TimeoutError:
        is_complete = False
    if wanted and not looking.folders:
        raise AwayNow("the mail server searches in no folder")
    hits = sorted(looking.hits, key=lambda each: (-each.arrived_at, each.collection_id, -each.uid))
    return Found(tuple(hits[:most]), looking.total, is_complete)


@dataclass(slots=True)
class _Looking:
    """One search, folder by folder on one connection."""

    box: Postbox
    wish: Wish
    most: int
    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    folders: int = 0

    async def through(self, folders: Sequence[Mailbox]) -> None:
        async with self.box.upstream.connection(self.box.account) as line:
            for each in folders:
                try:
                    await self._look(line, each)
                except Rejected:  # it went a moment ago, or nobody may read it: the others are looked at all the same
                    self.box.note(each.path)
                    continue
                self.folders += 1

    async def _look(self, line: Connection, found: Mailbox) -> None:
        """The numbers of a folder grow as messages come, so that the highest are, mostly, the latest."""
        selected = await line.select(found.path, is_read_only=True)
        uids = await line.search(self.wish.for_server)
        latest = list(islice(_downwards(uids), self.most))
        known: Mapping[int, Message] = {}
        if selected.uid_validity == found.uid_validity:
            known = await self.box.desk.read(lambda work: work.mail.by_uids(found.collection_id, latest))
        arrived = {uid: each.arrived_at for uid, each in known.items()}
        arrived |= await _arrivals(line, [uid for uid in latest if uid not in known])
        hits = [
            Hit(found.collection_id, selected.uid_validity, uid, at, known[uid].id if uid in known else None)
            for uid, at in arrived.items()
            if self.wish.is_in_time(at)
        ]
        self.hits += hits
        self.total += len(hits) + len(uids) - len(latest)


async def messages_at(
    box: Postbox, collection_id: CollectionId, uid_validity: int, uids: Collection[int]
) -> dict[int, Message]:
    """The messages at these places, by UID, as far as they still lie there: as the index has them, else as the server describes
    them; the latter have ids below zero. AwayNow and the errors of `Upstream.connection`."""
    found = (await box.folders()).get(collection_id)
    if found is None or not found.is_selectable or not uids:
        return {}
    known: dict[int, Message] = {}
    if found.uid_validity == uid_validity:
        known = await box.desk.read(lambda work: work.mail.by_uids(collection_id, uids))
    others = [each for each in uids if each not in known]
    if not others:
        return known
    try:
        async with box.upstream.connection(box.account) as line:
            selected = await line.select(found.path, is_read_only=True)
            described = await describe(line, others) if selected.uid_validity == uid_validity else []
    except Rejected:
        box.note(found.path)
        box.note_folders()
        return known
    return known | {each.uid: _outside(collection_id, each) for each in described}


def _outside(collection_id: CollectionId, each: Described) -> Message:
    """A message that is not in the index, as those in it are."""
    return Message(
        id=ItemId(-each.uid),
        collection_id=collection_id,
        uid=each.uid,
        email_id=each.email_id,
        message_id=each.message_id,
        sent_at=each.sent_at,
        arrived_at=each.arrived_at,
        size_bytes=each.size_bytes,
        flags=each.flags,
        created_seq=0,
        seq=0,
        changed_at=0.0,
    )


async def _arrivals(line: Connection, uids: Sequence[int]) -> dict[int, int]:
    """When each of these messages of the open folder arrived, seconds since 1970; those that went are left out."""
    found: dict[int, int] = {}
    for start in range(0, len(uids), AT_ONCE):
        for each in await line.fetch(uids[start : start + AT_ONCE], (Item.ARRIVED,)):
            if each.uid is not None:
                found[each.uid] = int(each.arrived_at.timestamp()) if each.arrived_at is not None else 0
    return found


def _downwards(uids: UidSet) -> Iterator[int]:
    for first, last in reversed(uids.ranges):
        yield from range(last, first - 1, -1)


def _rank(found: Mailbox) -> tuple[int, str]:
    return _FIRST.index(found.special_use) if found.special_use in _FIRST else len(_FIRST), found.path


def _day(at: int, margin: timedelta) -> date:
    """The day of a moment, some days earlier or later; the first or last day that there is, beyond."""
    try:
        return (datetime.fromtimestamp(at, UTC) + margin).date()
    except (OverflowError, OSError, ValueError):
        return date(1970, 1, 1) if at < 0 else date(9999, 12, 31)


def below(folders: Iterable[Mailbox], collection_ids: Collection[CollectionId]) -> set[CollectionId]:
    """These folders, and all that stand below them."""
    children: dict[CollectionId | None, list[CollectionId]] = {}
    for each in folders:
        children.setdefault(each.parent_id, []).append(each.collection_id)
    found: set[CollectionId] = set()
    waiting = list(collection_ids)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += children.get(here, [])
    return found
