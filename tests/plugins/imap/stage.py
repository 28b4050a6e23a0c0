"""A proxy on a stage: an event loop in a thread of its own, so that tests talk to it with plain blocking sockets."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pimgate_imap.gate import Admission, RefusalCode, Refused, Visitor
from pimgate_imap.listener import Door, listening
from pimgate_imap.session import House
from pimgate_imap.settings import Limits, LoginMode, Tls
from pimgate_imap.upstream import Target

T = TypeVar("T")


@dataclass
class OpenGate:
    """Lets in whoever knows the password of `people`; remembers visitors and who is inside."""

    people: dict[str, str]
    visitors: list[Visitor] = field(default_factory=list)
    inside: list[Admission] = field(default_factory=list)
    refusal: Refused | None = None

    @contextlib.asynccontextmanager
    async def admitted(self, visitor: Visitor) -> AsyncIterator[Admission]:
        self.visitors.append(visitor)
        if self.refusal is not None:
            raise self.refusal
        if self.people.get(visitor.login) != visitor.password:
            raise Refused(RefusalCode.AUTHENTICATION_FAILED, "The login or the password is wrong.")
        admission = Admission(visitor.login, asyncio.Event())
        self.inside.append(admission)
        try:
            yield admission
        finally:
            self.inside.remove(admission)


class Stage:
    """An event loop in a thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._thread = threading.Thread(target=loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        self.loop.call_soon_threadsafe(function, *arguments)

    def settle(self) -> None:
        """Give the loop a few turns: a connection that is just being accepted when its server closes is never closed, and
        transports that are closing need their last ones."""
        self.run(asyncio.sleep(0.02))

    def stop(self) -> None:
        self.settle()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@contextlib.contextmanager
def on_stage(loop: asyncio.AbstractEventLoop | None = None) -> Iterator[Stage]:
    stage = Stage(loop or asyncio.new_event_loop())
    try:
        yield stage
    finally:
        stage.stop()


@contextlib.contextmanager
def proxy(stage: Stage, house: House, *doors: Door) -> Iterator[int]:
    """Run the proxy; gives the port of its first door."""
    context = listening(list(doors) or [Door("127.0.0.1", 0)], house)
    addresses = stage.run(context.__aenter__())
    try:
        yield addresses[0][1]
    finally:
        stage.settle()
        stage.run(context.__aexit__(None, None, None))


def target_at(port: int, **changes: Any) -> Target:
    given: dict[str, Any] = {"host": "127.0.0.1", "tls": Tls.NONE, "context": None, "mode": LoginMode.PASSTHROUGH}
    return Target(port=port, **(given | changes))


def house_for(gate: OpenGate, port: int, limits: Limits | None = None, **changes: Any) -> House:
    return House(gate, target_at(port), limits or Limits(), **changes)


def server_context(directory: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "certificate.pem", directory / "key.pem")
    return context


def client_context(directory: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(directory / "certificate.pem"))


class Wire:
    """A mail program at its rawest: sends octets, reads lines."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        connection = socket.create_connection(("127.0.0.1", port), 10)
        self.socket = context.wrap_socket(connection, server_hostname="localhost") if context else connection
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()
        self.socket.close()

    def secure(self, context: ssl.SSLContext) -> None:
        self._file.close()
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self._file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> bytes:
        """The next line without its line end; b"" when the other side has closed."""
        try:
            return self._file.readline().removesuffix(b"\r\n")
        except ConnectionResetError:
            return b""

    def exactly(self, count: int) -> bytes:
        return self._file.read(count)

    def until(self, tag: bytes) -> list[bytes]:
        """All lines up to and including the one that begins with `tag` and a space (or the end)."""
        lines = [self.line()]
        while lines[-1] and not lines[-1].startswith(tag + b" "):
            lines.append(self.line())
        return lines

    def ask(self, command: bytes) -> bytes:
        """Send one command, give back its tagged answer."""
        self.send(command + b"\r\n")
        return self.until(command.split(b" ")[0])[-1]


@contextlib.contextmanager
def scripted_server(stage: Stage, *script: bytes | None) -> Iterator[tuple[int, list[bytes]]]:
    """A mail server that says the lines of `script` in turn; at None it first reads a line, which it records.

    Gives its port and the recorded lines of all connections. The server closes a connection at the end of the script.
    """
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            for part in script:
                if part is None:
                    heard.append(await reader.readline())
                else:
                    writer.write(part)
            await writer.drain()
        writer.close()

    server = stage.run(asyncio.start_server(serve, "127.0.0.1", 0))
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        stage.settle()
        stage.call(server.close)


def both_loops() -> pytest.MarkDecorator:
    """The loops the gateway runs on: asyncio's own and uvloop's."""
    import uvloop

    return pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uv"])
