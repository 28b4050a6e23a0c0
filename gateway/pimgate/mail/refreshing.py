"""Bringing the index of one folder up to date: what is asked of the mail server follows from what it can tell.

With QRESYNC it tells what changed and what vanished; with CONDSTORE what changed, and a listing says what vanished; without either
the flags of the latest messages are looked at, and now and then of all. A first look, a wider window, and a folder that was
numbered anew need a full listing. Nothing is forgotten unless the server said that it is gone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, Protocol, TypeVar

from pimgate.errors import AwayNow, NoSuchCollection
from pimgate.mail import index
from pimgate.mail.describing import describe, flags_in, flags_of
from pimgate.mail.imap import Connection, Criterion, Fetched, Item, Known, Selected, UidSet
from pimgate.mail.index import PIECE, Outdated, Position
from pimgate.mail.reconcile import Reconciliation, Said, compare, complete
from pimgate.model.collections import CollectionId
from pimgate.model.mail import EVERYTHING, Mailbox, Message
from pimgate.store.work import Work

T = TypeVar("T")

TRIES: Final = 5
LATEST: Final = 200
"""So many messages are looked at each time where the server does not tell what changed."""
MARGIN: Final = timedelta(days=2)
"""Servers search by days, each in its own zone; we count in seconds."""


class Desk(Protocol):
    """Who brings work on the store to a thread: the core."""

    async def read(self, job: Callable[[Work], T]) -> T: ...
    async def write(self, job: Callable[[Work], T]) -> T: ...


class HalfAnswer(Exception):
    """The server listed less than it said there is."""


async def refresh(
    desk: Desk, line: Connection, collection_id: CollectionId, since: int, *, is_thorough: bool = False
) -> Mailbox:
    """The folder, with its index brought up to date, and covering what arrived at `since` or later. `is_thorough` looks at all
    flags even where the server does not tell what changed. AwayNow, NoSuchCollection; Rejected if the server does not open it."""
    for _ in range(TRIES):
        found = await desk.read(lambda work: work.mail.mailbox(collection_id))
        if found is None:
            raise NoSuchCollection(collection_id)
        if not found.is_selectable:
            return found
        try:
            return await _Refreshing(desk, line, found, since, is_thorough).carry_out()
        except (Outdated, HalfAnswer):
            continue
    raise AwayNow(f"{collection_id} changes faster than it can be looked at")


@dataclass(slots=True)
class _Refreshing:
    """One attempt."""

    desk: Desk
    line: Connection
    found: Mailbox
    since: int
    is_thorough: bool

    async def carry_out(self) -> Mailbox:
        known = Known(self.found.uid_validity, self.found.highest_modseq) if self._is_followed else None
        selected = await self.line.select(self.found.path, known=known)
        if self.found.uid_validity not in (0, selected.uid_validity):
            self.found = await self.desk.write(lambda work: index.set_aside(work, self.found, selected.uid_validity))
        said, known_messages = await self._said(selected)
        reached = Position(
            selected.uid_validity,
            selected.uid_next or 0,
            selected.highest_modseq or 0,
            selected.exists,
            self._window,
        )
        await self._keep(compare(known_messages, said), reached)
        return self.found

    @property
    def _window(self) -> int:
        indexed_from = self.found.indexed_from
        return self.since if indexed_from is None else min(indexed_from, self.since)

    @property
    def _is_followed(self) -> bool:
        """Whether the server can be asked for what changed since the last time."""
        return self.found.highest_modseq > 0 and self.found.indexed_from == self._window

    # What the server says, and of which messages

    async def _said(self, selected: Selected) -> tuple[Said, Iterable[Message]]:
        if self._is_followed and selected.highest_modseq is not None:
            if "QRESYNC" in self.line.enabled:
                return await self._told(selected)
            return await self._changed(selected)
        if self.found.indexed_from == self._window and not self.is_thorough and self._has_same_figures(selected):
            return await self._latest_flags()
        return await self._listed(selected)

    async def _told(self, selected: Selected) -> tuple[Said, Iterable[Message]]:
        """QRESYNC: everything came with the answer to SELECT."""
        said = Said(flags_in(selected.changed), vanished=selected.vanished)
        return said, await self._known(said)

    async def _changed(self, selected: Selected) -> tuple[Said, Iterable[Message]]:
        """CONDSTORE: nothing vanished while the figures are the same."""
        if self._has_same_figures(selected):
            if selected.highest_modseq == self.found.highest_modseq:
                return Said(), ()
            said = Said(await self._flags_since())
            return said, await self._known(said)
        said = Said(await self._flags_since(), present=await self._present(selected))
        return said, await self._all_known()

    async def _flags_since(self) -> dict[int, frozenset[str]]:
        changes = await self.line.changes_since(self.found.highest_modseq, (Item.FLAGS,))
        return flags_in(changes.changed)

    async def _latest_flags(self) -> tuple[Said, Iterable[Message]]:
        uids = await self.desk.read(lambda work: work.mail.latest_uids(self.found.collection_id, LATEST))
        said = Said(await flags_of(self.line, uids) if uids else {})
        return said, await self._known(said)

    async def _listed(self, selected: Selected) -> tuple[Said, Iterable[Message]]:
        """A full listing, and the flags of what is known of it."""
        present = await self._present(selected)
        known = await self._all_known()
        flags: dict[int, frozenset[str]] = {}
        for uids in _chunks([each.uid for each in known if each.uid in present], PIECE * 10):
            flags |= await flags_of(self.line, uids)
        return Said(flags, present=frozenset(present)), known

    async def _present(self, selected: Selected) -> UidSet:
        """All messages that are there, or at least all that arrived within the window. HalfAnswer."""
        if self._window > EVERYTHING:
            first = datetime.fromtimestamp(self._window, UTC) - MARGIN
            found = await self.line.search(Criterion.arrived_since(first.date()))
        else:
            found = await self.line.search()
            if len(found) < selected.exists:
                raise HalfAnswer
        return found

    def _has_same_figures(self, selected: Selected) -> bool:
        return (selected.exists, selected.uid_next or 0) == (self.found.messages, self.found.uid_next)

    async def _known(self, said: Said) -> Iterable[Message]:
        """What is indexed of the messages that the server spoke of."""
        named = set(said.flags)
        found = await self.desk.read(
            lambda work: work.mail.by_uids(self.found.collection_id, named, said.vanished.ranges)
        )
        return found.values()

    async def _all_known(self) -> list[Message]:
        return await self.desk.read(lambda work: work.mail.messages(self.found.collection_id))

    # Keeping it

    async def _keep(self, compared: Reconciliation, reached: Position) -> None:
        """Write piece by piece, and with the last piece how far the index has come."""
        waiting: Reconciliation | None = None
        async for piece in self._pieces(compared):
            if waiting is not None:
                await self._write(waiting, None)
            waiting = piece
        await self._write(waiting or Reconciliation(), reached)

    async def _pieces(self, compared: Reconciliation) -> AsyncIterator[Reconciliation]:
        """Messages that were set aside are looked for among all that is new; else what is new is described and kept a little at a
        time, the latest first: a first look at a large folder may be interrupted, and goes on."""
        if compared.lost:
            described = [each for uids in _chunks(compared.unknown, PIECE) for each in await describe(self.line, uids)]
            for piece in complete(compared, described, self._window).pieces(PIECE):
                yield piece
            return
        for piece in replace(compared, unknown=()).pieces(PIECE):
            yield piece
        for uids in _chunks(compared.unknown[::-1], PIECE):
            described = await describe(self.line, uids)
            yield complete(Reconciliation(unknown=tuple(uids)), described, self._window)

    async def _write(self, piece: Reconciliation, reached: Position | None) -> None:
        self.found = await self.desk.write(lambda work: index.write(work, self.found, piece, reached))


def _chunks(values: Iterable[int], most: int) -> Iterable[Sequence[int]]:
    following = iter(values)
    return iter(lambda: list(islice(following, most)), [])


async def is_the_same(line: Connection, known: Sequence[Message], path: str) -> bool:
    """Whether the folder at `path` holds these messages under these numbers, by their arrivals and sizes: it is the folder that
    they were indexed in, under another name."""
    await line.select(path, is_read_only=True)
    uids = [each.uid for each in known]
    fetched: list[Fetched] = await line.fetch(uids, (Item.ARRIVED, Item.SIZE)) if uids else []
    there = {
        each.uid: (int(each.arrived_at.timestamp()) if each.arrived_at else 0, each.size_bytes) for each in fetched
    }
    return all(there.get(each.uid) == (each.arrived_at, each.size_bytes) for each in known)
