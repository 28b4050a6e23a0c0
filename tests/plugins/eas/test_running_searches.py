"""Searches of a phone whose person types on."""

from __future__ import annotations

import asyncio

import pytest

from pimgate.api import AwayNow, DeviceId
from pimgate_eas.mail.searching.running import RunningSearches

PHONE, OTHER = DeviceId("phone"), DeviceId("other")


def test_third_search_of_a_device_ends_its_first() -> None:
    async def story() -> None:
        searches, begun, go = RunningSearches(), [], asyncio.Event()

        async def search(name: str) -> str:
            begun.append(name)
            await go.wait()
            return name

        asked = [(PHONE, "a"), (OTHER, "x"), (PHONE, "b"), (PHONE, "c"), (PHONE, "d")]
        tasks = []
        for device, name in asked:
            tasks.append(asyncio.create_task(searches.run(device, search(name))))
            await asyncio.sleep(0.01)
        go.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert [str(each) if not isinstance(each, AwayNow) else "away" for each in found] == [
            "away",
            "x",
            "away",
            "c",
            "d",
        ]
        assert begun == ["a", "x", "b", "c", "d"]
        assert searches._running == {}

    asyncio.run(story())


def test_search_ends_with_its_request() -> None:
    async def story() -> None:
        searches, ended = RunningSearches(), asyncio.Event()

        async def search() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        task = asyncio.create_task(searches.run(PHONE, search()))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await ended.wait()
        assert searches._running == {}

    asyncio.run(story())
