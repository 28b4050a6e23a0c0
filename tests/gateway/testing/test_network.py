"""The faults of the simulated network, against a small server that counts what reaches it."""

import socketserver
import threading
from collections.abc import Iterator

import pytest

from pimgate.testing.network import (
    ANSWER_LOST,
    HUNG_UP,
    REPEATED,
    REQUEST_LOST,
    Fate,
    Lost,
    Network,
    Reply,
    http_request,
)

BODY = b"what was asked for"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Kind: test\r\n\r\n%s" % (len(BODY), BODY)


class Counting(socketserver.ThreadingTCPServer):
    """Answers every whole request, and keeps them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(socketserver.StreamRequestHandler):
    server: Counting

    def handle(self) -> None:
        line = self.rfile.readline()
        while (header := self.rfile.readline()) not in (b"\r\n", b""):
            line += header
        length = int(line.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        body = self.rfile.read(length)
        if header and len(body) == length:
            self.server.requests.append(body)
            self.wfile.write(ANSWER)


@pytest.fixture
def server() -> Iterator[Counting]:
    with Counting() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(server: Counting, network: Network) -> Reply:
    return network.carry(server.url, http_request("POST", server.url, "/", {}, b"a question"), 5)


def test_whole_answer_arrives_by_default(server: Counting) -> None:
    reply = send(server, Network())
    assert (reply.status, reply.headers["x-kind"], reply.body) == (200, "test", BODY)


def test_lost_request_reaches_nobody(server: Counting) -> None:
    network = Network([REQUEST_LOST])
    with pytest.raises(Lost):
        send(server, network)
    assert server.requests == []
    assert send(server, network).body == BODY


def test_cut_request_is_not_carried_out(server: Counting) -> None:
    with pytest.raises(Lost):
        send(server, Network([Fate(request_share=0.9)]))
    assert server.requests == []


def test_lost_answer_was_carried_out(server: Counting) -> None:
    with pytest.raises(Lost):
        send(server, Network([ANSWER_LOST]))
    assert server.requests == [b"a question"]


@pytest.mark.parametrize("octets", range(len(ANSWER)))
def test_answer_that_is_cut_anywhere_is_never_taken_for_a_whole_one(server: Counting, octets: int) -> None:
    with pytest.raises(Lost):
        send(server, Network([Fate(answer_share=octets / len(ANSWER))]))


def test_repeated_request_arrives_twice(server: Counting) -> None:
    assert send(server, Network([REPEATED])).body == BODY
    assert server.requests == [b"a question"] * 2


def test_client_that_hangs_up_gets_nothing(server: Counting) -> None:
    with pytest.raises(Lost):
        send(server, Network([HUNG_UP]))


def test_same_seed_gives_the_same_faults(server: Counting) -> None:
    def story(seed: int) -> list[bool]:
        network, told = Network.lossy(seed, 0.6), []
        for _ in range(20):
            try:
                told.append(send(server, network).status == 200)
            except Lost:
                told.append(False)
        return told

    assert story(3) == story(3)
    assert {True, False} == set(story(3))
