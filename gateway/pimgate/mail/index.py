"""Writing the index of a mail folder: rows, figures and journal lines together, in units of work of a bounded size.

Several processes, and what people do by their devices, may bring the same folder up to date at the same time. Each reads the
folder's revision, asks the mail server, and writes only if the revision is still the one it read: so what is written is never
older than what stands there, and nothing is told twice. Whoever comes too late (`Outdated`) reads and asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pimgate.mail.reconcile import Reconciliation
from pimgate.model.collections import CollectionId
from pimgate.model.items import Change, ItemId, Op
from pimgate.model.mail import Described, Mailbox, Message
from pimgate.store.work import Work

PIECE = 500
"""Messages in one unit of work: another writer never waits for long."""


class Outdated(Exception):
    """Somebody else wrote to the index of the folder since it was read, or the folder went."""


@dataclass(frozen=True, slots=True)
class Position:
    """The server's figures at the moment of which the index tells when all of a reconciliation is written."""

    uid_validity: int
    uid_next: int
    highest_modseq: int
    messages: int
    indexed_from: int


def write(
    work: Work, found: Mailbox, piece: Reconciliation, position: Position | None = None, origin: str = ""
) -> Mailbox:
    """Keep one piece of a reconciliation, and after the last one the position that is reached; gives the folder as it is now.
    Outdated."""
    values = {} if position is None else _news(found, position)
    if not piece.size and not values:
        return found
    begin(work, found)
    _Writing(work, found.collection_id, origin).carry_out(piece)
    if values:
        work.mail.change_mailbox(found.collection_id, **values)
    return replace(found, revision=found.revision + 1, **values)


def set_aside(work: Work, found: Mailbox, uid_validity: int) -> Mailbox:
    """The folder was numbered anew: its messages wait to be found again, and keep their ids. Outdated."""
    begin(work, found)
    work.mail.set_aside(found.collection_id)
    values: dict[str, Any] = {"uid_validity": uid_validity, "uid_next": 0, "highest_modseq": 0, "messages": 0}
    work.mail.change_mailbox(found.collection_id, **values)
    return replace(found, revision=found.revision + 1, **values)


def take_over(work: Work, found: Mailbox, item_id: ItemId, described: Described, origin: str = "") -> ItemId:
    """A message was replaced by another one, as a draft is at each edit: for devices it stays the same item, changed. Gives its id,
    which is that of the new message where the old one is no longer in the index. Outdated."""
    begin(work, found)
    writing = _Writing(work, found.collection_id, origin)
    kept = work.mail.by_ids(found.collection_id, [item_id]).get(item_id)
    newcomer = work.mail.by_uids(found.collection_id, [described.uid]).get(described.uid)
    if kept is None:
        return newcomer.id if newcomer is not None else writing.add((described,))[0]
    if newcomer is not None and newcomer.id != kept.id:
        writing.forget((newcomer,))
    writing.renumber(((kept, described),), is_new_content=True)
    return kept.id


def note_follow_up(
    work: Work, found: Mailbox, message: Message, follow_up: Mapping[str, str] | None, origin: str = ""
) -> int:
    """Keep what a device says of the flag of a message, and tell the others; gives the position of that. Outdated."""
    begin(work, found)
    return _Writing(work, found.collection_id, origin).note(message, follow_up)


def begin(work: Work, found: Mailbox) -> None:
    """Alone with the folder until the commit, if it is still as it was when `found` was read. Outdated."""
    if not work.journal.lock(found.collection_id) or not work.mail.take_revision(found):
        raise Outdated(found.collection_id)


def _news(found: Mailbox, position: Position) -> dict[str, Any]:
    reached = {
        "uid_validity": position.uid_validity,
        "uid_next": position.uid_next,
        "highest_modseq": position.highest_modseq,
        "messages": position.messages,
        "indexed_from": position.indexed_from,
    }
    return {name: value for name, value in reached.items() if getattr(found, name) != value}


class _Writing:
    """Writes of one unit of work to one folder."""

    def __init__(self, work: Work, collection_id: CollectionId, origin: str) -> None:
        self._work, self._id, self._origin = work, collection_id, origin

    def carry_out(self, piece: Reconciliation) -> None:
        self.forget(piece.gone)
        self.change(dict(piece.changed))
        self.renumber(piece.renumbered)
        self.add(piece.added)

    def forget(self, gone: tuple[Message, ...]) -> None:
        self._work.mail.remove([each.id for each in gone])
        self._grow(-len(gone), -sum(each.size_bytes for each in gone))
        self._tell(Op.DELETE, {each.id: each.arrived_at for each in gone})

    def change(self, changed: Mapping[Message, frozenset[str]]) -> None:
        seqs = self._tell(Op.CHANGE, {each.id: each.arrived_at for each in changed})
        self._work.mail.change_flags(
            (each.id, flags, seq) for (each, flags), seq in zip(changed.items(), seqs, strict=True)
        )

    def renumber(self, renumbered: tuple[tuple[Message, Described], ...], *, is_new_content: bool = False) -> None:
        """Devices know no numbers of the server: they are told of those messages alone that look different."""
        for message, described in renumbered:
            seq = None
            if is_new_content or message.flags != described.flags:
                (seq,) = self._tell(Op.CHANGE, {message.id: message.arrived_at})
            self._work.mail.renumber(message.id, described, seq)
            self._grow(0, described.size_bytes - message.size_bytes)

    def note(self, message: Message, follow_up: Mapping[str, str] | None) -> int:
        (seq,) = self._tell(Op.CHANGE, {message.id: message.arrived_at})
        self._work.mail.change_follow_up(message.id, follow_up, seq)
        return seq

    def add(self, added: tuple[Described, ...]) -> list[ItemId]:
        seqs = self._work.journal.take_positions(self._id, len(added))
        ids = self._work.mail.add(self._id, added, seqs)
        self._grow(len(added), sum(each.size_bytes for each in added))
        self._write(Op.CREATE, dict.fromkeys(ids), seqs)
        return ids

    def _tell(self, op: Op, items: Mapping[ItemId, int | None]) -> range:
        seqs = self._work.journal.take_positions(self._id, len(items))
        self._write(op, items, seqs)
        return seqs

    def _write(self, op: Op, items: Mapping[ItemId, int | None], seqs: range) -> None:
        """Lines of the journal; `items` by when they had arrived, if they were there before."""
        self._work.journal.write_all(
            [
                Change(self._id, seq, op, item_id, str(item_id), self._origin, lasted_until)
                for (item_id, lasted_until), seq in zip(items.items(), seqs, strict=True)
            ]
        )

    def _grow(self, items: int, size_bytes: int) -> None:
        if items or size_bytes:
            self._work.collections.grow(self._id, items, size_bytes)
