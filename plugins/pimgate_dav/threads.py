"""Worker threads, of which one person has at most half at a time: whoever asks for much waits for themselves alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

T = TypeVar("T")


class Threads:
    """The threads of one door; made outside of the event loop, used within."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._share = max(1, number // 2)
        self._all: CapacityLimiter | None = None
        self._of: dict[str, CapacityLimiter] = {}

    async def run(self, person: str, work: Callable[..., T], *given: object) -> T:
        """The result of a blocking call made for this person (any name that stands for them)."""
        if self._all is None:
            self._all = CapacityLimiter(self._number)
        mine = self._of.setdefault(person, CapacityLimiter(self._share))
        try:
            async with mine:
                return await run_sync(work, *given, limiter=self._all)
        finally:
            busy = mine.statistics()
            if not busy.borrowed_tokens and not busy.tasks_waiting:
                self._of.pop(person, None)
