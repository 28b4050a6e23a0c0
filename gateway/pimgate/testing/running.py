"""A whole gateway on a free port of this machine, in a thread of its own, for tests that speak to it over sockets."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pimgate.app import build_app
from pimgate.core import Core
from pimgate.web.server import make_server

START_SECONDS = 20.0
QUIET_PORTS = 10_000, 32_000
"""Below those that systems give away."""


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that listens. `core` may be read and written from the test's own thread."""

    url: str
    core: Core


def free_port() -> int:
    """A port of the loopback interface that nobody uses at this moment, and that nobody is given who asks the system for any."""
    while True:
        port = random.randrange(*QUIET_PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def running(core: Core) -> Iterator[Running]:
    """The gateway, listening while the block runs. TimeoutError if it does not start."""
    server = make_server(build_app(core), core.settings.http)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Without it a small answer waits 40 ms for the client's acknowledgement; the loop of the program sets it by itself.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])), name="gateway", daemon=True
        )
        thread.start()
        try:
            until = time.monotonic() + START_SECONDS
            while not server.started:
                if time.monotonic() > until or not thread.is_alive():
                    raise TimeoutError("the gateway does not start")
                time.sleep(0.01)
            yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", core)
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)
