"""Looks of those who wait: many share one moment of the store.

When something changes everybody who waits for it wakes at once. Each of them alone would take a thread, a transaction and the same
statements again; here all looks that are wanted while one goes on are done together in the next, and what one of them found
out the others need not ask again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pimgate.api import Bookmark, Core, PimgateError, Work, positions_of

T = TypeVar("T")

MOST_TOGETHER = 100
"""Looks in one unit of work; the answers of the first are on their way while the next are looked for."""


class Glance:
    """One moment of the store, for all who look together. `streams` are those whose positions anybody of them may ask for."""

    def __init__(self, work: Work, streams: Iterable[str]) -> None:
        self.work = work
        self._streams = frozenset(streams)
        self._positions: dict[str, Bookmark] | None = None
        self._found: dict[Hashable, Any] = {}

    def positions(self, streams: Iterable[str]) -> dict[str, Bookmark]:
        """The end of each of these streams; 0 for one that is not there."""
        if self._positions is None:
            self._positions = positions_of(self.work, self._streams)
        return {each: self._positions.get(each, Bookmark(0)) for each in streams}

    def once(self, question: Hashable, find: Callable[[], T]) -> T:
        """What `find` gives, asked once for all who put the same question. Its errors are everybody's own."""
        if question not in self._found:
            self._found[question] = find()
        found: T = self._found[question]
        return found


@dataclass(frozen=True, slots=True)
class _Wanted(Generic[T]):
    find: Callable[[Glance], T]
    streams: tuple[str, ...]


@dataclass(slots=True, eq=False)
class _Round:
    """Looks that are done together; `outcomes` are what they gave, or their errors, in order."""

    wanted: list[_Wanted[Any]] = field(default_factory=list)
    outcomes: asyncio.Task[list[Any]] | None = None


class Looks:
    """The looks of one gateway: one round of them at a time, in the order in which they were wanted."""

    def __init__(self) -> None:
        self._next: _Round | None = None
        self._turn = asyncio.Lock()

    async def look(self, core: Core, streams: tuple[str, ...], find: Callable[[Glance], T]) -> T:
        """What `find` sees in the next round. Its PimgateError, or that of the whole round."""
        here = self._next
        if here is None or len(here.wanted) >= MOST_TOGETHER:
            here = self._next = _Round()
            here.outcomes = asyncio.create_task(self._done(core, here))
        place = len(here.wanted)
        here.wanted.append(_Wanted(find, streams))
        assert here.outcomes is not None
        outcome: T | PimgateError = (await _patiently(here.outcomes))[place]
        if isinstance(outcome, PimgateError):
            raise outcome
        return outcome

    async def _done(self, core: Core, here: _Round) -> list[Any]:
        async with self._turn:
            if self._next is here:
                self._next = None  # whoever comes from now on has to see what happened since
            return await core.read(lambda work: _looked(work, here.wanted))


def _looked(work: Work, wanted: list[_Wanted[Any]]) -> list[Any]:
    glance = Glance(work, {stream for each in wanted for stream in each.streams})
    return [_outcome(each, glance) for each in wanted]


def _outcome(wanted: _Wanted[Any], glance: Glance) -> Any:
    try:
        return wanted.find(glance)
    except PimgateError as error:
        return error


async def _patiently(outcomes: asyncio.Task[list[Any]]) -> list[Any]:
    """The result; who is cancelled meanwhile waits for its end, so that no look goes on behind a gateway that was closed."""
    try:
        return await asyncio.shield(outcomes)
    except asyncio.CancelledError:
        await asyncio.wait({outcomes})
        if not outcomes.cancelled():
            outcomes.exception()  # looked at, so that nobody complains of one that nobody asks for any more
        raise
