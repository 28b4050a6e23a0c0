"""Brings a database to the tables of this release, in one transaction; never back.

A database from a newer release is refused. Before an SQLite file is changed, a copy is laid beside it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from pimgate.errors import AwayNow
from pimgate.store.database import WRITES, Database, cause

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaTooNew(Exception):
    """The database was written by a newer release of pimgate; this one must not touch it."""


def upgrade(database: Database) -> bool:
    """Run what is missing; gives whether anything was. SchemaTooNew if the database is ahead of us; AwayNow."""
    try:
        return _upgrade(database)
    except OperationalError as error:
        raise AwayNow(f"database: {cause(error)}") from error


def present_revision(database: Database) -> str | None:
    """The revision that a database has, without changing anything; None for an empty one. AwayNow."""
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        raise AwayNow(f"database: {cause(error)}") from error


def known_revisions() -> list[str]:
    """The revisions that this release knows, newest first."""
    return [revision.revision for revision in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]


def _upgrade(database: Database) -> bool:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    known = set(known_revisions())
    with database.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        _one_at_a_time(database, connection)
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise SchemaTooNew(f"the database has revision {current}, which this release does not know")
        if current == script.get_current_head():
            return False
        if current is not None and database.is_sqlite:
            _copy(Path(str(database.url.database)), current)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


def _one_at_a_time(database: Database, connection: Connection) -> None:
    """Several gateways may start at once; on SQLite the write transaction itself keeps them apart."""
    if not database.is_sqlite:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(730211)")


def _copy(place: Path, revision: str) -> None:
    with sqlite3.connect(place) as source, sqlite3.connect(place.with_suffix(f".before-{revision}")) as target:
        source.backup(target)
