"""A network between a simulated client and a gateway, which loses, cuts, repeats and delays.

Faults happen to real octets on real sockets: a cut answer is what a phone in a tunnel gets, and whether that can be taken for
a whole one is for its HTTP to say. They come from a script, or from a seed.
"""

from __future__ import annotations

import http.client
import io
import random
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, cast
from urllib.parse import urlsplit


class Lost(ConnectionError):
    """No answer, or not a whole one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one exchange. The shares (0 to 1) say how much of the request and of the answer arrives; `waits` is False for
    a client that hangs up as soon as it has asked; `repeats` is how often the same request arrives once more before an answer
    is taken."""

    request_share: float = 1.0
    answer_share: float = 1.0
    waits: bool = True
    repeats: int = 0
    delay_seconds: float = 0.0


FINE = Fate()
REQUEST_LOST = Fate(request_share=0.0)
ANSWER_LOST = Fate(answer_share=0.0)
HUNG_UP = Fate(waits=False)
REPEATED = Fate(repeats=1)


class Network:
    """Carries requests. The fates of `script` come first, then everything arrives."""

    def __init__(self, script: Iterable[Fate] = ()) -> None:
        self._fates: Iterator[Fate] = chain(script, repeat(FINE))
        self.exchanges = 0
        self.faults = 0

    @classmethod
    def lossy(cls, seed: int, share: float = 0.3, *, most_delay_seconds: float = 0.0) -> Network:
        """One in which `share` of all exchanges go wrong in some way; the same seed gives the same faults."""
        return cls(_random_fates(random.Random(seed), share, most_delay_seconds))

    def send_next(self, *fates: Fate) -> None:
        """The next exchanges get these fates."""
        self._fates = chain(fates, self._fates)

    def carry(self, base_url: str, request: bytes, seconds: float) -> Reply:
        """The answer to an HTTP request, given as the octets that go over the line. Lost."""
        fate = next(self._fates)
        self.exchanges += 1
        self.faults += fate != FINE
        time.sleep(fate.delay_seconds)
        for _ in range(fate.repeats):
            _octets(base_url, request, Fate(), seconds)
        return _reply(_octets(base_url, request, fate, seconds))


def _random_fates(chance: random.Random, share: float, most_delay_seconds: float) -> Iterator[Fate]:
    while True:
        delay = chance.uniform(0, most_delay_seconds)
        if chance.random() >= share:
            yield Fate(delay_seconds=delay)
            continue
        yield chance.choice(
            (
                Fate(request_share=chance.random(), delay_seconds=delay),
                Fate(answer_share=0.0, delay_seconds=delay),
                Fate(answer_share=chance.random(), delay_seconds=delay),
                Fate(waits=False, delay_seconds=delay),
                Fate(repeats=1, delay_seconds=delay),
            )
        )


def _octets(base_url: str, request: bytes, fate: Fate, seconds: float) -> bytes:
    """The octets of the answer as far as they arrive."""
    if fate.request_share <= 0:
        raise Lost("the request never left")
    try:
        with _connection(base_url, seconds) as line:
            line.sendall(request[: int(len(request) * fate.request_share)])
            if fate.request_share < 1 or not fate.waits:
                raise Lost("the line broke before an answer came")
            answer = b"".join(iter(lambda: line.recv(65_536), b""))
    except OSError as error:
        raise Lost(type(error).__name__) from error
    return answer[: int(len(answer) * fate.answer_share)]


def _connection(base_url: str, seconds: float) -> socket.socket:
    url = urlsplit(base_url)
    port = url.port or (443 if url.scheme == "https" else 80)
    line = socket.create_connection((url.hostname or "", port), timeout=seconds)
    return (
        ssl.create_default_context().wrap_socket(line, server_hostname=url.hostname) if url.scheme == "https" else line
    )


class _Heard:
    """Octets that were heard, in the place of a socket."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._octets)


def _reply(octets: bytes) -> Reply:
    if b"\r\n\r\n" not in octets:
        raise Lost("the head of the answer was cut")
    response = http.client.HTTPResponse(cast(Any, _Heard(octets)))
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise Lost("the answer was cut") from error
    return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, body)


def http_request(method: str, base_url: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The octets of a request of a connection's own."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {urlsplit(base_url).netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}"] if body or method in ("POST", "PUT") else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
