"""What other processes committed: rings the bell for changes that were made elsewhere on the same database.

PostgreSQL tells by LISTEN/NOTIFY (after a reconnect everybody is woken, since a notification can be lost and a journal line
cannot); on SQLite `PRAGMA data_version` is looked at while somebody waits.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg

from pimgate.bell import Bell
from pimgate.errors import AwayNow
from pimgate.store.database import CHANNEL, Database

log = logging.getLogger("pimgate.store")

LOOK_SECONDS = 0.2
RECONNECT_SECONDS = 1.0


@asynccontextmanager
async def watching(database: Database, bell: Bell) -> AsyncIterator[None]:
    """Ring `bell` for what other processes commit, while the block runs."""
    task = asyncio.create_task(
        _watch_sqlite(database, bell) if database.is_sqlite else _watch_postgresql(database, bell)
    )
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch_sqlite(database: Database, bell: Bell) -> None:
    place = str(database.url.database)
    connection = sqlite3.connect(place, check_same_thread=False, isolation_level=None)
    version: int | None = None
    line = 0
    try:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not bell.is_anybody_listening:
                version = None
                continue
            try:
                now = connection.execute("PRAGMA data_version").fetchone()[0]
                if now == version:
                    continue
                streams, line = await asyncio.to_thread(_lines_after, database, None if version is None else line)
            except (AwayNow, sqlite3.Error) as error:
                log.warning("cannot look for changes of other processes, trying again: %s", type(error).__name__)
                version = None
                await asyncio.sleep(RECONNECT_SECONDS)
                continue
            if version is None:
                bell.ring_all()
            else:
                bell.ring(streams)
            version = now
    finally:
        connection.close()


def _lines_after(database: Database, line: int | None) -> tuple[set[str], int]:
    """The streams that grew since `line`, and the newest line; of None just the newest line."""
    with database.read() as work:
        return (set(), work.journal.latest_line()) if line is None else work.journal.streams_after(line)


async def _watch_postgresql(database: Database, bell: Bell) -> None:
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(address, autocommit=True)
            async with connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                bell.ring_all()
                async for notice in connection.notifies():
                    sender, _, streams = notice.payload.partition(" ")
                    if sender != database.token:
                        bell.ring(streams.split(" ")) if streams != "*" else bell.ring_all()
        except (psycopg.Error, OSError) as error:
            log.warning("lost the line to the database, trying again: %s", type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)
