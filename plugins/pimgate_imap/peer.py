"""One end of a connection while it is still read line by line, before the relay takes the transport over.

An `asyncio.Protocol` of our own instead of streams: a waiting connection costs little, reading ahead is bounded, TLS can
be started in the middle with proof that nothing was smuggled in before it, and the transport can be handed on together
with what was already read.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

READ_AHEAD_BYTES = 64 * 1024
HANDSHAKE_SECONDS = 10.0
FLUSH_SECONDS = 5.0


class PeerGone(ConnectionError):
    """The other side closed the connection."""


class LineTooLong(ValueError):
    """A line went past its limit; what follows cannot be trusted to start a command."""


class InjectedPlaintext(ConnectionError):
    """Octets were waiting when TLS was to begin: somebody put them there to be taken for protected ones."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What the relay receives: the transport, the octets read but not used, and whether the sender is finished."""

    transport: asyncio.Transport
    unread: bytes
    at_end: bool
    is_lost: bool


class Peer(asyncio.Protocol):
    """Reads lines and literals, sends octets, starts TLS. `on_connect` is called once, with the peer itself."""

    def __init__(self, on_connect: Callable[["Peer"], None] | None = None) -> None:
        self._on_connect = on_connect
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._at_end = False
        self._is_lost = False
        self._arrived: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None

    @property
    def transport(self) -> asyncio.Transport:
        """The transport under this peer; only to be asked for once connected."""
        if self._transport is None:
            raise PeerGone("not connected")
        return self._transport

    @property
    def address(self) -> str:
        """The other side's IP address, "" when it has none."""
        name = self.transport.get_extra_info("peername")
        return str(name[0]) if isinstance(name, tuple) and name else ""

    @property
    def is_loopback(self) -> bool:
        """Whether the other side sits on this very machine."""
        try:
            return ipaddress.ip_address(self.address).is_loopback
        except ValueError:
            return False

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS protects this connection now."""
        return self.transport.get_extra_info("ssl_object") is not None

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not isinstance: uvloop's transports do what asyncio.Transport says without descending from it.
        self._transport = cast(asyncio.Transport, transport)
        _make_prompt(self._transport)
        if self._on_connect is not None:
            self._on_connect(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > READ_AHEAD_BYTES:
            self.transport.pause_reading()
        _wake(self._arrived)

    def eof_received(self) -> bool:
        self._at_end = True
        _wake(self._arrived)
        # A plain connection may be half closed: the answers can still travel. TLS transports cannot do that.
        return not self.is_encrypted

    def connection_lost(self, exc: Exception | None) -> None:
        self._at_end = self._is_lost = True
        _wake(self._arrived)
        _wake(self._writable)

    def pause_writing(self) -> None:
        self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        _wake(self._writable)
        self._writable = None

    # What the conversation calls.

    async def line(self, limit: int) -> bytes:
        """The next line without its line end; raises LineTooLong beyond `limit` bytes, PeerGone at the end."""
        scanned = 0
        while (end := self._buffer.find(b"\n", scanned)) < 0:
            scanned = len(self._buffer)
            if scanned > limit:
                raise LineTooLong
            await self._more()
        if end > limit:
            raise LineTooLong
        line = self._take(end + 1)
        return line[:-2] if line.endswith(b"\r\n") else line[:-1]

    async def exactly(self, count: int) -> bytes:
        """The next `count` octets; raises PeerGone when the connection ends before."""
        while len(self._buffer) < count:
            await self._more()
        return self._take(count)

    async def send(self, data: bytes) -> None:
        """Write `data`, and wait while the other side does not read; raises PeerGone when it has left."""
        if self._is_lost:
            raise PeerGone
        self.transport.write(data)
        if self._writable is not None:
            await self._writable
            if self._is_lost:
                raise PeerGone

    def require_nothing_waiting(self) -> None:
        """Raise InjectedPlaintext when octets are waiting that would be read after TLS as if it had protected them."""
        if self._buffer:
            raise InjectedPlaintext

    async def start_tls(self, context: ssl.SSLContext, *, server_side: bool, server_name: str | None = None) -> None:
        """Put TLS onto the connection. Raises InjectedPlaintext, ssl.SSLError, OSError or TimeoutError."""
        self.require_nothing_waiting()
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(
            self.transport,
            self,
            context,
            server_side=server_side,
            server_hostname=server_name,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
        )
        if transport is None:
            raise PeerGone
        self._transport = transport

    def hand_over(self) -> Handover:
        """Give the transport away. Nothing may be asked of this peer afterwards."""
        unread = bytes(self._buffer)
        self._buffer.clear()
        return Handover(self.transport, unread, self._at_end, self._is_lost)

    def close(self) -> None:
        """Send what is still waiting, for a few seconds at most, then close."""
        if self._transport is not None and not self._is_lost:
            self._transport.close()
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._transport.abort)

    def abort(self) -> None:
        """Close at once, dropping what is still waiting."""
        if self._transport is not None:
            self._transport.abort()

    async def _more(self) -> None:
        if self._at_end:
            raise PeerGone
        self._arrived = asyncio.get_running_loop().create_future()
        try:
            await self._arrived
        finally:
            self._arrived = None

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        if len(self._buffer) <= READ_AHEAD_BYTES and not self._at_end and not self.transport.is_reading():
            self.transport.resume_reading()
        return taken


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


def _make_prompt(transport: asyncio.Transport) -> None:
    """Send small packets at once (Nagle and delayed acknowledgements cost 40 ms), and notice peers that vanished."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
