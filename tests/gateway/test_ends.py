"""Items in the order in which they end, and what the journal says of how long they lasted."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from gateway.places import Place
from gateway.seen import through
from gateway.texts import event, task
from pimgate import collections
from pimgate.core import Core
from pimgate.items import View
from pimgate.model.collections import CollectionKind
from pimgate.model.items import Bookmark, Cut
from pimgate.model.people import Account
from pimgate.store import migrate
from pimgate.store.database import WRITES, Database, database_url

START = 1_795_251_600  # 2026-11-21, 09:00 UTC
HOUR, DAY = 3_600, 86_400


@pytest.fixture
def view(core: Core, person: Callable[[str], Account]) -> Iterator[View]:
    """A calendar of anna's."""
    anna = person("anna")
    with core.database.write() as work:
        made = collections.create(work, anna.id, CollectionKind.CALENDAR, "Diary")
    with core.database.write() as work:
        yield core.catalogue.open_view(work, through(anna), made.id)


def put(view: View, name: str, day: int, *more: str) -> None:
    view.put(f"{name}.ics", event(name, f"202611{21 + day}T090000Z", name, *more))


def ending(view: View, after: Cut, upto: Cut, limit: int = 9, *, last_first: bool = False) -> list[str]:
    return [head.uid for head in view.heads_ending(after, upto, "VEVENT", limit, last_first=last_first)]


def test_items_come_in_the_order_in_which_they_end(view: View) -> None:
    for name, day in (("late", 3), ("early", 0), ("also", 1), ("too", 1)):
        put(view, name, day)
    put(view, "endless", 0, "RRULE:FREQ=DAILY")
    everything = Cut(0), Cut(START + 9 * DAY)
    assert ending(view, *everything) == ["early", "also", "too", "late"]
    assert ending(view, *everything, last_first=True) == ["late", "too", "also", "early"]
    assert ending(view, *everything, limit=2) == ["early", "also"]
    [_, also, *_] = view.heads_ending(*everything, "VEVENT", 9)
    between = Cut(START + DAY + HOUR, also.id)
    assert ending(view, between, everything[1]) == ["too", "late"]
    assert ending(view, everything[0], between) == ["early", "also"]
    assert view.heads_ending(*everything, "VTODO", 9) == []


def test_the_next_end_is_the_first_after_a_moment(view: View) -> None:
    put(view, "early", 0)
    put(view, "late", 3)
    assert view.next_end(0, "VEVENT") == START + HOUR
    assert view.next_end(START + HOUR, "VEVENT") == START + 3 * DAY + HOUR
    assert view.next_end(START + 4 * DAY, "VEVENT") is None
    assert view.next_end(0, "VTODO") is None


def test_the_journal_says_how_long_an_item_lasted_before(view: View) -> None:
    put(view, "a", 0)
    put(view, "a", 3)
    view.delete("a.ics")
    lines = view.changes_since(Bookmark(0), 9).changes
    assert [line.lasted_until for line in lines] == [None, START + HOUR, START + 3 * DAY + HOUR]


def test_an_older_database_learns_how_long_its_items_last(empty: Place) -> None:
    texts = {"once": event("once"), "open": task("open"), "done": task("done", "STATUS:COMPLETED")}
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    with closing(Database(database_url(empty.url, empty.directory))) as database:
        with database.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "0003")
            connection.execute(text(A_COLLECTION))
            for number, (uid, each) in enumerate(texts.items(), start=1):
                component = "VEVENT" if uid == "once" else "VTODO"
                row = {"id": number, "uid": uid, "component": component, "ends_at": START + HOUR, "no": False}
                connection.execute(text(AN_ITEM), row)
                connection.execute(text("INSERT INTO item_text VALUES (:id, :text)"), {"id": number, "text": each})
        assert migrate.upgrade(database) is True
        with database.engine.connect() as connection:
            found = {row.uid: row.lasts_until for row in connection.execute(text("SELECT uid, lasts_until FROM item"))}
    assert found == {"once": START + HOUR, "open": None, "done": 0}


A_COLLECTION = """
INSERT INTO collection (id, kind, role, name, colour, description, item_count, size_bytes, properties)
VALUES ('c1', 'calendar', 'ordinary', 'Diary', '', '', 3, 0, '{}')
"""
AN_ITEM = """
INSERT INTO item (id, collection_id, name, uid, component, etag, size_bytes, created_seq, seq, changed_at, starts_at, ends_at,
                  is_recurring, is_open, title, search)
VALUES (:id, 'c1', :uid, :uid, :component, 'e', 1, 1, 1, 0, 0, :ends_at, :no, :no, '', '')
"""
