"""The IMAP listener: connections on loopback, a session for each."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from .reader import MAX_LINE_BYTES
from .session import Office, Session

MAX_CONNECTIONS = 500

log = logging.getLogger("pimgate.mail")


@asynccontextmanager
async def serving_imap(host: str, port: int, office: Office) -> AsyncIterator[int]:
    """Serve IMAP while entered; gives the port. Leaving ends every session."""
    sessions: set[asyncio.Task[None]] = set()

    def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(sessions) >= MAX_CONNECTIONS:
            writer.write(b"* BYE Too many connections.\r\n")
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(_serve(reader, writer, office))
        sessions.add(task)
        task.add_done_callback(sessions.discard)

    server = await asyncio.start_server(welcome, host, port, limit=MAX_LINE_BYTES)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in list(sessions):
            task.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, office: Office) -> None:
    try:
        await Session(reader, writer, office).run()
    except Exception:
        # The outermost door of one session: the others go on.
        log.exception("an IMAP session ended by a fault of ours")
    finally:
        with suppress(ConnectionError):
            writer.close()
