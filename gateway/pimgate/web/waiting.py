"""Knowing that the client of a waiting request has left.

asyncio does not end a handler whose client is gone; without this every vanished phone would leave a waiting task behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.requests import Request


@asynccontextmanager
async def when_client_leaves(request: Request, act: Callable[[], None]) -> AsyncIterator[None]:
    """Call `act` if the client leaves while the block runs. The body must have been read before."""
    watching = asyncio.create_task(_watch(request, act))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _watch(request: Request, act: Callable[[], None]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    act()
