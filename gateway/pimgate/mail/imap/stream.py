"""The octets of one connection to a server: lines and literals in, octets out, TLS begun in the middle.

A protocol of our own instead of asyncio's streams: before TLS begins it can be proved that nothing was smuggled in, a read that was
cancelled loses nothing, and a waiting connection costs little.

Source: RFC 9051, "STARTTLS Command"; RFC 2595, "STARTTLS Security Considerations".
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from typing import Final, cast

from pimgate.mail.imap.errors import BadAnswer

READ_AHEAD_BYTES: Final = 256 * 1024
HANDSHAKE_SECONDS: Final = 10.0


class Stream(asyncio.Protocol):
    """One connection. `patience_seconds` is how long the other side may be silent, or not read; None for any time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._wanted = 0
        self._is_at_end = False
        self._arrived: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.patience_seconds: float | None = 60.0

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do what asyncio.Transport says without descending from it.
        self._transport = cast(asyncio.Transport, transport)
        _keep_alive(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > self._wanted + READ_AHEAD_BYTES:
            self._connected.pause_reading()
        _wake(self._arrived)

    def eof_received(self) -> None:
        self._is_at_end = True
        _wake(self._arrived)

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_at_end = True
        _wake(self._arrived)
        _wake(self._writable)
        _wake(self._lost)

    def pause_writing(self) -> None:
        self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        _wake(self._writable)
        self._writable = None

    # What a conversation calls

    @property
    def is_closed(self) -> bool:
        return self._is_at_end or self._connected.is_closing()

    @property
    def is_private(self) -> bool:
        """Whether TLS protects this connection, or it never leaves this machine."""
        if self._connected.get_extra_info("ssl_object") is not None:
            return True
        name = self._connected.get_extra_info("peername")
        try:
            return isinstance(name, tuple) and ipaddress.ip_address(name[0]).is_loopback
        except ValueError:
            return False

    async def line(self, most: int) -> bytes:
        """The next line without its CRLF; BadAnswer for one of more than `most` octets, ConnectionError at the end."""
        seen = 0
        while (end := self._buffer.find(b"\r\n", seen)) < 0:
            seen = max(0, len(self._buffer) - 1)
            if seen > most:
                raise BadAnswer("a line that is too long")
            await self._more(most)
        if end > most:
            raise BadAnswer("a line that is too long")
        return self._take(end + 2)[:-2]

    async def exactly(self, count: int) -> bytes:
        """The next `count` octets; ConnectionError if the connection ends before."""
        while len(self._buffer) < count:
            await self._more(count)
        return self._take(count)

    async def send(self, octets: bytes) -> None:
        """Write, and wait while the other side does not read. ConnectionError, TimeoutError."""
        if self.is_closed:
            raise ConnectionError("closed")
        self._connected.write(octets)
        if self._writable is not None:
            await self._wait(self._writable)
            if self.is_closed:
                raise ConnectionError("closed while sending")

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Go on under TLS. BadAnswer if octets wait that would be taken for protected ones; OSError, TimeoutError."""
        if self._buffer:
            raise BadAnswer("octets smuggled in before TLS")
        transport = await asyncio.get_running_loop().start_tls(
            self._connected, self, context, server_hostname=host, ssl_handshake_timeout=HANDSHAKE_SECONDS
        )
        if transport is None:
            raise ConnectionError("closed during the handshake")
        self._transport = transport

    def abort(self) -> None:
        """Close at once."""
        self._connected.abort()

    async def closed(self, seconds: float = 2.0) -> None:
        """Close, and wait a moment until that is done."""
        self._connected.close()
        await asyncio.wait({self._lost}, timeout=seconds)
        self._connected.abort()

    @property
    def _connected(self) -> asyncio.Transport:
        if self._transport is None:
            raise ConnectionError("not connected")
        return self._transport

    async def _more(self, wanted: int) -> None:
        if self._is_at_end:
            raise ConnectionError("the server closed the connection")
        self._wanted = wanted
        self._read_on()
        self._arrived = asyncio.get_running_loop().create_future()
        try:
            await self._wait(self._arrived)
        finally:
            self._arrived = None

    async def _wait(self, waited_for: asyncio.Future[None]) -> None:
        async with asyncio.timeout(self.patience_seconds):
            await waited_for

    def _take(self, count: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        self._wanted = 0
        if len(self._buffer) <= READ_AHEAD_BYTES:
            self._read_on()
        return taken

    def _read_on(self) -> None:
        if not self.is_closed and not self._connected.is_reading():
            self._connected.resume_reading()


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


def _keep_alive(transport: asyncio.Transport) -> None:
    """Notice a server that vanished without a word, as behind a router that forgot the connection."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 120)
