"""Searches that go on: phones search anew at each letter that is typed, and no longer listen to the search before.

So a device has two of them at most, and another one ends the oldest: searches of somebody who is gone must not take all connections
of the person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from pimgate.api import AwayNow, DeviceId

T = TypeVar("T")

MOST: Final = 2


class RunningSearches:
    """Those of one gateway. Belongs to the event loop."""

    def __init__(self) -> None:
        self._running: dict[DeviceId, list[asyncio.Task[Any]]] = {}

    async def run(self, device_id: DeviceId, search: Coroutine[Any, Any, T]) -> T:
        """What a search gives. AwayNow if newer ones of the device took its place."""
        tasks = self._running.setdefault(device_id, [])
        for old in tasks[: 1 - MOST]:
            old.cancel()
        task = asyncio.ensure_future(search)
        tasks.append(task)
        try:
            return await task
        except asyncio.CancelledError:
            this = asyncio.current_task()
            if this is not None and this.cancelling():
                raise
            raise AwayNow("a newer search took the place of this one") from None
        finally:
            tasks.remove(task)
            if not tasks and self._running.get(device_id) is tasks:
                del self._running[device_id]
