"""Requests that hang: one of a kind for each device, ended by the bell, by time, by a newer request or by the client's leaving.

A waiting request holds no thread, no transaction and no database connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

from pimgate.api import Bell, DeviceId

LEAST_SECONDS_BETWEEN_LOOKS = 0.02
"""A burst of changes is looked at once."""


class Ended(Exception):
    """The wait has lost its ground: the same device asked again, or may no longer be served. It is answered with nothing new."""


class Waiting:
    """The hanging requests of one gateway process."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._current: dict[DeviceId, asyncio.Event] = {}

    async def until(
        self,
        device_id: DeviceId,
        streams: Iterable[str],
        seconds: float,
        look: Callable[[], Awaitable[bool]],
    ) -> bool:
        """Wait until `look` finds something, and give True; or False after `seconds`. `look` is asked at once, after the ears
        are open, and again whenever one of `streams` rings. Ended when the device sends a newer hanging request."""
        ended = asyncio.Event()
        earlier = self._current.get(device_id)
        if earlier is not None:
            earlier.set()
        self._current[device_id] = ended
        until = time.monotonic() + seconds
        try:
            with self._bell.listening(streams) as ear:
                while True:
                    if await look():
                        return True
                    left = until - time.monotonic()
                    if left <= 0 or not await _rung_or_ended(ear.heard(left), ended):
                        return False
                    await asyncio.sleep(LEAST_SECONDS_BETWEEN_LOOKS)
        finally:
            if self._current.get(device_id) is ended:
                del self._current[device_id]


async def _rung_or_ended(rung: Awaitable[bool], ended: asyncio.Event) -> bool:
    """What the ear says; Ended if the request is ended first."""
    hearing, ending = asyncio.ensure_future(rung), asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait({hearing, ending}, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            raise Ended
        return hearing.result()
    finally:
        hearing.cancel()
        ending.cancel()
