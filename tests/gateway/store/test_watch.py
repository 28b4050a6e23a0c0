"""What another gateway on the same database commits wakes those who wait here."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from gateway.places import Place
from gateway.postgresql import Cluster
from gateway.texts import card
from pimgate import collections, sharing, subscriptions
from pimgate.bell import Ear
from pimgate.core import Core
from pimgate.errors import AwayNow
from pimgate.items import keep
from pimgate.journal import hierarchy_of, touch_hierarchy
from pimgate.model.collections import Collection, CollectionKind, Grant, Right
from pimgate.model.devices import DeviceFacts, DeviceState
from pimgate.model.items import Op
from pimgate.model.people import Account, Identity
from pimgate.store import watch
from pimgate.store.watch import watching
from pimgate.store.work import Work

SOON_SECONDS = 15.0
NEVER_SECONDS = 0.7


@pytest.fixture
def twins(make_core: Callable[..., Core]) -> tuple[Core, Core]:
    """Two gateways on one database: one where somebody waits, one where something changes."""
    return make_core(), make_core()


@pytest.fixture
def anna(twins: tuple[Core, Core]) -> Account:
    with twins[0].database.read() as work:
        return twins[0].people.get(work, "anna")


@pytest.fixture
def book(twins: tuple[Core, Core], anna: Account) -> Collection:
    with twins[0].database.write() as work:
        return collections.create(work, anna.id, CollectionKind.BOOK, "Friends")


async def settle(ear: Ear) -> None:
    """Until the watcher has begun: its beginning may ring, so that nothing before it is missed."""
    while await ear.heard(NEVER_SECONDS):
        pass


def test_change_of_every_sort_in_one_gateway_wakes_the_other(
    twins: tuple[Core, Core], anna: Account, book: Collection
) -> None:
    here, there = twins
    with there.database.write() as work:
        bert = there.people.get(work, "bert")
        phone = there.devices.admit(work, Identity(bert), DeviceFacts("eas", "A1", "iPhone"))
    hierarchy = hierarchy_of(bert.id)
    changes: list[tuple[str, Callable[[Work], object]]] = [
        (book.id, lambda work: keep(work, there.settings.limits, book, "a.vcf", card("a"))),
        (hierarchy, lambda work: sharing.grant(work, Grant(book.id, bert.id, Right.READ))),
        (hierarchy, lambda work: subscriptions.subscribe(work, bert.id, book.id)),
        (hierarchy, lambda work: subscriptions.turn(work, bert.id, book.id, is_on=False)),
        (hierarchy, lambda work: there.devices.decide(work, phone.id, DeviceState.BLOCKED)),
    ]

    async def scene() -> list[float]:
        here.bell.start()
        waits = []
        async with watching(here.database, here.bell):
            with here.bell.listening([book.id, hierarchy]) as ear:
                await settle(ear)
                for stream, change in changes:
                    with here.bell.listening([stream]) as waiter:
                        begun = time.perf_counter()
                        await there.write(change)
                        assert await waiter.heard(SOON_SECONDS), stream
                        waits.append(time.perf_counter() - begun)
        return waits

    assert max(asyncio.run(scene())) < SOON_SECONDS


def _put(core: Core, book: Collection, uid: str, work: Work) -> None:
    keep(work, core.settings.limits, book, f"{uid}.vcf", card(uid))


def test_change_elsewhere_that_concerns_others_wakes_nobody(
    twins: tuple[Core, Core], anna: Account, book: Collection
) -> None:
    here, there = twins

    async def scene() -> None:
        here.bell.start()
        async with watching(here.database, here.bell):
            with here.bell.listening([book.id]) as ear:
                await settle(ear)
                await there.write(lambda work: touch_hierarchy(work, [anna.id]))
                assert not await ear.heard(NEVER_SECONDS)

    asyncio.run(scene())


def test_change_between_two_waits_is_not_lost(twins: tuple[Core, Core], book: Collection) -> None:
    """Nobody listens while it happens; whoever registers afterwards is woken, or finds it when looking."""
    here, there = twins

    async def scene() -> None:
        here.bell.start()
        async with watching(here.database, here.bell):
            for number in range(3):
                with here.bell.listening([book.id]) as ear:
                    uid = f"u{number}"
                    await there.write(partial(_put, there, book, uid))
                    assert await ear.heard(SOON_SECONDS)
                    head = await here.read(lambda work: work.journal.head(book.id))
                    assert head == number + 1

    asyncio.run(scene())


def test_wake_up_comes_even_when_the_journal_was_pruned_empty(twins: tuple[Core, Core], book: Collection) -> None:
    here, there = twins
    with here.database.write() as work:
        while work.journal.prune(work.now + 10, 1000):
            pass

    async def scene() -> None:
        here.bell.start()
        async with watching(here.database, here.bell):
            with here.bell.listening([book.id]) as ear:
                await settle(ear)
                await there.write(lambda work: keep(work, there.settings.limits, book, "a.vcf", card("a")))
                assert await ear.heard(SOON_SECONDS)

    asyncio.run(scene())


def test_wake_up_comes_after_the_watcher_could_not_look_for_a_while(
    twins: tuple[Core, Core], book: Collection, database: Place, monkeypatch: pytest.MonkeyPatch, cluster: Cluster
) -> None:
    """The database goes away while somebody waits; what is written when it is back wakes them."""
    here, there = twins
    monkeypatch.setattr(watch, "RECONNECT_SECONDS", 0.1)

    async def scene() -> None:
        here.bell.start()
        async with watching(here.database, here.bell):
            with here.bell.listening([book.id]) as ear:
                await settle(ear)
                if database.is_sqlite:
                    monkeypatch.setattr(watch, "_lines_after", _away)
                    await there.write(lambda work: keep(work, there.settings.limits, book, "b.vcf", card("b")))
                    await asyncio.sleep(NEVER_SECONDS)
                    monkeypatch.undo()
                    assert await ear.heard(SOON_SECONDS)
                else:
                    await asyncio.to_thread(cluster.stop)
                    await asyncio.to_thread(cluster.start)
                await settle(ear)
                await there.write(lambda work: keep(work, there.settings.limits, book, "a.vcf", card("a")))
                assert await ear.heard(SOON_SECONDS)

    asyncio.run(scene())


def _away(*_: object) -> None:
    raise AwayNow


WRITER = """
import sys
from pathlib import Path
from gateway.places import Place, make_gateway
from gateway.texts import card
from pimgate.items import keep
with make_gateway(Place(sys.argv[1], sys.argv[2], Path(sys.argv[3]))) as core:
    print("ready", flush=True)
    for line in sys.stdin:
        with core.database.write() as work:
            keep(work, core.settings.limits, work.collections.by_id(sys.argv[4]), "a.vcf", card("a"))
"""


def test_change_in_another_process_wakes_a_waiter(twins: tuple[Core, Core], book: Collection, database: Place) -> None:
    here, _ = twins
    command = [sys.executable, "-c", WRITER, database.kind, database.url, str(database.directory), book.id]
    tests = Path(__file__).parents[2]

    async def scene(other: subprocess.Popen[str]) -> float:
        assert other.stdin is not None
        here.bell.start()
        async with watching(here.database, here.bell):
            with here.bell.listening([book.id]) as ear:
                await settle(ear)
                begun = time.perf_counter()
                other.stdin.write("now\n")
                other.stdin.flush()
                assert await ear.heard(SOON_SECONDS)
                return time.perf_counter() - begun

    with subprocess.Popen(command, cwd=tests, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        assert asyncio.run(scene(other)) < SOON_SECONDS


def test_unit_of_work_with_more_streams_than_a_notice_holds_wakes_everybody(
    twins: tuple[Core, Core], book: Collection
) -> None:
    here, there = twins
    with there.database.write() as work:
        for number in range(400):
            work.journal.open(f"c-a-very-long-name-of-a-stream-{number:06}")

    def write(work: Work) -> None:
        for number in range(400):
            work.journal.append(f"c-a-very-long-name-of-a-stream-{number:06}", Op.CHANGE)
        keep(work, there.settings.limits, book, "a.vcf", card("a"))

    async def scene() -> None:
        here.bell.start()
        async with watching(here.database, here.bell):
            with here.bell.listening([book.id]) as ear:
                await settle(ear)
                await there.write(write)
                assert await ear.heard(SOON_SECONDS)

    asyncio.run(scene())
