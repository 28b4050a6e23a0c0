"""Connections that say nothing, dribble or stay: over real sockets."""

import time
from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.web.served import HOST, Served, get, read_all, read_answer, serving, status, until
from pimgate.settings import Http
from pimgate.web.guard import HEAD_BYTES

HEAD_SECONDS = 1
KEPT_SECONDS = 2


async def hello(request: Request) -> Response:
    return PlainTextResponse(request.url.path)


async def refuse(_request: Request) -> Response:
    """An answer before the body was read."""
    return PlainTextResponse("no", 403)


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    http = Http(header_timeout_seconds=HEAD_SECONDS, keep_alive_seconds=KEPT_SECONDS, body_timeout_seconds=2)
    routes = [Route("/refused", refuse, methods=["POST"]), Route("/{path:path}", hello)]
    with serving(routes, http) as served:
        yield served


def seconds_until_closed(server: Served, *first: bytes, then: bytes = b"") -> float:
    """How long a connection lives that sends `first`, and then `then` octet by octet."""
    with server.connect() as line:
        begun = time.monotonic()
        for octets in first:
            line.sendall(octets)
        line.settimeout(0.1)
        drip = iter(then)
        while time.monotonic() - begun < 8:
            try:
                if not line.recv(65_536):
                    break
            except TimeoutError:
                pass
            except ConnectionError:
                break
            try:
                if (octet := next(drip, None)) is not None:
                    line.sendall(bytes([octet]))
            except ConnectionError:
                break
        return time.monotonic() - begun


def test_silent_connection_is_closed_in_time(server: Served) -> None:
    assert HEAD_SECONDS - 0.2 < seconds_until_closed(server) < HEAD_SECONDS + 1


def test_head_that_dribbles_is_cut_in_time(server: Served) -> None:
    dribble = b"GET / HTTP/1.1\r\nHost: test\r\n" + b"X: y\r\n" * 100
    assert HEAD_SECONDS - 0.2 < seconds_until_closed(server, then=dribble) < HEAD_SECONDS + 1


def test_second_head_that_dribbles_on_a_kept_connection_is_cut_too(server: Served) -> None:
    assert seconds_until_closed(server, get("/one"), then=b"GET /two HTTP/1.1\r\n" * 5) < HEAD_SECONDS + 1.5


def test_idle_connection_is_kept_for_the_time_that_was_set_and_no_longer(server: Served) -> None:
    assert KEPT_SECONDS - 0.3 < seconds_until_closed(server, get("/one")) < KEPT_SECONDS + 1.5


def test_connection_serves_many_requests_with_pauses_in_between(server: Served) -> None:
    with server.connect() as line:
        for number in range(4):
            line.sendall(get(f"/{number}"))
            assert read_answer(line) == (200, b"/%d" % number)
            time.sleep(HEAD_SECONDS * 0.6)
        for number in range(50):
            line.sendall(get(f"/{number}"))
            assert read_answer(line)[0] == 200


def test_head_in_two_pieces_is_one_request(server: Served) -> None:
    with server.connect() as line:
        for _ in range(2):
            line.sendall(b"GET /slow HTTP/1.1\r\n")
            time.sleep(HEAD_SECONDS * 0.5)
            line.sendall(HOST + b"\r\n")
            assert read_answer(line) == (200, b"/slow")


def test_requests_in_one_piece_are_answered_in_order(server: Served) -> None:
    with server.connect() as line:
        line.sendall(get("/1") + get("/2") + get("/3"))
        assert [read_answer(line)[1] for _ in range(3)] == [b"/1", b"/2", b"/3"]


def test_half_a_request_behind_a_whole_one_is_cut_in_time(server: Served) -> None:
    assert seconds_until_closed(server, get("/1") + b"GET /2 HTT") < KEPT_SECONDS + 1.5


def test_head_beyond_its_size_is_refused(server: Served) -> None:
    head = b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"y" * (HEAD_BYTES + 1) + b"\r\n\r\n"
    assert status(server.ask(head)) in (400, 431)
    many = b"GET / HTTP/1.1\r\n" + HOST + b"X-Some: thing\r\n" * 3000 + b"\r\n"
    assert status(server.ask(many)) in (400, 431)
    with server.connect() as line:
        line.sendall(get("/", "X: " + "y" * (HEAD_BYTES // 2)))
        assert read_answer(line)[0] == 200


def test_body_that_goes_on_after_the_answer_does_not_hold_the_connection(server: Served) -> None:
    head = b"POST /refused HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n"
    assert seconds_until_closed(server, head, then=b"x" * 1000) < HEAD_SECONDS + KEPT_SECONDS + 1.5


def test_hundred_silent_connections_keep_nobody_else_from_being_served(server: Served) -> None:
    silent = [server.connect() for _ in range(100)]
    begun = time.monotonic()
    with server.connect() as line:
        line.sendall(get("/hello"))
        assert read_answer(line) == (200, b"/hello")
    assert time.monotonic() - begun < 1
    for each in silent:
        assert read_all(each) == b""
        each.close()
    assert until(lambda: server.requests_under_way() == 0)


def test_server_says_nothing_of_what_it_is_made_of(server: Served) -> None:
    with server.connect() as line:
        line.sendall(get("/", "Connection: close"))
        assert b"uvicorn" not in read_all(line)
