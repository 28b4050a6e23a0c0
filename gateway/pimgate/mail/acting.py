"""What a person's device does to messages: on the mail server first, then in the index at once, so that its next look finds it.

Everything may be asked for again: flags that are set, messages that are gone or moved already are as they should be. No verb runs
within a unit of work. All raise AwayNow when the server cannot say that it was done, NoSuchCollection for what is no folder of the
person, Refused for what the server does not allow, and the errors of `Upstream.connection`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from pimgate.errors import AwayNow
from pimgate.mail import index, putting
from pimgate.mail.both_sides import BothSides
from pimgate.mail.describing import describe, flags_of
from pimgate.mail.imap import FlagChange
from pimgate.mail.postbox import Postbox
from pimgate.mail.reconcile import Reconciliation
from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId
from pimgate.model.mail import EVERYTHING, Mailbox, Message, SpecialUse
from pimgate.store.work import Work


class Acting:
    """The verbs for one person. `origin` names the device in the journal."""

    def __init__(self, box: Postbox, origin: str = "") -> None:
        self._box = box
        self._desk = box.desk
        self._origin = origin
        self._sides = BothSides(box, origin)

    async def set_flags(
        self, folder: CollectionId, ids: Collection[ItemId], *, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> dict[ItemId, Message]:
        """Add and take away flags and keywords; gives those of the messages that are still there, as they are now."""
        async with self._sides.opened(folder) as (line, found):
            messages = await self._sides.messages(found, ids)
            uids = [each.uid for each in messages.values()]
            for change, names in ((FlagChange.ADD, add), (FlagChange.REMOVE, remove)):
                if uids and names:
                    await line.store(uids, change, names)
            flags = await flags_of(line, uids) if uids else {}
        await self._sides.note_flags(folder, flags)
        if flags.keys() != set(uids):
            await self._box.look_at(folder, _reach(found))
        return await self._sides.messages(found, ids)

    async def move(
        self, folder: CollectionId, ids: Collection[ItemId], target: CollectionId
    ) -> dict[ItemId, ItemId | None]:
        """Move messages to another folder; gives the id of each there. None for one that is neither here nor there."""
        messages, numbers = await self._moved(folder, ids, target)
        if not messages:
            return dict.fromkeys(ids)
        if len(numbers) == len(messages):
            await self._take_in(target, numbers.values())
        else:
            await self._look_for(target, messages)
        found_there = await self._desk.read(lambda work: _found_there(work, target, messages, numbers))
        for item_id, new in found_there.items():
            if messages[item_id].follow_up is not None:
                await self._take_along(messages[item_id], target, new)
        return {each: found_there.get(each) for each in ids}

    async def delete(self, folder: CollectionId, ids: Collection[ItemId], *, for_good: bool = False) -> None:
        """Move messages to the trash; delete them for good where there is none, or from the trash itself."""
        trash = await self.special(SpecialUse.TRASH)
        if not for_good and trash is not None and trash.collection_id != folder:
            await self._moved(folder, ids, trash.collection_id)
            self._box.note(trash.path)
            return
        async with self._sides.opened(folder) as (line, found):
            messages = await self._sides.messages(found, ids)
            await line.expunge([each.uid for each in messages.values()])
        await self._sides.forget(folder, messages.values())

    async def empty(self, folder: CollectionId) -> None:
        """Move everything that lies in a folder to the trash; delete it for good where there is none, from the trash itself with
        what stands below it, and from junk."""
        trash = await self.special(SpecialUse.TRASH)
        is_end = trash is None or await self._is_at_the_end(folder, trash)
        async with self._sides.opened(folder) as (line, found):
            uids = await line.search()
            if is_end or trash is None:
                await line.expunge(uids)
            elif uids:
                await line.move(uids, trash.path)
                self._box.note(trash.path)
        await self._box.look_at(folder, _reach(found))

    async def _is_at_the_end(self, folder: CollectionId, trash: Mailbox) -> bool:
        """Whether what is deleted here has been in somebody's way before."""
        found = await self._sides.mailbox(folder)
        is_below = bool(trash.delimiter) and found.path.startswith(trash.path + trash.delimiter)
        return is_below or found.special_use in (SpecialUse.TRASH, SpecialUse.JUNK)

    async def append(
        self,
        folder: CollectionId,
        message: bytes,
        *,
        flags: Collection[str] = (),
        arrived_at: datetime | None = None,
        replaces: ItemId | None = None,
    ) -> ItemId:
        """Put a message into a folder; gives its id. One with this Message-ID that lies there already and says the same is that
        message: it is not put there again. With `replaces`, a draft that this is the next version of, the old one goes and the
        id stays."""
        async with self._box.putting[folder], self._sides.opened(folder) as (line, found):
            olds = await self._sides.messages(found, [replaces] if replaces is not None else [])
            old = next(iter(olds.values()), None)
            but = old.uid if old is not None else None
            uid = await putting.put(line, found, message, flags=flags, arrived_at=arrived_at, but=but)
            described = await putting.described(line, uid)
            if old is not None and old.uid != uid:
                await line.expunge([old.uid])
        if old is not None:
            kept = old.id
            return await self._sides.write(
                folder, lambda work, now: index.take_over(work, now, kept, described, self._origin)
            )
        await self._box.look_at(folder, min(described.arrived_at, _reach(found, described.arrived_at)))
        known = await self._desk.read(lambda work: work.mail.by_uids(folder, [uid]))
        if uid not in known:
            raise AwayNow("a message went in the moment in which it came")
        return known[uid].id

    async def special(self, use: SpecialUse) -> Mailbox | None:
        """The person's folder for this purpose."""
        return next((each for each in (await self._box.folders()).values() if each.special_use is use), None)

    # Moving

    async def _moved(
        self, folder: CollectionId, ids: Collection[ItemId], target: CollectionId
    ) -> tuple[dict[ItemId, Message], Mapping[int, int]]:
        """Those of the messages that were here, and their numbers there as far as the server tells them."""
        for _ in range(2):
            there = await self._sides.mailbox(target)
            async with self._sides.opened(folder) as (line, found):
                messages = await self._sides.messages(found, ids)
                uids = [each.uid for each in messages.values()]
                is_one_step = line.has("MOVE")
                is_there = await self._sides.is_at(line, there)
                numbers = (await line.move(uids, there.path)).uids if uids and is_one_step and is_there else {}
            if is_there:
                break
            await self._box.look_at_folders()
        else:
            raise AwayNow(f"{target} is not where it was")
        if messages and not is_one_step:
            numbers = await self._moved_in_two_steps(folder, messages, there)
        await self._sides.forget(folder, messages.values())
        return messages, numbers

    async def _moved_in_two_steps(
        self, folder: CollectionId, messages: Mapping[ItemId, Message], there: Mailbox
    ) -> Mapping[int, int]:
        """Copied, and then deleted. Whoever broke off in between finds the copies there, and makes no further ones."""
        await self._look_for(there.collection_id, messages)
        copied = await self._desk.read(lambda work: _found_there(work, there.collection_id, messages, {}))
        async with self._sides.opened(folder) as (line, _):
            left = [each.uid for item_id, each in messages.items() if item_id not in copied]
            numbers = (await line.copy(left, there.path)).uids if left else {}
            await line.expunge([each.uid for each in messages.values()])
        return numbers

    async def _take_along(self, message: Message, target: CollectionId, new: ItemId) -> None:
        """What is kept of a message here alone goes with it."""

        def job(work: Work, now: Mailbox) -> None:
            for each in work.mail.by_ids(target, [new]).values():
                index.note_follow_up(work, now, each, message.follow_up, self._origin)

        await self._sides.write(target, job)

    async def _take_in(self, target: CollectionId, uids: Collection[int]) -> None:
        """Have these messages in the index of a folder, and no others for their sake: it may be large, and reach back less far."""
        async with self._sides.opened(target) as (line, _):
            described = await describe(line, uids)

        def job(work: Work, now: Mailbox) -> None:
            known = work.mail.by_uids(target, uids)
            new = tuple(each for each in described if each.uid not in known)
            index.write(work, now, Reconciliation(added=new), origin=self._origin)

        await self._sides.write(target, job)

    async def _look_for(self, target: CollectionId, messages: Mapping[ItemId, Message]) -> None:
        """Have what was moved in the index of its new folder, which reaches back as far as it must for that."""
        there, reach = await self._sides.mailbox(target), min(each.arrived_at for each in messages.values())
        await self._box.look_at(target, min(reach, _reach(there, reach)))


def _reach(found: Mailbox, otherwise: int = EVERYTHING) -> int:
    """How far back the index of a folder reaches."""
    return otherwise if found.indexed_from is None else found.indexed_from


def _found_there(
    work: Work, target: CollectionId, messages: Mapping[ItemId, Message], numbers: Mapping[int, int]
) -> dict[ItemId, ItemId]:
    """The ids of moved messages in their new folder: by the numbers that the server told, else by what they are. Of several there
    that are alike each is one of them, the latest first."""
    told = {each.uid: numbers[each.uid] for each in messages.values() if each.uid in numbers}
    there = work.mail.by_uids(target, told.values())
    found = {item_id: there[told[each.uid]].id for item_id, each in messages.items() if told.get(each.uid, 0) in there}
    if len(found) < len(messages):
        alike: defaultdict[object, list[ItemId]] = defaultdict(list)
        for each in work.mail.messages(target):
            if each.id not in found.values():
                alike[_mark(each)].append(each.id)
        for item_id, message in messages.items():
            if item_id not in found and alike[_mark(message)]:
                found[item_id] = alike[_mark(message)].pop()
    return found


def _mark(message: Message) -> object:
    """What a message has in common with itself in another folder."""
    return message.arrived_at, message.size_bytes, message.message_id
