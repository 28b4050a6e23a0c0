"""A database is brought to the tables of this release: from nothing, from an older one, never from a newer one."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from gateway.places import Place, make_gateway
from gateway.texts import event
from pimgate.errors import SettingsProblem
from pimgate.store import migrate
from pimgate.store.database import Database, database_url
from pimgate.store.tables import metadata

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{last}"

def upgrade():
    with op.batch_alter_table("account") as table:
        table.add_column(sa.Column("shoe_size", sa.Integer(), nullable=True))
    {then}
"""


@contextmanager
def opened(place: Place) -> Iterator[Database]:
    with closing(Database(database_url(place.url, place.directory))) as database:
        yield database


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A release with one migration more; `then` of it may be replaced in its file."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    last = migrate.known_revisions()[0]
    migration = folder / "versions" / "9999_shoes.py"
    migration.write_text(LATER.format(last=last, then="pass"), encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "MIGRATIONS", folder)
        yield migration


def test_migrations_from_nothing_give_exactly_the_tables(empty: Place) -> None:
    with opened(empty) as database:
        assert migrate.upgrade(database) is True
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
            inspector = inspect(connection)
            for table in metadata.sorted_tables:
                ours = {key.referred_table.name: key.ondelete for key in table.foreign_key_constraints}
                keys = inspector.get_foreign_keys(table.name)
                theirs = {str(key["referred_table"]): key["options"].get("ondelete") for key in keys}
                assert theirs == ours


def test_numbers_of_items_and_lines_are_never_used_again_after_the_migrations(empty: Place) -> None:
    if not empty.is_sqlite:
        return  # a sequence never goes back
    with opened(empty) as database:
        migrate.upgrade(database)
        with database.engine.connect() as connection:
            for table in ("item", "journal", "app_password"):
                made = connection.execute(text(f"SELECT sql FROM sqlite_master WHERE name = '{table}'")).scalar()
                assert "AUTOINCREMENT" in str(made)


def test_database_of_this_release_is_left_alone(empty: Place) -> None:
    with opened(empty) as database:
        assert migrate.upgrade(database) is True
        assert migrate.upgrade(database) is False
        assert migrate.present_revision(database) == migrate.known_revisions()[0]
    assert list(empty.directory.glob("*.before-*")) == []


def test_database_of_a_newer_release_is_refused_and_untouched(empty: Place) -> None:
    with opened(empty) as database:
        migrate.upgrade(database)
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'fffe'"))
        with pytest.raises(migrate.SchemaTooNew, match="fffe"):
            migrate.upgrade(database)
        assert migrate.present_revision(database) == "fffe"
    with pytest.raises(SettingsProblem, match="fffe"), make_gateway(empty):
        pass


def test_older_database_is_brought_up_and_keeps_its_people(database: Place, later: Path) -> None:
    with opened(database) as found:
        assert migrate.upgrade(found) is True
        with found.engine.connect() as connection:
            assert connection.execute(text("SELECT count(shoe_size), count(*) FROM account")).one() == (0, 3)


def test_copy_is_laid_beside_an_sqlite_file_before_it_is_changed(database: Place, later: Path) -> None:
    if not database.is_sqlite:
        return
    with opened(database) as found:
        migrate.upgrade(found)
    (copy,) = database.directory.glob("*.before-*")
    with closing(sqlite3.connect(copy)) as connection:
        assert "shoe_size" not in [row[1] for row in connection.execute("PRAGMA table_info(account)")]
        assert connection.execute("SELECT count(*) FROM account").fetchone() == (3,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_migration_that_breaks_off_changes_nothing(database: Place, later: Path) -> None:
    later.write_text(LATER.format(last=migrate.known_revisions()[1], then="raise ValueError('broke off')"))
    with opened(database) as found:
        before = migrate.present_revision(found)
        with pytest.raises(ValueError, match="broke off"):
            migrate.upgrade(found)
        assert migrate.present_revision(found) == before
        with found.engine.connect() as connection:
            assert "shoe_size" not in [column["name"] for column in inspect(connection).get_columns("account")]


START = """
import sys
from pathlib import Path
from gateway.places import Place, make_gateway
with make_gateway(Place(sys.argv[1], sys.argv[2], Path(sys.argv[3]))) as core, core.database.read() as work:
    print(len(work.collections.of_organisation()))
"""


def test_gateways_that_start_at_once_on_an_empty_database_agree(empty: Place) -> None:
    command = [sys.executable, "-c", START, empty.kind, empty.url, str(empty.directory)]
    tests = Path(__file__).parents[2]
    starts = [
        subprocess.Popen(command, cwd=tests, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for each in starts:
        out, err = each.communicate(timeout=60)
        assert (each.returncode, out.strip()) == (0, "1"), err
    with opened(empty) as database, database.read() as work:
        assert len(work.collections.of_organisation()) == 1


def first_release(database: Database) -> None:
    """The tables as the first release made them, with a diary in it."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO collection (id, kind, role, name, colour, description, item_count, size_bytes, properties)"
                " VALUES ('c1', 'calendar', 'ordinary', 'Diary', '', '', 0, 0, '{}')"
            )
        )


def add_event(database: Database, number: int, uid: str, line: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO item (id, collection_id, name, uid, component, etag, size_bytes, created_seq, seq, changed_at,"
                " is_recurring, is_open, title, search)"
                " VALUES (:id, 'c1', :uid, :uid, 'VEVENT', 'e', 1, 1, 1, 1.0, :no, :no, '', '')"
            ),
            {"id": number, "uid": uid, "no": False},
        )
        said = event(uid, "20261121T090000Z", "Lunch", line)
        connection.execute(text("INSERT INTO item_text VALUES (:id, :text)"), {"id": number, "text": said})


def test_private_events_of_the_first_release_are_known_as_such(empty: Place) -> None:
    """The column that says so came later; what stood there before is looked through once."""
    lines = {
        "a": "CLASS:PRIVATE",
        "b": "CLASS:PUBLIC",
        "c": "X-NOTE:CLASS",
        "d": "class:private",
        "e": "STATUS:TENTATIVE",
    }
    with opened(empty) as database:
        first_release(database)
        for number, (uid, line) in enumerate(lines.items(), start=1):
            add_event(database, number, uid, line)
        migrate.upgrade(database)
        with database.engine.connect() as connection:
            private = connection.execute(text("SELECT uid FROM item WHERE is_private ORDER BY uid")).scalars().all()
    assert private == ["a", "d"]
