"""A database as the first release left it, and what three phones knew by then.

`tests/captures/upgrade/first_release.json` was written by that release itself, with its own simulated phones:

`tables`   all rows; octets as {"base64": ...}
`iphone`   ApplF0ANNA, 16.1: has everything but what a desktop program wrote last
`android`  androidc1anna, 14.1: the same, and its last answer was lost
`young`    ApplYOUNG, 16.1: amid its first synchronisation of the book, three items at a time
`lost`     that question of the Android phone, as octets, and the answer that it never got
"""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text

from gateway.places import Place
from pimgate.store import migrate
from pimgate.store.database import Database, database_url
from pimgate.testing.phone_memory import Memory

CAPTURE = Path(__file__).parents[1] / "captures" / "upgrade" / "first_release.json"
MOMENTS = ("at", "created_at", "changed_at", "first_seen", "last_seen")


@dataclass(frozen=True)
class Earlier:
    """What the capture holds beside the tables; `book` and `calendar` are ids."""

    iphone: Memory
    android: Memory
    young: Memory
    question: bytes
    answer: bytes
    book: str
    calendar: str


def lay_down(place: Place) -> Earlier:
    """Make an empty database what the first release left; the gateway that opens it next brings it up. All moments are moved so
    that it was left just now: what is too old is forgotten."""
    capture = json.loads(CAPTURE.read_text(encoding="utf-8"))
    database = Database(database_url(place.url, place.directory))
    with database.engine.begin() as connection:
        _make_tables(connection, capture["revision"])
        _fill(connection, capture["tables"], time.time() - capture["written_at"])
        if not place.is_sqlite:
            _count_on(connection)
    database.close()
    memories = {name: Memory.from_document(capture[name]) for name in ("iphone", "android", "young")}
    lost = {name: base64.b64decode(capture["lost"][name]) for name in ("request", "answer")}
    return Earlier(**memories, question=lost["request"], answer=lost["answer"], **capture["collections"])


def _make_tables(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    for name in ("collection", "stream"):  # what a new database begins with is in the capture, too
        connection.execute(text(f"DELETE FROM {name}"))


def _fill(connection: Connection, tables: Mapping[str, list[dict[str, Any]]], later: float) -> None:
    metadata = MetaData()
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        rows = [{name: _value(name, kept, later) for name, kept in row.items()} for row in tables.get(table.name, [])]
        if rows:
            connection.execute(table.insert(), rows)


def _value(name: str, kept: Any, later: float) -> Any:
    if isinstance(kept, dict) and set(kept) == {"base64"}:
        return base64.b64decode(kept["base64"])
    return kept + later if name in MOMENTS and kept is not None else kept


def _count_on(connection: Connection) -> None:
    """The next numbers are above those that were given: PostgreSQL does not see them go by."""
    for table, column in (("item", "id"), ("journal", "line")):
        connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}))")
        )
