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
    version, line = -1, 0
    try:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not bell.is_anybody_listening:
                version = -1
                continue
            now = connection.execute("PRAGMA data_version").fetchone()[0]
            if now == version:
                continue
            streams, newest = await asyncio.to_thread(_lines_after, database, line)
            if version != -1 and streams:
                bell.ring(streams)
            elif version == -1:
                bell.ring_all()
            version, line = now, newest
    finally:
        connection.close()


def _lines_after(database: Database, line: int) -> tuple[set[str], int]:
    try:
        with database.read() as work:
            if line == 0:
                return set(), work.journal.latest_line()
            return work.journal.streams_after(line)
    except AwayNow as error:
        log.warning("cannot look for changes of other processes: %s", error.detail)
        return set(), line


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
