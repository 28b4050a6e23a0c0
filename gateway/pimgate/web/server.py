"""uvicorn, with a time limit on the head of a request.

uvicorn's own keep-alive timer only runs between requests: a connection that says nothing, or dribbles its header, would stay for
ever. The h11 implementation is used, which caps the size of the head.
"""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from pimgate.settings import Http
from pimgate.web.guard import HEAD_BYTES


def guarded_protocol(header_timeout_seconds: float) -> type[H11Protocol]:
    """An HTTP/1.1 protocol that closes a connection whose request head is not complete in time."""

    class GuardedProtocol(H11Protocol):
        _head_timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._arm()

        def data_received(self, data: bytes) -> None:
            if self._head_timer is None and (self.cycle is None or self.cycle.response_complete):
                self._arm()
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._disarm()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.cycle is not None and not self.cycle.response_complete:
                self._disarm()

        def connection_lost(self, exc: Exception | None) -> None:
            self._disarm()
            super().connection_lost(exc)

        def _arm(self) -> None:
            self._disarm()
            self._head_timer = self.loop.call_later(header_timeout_seconds, self._head_is_late)

        def _disarm(self) -> None:
            if self._head_timer is not None:
                self._head_timer.cancel()
                self._head_timer = None

        def _head_is_late(self) -> None:
            self._head_timer = None
            if self.cycle is None or self.cycle.response_complete:
                self.transport.close()

    return GuardedProtocol


def make_server(app: Starlette, http: Http) -> uvicorn.Server:
    """A uvicorn server for one gateway; the caller binds the socket and runs it."""
    config = uvicorn.Config(
        app,
        host=http.host,
        port=http.port,
        http=guarded_protocol(http.header_timeout_seconds),
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=http.keep_alive_seconds,
        timeout_graceful_shutdown=5,
        limit_concurrency=http.max_connections,
        h11_max_incomplete_event_size=HEAD_BYTES,
        backlog=2048,
    )
    return uvicorn.Server(config)
