"""The porter: a port of this machine that names rooms. One question a connection, one line each way:

S: Welcome.
C: garden
S: Winter garden <winter-garden@rooms.example>
S: .
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pimgate.api import Core
from pimgate_sample.rooms import rooms_matching
from pimgate_sample.settings import SampleSettings
from pimgate_sample.today import Today

HOST = "127.0.0.1"
LINE_BYTES = 128
PATIENCE_SECONDS = 10
MOST_ROOMS = 50
MOST_VISITORS = 20


@asynccontextmanager
async def porter(core: Core, settings: SampleSettings) -> AsyncIterator[None]:
    """The porter is there while the block runs; whoever is being answered when it ends is cut off."""
    places = asyncio.Semaphore(MOST_VISITORS)
    visitors: set[asyncio.Task[None]] = set()

    def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visitor = asyncio.get_running_loop().create_task(_serve(settings, places, reader, writer))
        visitors.add(visitor)
        visitor.add_done_callback(visitors.discard)

    server = await asyncio.start_server(welcome, HOST, settings.porter_port, limit=LINE_BYTES)
    core.belonging(Today).porter = server.sockets[0].getsockname()[:2]
    try:
        yield
    finally:
        core.belonging(Today).porter = None
        server.close()
        for visitor in visitors:
            visitor.cancel()
        await asyncio.gather(*visitors, return_exceptions=True)


async def _serve(
    settings: SampleSettings, places: asyncio.Semaphore, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), places:
            writer.write(f"{settings.greeting}\r\n".encode())
            question = (await reader.readline()).decode("utf-8", "replace").strip()
            found = rooms_matching(settings, question, MOST_ROOMS)
            writer.writelines(f"{each.name} <{each.email}>\r\n".encode() for each in found)
            writer.write(b".\r\n")
            await writer.drain()
    except (OSError, ValueError, TimeoutError):
        pass  # Gone, too long a line, or too slow: there is nobody left to tell.
    finally:
        writer.close()


async def ask_porter(host: str, port: int, question: str) -> list[str]:
    """The porter's answer to one question, without greeting and full stop."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection(host, port, limit=LINE_BYTES * MOST_ROOMS)
        try:
            writer.write(f"{question}\r\n".encode())
            lines = (await reader.read()).decode().splitlines()
        finally:
            writer.close()
            await writer.wait_closed()
    return lines[1:-1]
