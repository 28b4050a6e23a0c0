"""Units of work: all or nothing, and what happens while the database cannot be reached."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.places import Place, make_gateway
from gateway.postgresql import Cluster
from gateway.texts import card
from pimgate.collections import create
from pimgate.core import Core
from pimgate.errors import AwayNow, Refused
from pimgate.items import keep
from pimgate.model.collections import Collection, CollectionKind
from pimgate.model.people import Account
from pimgate.settings import Limits
from pimgate.store.database import database_url


@pytest.fixture
def book(core: Core, person: Callable[[str], Account]) -> Collection:
    anna = person("anna")
    with core.database.write() as work:
        return create(work, anna.id, CollectionKind.BOOK, "Friends")


def names(core: Core, book: Collection) -> list[str]:
    with core.database.read() as work:
        return [head.name for head in work.items.heads(book.id)]


def write_card(core: Core, book: Collection, uid: str, padding: int = 0) -> None:
    with core.database.write() as work:
        keep(work, core.settings.limits, book, f"{uid}.vcf", card(uid, "Ada Lovelace", "", "NOTE:" + "x" * padding))


def test_unit_of_work_that_raises_leaves_nothing(core: Core, book: Collection) -> None:
    with pytest.raises(LookupError), core.database.write() as work:
        keep(work, Limits(), book, "a.vcf", card("a"))
        raise LookupError
    assert names(core, book) == []
    with core.database.read() as work:
        found = work.collections.by_id(book.id)
        assert found is not None
        assert (found.item_count, found.size_bytes) == (0, 0)
        assert work.journal.head(book.id) == 0


def test_reader_sees_one_moment_while_a_writer_commits(core: Core, book: Collection) -> None:
    write_card(core, book, "a")
    with core.database.read() as work:
        before = work.items.heads(book.id)
        write_card(core, book, "b")
        assert work.items.heads(book.id) == before
    assert names(core, book) == ["a.vcf", "b.vcf"]


def test_id_of_an_item_is_never_given_again(core: Core, book: Collection) -> None:
    given = []
    for number in range(3):
        write_card(core, book, f"u{number}")
        with core.database.write() as work:
            (head,) = work.items.heads(book.id)
            given.append(head.id)
            work.items.remove(head.id)
    assert given == sorted(set(given))


def test_part_of_a_unit_can_be_taken_back_alone(core: Core, book: Collection) -> None:
    told: list[object] = []
    core.database.committed = told.extend
    with core.database.write() as work:
        keep(work, Limits(), book, "a.vcf", card("a"))
        with pytest.raises(LookupError), work.together():
            keep(work, Limits(), book, "b.vcf", card("b"))
            raise LookupError
        keep(work, Limits(), book, "c.vcf", card("c"))
    assert names(core, book) == ["a.vcf", "c.vcf"]
    assert len(told) == 2


@pytest.mark.parametrize("address", ["mysql://somewhere/x", "sqlite://", "nonsense", "", "postgresql://h:port/x"])
def test_address_of_another_kind_of_database_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must begin with sqlite:/// or postgresql://"):
        database_url(address, tmp_path)


def test_relative_sqlite_file_is_placed_beside_the_settings(tmp_path: Path) -> None:
    assert database_url("sqlite:///x.db", tmp_path).database == str(tmp_path / "x.db")
    assert database_url("sqlite:////var/x.db", tmp_path).database == "/var/x.db"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_sqlite_commits_survive_a_loss_of_power(core: Core) -> None:
    with core.database.write() as work:
        pragmas = {name: work.connection.execute(text(f"PRAGMA {name}")).scalar() for name in SQLITE}
    assert pragmas == SQLITE


SQLITE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_writers_wait_for_one_another(core: Core, book: Collection) -> None:
    faults: list[Exception] = []

    def write(name: str) -> None:
        try:
            for number in range(10):
                write_card(core, book, f"{name}{number}")
        except AwayNow as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert faults == []
    assert len(names(core, book)) == 40


def test_text_that_the_database_cannot_hold_is_refused_and_no_fault(core: Core) -> None:
    """PostgreSQL takes no NUL; whoever sends one is told so, and does not get to see a fault of ours."""
    with suppress(Refused), core.database.read() as work:
        assert work.people.by_login("anna\0@example.org") is None


def test_stopped_postgresql_is_away_and_nothing_is_lost(cluster: Cluster, tmp_path: Path) -> None:
    place = Place("postgresql", cluster.create("stopped"), tmp_path)
    with make_gateway(place) as core:
        with core.database.write() as work:
            anna = core.people.create(work, "anna@example.org", None)
            book = create(work, anna.id, CollectionKind.BOOK, "Friends")
        write_card(core, book, "a")
        cluster.stop()
        try:
            for _ in range(2):
                with pytest.raises(AwayNow) as away:
                    write_card(core, book, "lost")
                assert "password" not in away.value.detail
                with pytest.raises(AwayNow):
                    names(core, book)
        finally:
            cluster.start()
        write_card(core, book, "b")
        assert names(core, book) == ["a.vcf", "b.vcf"]
    cluster.drop("stopped")


def test_unit_that_loses_its_postgresql_half_way_keeps_nothing(cluster: Cluster, tmp_path: Path) -> None:
    place = Place("postgresql", cluster.create("halfway"), tmp_path)
    with make_gateway(place) as core:
        with core.database.write() as work:
            anna = core.people.create(work, "anna@example.org", None)
            book = create(work, anna.id, CollectionKind.BOOK, "Friends")
        told: list[object] = []
        core.database.committed = told.extend
        try:
            with pytest.raises(AwayNow), core.database.write() as work:
                keep(work, Limits(), book, "a.vcf", card("a"))
                cluster.stop()
                keep(work, Limits(), book, "b.vcf", card("b"))
        finally:
            cluster.start()
        assert names(core, book) == []
        assert told == []
    cluster.drop("halfway")


def test_gateway_does_not_start_without_its_postgresql(tmp_path: Path) -> None:
    place = Place("postgresql", f"postgresql://pimgate:secret@/nothing?host={tmp_path}", tmp_path)
    with pytest.raises(AwayNow) as away, make_gateway(place):
        pass
    assert "secret" not in str(away.value)


def test_full_disk_is_away_and_the_next_write_after_it_succeeds(tmp_path: Path) -> None:
    with make_gateway(Place("sqlite", "sqlite:///full.db", tmp_path)) as core:
        with core.database.write() as work:
            anna = core.people.create(work, "anna@example.org", None)
            book = create(work, anna.id, CollectionKind.BOOK, "Friends")
            pages = work.connection.execute(text("PRAGMA page_count")).scalar()
        kept = []
        _limit_pages(core, int(pages or 0) + 20)
        with pytest.raises(AwayNow) as away:
            for number in range(100):
                write_card(core, book, f"u{number}", padding=20_000)
                kept.append(f"u{number}.vcf")
        assert "full" in away.value.detail
        assert names(core, book) == kept != []
        _limit_pages(core, 1_000_000)
        write_card(core, book, "after")
        assert names(core, book) == [*kept, "after.vcf"]


def _limit_pages(core: Core, pages: int) -> None:
    """As if the disk had room for so many: the limit belongs to a connection, and the only one idle is taken next."""
    with core.database.write() as work:
        work.connection.execute(text(f"PRAGMA max_page_count={pages}"))
