"""Rows of the journal: the position of every change in its stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from pimgate.errors import BookmarkExpired
from pimgate.model.items import Bookmark, Change, Changes, ItemId, Op
from pimgate.store.tables import journal, stream

# Statements of every request are made once: making one costs more than carrying it out.
PLACE = select(stream.c.head, stream.c.floor).where(stream.c.id == bindparam("name"))
LINES = (
    select(journal)
    .where(journal.c.stream == bindparam("name"), journal.c.seq > bindparam("bookmark"))
    .order_by(journal.c.seq)
    .limit(bindparam("most"))
)
LOCK = select(stream.c.id).where(stream.c.id == bindparam("name")).with_for_update()
TAKE = (
    update(stream)
    .where(stream.c.id == bindparam("name"))
    .values(head=stream.c.head + bindparam("count"))
    .returning(stream.c.head)
)
HEAD = select(stream.c.head).where(stream.c.id == bindparam("name"))
WRITE = insert(journal)

NAMES_AT_ONCE = 500


class JournalRows:
    """Writes lines, and answers what happened after a bookmark. Every line written is also handed to `noted`."""

    def __init__(self, connection: Connection, now: float, noted: Callable[[Change], None]) -> None:
        self._connection = connection
        self._now = now
        self._noted = noted

    def open(self, name: str) -> None:
        """Begin a stream."""
        self._connection.execute(insert(stream).values(id=name, head=0, floor=0))

    def lock(self, name: str) -> bool:
        """Nobody else writes to this stream until the commit; gives whether it is there. Taken before looking at what decides a
        write; on SQLite there is one writer anyhow."""
        return self._connection.execute(LOCK, {"name": name}).first() is not None

    def append(self, name: str, op: Op, *, item_id: ItemId | None = None, item: str = "", origin: str = "") -> int:
        """Write one line; gives its position. The row of the stream stays locked until the commit, so positions are
        committed in order."""
        seq = self.take_position(name)
        self.write(Change(name, seq, op, item_id, item, origin))
        return seq

    def write(self, change: Change) -> None:
        """Write a line whose position was taken before."""
        self._connection.execute(WRITE, self._row(change))
        self._noted(change)

    def _row(self, change: Change) -> dict[str, Any]:
        return {
            "stream": change.stream,
            "seq": change.seq,
            "op": change.op.value,
            "item_id": change.item_id,
            "name": change.name,
            "origin": change.origin,
            "at": self._now,
            "lasted_until": change.lasted_until,
        }

    def write_all(self, changes: Sequence[Change]) -> None:
        """The same for many lines at once."""
        if changes:
            self._connection.execute(WRITE, [self._row(each) for each in changes])
        for each in changes:
            self._noted(each)

    def take_positions(self, name: str, count: int) -> range:
        """The next positions of a stream, as many as are needed; see `take_position`."""
        if count == 0:
            return range(0)
        last = cast(int, self._connection.execute(TAKE, {"name": name, "count": count}).scalar_one())
        return range(last - count + 1, last + 1)

    def take_position(self, name: str) -> int:
        """The next position of a stream, to be written with `write` in the same unit of work."""
        return cast(int, self._connection.execute(TAKE, {"name": name, "count": 1}).scalar_one())

    def heads(self, names: Iterable[str]) -> dict[str, Bookmark]:
        """The end of each stream that exists."""
        wanted = list(names)
        found: dict[str, Bookmark] = {}
        for start in range(0, len(wanted), NAMES_AT_ONCE):
            query = select(stream.c.id, stream.c.head).where(stream.c.id.in_(wanted[start : start + NAMES_AT_ONCE]))
            found |= {row.id: Bookmark(row.head) for row in self._connection.execute(query)}
        return found

    def head(self, name: str) -> Bookmark:
        """The end of a stream; 0 if there is none."""
        found = self._connection.execute(HEAD, {"name": name}).scalar()
        return Bookmark(found or 0)

    def since(self, name: str, bookmark: Bookmark, limit: int) -> Changes:
        """The lines after `bookmark`, oldest first, at most `limit`. BookmarkExpired if some of them were pruned, or if the
        bookmark is not of this stream's past."""
        place = self._connection.execute(PLACE, {"name": name}).first()
        if place is None or bookmark < place.floor or bookmark > place.head:
            raise BookmarkExpired(f"bookmark {bookmark} of {name}")
        if bookmark == place.head:
            return Changes((), bookmark, False)
        rows = self._connection.execute(LINES, {"name": name, "bookmark": bookmark, "most": limit + 1}).all()
        lines = tuple(
            Change(row.stream, row.seq, Op(row.op), row.item_id, row.name, row.origin, row.lasted_until)
            for row in rows[:limit]
        )
        return Changes(lines, Bookmark(lines[-1].seq if lines else place.head), len(rows) > limit)

    def latest_line(self) -> int:
        """The number of the newest line of all streams."""
        return self._connection.execute(select(func.max(journal.c.line))).scalar() or 0

    def streams_after(self, line: int) -> tuple[set[str], int]:
        """The streams with lines numbered above `line`, and the newest number."""
        rows = self._connection.execute(
            select(journal.c.stream, func.max(journal.c.line)).where(journal.c.line > line).group_by(journal.c.stream)
        ).all()
        return {row[0] for row in rows}, max((row[1] for row in rows), default=line)

    def prune(self, before: float, limit: int) -> int:
        """Forget lines older than `before`, at most `limit`; gives how many. The floor of their streams rises first."""
        rows = self._connection.execute(
            select(journal.c.line, journal.c.stream, journal.c.seq)
            .where(journal.c.at < before)
            .order_by(journal.c.line)
            .limit(limit)
        ).all()
        floors: dict[str, int] = {}
        for row in rows:
            floors[row.stream] = max(floors.get(row.stream, 0), row.seq)
        for name, floor in sorted(floors.items()):
            self._connection.execute(
                update(stream).where(stream.c.id == name, stream.c.floor < floor).values(floor=floor)
            )
        for name, floor in floors.items():
            self._connection.execute(delete(journal).where(journal.c.stream == name, journal.c.seq <= floor))
        return len(rows)

    def close(self, name: str) -> None:
        """End a stream whose collection is gone. Its lines go with it."""
        self._connection.execute(delete(journal).where(journal.c.stream == name))
        self._connection.execute(delete(stream).where(stream.c.id == name))
