"""A gateway's skin over real sockets: uvicorn in a thread, and requests as raw octets."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from pimgate.settings import Http, Log
from pimgate.web.guard import Guard
from pimgate.web.server import make_server

START_SECONDS = 10
HOST = b"Host: test\r\n"


class Served:
    """A server that runs. `tasks` are those of its loop, its own left out."""

    def __init__(self, server: uvicorn.Server, listener: socket.socket) -> None:
        self.address: tuple[str, int] = listener.getsockname()
        self._server = server
        self._listener = listener
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        async def run() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve(sockets=[self._listener])

        asyncio.run(run())

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.005)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(START_SECONDS)
        assert not self._thread.is_alive()

    def requests_under_way(self) -> int:
        return len(self._server.server_state.tasks)

    def tasks(self) -> int:
        """How many tasks the loop holds just now."""
        assert self._loop is not None

        async def count() -> int:
            return len(asyncio.all_tasks()) - 1

        return asyncio.run_coroutine_threadsafe(count(), self._loop).result(START_SECONDS)

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=START_SECONDS)

    def ask(self, octets: bytes) -> bytes:
        """Everything that comes back on a connection of its own until the server closes it."""
        with self.connect() as line:
            line.sendall(octets)
            return read_all(line)


@contextmanager
def serving(routes: Sequence[BaseRoute], http: Http, log: Log | None = None) -> Iterator[Served]:
    app = Starlette(routes=list(routes), middleware=[Middleware(Guard, http=http, logging_=log or Log(requests=False))])
    listener = socket.create_server(("127.0.0.1", 0))
    served = Served(make_server(app, http), listener)
    served.start()
    try:
        yield served
    finally:
        served.stop()
        listener.close()


def read_all(line: socket.socket) -> bytes:
    pieces = []
    try:
        while piece := line.recv(65_536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def read_answer(line: socket.socket) -> tuple[int, bytes]:
    """Status and body of the next answer on a connection that stays open."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = line.recv(1)
        assert piece, "the connection was closed"
        head += piece
    length = next(
        int(each.split(b":")[1]) for each in head.lower().split(b"\r\n") if each.startswith(b"content-length:")
    )
    body = b""
    while len(body) < length:
        body += line.recv(length - len(body))
    return status(head), body


def status(octets: bytes) -> int:
    return int(octets.split(b" ", 2)[1])


def get(path: str, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"GET {path} HTTP/1.1\r\nHost: test\r\n{lines}\r\n".encode("latin-1")


def until(condition, seconds: float = 3.0) -> bool:  # type: ignore[no-untyped-def]
    """Whether `condition` comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
