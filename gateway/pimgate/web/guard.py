"""The guard before all HTTP routes: what reaches a wing has a bounded body, a known peer and one reading.

uvicorn bounds neither body nor pause, and lets a request with both Content-Length and Transfer-Encoding in; so it is done
here, once. The guard is also the last catch: a database that is away becomes 503 with Retry-After, anything unforeseen a bare
500 whose place, and nothing else, is logged.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import time
import traceback
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pimgate.errors import AwayNow
from pimgate.settings import Http, Log, LogForm

log = logging.getLogger("pimgate.web")
access = logging.getLogger("pimgate.access")

METHODS = frozenset(
    (
        *("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"),
        *("PROPFIND", "PROPPATCH", "REPORT", "MKCOL", "MKCALENDAR", "MOVE", "COPY", "LOCK", "UNLOCK", "ACL", "SEARCH"),
    )
)
AGENT_LENGTH = 120
ABOUT = "pimgate.about"
"""Under this name in the scope a wing leaves a word for the access log where the path says too little: a command, a device."""
CLOSING_RETRY_SECONDS = 10
HEAD_BYTES = 32_768
"""Largest head of a request; uvicorn bounds only what comes in pieces."""


class BodyTooLarge(Exception):
    """The body is beyond the cap of this route."""


class BodyTooSlow(Exception):
    """The body paused for too long."""


class Guard:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp, http: Http, logging_: Log) -> None:
        self._app = app
        self._http = http
        self._log = logging_
        self._proxies = _networks(http.trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope["client"] = (self._peer(scope, headers), 0)
        answer = _Answer(send)
        begun = time.perf_counter()
        refusal = self._refusal(scope, headers)
        try:
            if refusal is not None:
                await refusal(scope, receive, answer.send)
            else:
                await self._app(scope, self._bounded(receive), answer.send)
        except (BodyTooLarge, BodyTooSlow, AwayNow, ClientDisconnect) as error:
            await self._end(error, answer, scope, receive)
        except asyncio.CancelledError:  # the gateway closes; whoever waits shall ask its successor, and soon
            if answer.status:
                raise
            await answer.finish(away_response(CLOSING_RETRY_SECONDS), scope, receive)
        except Exception as error:  # noqa: BLE001 - the outermost door
            log.error("unforeseen %s in %s %s", _place(error), scope["method"], _path(scope))
            await answer.finish(PlainTextResponse("Something went wrong here.\n", 500), scope, receive)
        finally:
            if self._log.requests:
                self._note(scope, headers, answer.status, time.perf_counter() - begun)

    def _peer(self, scope: Scope, headers: Headers) -> str:
        """The client's address: the peer's own, or what trusted proxies say, read from the right."""
        peer = scope["client"][0] if scope.get("client") else "127.0.0.1"
        for hop in reversed(",".join(headers.getlist("x-forwarded-for")).split(",")):
            if not hop.strip() or not _is_in(peer, self._proxies) or _address(hop.strip()) is None:
                break
            peer = hop.strip()
        return str(peer)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        close = {"Connection": "close"}
        if "transfer-encoding" in headers and "content-length" in headers:
            return PlainTextResponse("A request has one length.\n", 400, close)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > HEAD_BYTES:
            return PlainTextResponse("The head of the request is too large.\n", 431, close)
        if scope["method"] not in METHODS:
            return PlainTextResponse("This method is not known here.\n", 501, close)
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or len(length) > 15:
            return PlainTextResponse("The length is not a number.\n", 400, close)
        if int(length) > self._http.max_body_bytes:
            return PlainTextResponse("The body is too large.\n", 413, close)
        return None

    def _bounded(self, receive: Receive) -> Receive:
        """`receive`, with a cap on the body and on its pauses. Once the body is complete there is no time limit: whoever
        waits for the client to leave does so here."""
        seen, is_complete = 0, False

        async def bounded() -> Message:
            nonlocal seen, is_complete
            if is_complete:
                return await receive()
            try:
                async with asyncio.timeout(self._http.body_timeout_seconds):
                    message = await receive()
            except TimeoutError as error:
                raise BodyTooSlow from error
            seen += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if seen > self._http.max_body_bytes:
                raise BodyTooLarge
            return message

        return bounded

    async def _end(self, error: Exception, answer: _Answer, scope: Scope, receive: Receive) -> None:
        close = {"Connection": "close"}
        if isinstance(error, BodyTooLarge):
            response: Response = PlainTextResponse("The body is too large.\n", 413, close)
        elif isinstance(error, BodyTooSlow):
            response = PlainTextResponse("The body came too slowly.\n", 408, close)
        elif isinstance(error, AwayNow):
            log.error("away: %s", error.detail)
            response = away_response()
        else:
            return
        await answer.finish(response, scope, receive)

    def _note(self, scope: Scope, headers: Headers, status: int, seconds: float) -> None:
        agent = "".join(each if each.isprintable() else "?" for each in headers.get("user-agent", "-"))[:AGENT_LENGTH]
        facts = {
            "peer": scope["client"][0],
            "method": scope["method"],
            "path": _path(scope),
            "about": scope.get(ABOUT, ""),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "agent": agent,
        }
        if self._log.form is LogForm.JSON:
            access.info("%s", json.dumps(facts))
        else:
            facts["path"] = " ".join(filter(None, (facts["path"], facts["about"])))
            access.info('%(peer)s %(method)s %(path)s %(status)s %(ms)s ms "%(agent)s"', facts)


def away_response(retry_after_seconds: int = AwayNow.retry_after_seconds) -> Response:
    """503: please come back; never an empty answer, which would make devices delete what they have."""
    return PlainTextResponse(f"{AwayNow.public}\n", 503, {"Retry-After": str(retry_after_seconds)})


class _Answer:
    """Remembers whether an answer has begun, so that a late failure does not begin a second one."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    async def finish(self, response: Response, scope: Scope, receive: Receive) -> None:
        if self.status == 0:
            await response(scope, receive, self.send)
        else:
            cut = "the answer had begun; the connection is cut so that nobody takes it for whole"
            raise ConnectionAbortedError(cut) from None  # what uvicorn logs must not carry what went wrong within


def _path(scope: Scope) -> str:
    return "".join(each if each.isprintable() else "?" for each in scope["path"])[:200]


def _place(error: Exception) -> str:
    """Where it happened, without the message: that could carry content."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    trail = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {trail}"


def _networks(texts: Sequence[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(text, strict=False) for text in texts]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_in(text: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in networks)
