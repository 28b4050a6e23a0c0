"""A folder on both sides while a device changes it: opened on the server by the numbers of the index, and written in the index."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeVar

from pimgate.errors import AwayNow, NoRoom, NoSuchCollection, Refused
from pimgate.mail import index
from pimgate.mail.imap import Connection, Rejected, Unsayable
from pimgate.mail.index import Outdated
from pimgate.mail.postbox import Postbox
from pimgate.mail.reconcile import Reconciliation, Said, compare
from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId
from pimgate.model.mail import Mailbox, Message
from pimgate.store.work import Work

T = TypeVar("T")

TRIES: Final = 5


class BothSides:
    """The folders of one person. `origin` names the device in the journal."""

    def __init__(self, box: Postbox, origin: str) -> None:
        self._box = box
        self._origin = origin

    # On the server

    async def mailbox(self, folder: CollectionId) -> Mailbox:
        """The folder as it is known. NoSuchCollection, also for one that holds no messages."""
        found = (await self._box.folders()).get(folder)
        if found is None or not found.is_selectable:
            raise NoSuchCollection(f"{folder} of {self._box.account.id}")
        return found

    @asynccontextmanager
    async def opened(self, folder: CollectionId) -> AsyncIterator[tuple[Connection, Mailbox]]:
        """A connection with this folder open, whose numbers are those of the index. One that somebody just renamed is looked for.
        What the server refuses within the block is AwayNow or Refused; then both sides are looked at before they are used
        again."""
        for is_last in (False, True):
            found = await self.mailbox(folder)
            try:
                async with self._box.upstream.connection(self._box.account) as line:
                    if await self._opens(line, found) or is_last:
                        self._check_open(line, found)
                        yield line, found
                        return
            except Rejected as error:
                self._box.note(found.path)
                self._box.note_folders()
                raise _refusal(error) from error
            except Unsayable as error:
                raise Refused(str(error), public="The mail server cannot take this.") from error
            await self._box.look_at_folders()

    async def _opens(self, line: Connection, found: Mailbox) -> bool:
        with suppress(Rejected):
            return (await line.select(found.path)).uid_validity == found.uid_validity or found.indexed_from is None
        return False

    def _check_open(self, line: Connection, found: Mailbox) -> None:
        """AwayNow for a folder that is no longer there, or has other numbers."""
        if line.selected is None or not (
            found.indexed_from is None or line.selected.uid_validity == found.uid_validity
        ):
            self._box.note(found.path)
            self._box.note_folders()
            raise AwayNow(f"{found.collection_id} is not as it was")

    async def is_at(self, line: Connection, found: Mailbox) -> bool:
        """Whether the folder is where it was, and not another one that took its name."""
        try:
            now = await line.status(found.path)
        except Rejected:
            return False
        return 0 in (found.uid_validity, now.uid_validity or 0) or now.uid_validity == found.uid_validity

    # In the index

    async def messages(self, found: Mailbox, ids: Collection[ItemId]) -> dict[ItemId, Message]:
        """Those of the messages that are here. AwayNow while one of them has no number."""
        messages = await self._box.desk.read(lambda work: work.mail.by_ids(found.collection_id, ids))
        if any(each.is_set_aside for each in messages.values()):
            self._box.note(found.path)
            raise AwayNow(f"{found.collection_id} is being numbered anew")
        return messages

    async def forget(self, folder: CollectionId, messages: Iterable[Message]) -> None:
        """These messages went."""
        ids = [each.id for each in messages]

        def job(work: Work, now: Mailbox) -> None:
            gone = tuple(work.mail.by_ids(now.collection_id, ids).values())
            index.write(work, now, Reconciliation(gone=gone), origin=self._origin)

        await self.write(folder, job)

    async def note_flags(self, folder: CollectionId, flags: dict[int, frozenset[str]]) -> None:
        """The messages with these numbers have these flags."""

        def job(work: Work, now: Mailbox) -> None:
            known = work.mail.by_uids(now.collection_id, flags)
            index.write(work, now, compare(known.values(), Said(flags)), origin=self._origin)

        await self.write(folder, job)

    async def write(self, folder: CollectionId, job: Callable[[Work, Mailbox], T]) -> T:
        """What a job gives that writes to the folder as it is now."""

        def write(work: Work) -> T:
            now = work.mail.mailbox(folder)
            if now is None:
                raise NoSuchCollection(folder)
            return job(work, now)

        for _ in range(TRIES):
            try:
                return await self._box.desk.write(write)
            except Outdated:
                continue
        raise AwayNow(f"{folder} changes faster than it can be written")


def _refusal(error: Rejected) -> Exception:
    """What a person is told when the server says no."""
    if error.code in ("OVERQUOTA", "LIMIT"):
        return NoRoom(str(error), public="The mailbox is full.")
    if error.code in ("NOPERM", "CANNOT"):
        return Refused(str(error), public="The mail server does not allow this.")
    return AwayNow(f"the mail server refuses: {error}")
