"""Rows of the outbox: what must leave once, and what has arrived before.

A row goes from accepted to sending to sent, failed or unknown. `claimed_until` keeps two processes from taking the same row. A copy
`follows` the row of its mail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pimgate.model.outbox import Channel, Entry, EntryId, Parcel, State
from pimgate.model.people import AccountId
from pimgate.store.tables import arrival, outbox

ENDED = (State.SENT.value, State.FAILED.value, State.UNKNOWN.value)


class OutboxRows:
    def __init__(self, connection: Connection, now: float) -> None:
        self._connection = connection
        self._now = now

    def add(self, parcel: Parcel) -> EntryId | None:
        """A new row; None if one with the same key is there."""
        row = {
            "key": parcel.key,
            "topic": parcel.topic,
            "channel": parcel.channel.value,
            "account_id": parcel.account_id,
            "sender": parcel.sender,
            "recipients": json.dumps(parcel.recipients),
            "about": parcel.about,
            "content": parcel.content,
            "state": State.ACCEPTED.value,
            "tries": 0,
            "due_at": self._now + parcel.due_in_seconds,
            "claimed_until": 0.0,
            "created_at": self._now,
            "changed_at": self._now,
            "note": "",
            "awaited_until": self._now + parcel.awaited_seconds if parcel.awaited_seconds else 0.0,
            "follows": parcel.follows,
        }
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        added = dialect.insert(outbox).values(row).on_conflict_do_nothing().returning(outbox.c.id)
        made = self._connection.execute(added).scalar()
        return EntryId(made) if made is not None else None

    def latest(self, topic: str) -> Entry | None:
        """The newest row about a topic."""
        query = select(outbox).where(outbox.c.topic == topic).order_by(outbox.c.id.desc()).limit(1)
        row = self._connection.execute(query).first()
        return _entry(row) if row else None

    def count_of(self, account_id: AccountId, since: float) -> int:
        """How much a person has given to be sent after that time; what goes into their own mailbox does not count."""
        is_sent = outbox.c.channel != Channel.FOLDER.value
        query = select(func.count()).where(outbox.c.account_id == account_id, outbox.c.created_at > since, is_sent)
        return self._connection.execute(query).scalar_one()

    def claim(self, channels: Iterable[Channel], until: float) -> Entry | None:
        """The next row that is due, for the caller alone until that time."""
        due = (
            select(outbox.c.id)
            .where(
                outbox.c.state == State.ACCEPTED.value,
                outbox.c.channel.in_([each.value for each in channels]),
                outbox.c.due_at <= self._now,
                outbox.c.claimed_until <= self._now,
            )
            .order_by(outbox.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        found = self._connection.execute(due).scalar()
        if found is None:
            return None
        claimed = update(outbox).where(outbox.c.id == found).values(claimed_until=until).returning(outbox)
        return _entry(self._connection.execute(claimed).one())

    def lost(self) -> list[Entry]:
        """The rows that were being sent when their time ran out: who sent them died."""
        are_lost = and_(outbox.c.state == State.SENDING.value, outbox.c.claimed_until <= self._now)
        return [_entry(row) for row in self._connection.execute(select(outbox).where(are_lost).with_for_update())]

    def get(self, entry_id: EntryId) -> Entry | None:
        row = self._connection.execute(select(outbox).where(outbox.c.id == entry_id)).first()
        return _entry(row) if row else None

    def lock(self, entry_id: EntryId) -> Entry | None:
        """The row, for this unit of work alone; None if it is gone."""
        row = self._connection.execute(select(outbox).where(outbox.c.id == entry_id).with_for_update()).first()
        return _entry(row) if row else None

    def change(self, entry_id: EntryId, state: State, **values: Any) -> None:
        given = {"state": state.value, "changed_at": self._now, **values}
        self._connection.execute(update(outbox).where(outbox.c.id == entry_id).values(given))

    def release_copies(self, entry_id: EntryId) -> None:
        """The copies of a mail rest no longer."""
        rests = and_(outbox.c.follows == entry_id, outbox.c.due_at > self._now, outbox.c.state == State.ACCEPTED.value)
        self._connection.execute(update(outbox).where(rests).values(due_at=self._now))

    def remove_copies(self, entry_id: EntryId) -> None:
        """The copies of a mail that did not leave go, unless they were put away already."""
        waits = and_(outbox.c.follows == entry_id, outbox.c.state == State.ACCEPTED.value)
        self._connection.execute(delete(outbox).where(waits))

    def next_due(self, channel: Channel) -> float | None:
        """When the next row of a channel is to be looked at; None if nothing waits."""
        is_waiting = outbox.c.state.in_([State.ACCEPTED.value, State.SENDING.value])
        waits = and_(is_waiting, outbox.c.channel == channel.value)
        later_of = case((outbox.c.due_at > outbox.c.claimed_until, outbox.c.due_at), else_=outbox.c.claimed_until)
        return self._connection.execute(select(func.min(later_of)).where(waits)).scalar()

    def all(self, states: Sequence[State] = (), limit: int = 1000) -> list[Entry]:
        """Rows, oldest first; those in one of these states, if any are named."""
        query = select(outbox).order_by(outbox.c.id).limit(limit)
        if states:
            query = query.where(outbox.c.state.in_([each.value for each in states]))
        return [_entry(row) for row in self._connection.execute(query)]

    def counts(self) -> dict[State, int]:
        rows = self._connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
        return {State(row[0]): row[1] for row in rows}

    def remove(self, entry_id: EntryId) -> None:
        self._connection.execute(delete(outbox).where(outbox.c.id == entry_id))

    def prune(self, before: float) -> int:
        """Forget what came to its end before that time, and what arrived; gives how many rows."""
        old = and_(outbox.c.state.in_(ENDED), outbox.c.changed_at < before)
        gone = self._connection.execute(delete(outbox).where(old)).rowcount
        return gone + self._connection.execute(delete(arrival).where(arrival.c.at < before)).rowcount


class ArrivalRows:
    """The latest word of each party about each thing, as far as it arrived for a person."""

    def __init__(self, connection: Connection, now: float) -> None:
        self._connection = connection
        self._now = now

    def latest(self, keys: Iterable[str]) -> dict[str, tuple[int, int, str]]:
        """By key: sequence, time, and a digest of the message."""
        query = select(arrival).where(or_(*(arrival.c.key == key for key in keys)))
        return {row.key: (row.sequence, row.stamped_at, row.digest) for row in self._connection.execute(query)}

    def keep(self, key: str, sequence: int, stamped_at: int, digest: str) -> None:
        values = {"sequence": sequence, "stamped_at": stamped_at, "digest": digest, "at": self._now}
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        kept = dialect.insert(arrival).values(key=key, **values)
        self._connection.execute(kept.on_conflict_do_update(index_elements=["key"], set_=values))


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=EntryId(row.id),
        key=row.key,
        channel=Channel(row.channel),
        account_id=AccountId(row.account_id),
        sender=row.sender,
        recipients=tuple(json.loads(row.recipients)),
        about=row.about,
        content=row.content or b"",
        state=State(row.state),
        tries=row.tries,
        due_at=row.due_at,
        created_at=row.created_at,
        changed_at=row.changed_at,
        note=row.note,
        awaited_until=row.awaited_until,
    )
