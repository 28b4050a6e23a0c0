"""One person's mail as this process knows it: what was looked at and when, and what must be looked at again.

Whoever needs a folder to be current asks for it; all who ask while it is being looked at share the next look. While the watcher
hears of everything that happens, what was looked at stays current until it says otherwise.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from pimgate.errors import AwayNow, NoSuchCollection
from pimgate.mail import listing
from pimgate.mail.imap import Connection, Rejected, Status
from pimgate.mail.refreshing import Desk, refresh
from pimgate.mail.upstream import Upstream
from pimgate.model.collections import CollectionId
from pimgate.model.mail import Mailbox
from pimgate.model.people import Account

FRESH_SECONDS: Final = 15.0
"""What was looked at so recently is taken as current where nobody tells what happens."""
THOROUGH_SECONDS: Final = 3_600.0
"""How often all flags are looked at where the server does not tell what changed."""


class NotOpened(AwayNow):
    """The mail server does not open this one folder."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A look at a folder: when it began, and how far back it reached. `thorough_at` is when all flags were looked at last."""

    began: float
    covers: int
    thorough_at: float


@dataclass(frozen=True, slots=True)
class Rearranging:
    """Folders that are being changed: as they are on the server, over a connection to it. Whoever does something to them says so
    in `done`."""

    line: Connection
    folders: Mapping[CollectionId, Mailbox]
    done: listing.Deeds = field(default_factory=listing.Deeds)


class Postbox:
    """One person's mail. Belongs to the event loop."""

    def __init__(
        self, desk: Desk, upstream: Upstream, account: Account, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.account = account
        self.upstream = upstream
        self.desk = desk
        self.looks = 0
        """How often a folder was looked at to the end."""
        self.hears: Callable[[CollectionId], bool] = lambda collection_id: False
        self._clock = clock
        self._looked: dict[CollectionId, Looked] = {}
        self._listed: float | None = None
        self._paths: dict[str, CollectionId] = {}
        self._dirty: set[CollectionId] = set()
        self._is_list_dirty = True
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.putting: defaultdict[CollectionId, asyncio.Lock] = defaultdict(asyncio.Lock)
        """Held while a message is put into a folder unless it lies there, so that two who ask for the same put it there once."""

    # For those who need something to be current

    async def folders_current(self) -> None:
        """The list of folders is not older than a moment, whatever is heard: servers that tell of all folders forget to tell that
        one was renamed. AwayNow and the errors of `Upstream.connection`."""
        await self.look_at_folders(self._a_moment_ago(self._is_list_dirty))

    async def folders(self) -> dict[CollectionId, Mailbox]:
        """The person's folders as they are known; looked at if they never were."""
        if self._listed is None:
            await self.folders_current()
        return await self._known()

    async def folder_current(self, found: Mailbox, since: int) -> None:
        """The index of a folder covers what arrived at `since` or later, and is not older than a moment. AwayNow and the errors of
        `Upstream.connection`; NoSuchCollection if the folder went."""
        looked = self._looked.get(found.collection_id)
        is_dirty = found.collection_id in self._dirty
        if looked is not None and looked.covers <= since and not is_dirty and self.hears(found.collection_id):
            return
        await self.look_at(found.collection_id, since, self._a_moment_ago(is_dirty))

    def _a_moment_ago(self, is_dirty: bool) -> float:
        return self._clock() - (0.0 if is_dirty else FRESH_SECONDS)

    # Looking

    async def look_at(self, collection_id: CollectionId, since: int, asked: float | None = None) -> None:
        """Look at a folder, unless a look that began after `asked` did so already."""
        asked = self._clock() if asked is None else asked
        async with self._turns[collection_id]:
            looked = self._looked.get(collection_id)
            if looked is not None and looked.began >= asked and looked.covers <= since:
                return
            began = self._clock()
            is_thorough = looked is None or began - looked.thorough_at >= THOROUGH_SECONDS
            self._dirty.discard(collection_id)
            try:
                found = await self._refreshed(collection_id, since, is_thorough)
            except BaseException:
                self._dirty.add(collection_id)
                raise
            self.looks += 1
            thorough_at = began if is_thorough or looked is None else looked.thorough_at
            self._looked[collection_id] = Looked(began, found.indexed_from or 0, thorough_at)

    async def _refreshed(self, collection_id: CollectionId, since: int, is_thorough: bool) -> Mailbox:
        """A folder that the server does not open may have another name by now."""
        for is_last in (False, True):
            try:
                async with self.upstream.connection(self.account) as line:
                    return await refresh(self.desk, line, collection_id, since, is_thorough=is_thorough)
            except Rejected as error:
                if is_last:
                    raise NotOpened(f"the mail server does not open {collection_id}: {error}") from error
            await self.look_at_folders()
        raise AssertionError("the last attempt gives or raises")

    async def look_at_folders(self, asked: float | None = None) -> None:
        """Look at the list of folders, unless a look that began after `asked` did so already; and see which of them changed."""
        asked = self._clock() if asked is None else asked
        async with self._turns[""]:
            if self._listed is not None and self._listed >= asked:
                return
            began = self._clock()
            async with self._listing() as line:
                figures = await listing.look(self.desk, line, self.account.id)
            self._listed = began
            await self._compare(figures)

    @asynccontextmanager
    async def rearranging(self) -> AsyncIterator[Rearranging]:
        """Within the block folders may be changed on the server, while nobody here looks at their list; then it is looked at.
        AwayNow."""
        async with self._turns[""]:
            async with self._listing() as line:
                await listing.look(self.desk, line, self.account.id)
                await line.unselect()  # servers end a connection whose open folder goes
                changing = Rearranging(line, await self._known())
                yield changing
                began = self._clock()
                figures = await listing.look(self.desk, line, self.account.id, changing.done)
            self._listed = began
            await self._compare(figures)

    @asynccontextmanager
    async def _listing(self) -> AsyncIterator[Connection]:
        """A connection to list folders on; if that does not come to its end, somebody else has to look."""
        self._is_list_dirty = False
        try:
            async with self.upstream.connection(self.account) as line:
                yield line
        except Rejected as error:
            self._is_list_dirty = True
            raise AwayNow(f"the mail server does not list folders: {error}") from error
        except BaseException:
            self._is_list_dirty = True
            raise

    async def _compare(self, figures: Mapping[str, Status]) -> None:
        known = await self._known()
        self._paths = {each.path: each.collection_id for each in known.values()}
        self._dirty &= known.keys()
        for gone in self._looked.keys() - known.keys():
            del self._looked[gone]
            self._turns.pop(gone, None)
        for each in known.values():
            if each.path in figures and differs(each, figures[each.path]):
                self._dirty.add(each.collection_id)

    async def _known(self) -> dict[CollectionId, Mailbox]:
        found = await self.desk.read(lambda work: work.mail.mailboxes(self.account.id))
        return {each.collection_id: each for each in found}

    # What the watcher hears

    def at(self, path: str) -> CollectionId | None:
        """Which folder is at this path, by the last look."""
        return self._paths.get(path)

    def note(self, path: str) -> None:
        """Something happened in the folder at `path`."""
        found = self._paths.get(path)
        if found is None:
            self._is_list_dirty = True
        else:
            self._dirty.add(found)

    def note_folders(self) -> None:
        """Something happened to the folders themselves."""
        self._is_list_dirty = True

    def note_everything(self) -> None:
        """Nobody knows what happened."""
        self._is_list_dirty = True
        self._dirty.update(self._paths.values())

    async def catch_up(self) -> None:
        """Look at what is known to have changed, as far as any device ever asked for it."""
        if self._is_list_dirty:
            await self.look_at_folders()
        if not self._dirty:
            return
        known = await self._known()
        for collection_id in list(self._dirty):
            found = known.get(collection_id)
            if found is None or found.indexed_from is None:
                self._dirty.discard(collection_id)
            else:
                with suppress(NotOpened, NoSuchCollection):  # the others are looked at all the same
                    await self.look_at(collection_id, found.indexed_from)


def differs(known: Mailbox, figures: Status) -> bool:
    """Whether the server's figures of a folder are others than those of the index. Where it does not count changes nobody can
    tell whether flags changed."""
    if known.indexed_from is None:
        return False
    if figures.highest_modseq is None or not known.highest_modseq:
        return True
    now = (figures.uid_validity, figures.uid_next, figures.messages, figures.highest_modseq)
    return now != (known.uid_validity, known.uid_next, known.messages, known.highest_modseq)
