"""Looks of those who wait: done together, each with its own outcome, and never in a moment that is past."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from pimgate.api import AwayNow, Core, NoSuchCollection, Work
from pimgate_eas.looks import MOST_TOGETHER, Glance, Looks


class Store:
    """A store whose readings take a while; it counts them. `value` is what one finds there."""

    def __init__(self) -> None:
        self.readings, self.at_once, self.most_at_once, self.value = 0, 0, 0, 0
        self.problem: Exception | None = None

    async def read(self, job: Callable[[Work], Any]) -> Any:
        self.readings += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0.01)
            if self.problem is not None:
                raise self.problem
            return job(cast(Work, self))
        finally:
            self.at_once -= 1


def looking(store: Store, looks: Looks, find: Callable[[Glance], Any]) -> Any:
    return looks.look(cast(Core, store), (), find)


def test_all_who_wake_at_once_look_together_and_one_round_after_the_other():
    async def scene() -> None:
        store, looks = Store(), Looks()
        count = 3 * MOST_TOGETHER
        found = await asyncio.gather(
            *(looking(store, looks, lambda glance, number=each: number) for each in range(count))
        )
        assert found == list(range(count))
        assert store.readings == 3
        assert store.most_at_once == 1

    asyncio.run(scene())


def test_what_one_finds_out_the_others_need_not_ask_again():
    async def scene() -> None:
        store, looks, asked = Store(), Looks(), []

        def find(glance: Glance) -> int:
            return glance.once("question", lambda: asked.append(1) or 7)

        assert await asyncio.gather(*(looking(store, looks, find) for _ in range(20))) == [7] * 20
        assert asked == [1]

    asyncio.run(scene())


def test_who_comes_while_others_look_sees_what_happened_since():
    async def scene() -> None:
        store, looks = Store(), Looks()
        first = asyncio.create_task(looking(store, looks, lambda glance: store.value))
        await asyncio.sleep(0.005)
        second = asyncio.create_task(looking(store, looks, lambda glance: store.value))
        await first
        store.value = 1
        assert await second == 1
        assert store.readings == 2

    asyncio.run(scene())


def test_the_error_of_one_is_not_that_of_the_others():
    async def scene() -> None:
        store, looks = Store(), Looks()

        def fail(glance: Glance) -> int:
            raise NoSuchCollection("c1")

        found = await asyncio.gather(
            looking(store, looks, fail), looking(store, looks, lambda glance: 1), return_exceptions=True
        )
        assert isinstance(found[0], NoSuchCollection)
        assert found[1] == 1

    asyncio.run(scene())


def test_a_store_that_is_away_is_away_for_all_and_there_again_for_the_next():
    async def scene() -> None:
        store, looks = Store(), Looks()
        store.problem = AwayNow("database: gone")
        found = await asyncio.gather(
            *(looking(store, looks, lambda glance: 1) for _ in range(3)), return_exceptions=True
        )
        assert [type(each) for each in found] == [AwayNow] * 3
        store.problem = None
        assert await looking(store, looks, lambda glance: 2) == 2

    asyncio.run(scene())


def test_who_gives_up_waits_for_the_end_of_the_round_and_spoils_it_for_nobody():
    async def scene() -> None:
        store, looks = Store(), Looks()
        leaving = asyncio.create_task(looking(store, looks, lambda glance: 1))
        staying = asyncio.create_task(looking(store, looks, lambda glance: 2))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert store.at_once == 0, "a look went on behind somebody who was told that it ended"
        assert await staying == 2

    asyncio.run(scene())
