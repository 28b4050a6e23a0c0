"""After the login: two connections joined, octet for octet, until one of them or somebody in charge ends it.

The relay understands nothing of what it carries, so every extension of the mail server works through it. It holds at
most one write buffer per direction: while one side does not take, the other is not read.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from .peer import Handover, Peer

LINGER_SECONDS = 30.0


class Ending(StrEnum):
    """Why a relay ended."""

    CLOSED = "closed by client or server"
    IDLE = "nothing said for too long"
    ENDED = "ended by the gateway"


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one session carried, in bytes, and why it ended."""

    bytes_from_client: int
    bytes_from_server: int
    ending: Ending


async def relay(client: Peer, server: Peer, ended: asyncio.Event, idle_seconds: float) -> Traffic:
    """Join two peers until both are closed, nothing moved for `idle_seconds`, or `ended` is set; then close both.

    An end ordered from outside cuts at once and without BYE: in the middle of a message every octet would be taken as
    part of it. The mail program comes back, and the login tells it the reason.
    """
    link = _Link(asyncio.get_running_loop())
    near, far = _End(link, client.hand_over()), _End(link, server.hand_over())
    order = asyncio.ensure_future(_ordered(ended))
    try:
        near.join(far)
        far.join(near)
        ending = await _ending(link, order, idle_seconds)
        if ending is Ending.CLOSED:
            # The other side may still be taking the last answers.
            await asyncio.wait({link.both_lost, order}, timeout=LINGER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        order.cancel()
        near.transport.abort()
        far.transport.abort()
    return Traffic(near.received_bytes, far.received_bytes, ending)


async def _ending(link: "_Link", order: asyncio.Future[None], idle_seconds: float) -> Ending:
    while (remaining := link.last_activity + idle_seconds - link.loop.time()) > 0:
        await asyncio.wait({link.one_lost, order}, timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
        if order.done():
            return Ending.ENDED
        if link.one_lost.done():
            return Ending.CLOSED
    return Ending.IDLE


async def _ordered(ended: asyncio.Event) -> None:
    await ended.wait()


class _Link:
    """What both ends of one relay share."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.last_activity = loop.time()
        self.one_lost: asyncio.Future[None] = loop.create_future()
        self.both_lost: asyncio.Future[None] = loop.create_future()

    def lose(self) -> None:
        if not self.one_lost.done():
            self.one_lost.set_result(None)
        elif not self.both_lost.done():
            self.both_lost.set_result(None)


class _End(asyncio.Protocol):
    """One end: what it receives goes out at the other, and it is read only while the other takes."""

    def __init__(self, link: _Link, handover: Handover) -> None:
        self._link = link
        self._handover = handover
        self._is_lost = False
        self.has_finished = False
        self.transport = handover.transport
        self.received_bytes = 0

    def join(self, other: "_End") -> None:
        """Take the transport over, and pass on what had been read from it before."""
        self._other = other
        self.transport.set_protocol(self)
        if self._handover.unread:
            self.data_received(self._handover.unread)
        if self._handover.is_lost:
            self.connection_lost(None)
        elif self._handover.at_end:
            self.eof_received()
        elif not self.transport.is_reading() and not self.transport.is_closing():
            self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        self.received_bytes += len(data)
        self._link.last_activity = self._link.loop.time()
        self._other.transport.write(data)

    def pause_writing(self) -> None:
        if not self._other.transport.is_closing():
            self._other.transport.pause_reading()

    def resume_writing(self) -> None:
        if not self._other.transport.is_closing():
            self._other.transport.resume_reading()

    def eof_received(self) -> bool:
        self.has_finished = True
        other = self._other.transport
        if self._other.has_finished or not other.can_write_eof():
            # Both directions have ended, or under TLS, where nothing is half closed, the end of one is the end of both.
            other.close()
            return False
        if not other.is_closing():
            other.write_eof()
        return self.transport.get_extra_info("ssl_object") is None

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._other.transport.close()
            self._link.lose()
