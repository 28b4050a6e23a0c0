"""What a person's device does to messages: on the mail server first, then in the index at once, so that its next look finds it.

Everything may be asked for again: flags that are set, messages that are gone or moved already are as they should be. No verb runs
within a unit of work. All raise AwayNow when the server cannot say that it was done, NoSuchCollection for what is no folder of the
person, and the errors of `Upstream.connection`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, TypeVar

from pimgate.errors import AwayNow, NoSuchCollection, Refused
from pimgate.mail import index
from pimgate.mail.describing import describe, flags_of, header
from pimgate.mail.imap import Connection, Criterion, FlagChange, Rejected, Unsayable
from pimgate.mail.index import Outdated
from pimgate.mail.postbox import Postbox
from pimgate.mail.reconcile import Reconciliation, Said, compare
from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId
from pimgate.model.mail import EVERYTHING, Described, Mailbox, Message, SpecialUse
from pimgate.store.work import Work

T = TypeVar("T")

TRIES: Final = 5
HEADER_BYTES: Final = 65_536


class Acting:
    """The verbs for one person. `origin` names the device in the journal."""

    def __init__(self, box: Postbox, origin: str = "") -> None:
        self._box = box
        self._desk = box.desk
        self._origin = origin

    async def set_flags(
        self, folder: CollectionId, ids: Collection[ItemId], *, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> dict[ItemId, Message]:
        """Add and take away flags and keywords; gives those of the messages that are still there, as they are now."""
        async with self._opened(folder) as (line, found):
            messages = await self._messages(found, ids)
            uids = [each.uid for each in messages.values()]
            for change, names in ((FlagChange.ADD, add), (FlagChange.REMOVE, remove)):
                if uids and names:
                    await line.store(uids, change, names)
            flags = await flags_of(line, uids) if uids else {}
        await self._write(folder, lambda work, now: self._note_flags(work, now, flags))
        if flags.keys() != set(uids):
            await self._box.look_at(folder, _reach(found))
        return await self._messages(found, ids)

    async def move(
        self, folder: CollectionId, ids: Collection[ItemId], target: CollectionId
    ) -> dict[ItemId, ItemId | None]:
        """Move messages to another folder; gives the id of each there. None for one that is neither here nor there."""
        there = await self._mailbox(target)
        async with self._opened(folder) as (line, found):
            messages = await self._messages(found, ids)
            uids = [each.uid for each in messages.values()]
            copied = await line.move(uids, there.path) if uids else None
        await self._gone(folder, messages.values())
        if not messages:
            return dict.fromkeys(ids)
        # The window of the target grows as far as it must: what was moved there is in its index.
        reach = min(each.arrived_at for each in messages.values())
        await self._box.look_at(target, min(reach, _reach(there, reach)))
        numbers = copied.uids if copied is not None else {}
        found_there = await self._desk.read(lambda work: _found_there(work, target, messages, numbers))
        return {each: found_there.get(each) for each in ids}

    async def delete(self, folder: CollectionId, ids: Collection[ItemId], *, for_good: bool = False) -> None:
        """Move messages to the trash; delete them for good where there is none, or from the trash itself."""
        trash = await self.special(SpecialUse.TRASH)
        is_end = for_good or trash is None or trash.collection_id == folder
        async with self._opened(folder) as (line, found):
            messages = await self._messages(found, ids)
            uids = [each.uid for each in messages.values()]
            if uids and (is_end or trash is None):
                await line.expunge(uids)
            elif uids and trash is not None:
                await line.move(uids, trash.path)
        await self._gone(folder, messages.values())

    async def empty(self, folder: CollectionId) -> None:
        """Delete everything in a folder for good."""
        async with self._opened(folder) as (line, found):
            uids = await line.search()
            await line.expunge(uids)
        await self._box.look_at(folder, _reach(found))

    async def append(
        self,
        folder: CollectionId,
        message: bytes,
        *,
        flags: Collection[str] = (),
        arrived_at: datetime | None = None,
        replaces: ItemId | None = None,
    ) -> ItemId:
        """Put a message into a folder; gives its id. One with this Message-ID that lies there already is that message: it is not
        put there again. With `replaces`, a draft that this is the next version of, the old one goes and the id stays."""
        async with self._opened(folder) as (line, found):
            old = (await self._messages(found, [replaces] if replaces is not None else [])).get(replaces or ItemId(0))
            uid = await self._put(line, found, message, flags, arrived_at, old)
            described = await _described(line, uid)
            if old is not None and old.uid != uid:
                await line.expunge([old.uid])
        reach = min(described.arrived_at, _reach(found, described.arrived_at))
        if old is not None:
            kept = old.id
            return await self._write(
                folder, lambda work, now: index.take_over(work, now, kept, described, self._origin)
            )
        await self._box.look_at(folder, reach)
        known = await self._desk.read(lambda work: work.mail.by_uids(folder, [uid]))
        if uid not in known:
            raise AwayNow("a message went in the moment in which it came")
        return known[uid].id

    async def special(self, use: SpecialUse) -> Mailbox | None:
        """The person's folder for this purpose."""
        return next((each for each in (await self._box.folders()).values() if each.special_use is use), None)

    # On the server

    @asynccontextmanager
    async def _opened(self, folder: CollectionId) -> AsyncIterator[tuple[Connection, Mailbox]]:
        """A connection with this folder open, whose numbers are those of the index."""
        found = await self._mailbox(folder)
        try:
            async with self._box.upstream.connection(self._box.account) as line:
                selected = await line.select(found.path)
                if selected.uid_validity != found.uid_validity and found.indexed_from is not None:
                    self._box.note(found.path)
                    raise AwayNow(f"{folder} was numbered anew")
                yield line, found
        except Rejected as error:
            self._box.note(found.path)
            self._box.note_folders()
            raise refusal(error) from error
        except Unsayable as error:
            raise Refused(str(error), public="The mail server cannot take this.") from error

    async def _put(
        self,
        line: Connection,
        found: Mailbox,
        message: bytes,
        flags: Collection[str],
        arrived_at: datetime | None,
        old: Message | None,
    ) -> int:
        """The number of the message in the open folder, put there unless it lies there."""
        message_id, _ = header(message[:HEADER_BYTES].partition(b"\r\n\r\n")[0])
        before = await _alike(line, message_id)
        before.discard(old.uid if old is not None else 0)
        if before:
            return max(before)
        appended = await line.append(found.path, message, flag_names=flags, arrived_at=arrived_at)
        if appended is not None:
            return appended.uid
        await line.select(found.path)
        after = await _alike(line, message_id) or set(await line.search())
        after.discard(old.uid if old is not None else 0)
        if not after:
            raise AwayNow("the mail server does not say where a new message is")
        return max(after)

    # In the index

    async def _mailbox(self, folder: CollectionId) -> Mailbox:
        found = (await self._box.folders()).get(folder)
        if found is None or not found.is_selectable:
            raise NoSuchCollection(f"{folder} of {self._box.account.id}")
        return found

    async def _messages(self, found: Mailbox, ids: Collection[ItemId]) -> dict[ItemId, Message]:
        """Those of the messages that are here. AwayNow while one of them has no number."""
        messages = await self._desk.read(lambda work: work.mail.by_ids(found.collection_id, ids))
        if any(each.is_set_aside for each in messages.values()):
            self._box.note(found.path)
            raise AwayNow(f"{found.collection_id} is being numbered anew")
        return messages

    async def _gone(self, folder: CollectionId, messages: Iterable[Message]) -> None:
        ids = [each.id for each in messages]

        def forget(work: Work, now: Mailbox) -> None:
            gone = tuple(work.mail.by_ids(now.collection_id, ids).values())
            index.write(work, now, Reconciliation(gone=gone), origin=self._origin)

        await self._write(folder, forget)

    def _note_flags(self, work: Work, now: Mailbox, flags: dict[int, frozenset[str]]) -> None:
        known = work.mail.by_uids(now.collection_id, flags)
        index.write(work, now, compare(known.values(), Said(flags)), origin=self._origin)

    async def _write(self, folder: CollectionId, job: Callable[[Work, Mailbox], T]) -> T:
        """What a job gives that writes to the folder as it is now."""

        def write(work: Work) -> T:
            now = work.mail.mailbox(folder)
            if now is None:
                raise NoSuchCollection(folder)
            return job(work, now)

        for _ in range(TRIES):
            try:
                return await self._desk.write(write)
            except Outdated:
                continue
        raise AwayNow(f"{folder} changes faster than it can be written")


def refusal(error: Rejected) -> Exception:
    """What a person is told when the server says no."""
    if error.code in ("OVERQUOTA", "LIMIT"):
        return Refused(str(error), public="The mailbox is full.")
    if error.code == "NOPERM":
        return Refused(str(error), public="The mail server does not allow this.")
    return AwayNow(f"the mail server refuses: {error}")


def _reach(found: Mailbox, otherwise: int = EVERYTHING) -> int:
    """How far back the index of a folder reaches."""
    return otherwise if found.indexed_from is None else found.indexed_from


def _found_there(
    work: Work, target: CollectionId, messages: Mapping[ItemId, Message], numbers: Mapping[int, int]
) -> dict[ItemId, ItemId]:
    """The ids of moved messages in their new folder: by the numbers that the server told, else by what they are."""
    told = {each.uid: numbers[each.uid] for each in messages.values() if each.uid in numbers}
    there = work.mail.by_uids(target, told.values())
    found = {item_id: there[told[each.uid]].id for item_id, each in messages.items() if told.get(each.uid, 0) in there}
    if len(found) < len(messages):
        known = {_mark(each): each.id for each in work.mail.messages(target)}
        left = {item_id: _mark(each) for item_id, each in messages.items() if item_id not in found}
        found |= {item_id: known[mark] for item_id, mark in left.items() if mark in known}
    return found


def _mark(message: Message) -> object:
    """What a message has in common with itself in another folder."""
    return message.arrived_at, message.size_bytes, message.message_id


async def _described(line: Connection, uid: int) -> Described:
    for each in await describe(line, [uid]):
        return each
    raise AwayNow("a message went in the moment in which it came")


async def _alike(line: Connection, message_id: str) -> set[int]:
    """Messages of the open folder with this Message-ID."""
    return set(await line.search(Criterion.header("Message-ID", message_id))) if message_id else set()
