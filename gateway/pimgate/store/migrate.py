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

from pimgate.store.database import WRITES, Database

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaTooNew(Exception):
    """The database was written by a newer release of pimgate; this one must not touch it."""


def upgrade(database: Database) -> bool:
    """Run what is missing; gives whether anything was. SchemaTooNew if the database is ahead of us."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
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
