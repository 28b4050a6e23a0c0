"""Requests that hang: one of a kind for each device, ended by the bell, by time, by a newer request or by the client's leaving.

A waiting request holds no thread, no transaction and no database connection.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import ClientDisconnect, Request

from pimgate.api import Bell, DeviceId, Ear
from pimgate.web.waiting import when_client_leaves


class Ended(Exception):
    """The wait has lost its ground: the same device asked again, or may no longer be served. It is answered with nothing new."""


class Waiting:
    """The hanging requests of one gateway process."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._current: dict[DeviceId, Ear] = {}

    async def until(
        self,
        request: Request,
        device_id: DeviceId,
        streams: Iterable[str],
        seconds: float,
        look: Callable[[], Awaitable[bool]],
    ) -> bool:
        """Wait until `look` finds something, and give True; or False after `seconds`. `look` is asked at once, after the ear
        is open, and again whenever one of `streams` rings. Ended when the device sends a newer hanging request;
        ClientDisconnect when it leaves."""
        until = time.monotonic() + seconds
        with self._bell.listening(streams) as ear:
            earlier, self._current[device_id] = self._current.get(device_id), ear
            if earlier is not None:
                earlier.wake()
            try:
                async with when_client_leaves(request, lambda: self._leave(device_id, ear)):
                    while not await look():
                        heard = await ear.heard(max(0.0, until - time.monotonic()))
                        self._check_still_waiting(device_id, ear)
                        if not heard:
                            return False
                    return True
            finally:
                if self._current.get(device_id) is ear:
                    del self._current[device_id]

    def _leave(self, device_id: DeviceId, ear: Ear) -> None:
        if self._current.get(device_id) is ear:
            del self._current[device_id]
        ear.wake()

    def _check_still_waiting(self, device_id: DeviceId, ear: Ear) -> None:
        current = self._current.get(device_id)
        if current is None:
            raise ClientDisconnect
        if current is not ear:
            raise Ended
