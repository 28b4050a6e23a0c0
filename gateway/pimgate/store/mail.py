"""Rows of mail folders and of the messages in them: the index beside the mail server."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, update

from pimgate.model.collections import CollectionId
from pimgate.model.items import Cut, ItemId
from pimgate.model.mail import Described, Mailbox, Message, SpecialUse
from pimgate.model.people import AccountId
from pimgate.store.tables import collection, mailbox, message

AT_ONCE = 500
"""Ids or numbers in one statement."""

FLAGS_AT = [each.name for each in fields(Message)].index("flags")

# Statements of every request are made once: making one costs more than carrying it out.
ONE_MAILBOX = select(mailbox).where(mailbox.c.collection_id == bindparam("collection_id"))
MAILBOXES = (
    select(mailbox)
    .join(collection, collection.c.id == mailbox.c.collection_id)
    .where(collection.c.owner_id == bindparam("owner"))
    .order_by(mailbox.c.path, mailbox.c.collection_id)
)
MESSAGES = select(message).where(message.c.collection_id == bindparam("here")).order_by(message.c.id)
AFTER = (
    select(message)
    .where(message.c.collection_id == bindparam("here"), message.c.id > bindparam("last"))
    .order_by(message.c.id)
    .limit(bindparam("most"))
)
NEXT_END = (
    select(func.min(message.c.arrived_at))
    .where(message.c.collection_id == bindparam("here"), message.c.arrived_at > bindparam("past"))
)  # fmt: skip
NEXT_REVISION = (
    update(mailbox)
    .where(mailbox.c.collection_id == bindparam("here"), mailbox.c.revision == bindparam("present"))
    .values(revision=mailbox.c.revision + 1)
)
SET_ASIDE = update(message).where(message.c.collection_id == bindparam("here"), message.c.uid > 0)
FLAGS = (
    update(message)
    .where(message.c.id == bindparam("b_id"))
    .values(flags=bindparam("b_flags"), seq=bindparam("b_seq"), changed_at=bindparam("b_at"))
)


class MailRows:
    def __init__(self, connection: Connection, now: float) -> None:
        self._connection = connection
        self._now = now

    # Folders

    def mailbox(self, collection_id: CollectionId) -> Mailbox | None:
        row = self._connection.execute(ONE_MAILBOX, {"collection_id": collection_id}).first()
        return _mailbox(row) if row else None

    def mailboxes(self, owner: AccountId) -> list[Mailbox]:
        """The folders of a person by their paths."""
        return [_mailbox(row) for row in self._connection.execute(MAILBOXES, {"owner": owner})]

    def add_mailbox(self, made: Mailbox) -> None:
        row = {each.name: getattr(made, each.name) for each in fields(Mailbox)}
        self._connection.execute(insert(mailbox), {**row, "special_use": made.special_use.value})

    def change_mailbox(self, collection_id: CollectionId, **values: Any) -> None:
        self._connection.execute(update(mailbox).where(mailbox.c.collection_id == collection_id).values(**values))

    def take_revision(self, found: Mailbox) -> bool:
        """Make the folder's revision grow; False, and nothing happens, when it is no longer the one that `found` has."""
        here = {"here": found.collection_id, "present": found.revision}
        return self._connection.execute(NEXT_REVISION, here).rowcount == 1

    # Looking at messages

    def messages(self, collection_id: CollectionId) -> list[Message]:
        """The whole index of a folder."""
        return [_message(row) for row in self._connection.execute(MESSAGES, {"here": collection_id})]

    def by_ids(self, collection_id: CollectionId, ids: Collection[ItemId]) -> dict[ItemId, Message]:
        """Those of `ids` that are in this folder."""
        return {each.id: each for each in self._where_in(collection_id, message.c.id, list(ids))}

    def by_uids(
        self, collection_id: CollectionId, uids: Collection[int], ranges: Sequence[tuple[int, int]] = ()
    ) -> dict[int, Message]:
        """The messages with these numbers, and with those in the ranges (first and last)."""
        found = {each.uid: each for each in self._where_in(collection_id, message.c.uid, list(uids))}
        for start in range(0, len(ranges), AT_ONCE // 2):
            within = [message.c.uid.between(*each) for each in ranges[start : start + AT_ONCE // 2]]
            query = select(message).where(message.c.collection_id == collection_id, or_(*within))
            found |= {row.uid: _message(row) for row in self._connection.execute(query)}
        return found

    def by_message_id(self, collection_id: CollectionId, message_id: str) -> list[Message]:
        """The messages with this Message-ID, the first that came first."""
        query = select(message).where(message.c.collection_id == collection_id, message.c.message_id == message_id)
        return [_message(row) for row in self._connection.execute(query.order_by(message.c.id))]

    def latest_uids(self, collection_id: CollectionId, limit: int) -> list[int]:
        """The highest numbers, the highest first."""
        query = select(message.c.uid).where(message.c.collection_id == collection_id, message.c.uid > 0)
        return list(self._connection.scalars(query.order_by(message.c.uid.desc()).limit(limit)))

    def after(self, collection_id: CollectionId, item_id: ItemId, limit: int) -> list[Message]:
        """The next messages in order of their ids."""
        given = {"here": collection_id, "last": item_id, "most": limit}
        return [_message(row) for row in self._connection.execute(AFTER, given)]

    def ending(
        self, collection_id: CollectionId, after: Cut, upto: Cut, limit: int, *, last_first: bool = False
    ) -> list[Message]:
        """Messages that arrived between two cuts, in the order of their arrival, or the other way round."""
        query = select(message).where(
            message.c.collection_id == collection_id,
            message.c.arrived_at >= after.at,
            message.c.arrived_at <= upto.at,
            or_(message.c.arrived_at > after.at, message.c.id > after.item),
            or_(message.c.arrived_at < upto.at, message.c.id <= upto.item),
        )
        order = [each.desc() if last_first else each for each in (message.c.arrived_at, message.c.id)]
        return [_message(row) for row in self._connection.execute(query.order_by(*order).limit(limit))]

    def next_end(self, collection_id: CollectionId, after: int) -> int | None:
        """The first arrival after this moment."""
        found: int | None = self._connection.execute(NEXT_END, {"here": collection_id, "past": after}).scalar()
        return found

    def figures(self, collection_id: CollectionId) -> tuple[int, int]:
        """Number of messages and bytes, counted anew."""
        query = select(func.count(), func.coalesce(func.sum(message.c.size_bytes), 0))
        count, size_bytes = self._connection.execute(query.where(message.c.collection_id == collection_id)).one()
        return count, int(size_bytes)

    def _where_in(self, collection_id: CollectionId, column: Any, values: Sequence[int]) -> Iterable[Message]:
        for start in range(0, len(values), AT_ONCE):
            chunk = values[start : start + AT_ONCE]
            query = select(message).where(message.c.collection_id == collection_id, column.in_(chunk))
            yield from (_message(row) for row in self._connection.execute(query))

    # Writing messages

    def add(self, collection_id: CollectionId, described: Sequence[Described], seqs: Sequence[int]) -> list[ItemId]:
        """New messages, each at its position of the stream; their ids in the same order, each higher than the one before."""
        rows = [
            {"collection_id": collection_id, "created_seq": seq, "seq": seq, **self._columns(each)}
            for each, seq in zip(described, seqs, strict=True)
        ]
        if not rows:
            return []
        adding = insert(message).returning(message.c.id, sort_by_parameter_order=True)
        return [ItemId(each) for each in self._connection.scalars(adding, rows)]

    def change_flags(self, changed: Iterable[tuple[ItemId, frozenset[str], int]]) -> None:
        """Other flags for messages, each at its position of the stream."""
        rows = [
            {"b_id": item_id, "b_flags": sorted(flags), "b_seq": seq, "b_at": self._now}
            for item_id, flags, seq in changed
        ]
        if rows:
            self._connection.execute(FLAGS, rows)

    def change_follow_up(self, item_id: ItemId, follow_up: Mapping[str, str] | None, seq: int) -> None:
        """What devices say of the flag of a message, as of this position of the stream."""
        kept = None if follow_up is None else dict(follow_up)
        values = {"follow_up": kept, "seq": seq, "changed_at": self._now}
        self._connection.execute(update(message).where(message.c.id == item_id).values(**values))

    def renumber(self, item_id: ItemId, described: Described, seq: int | None) -> None:
        """The same message under another number; `seq` is its position of the stream if anybody is told."""
        values = self._columns(described)
        if seq is None:
            del values["changed_at"]
        else:
            values["seq"] = seq
        self._connection.execute(update(message).where(message.c.id == item_id).values(**values))

    def set_aside(self, collection_id: CollectionId) -> None:
        """The numbers of a folder mean nothing any more: until it is found again each message has one that no server gives."""
        self._connection.execute(SET_ASIDE.values(uid=-message.c.id), {"here": collection_id})

    def remove(self, ids: Sequence[ItemId]) -> None:
        for start in range(0, len(ids), AT_ONCE):
            self._connection.execute(delete(message).where(message.c.id.in_(ids[start : start + AT_ONCE])))

    def remove_all(self, collection_id: CollectionId) -> None:
        """Empty a folder that is about to go."""
        self._connection.execute(delete(message).where(message.c.collection_id == collection_id))
        self._connection.execute(delete(mailbox).where(mailbox.c.collection_id == collection_id))

    def _columns(self, described: Described) -> dict[str, Any]:
        return {
            "uid": described.uid,
            "email_id": described.email_id,
            "message_id": described.message_id,
            "sent_at": described.sent_at,
            "arrived_at": described.arrived_at,
            "size_bytes": described.size_bytes,
            "flags": sorted(described.flags),
            "changed_at": self._now,
        }


def _mailbox(row: Row[Any]) -> Mailbox:
    columns = dict(row._mapping)
    return Mailbox(**columns | {"special_use": SpecialUse(row.special_use)})


def _message(row: Row[Any]) -> Message:
    """The columns stand in the order of the fields: lists of thousands are made of these."""
    values: list[Any] = list(row)
    values[FLAGS_AT] = frozenset(values[FLAGS_AT])
    return Message(*values)
