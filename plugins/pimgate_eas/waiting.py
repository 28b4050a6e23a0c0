"""Requests that hang: one of a kind for each device, ended by the bell, by time, by a newer request or by the client's leaving.

A waiting request holds no thread, no transaction and no database connection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import ClientDisconnect, Request

from pimgate.api import Bell, Bookmark, Core, DeviceId, Ear
from pimgate.web.waiting import when_client_leaves
from pimgate_eas.looks import Glance, Looks


class Ended(Exception):
    """The wait has lost its ground: the same device asked again, or may no longer be served. It is answered with nothing new."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: something to say; else perhaps in how many seconds time alone will bring something, and whether the wait
    has lost its ground."""

    is_news: bool
    again_in: float | None = None
    is_ended: bool = False


class Watcher(Protocol):
    """What a request waits for."""

    def look(self, glance: Glance, moved: frozenset[str]) -> Seen:
        """Whether there is news, where only these of its streams have grown since the last look, or time may have brought some."""
        ...


@dataclass(slots=True, eq=False)
class Wait:
    """One hanging request. `stopped` is why it must not go on, once it must not; `positions` are the ends of its streams when it
    looked last."""

    request: Request
    ear: Ear
    streams: tuple[str, ...]
    stopped: Exception | None = None
    positions: dict[str, Bookmark] = field(default_factory=dict)

    def stop(self, why: Exception) -> None:
        self.stopped = self.stopped or why
        self.ear.wake()

    def looking(self, watcher: Watcher, *, anew: bool) -> Callable[[Glance], Seen | None]:
        """A look at what has grown, `anew` at everything; None where nothing has."""

        def find(glance: Glance) -> Seen | None:
            now = glance.positions(self.streams)
            moved = frozenset(each for each in self.streams if anew or now[each] != self.positions.get(each))
            seen = watcher.look(glance, moved) if moved else None
            self.positions = now
            return seen

        return find


class Waiting:
    """The hanging requests of one gateway process."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._current: dict[DeviceId, Wait] = {}

    def end(self, device_id: DeviceId) -> Request | None:
        """End the hanging request of this device, for a newer one takes its place; gives it, if there is one."""
        wait = self._current.pop(device_id, None)
        if wait is None:
            return None
        wait.stop(Ended())
        return wait.request

    async def until(
        self,
        core: Core,
        request: Request,
        device_id: DeviceId,
        streams: Iterable[str],
        seconds: float,
        watcher: Watcher,
    ) -> bool:
        """Wait until `watcher` finds something, and give True; or False after `seconds`. It looks at once, after the ear is open,
        whenever one of `streams` rings, and when it said that time would bring something. Ended when the device sends a newer
        hanging request, or when the watcher says so; ClientDisconnect when it leaves."""
        until = time.monotonic() + seconds
        with self._bell.listening(streams) as ear:
            self.end(device_id)
            wait = self._current[device_id] = Wait(request, ear, tuple(ear.streams))
            try:
                async with when_client_leaves(request, lambda: wait.stop(ClientDisconnect())):
                    return await _waited(core.belonging(Looks), core, wait, watcher, until)
            finally:
                if self._current.get(device_id) is wait:
                    del self._current[device_id]


async def _waited(looks: Looks, core: Core, wait: Wait, watcher: Watcher, until: float) -> bool:
    is_heard, again = False, until
    while True:
        seen = await looks.look(core, wait.streams, wait.looking(watcher, anew=not is_heard))
        if seen is not None and seen.is_ended:
            raise Ended
        if seen is not None and seen.is_news:
            return True
        if seen is not None:
            again = until if seen.again_in is None else min(until, time.monotonic() + seen.again_in)
        is_heard = await wait.ear.heard(max(0.0, again - time.monotonic()))
        if wait.stopped is not None:
            raise wait.stopped
        if not is_heard and time.monotonic() >= until:
            return False
