"""The bell: wakes whoever waits for these streams. It carries no data; the journal says what happened.

Rules of the room: register before looking at the journal, so no wake-up is lost; whoever is woken looks again and may find nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Ear:
    """One waiter. `heard` may be awaited again and again; `rang` are the streams that rang meanwhile, for whoever listens to many:
    it is theirs to empty."""

    __slots__ = ("_event", "rang", "streams")

    def __init__(self, streams: Iterable[str]) -> None:
        self.streams = set(streams)
        self.rang: set[str] = set()
        self._event = asyncio.Event()

    def wake(self, *streams: str) -> None:
        self.rang.update(streams)
        self._event.set()

    async def heard(self, timeout_seconds: float) -> bool:
        """Whether the bell rang within the time. A ring since the last call counts."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Bell:
    """The bell of one process. `ring` may be called from any thread; listening belongs to the event loop."""

    def __init__(self) -> None:
        self._ears: dict[str, set[Ear]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Belong to the running event loop from now on."""
        self._loop = asyncio.get_running_loop()

    @property
    def is_anybody_listening(self) -> bool:
        return bool(self._ears)

    @contextmanager
    def listening(self, streams: Iterable[str]) -> Iterator[Ear]:
        """An ear for these streams while the block runs."""
        ear = Ear(streams)
        for stream in ear.streams:
            self._ears.setdefault(stream, set()).add(ear)
        try:
            yield ear
        finally:
            for stream in list(ear.streams):
                self.leave(ear, stream)

    def join(self, ear: Ear, stream: str) -> None:
        """An ear that listens already hears this stream as well."""
        ear.streams.add(stream)
        self._ears.setdefault(stream, set()).add(ear)

    def leave(self, ear: Ear, stream: str) -> None:
        """An ear hears this stream no more."""
        ear.streams.discard(stream)
        ears = self._ears.get(stream, set())
        ears.discard(ear)
        if not ears:
            self._ears.pop(stream, None)

    def ring(self, streams: Iterable[str]) -> None:
        """Wake everybody who listens to one of these."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, frozenset(streams))

    def ring_all(self) -> None:
        """Wake everybody: something may have been missed."""
        self.ring(list(self._ears))

    def _wake(self, streams: frozenset[str]) -> None:
        for stream in streams:
            for ear in self._ears.get(stream, ()):
                ear.wake(stream)
