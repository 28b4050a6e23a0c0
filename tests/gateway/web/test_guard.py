"""What reaches a wing has a bounded body, a known peer and one reading: over real sockets."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from gateway.web.served import HOST, Served, get, read_all, read_answer, serving, status, until
from pimgate.errors import AwayNow
from pimgate.settings import Http, Log, LogForm
from pimgate.web.body import read_body
from pimgate.web.guard import Guard
from pimgate.web.waiting import when_client_leaves

MOST = 65_536
HTTP = Http(header_timeout_seconds=1, body_timeout_seconds=1, keep_alive_seconds=5, max_body_bytes=MOST)
ANY = ["GET", "POST", "PUT", "PROPFIND", "REPORT"]
reached: list[str] = []


async def echo(request: Request) -> Response:
    """The size of the body, the peer, and the path."""
    body = await request.body()
    reached.append(request.method)
    assert request.client is not None
    return PlainTextResponse(f"{len(body)} {request.client.host} {request.method}")


async def small(request: Request) -> Response:
    return PlainTextResponse(str(len(await read_body(request, 10))))


async def wait(request: Request) -> Response:
    """As a phone's Ping: the body is read, then nothing happens for long."""
    await request.body()
    left = asyncio.Event()
    async with when_client_leaves(request, left.set):
        with suppress(TimeoutError):
            async with asyncio.timeout(float(request.query_params.get("seconds", "60"))):
                await left.wait()
    return PlainTextResponse("waited")


async def away(_request: Request) -> Response:
    raise AwayNow("database: OperationalError")


async def broken(_request: Request) -> Response:
    raise RuntimeError("secret content")


async def broken_late(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"half"
        raise RuntimeError("secret content")

    return StreamingResponse(pieces())


ROUTES = [
    Route("/", echo, methods=ANY),
    Route("/small", small, methods=ANY),
    Route("/wait", wait, methods=["GET", "POST"]),
    Route("/away", away),
    Route("/broken", broken),
    Route("/late", broken_late),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with serving(ROUTES, HTTP) as served:
        yield served


@pytest.fixture(autouse=True)
def _nothing_reached() -> None:
    reached.clear()


def post(path: str, body: bytes, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body


def chunked(path: str, *chunks: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


# Bodies


def test_body_up_to_the_cap_is_let_in_with_and_without_a_length(server: Served) -> None:
    with server.connect() as line:
        line.sendall(post("/", b"x" * MOST))
        assert read_answer(line) == (200, b"%d 127.0.0.1 POST" % MOST)
        line.sendall(chunked("/", b"x" * (MOST - 1), b"x"))
        assert read_answer(line) == (200, b"%d 127.0.0.1 POST" % MOST)


def test_body_beyond_the_cap_is_413_and_the_connection_ends(server: Served) -> None:
    announced = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % (MOST + 1)
    for octets in (announced, chunked("/", b"x" * MOST, b"x")):
        assert status(server.ask(octets)) == 413
    assert reached == []


def test_route_may_set_a_smaller_cap(server: Served) -> None:
    with server.connect() as line:
        line.sendall(post("/small", b"x" * 10))
        assert read_answer(line) == (200, b"10")
    assert status(server.ask(post("/small", b"x" * 11))) == 413


def test_body_that_dribbles_is_let_in_as_long_as_it_does_not_pause_for_too_long(server: Served) -> None:
    with server.connect() as line:
        line.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 8\r\n\r\n")
        for _ in range(8):
            time.sleep(0.2)
            line.sendall(b"x")
        assert read_answer(line)[0] == 200
    begun = time.monotonic()
    assert status(server.ask(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 8\r\n\r\nx")) == 408
    assert 0.8 < time.monotonic() - begun < 10


def test_client_that_leaves_within_its_body_is_no_fault(server: Served, caplog: pytest.LogCaptureFixture) -> None:
    with server.connect() as line:
        line.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 8\r\n\r\nx")
    assert until(lambda: server.requests_under_way() == 0)
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


# One reading


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length: 4, 5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length: 0x4\r\n",
        b"Content-Length: 4 4\r\n",
        b"Content-Length: \xb2\r\n",
        b"Content-Length: 99999999999999999999999\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Content-Length : 4\r\n",
        b"X-Folded: one\r\n two\r\n",
        b"X: a\x00b\r\n",
        b"X: a\rb\r\n",
    ],
)
def test_request_that_can_be_read_in_two_ways_reaches_nobody(server: Served, head: bytes) -> None:
    smuggled = b"0\r\n\r\nGET /?smuggled HTTP/1.1\r\nHost: test\r\n\r\n"
    if head.startswith(b"X-Folded"):
        return _folded(server, head)
    answer = server.ask(b"POST / HTTP/1.1\r\n" + HOST + head + b"\r\n" + smuggled)
    assert status(answer) in (400, 413, 501)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in answer.lower()
    assert reached == []
    return None


def _folded(server: Served, head: bytes) -> None:
    """h11 reads a folded line as one value, as HTTP/1.1 once allowed; nothing else may come of it."""
    answer = server.ask(b"GET / HTTP/1.1\r\n" + HOST + head + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("method", ["BREW", "get", "TRACE", "CONNECT", "PRI"])
def test_method_that_nobody_here_knows_is_501_and_the_connection_ends(server: Served, method: str) -> None:
    answer = server.ask(f"{method} / HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    assert status(answer) == 501
    assert reached == []


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_methods_of_dav_are_known(server: Served, method: str) -> None:
    with server.connect() as line:
        line.sendall(f"{method} / HTTP/1.1\r\nHost: test\r\n\r\n".encode())
        assert read_answer(line)[1].endswith(method.encode())


# The peer


@pytest.mark.parametrize(
    ("trusted", "headers", "peer"),
    [
        ([], ["X-Forwarded-For: 198.51.100.1"], "127.0.0.1"),
        (["10.0.0.0/8"], ["X-Forwarded-For: 198.51.100.1"], "127.0.0.1"),
        (["127.0.0.1"], [], "127.0.0.1"),
        (["127.0.0.1"], ["X-Forwarded-For: 198.51.100.1"], "198.51.100.1"),
        (["127.0.0.0/8"], ["X-Forwarded-For: 198.51.100.9, 198.51.100.1"], "198.51.100.1"),
        (["127.0.0.1", "10.0.0.0/8"], ["X-Forwarded-For: 198.51.100.9, 198.51.100.1, 10.1.1.1"], "198.51.100.1"),
        (["127.0.0.1"], ["X-Forwarded-For: 198.51.100.9", "X-Forwarded-For: 198.51.100.1"], "198.51.100.1"),
        (["127.0.0.1"], ["X-Forwarded-For: nonsense"], "127.0.0.1"),
        (["127.0.0.1"], ["X-Forwarded-For: 198.51.100.1, nonsense"], "127.0.0.1"),
        (["127.0.0.1"], ["X-Forwarded-For: "], "127.0.0.1"),
        (["127.0.0.1"], ["X-Forwarded-For: ,,,"], "127.0.0.1"),
        (["127.0.0.1"], ["X-Forwarded-For: 2001:db8::1"], "2001:db8::1"),
        (["127.0.0.1"], ["X-Forwarded-For: " + "127.0.0.1, " * 500 + "127.0.0.1"], "127.0.0.1"),
    ],
)
def test_peer_is_believed_only_from_trusted_proxies_and_read_from_the_right(
    trusted: list[str], headers: list[str], peer: str
) -> None:
    scope: dict[str, object] = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "client": ("127.0.0.1", 5),
        "headers": [tuple(part.strip().encode() for part in each.lower().split(":", 1)) for each in headers],
    }
    assert _peer_seen(trusted, scope) == peer


def _peer_seen(trusted: list[str], scope: dict[str, object]) -> str:
    seen: list[str] = []

    async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        seen.append(scope["client"][0])

    async def nothing(*_: object) -> dict[str, object]:
        return {}

    asyncio.run(Guard(app, Http(trusted_proxies=trusted), Log(requests=False))(scope, nothing, nothing))  # type: ignore[arg-type]
    return seen[0]


def test_forged_address_reaches_no_wing(server: Served) -> None:
    with server.connect() as line:
        line.sendall(
            get("/", "X-Forwarded-For: 198.51.100.1", "Forwarded: for=198.51.100.1", "X-Real-IP: 198.51.100.1")
        )
        assert read_answer(line)[1] == b"0 127.0.0.1 GET"


# Waiting


def test_parked_request_ends_when_its_client_leaves_and_leaves_no_task(server: Served) -> None:
    assert until(lambda: server.requests_under_way() == 0)
    before = server.tasks()
    lines = [server.connect() for _ in range(20)]
    for line in lines:
        line.sendall(post("/wait", b"heartbeat"))
    assert until(lambda: server.requests_under_way() == 20)
    for line in lines:
        line.close()
    assert until(lambda: server.requests_under_way() == 0)
    assert until(lambda: server.tasks() <= before)


def test_parked_request_outlives_the_limits_on_head_and_body(server: Served) -> None:
    for octets in (get("/wait?seconds=1.6"), post("/wait?seconds=1.6", b"heartbeat")):
        with server.connect() as line:
            line.sendall(octets)
            assert read_answer(line) == (200, b"waited")
            line.sendall(get("/"))
            assert read_answer(line)[0] == 200


# The last catch


def test_database_that_is_away_is_503_with_a_time_to_come_back(server: Served) -> None:
    answer = server.ask(get("/away", "Connection: close"))
    assert status(answer) == 503
    assert b"retry-after: 300" in answer.lower()
    assert b"OperationalError" not in answer


def test_whoever_waits_when_the_gateway_closes_is_asked_to_come_back_soon(caplog: pytest.LogCaptureFixture) -> None:
    with serving(ROUTES, HTTP) as served, served.connect() as line:
        line.sendall(get("/wait"))
        assert until(lambda: served.requests_under_way() == 1)
        served.stop()
        answer = read_all(line)
    assert status(answer) == 503
    assert b"retry-after: 10" in answer.lower()
    assert not any(record.exc_info for record in caplog.records)


def test_unforeseen_fault_is_a_bare_500_whose_place_alone_is_logged(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    answer = server.ask(get("/broken", "Connection: close"))
    assert status(answer) == 500
    assert b"secret" not in answer
    assert "secret" not in caplog.text
    assert "test_guard.py" in caplog.text


def test_answer_that_breaks_off_is_cut_and_not_taken_for_whole(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    answer = server.ask(get("/late"))
    assert status(answer) == 200
    assert not answer.endswith(b"0\r\n\r\n")
    assert "secret content" not in caplog.text


@pytest.mark.parametrize("form", LogForm)
def test_access_log_is_one_line_for_a_request_whatever_it_holds(
    form: LogForm, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "pimgate.access"), serving(ROUTES, HTTP, Log(form=form)) as served:
        agent = "User-Agent: Evil/1.0 \x1b[31m" + "x" * 500
        served.ask(get("/%0a%0dforged?password=secret", agent, "Authorization: Basic c2VjcmV0", "Connection: close"))
    (line,) = [each.getMessage() for each in caplog.records if each.name == "pimgate.access"]
    assert line.isprintable()
    assert len(line) < 600
    assert "404" in line
    assert "c2VjcmV0" not in line
    assert "secret" not in line


def test_nothing_is_logged_of_requests_if_the_operator_says_so(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "pimgate.access"):
        read_all_of = server.ask(get("/", "Connection: close"))
    assert status(read_all_of) == 200
    assert [each for each in caplog.records if each.name == "pimgate.access"] == []
