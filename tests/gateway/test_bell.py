"""The bell inside one process: who waits is woken, once there is something to look at, and only then."""

import asyncio
import threading
from collections.abc import Callable, Iterable

from gateway.texts import card
from pimgate import collections, sharing, subscriptions
from pimgate.bell import Bell
from pimgate.core import Core
from pimgate.items import keep
from pimgate.journal import hierarchy_of
from pimgate.model.collections import CollectionKind, Grant, Right
from pimgate.model.devices import DeviceFacts, DeviceState
from pimgate.model.people import Account, Identity
from pimgate.store.work import Work

SOON_SECONDS = 2
NEVER_SECONDS = 0.1
PHONE = DeviceFacts("eas", "APPL1", "iPhone", "Apple-iPhone/1", "16.1")


async def wakes(core: Core, streams: Iterable[str], job: Callable[[Work], object]) -> bool:
    """Whether somebody who listens to these streams is woken by this unit of work."""
    core.bell.start()
    with core.bell.listening(streams) as ear:
        await core.write(job)
        return await ear.heard(SOON_SECONDS if job is not nothing else NEVER_SECONDS)


def nothing(work: Work) -> None:
    """A unit of work that changes nothing."""


def test_bell_wakes_whoever_listens_to_one_of_the_streams() -> None:
    async def scene() -> None:
        bell = Bell()
        bell.start()
        with bell.listening(["a", "b"]) as both, bell.listening(["c"]) as other:
            bell.ring(["b", "z"])
            assert await both.heard(SOON_SECONDS)
            assert not await other.heard(NEVER_SECONDS)

    asyncio.run(scene())


def test_ring_between_two_waits_is_heard_by_the_second() -> None:
    async def scene() -> None:
        bell = Bell()
        bell.start()
        with bell.listening(["a"]) as ear:
            bell.ring(["a"])
            assert await ear.heard(SOON_SECONDS)
            bell.ring(["a"])
            await asyncio.sleep(0.01)
            assert await ear.heard(SOON_SECONDS)
            assert not await ear.heard(NEVER_SECONDS)

    asyncio.run(scene())


def test_nobody_is_kept_after_the_wait() -> None:
    async def scene() -> None:
        bell = Bell()
        bell.start()
        with bell.listening(["a"]), bell.listening(["a", "b"]):
            assert bell.is_anybody_listening
        assert not bell.is_anybody_listening

    asyncio.run(scene())


def test_everybody_is_woken_when_something_may_have_been_missed() -> None:
    async def scene() -> None:
        bell = Bell()
        bell.start()
        with bell.listening(["a"]) as one, bell.listening(["b"]) as other:
            bell.ring_all()
            assert await one.heard(SOON_SECONDS)
            assert await other.heard(SOON_SECONDS)

    asyncio.run(scene())


def test_bell_may_be_rung_before_it_belongs_to_a_loop_and_after_that_loop_is_gone() -> None:
    bell = Bell()
    bell.ring(["a"])

    async def scene() -> None:
        bell.start()

    asyncio.run(scene())
    bell.ring(["a"])
    bell.ring_all()


def test_thousand_rings_from_many_threads_are_one_wake_up_or_more_and_never_none() -> None:
    """Whoever registers before looking misses nothing: each round's last ring comes before its last look."""

    async def scene() -> None:
        bell = Bell()
        bell.start()
        done = 0

        def ring_often() -> None:
            nonlocal done
            for _ in range(250):
                with lock:
                    done += 1
                bell.ring(["a"])

        lock = threading.Lock()
        threads = [threading.Thread(target=ring_often) for _ in range(4)]
        with bell.listening(["a"]) as ear:
            for each in threads:
                each.start()
            while done < 1000:
                assert await ear.heard(SOON_SECONDS)
        for each in threads:
            each.join()

    asyncio.run(scene())


def test_item_wakes_those_who_wait_for_its_collection_and_nobody_else(
    core: Core, person: Callable[[str], Account]
) -> None:
    anna = person("anna")
    with core.database.write() as work:
        book = collections.create(work, anna.id, CollectionKind.BOOK, "Friends")
        other = collections.create(work, anna.id, CollectionKind.BOOK, "Foes")

    def put(uid: str) -> Callable[[Work], object]:
        return lambda work: keep(work, core.settings.limits, book, f"{uid}.vcf", card(uid))

    async def scene() -> None:
        assert await wakes(core, [book.id], put("a"))
        with core.bell.listening([other.id]) as ear:
            await core.write(put("b"))
            assert not await ear.heard(NEVER_SECONDS)

    asyncio.run(scene())


def test_whatever_changes_what_a_person_sees_wakes_them(core: Core, person: Callable[[str], Account]) -> None:
    anna, bert = person("anna"), person("bert")
    with core.database.write() as work:
        book = collections.create(work, anna.id, CollectionKind.BOOK, "Friends")
        phone = core.devices.admit(work, Identity(bert), PHONE)
    changes: list[Callable[[Work], object]] = [
        lambda work: sharing.grant_by(work, anna.id, Grant(book.id, bert.id, Right.READ)),
        lambda work: subscriptions.subscribe(work, bert.id, book.id, is_on=False),
        lambda work: subscriptions.turn(work, bert.id, book.id, is_on=True),
        lambda work: collections.change(work, anna.id, book.id, name="Good friends"),
        lambda work: subscriptions.unsubscribe(work, bert.id, book.id),
        lambda work: sharing.grant_by(work, anna.id, Grant(book.id, bert.id, Right.NONE)),
        lambda work: sharing.grant_by(work, anna.id, Grant(book.id, None, Right.READ)),
        lambda work: collections.remove(work, anna.id, book.id),
        lambda work: collections.create(work, bert.id, CollectionKind.CALENDAR, "Work"),
        lambda work: core.devices.admit(work, Identity(bert), DeviceFacts("dav", "tb")),
        lambda work: core.devices.decide(work, phone.id, DeviceState.BLOCKED),
        lambda work: core.devices.forget(work, phone.id),
        lambda work: core.people.set_password(work, bert.id, "another horse"),
        lambda work: core.people.add_app_password(work, bert.id, "phone"),
        lambda work: core.people.remove(work, bert.id),
    ]

    async def scene() -> None:
        for number, change in enumerate(changes):
            assert await wakes(core, [hierarchy_of(bert.id)], change), number
        assert not await wakes(core, [hierarchy_of(bert.id)], nothing)

    asyncio.run(scene())
