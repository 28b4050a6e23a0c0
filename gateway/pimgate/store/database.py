"""The database: one engine, and units of work on it.

Rules of the room: a writer on SQLite begins with BEGIN IMMEDIATE, so it never fails half-way for another writer; nothing is
told to anybody before the commit; whoever reads sees one moment, however many statements that takes; a database that cannot
be reached, or a full disk, is `AwayNow`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    TimeoutError,
)

from pimgate.errors import AwayNow, Refused
from pimgate.model.items import Change
from pimgate.store.work import Work

WRITES = "pimgate_writes"
CHANNEL = "pimgate"
WANTED_ADDRESS = "must begin with sqlite:/// or postgresql://, and be a whole address"
NOTICE_BYTES = 7000
"""PostgreSQL takes notices of less than 8000 bytes."""


def database_url(text: str, directory: Path) -> URL:
    """The address from the settings, with relative SQLite files placed in `directory` and PostgreSQL spoken by psycopg.
    ValueError if it is neither."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise ValueError(WANTED_ADDRESS) from error
    if url.get_backend_name() == "sqlite" and url.database:
        return url.set(drivername="sqlite", database=str(directory / url.database))
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise ValueError(WANTED_ADDRESS)


class Database:
    """Units of work on one database. After each commit `committed` is told the journal's new lines, and `rung` the other bells to
    ring, in the writer's thread."""

    def __init__(self, url: URL, *, pool_size: int = 8, busy_timeout_seconds: int = 5) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.token = secrets.token_hex(8)
        self.committed: Callable[[list[Change]], None] = lambda changes: None
        self.rung: Callable[[set[str]], None] = lambda names: None
        self.clock: Callable[[], float] = time.time
        self.engine = self._engine(pool_size, busy_timeout_seconds)

    def _engine(self, pool_size: int, busy_timeout_seconds: int) -> Engine:
        pool: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 4, "pool_timeout": busy_timeout_seconds}
        if not self.is_sqlite:
            arguments = {"connect_timeout": busy_timeout_seconds}
            return create_engine(self.url, connect_args=arguments, pool_pre_ping=True, **pool)
        engine = create_engine(
            self.url, connect_args={"timeout": busy_timeout_seconds, "check_same_thread": False}, **pool
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    @contextmanager
    def read(self) -> Iterator[Work]:
        """A unit of work that only looks."""
        with self._unit(writes=False) as work:
            yield work

    @contextmanager
    def write(self) -> Iterator[Work]:
        """A unit of work that keeps what it wrote when the block ends, and nothing when it raises."""
        with self._unit(writes=True) as work:
            yield work
        if work.changes:
            self.committed(work.changes)
        if work.rings:
            self.rung(work.rings)

    @contextmanager
    def _unit(self, writes: bool) -> Iterator[Work]:
        try:
            with self.engine.connect().execution_options(**self._options(writes)) as connection, connection.begin():
                work = Work(connection, self.clock(), writes)
                yield work
                if (work.changes or work.rings) and not self.is_sqlite:
                    self._notify(connection, work.rings.union(change.stream for change in work.changes))
        except (OperationalError, TimeoutError) as error:
            raise AwayNow(f"database: {cause(error)}") from error
        except IntegrityError:
            raise
        except DataError as error:
            raise Refused(f"database: {type(error.orig).__name__}") from error
        except DBAPIError as error:
            if isinstance(error, DatabaseError) and not error.connection_invalidated and not _is_disk(error):
                raise
            raise AwayNow(f"database: {cause(error)}") from error

    def _options(self, writes: bool) -> dict[str, Any]:
        """For one unit of work: SQLite's readers see one moment anyhow, PostgreSQL's have to ask for it."""
        if self.is_sqlite or writes:
            return {WRITES: writes}
        return {WRITES: writes, "isolation_level": "REPEATABLE READ"}

    def _notify(self, connection: Connection, names: set[str]) -> None:
        """Tell other processes, at the commit, which streams grew; `token` lets us know our own notices."""
        streams = " ".join(sorted(names))
        payload = f"{self.token} {streams if len(streams) < NOTICE_BYTES else '*'}"
        connection.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})

    def close(self) -> None:
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-4000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _is_disk(error: DBAPIError) -> bool:
    return any(words in str(error.orig) for words in ("disk is full", "disk I/O", "No space left"))


def cause(error: Exception) -> str:
    """The driver's words without the statement and its values, which could carry content."""
    original = getattr(error, "orig", None) or error
    return f"{type(original).__name__}: {str(original).splitlines()[0][:200]}"
