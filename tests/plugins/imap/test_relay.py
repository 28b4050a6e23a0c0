"""After the login: every octet passes, nobody is read faster than the other takes, and somebody in charge can end it."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from pimgate_imap.settings import Limits
from plugins.imap.stage import OpenGate, Stage, Wire, both_loops, house_for, on_stage, proxy, scripted_server

HELLO = b"* OK [CAPABILITY IMAP4rev1] hi\r\n"
IN = b"pg1 OK [CAPABILITY X] in\r\n"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with on_stage() as stage:
        yield stage


def a_gate() -> OpenGate:
    return OpenGate({"alice": "sesame"})


def wait_until_all_left(gate: OpenGate) -> None:
    for _ in range(200):
        if not gate.inside:
            return
        time.sleep(0.01)
    pytest.fail("a session is still open")


@both_loops()
def test_nothing_is_left_when_the_mail_program_goes(new_loop: object) -> None:
    gate = a_gate()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HELLO)
        await reader.readline()
        writer.write(IN)
        await reader.read()
        writer.close()

    with on_stage(new_loop()) as stage:  # type: ignore[operator]
        server = stage.run(asyncio.start_server(serve, "127.0.0.1", 0))
        with proxy(stage, house_for(gate, server.sockets[0].getsockname()[1])) as port:
            with Wire(port) as wire:
                wire.line()
                wire.ask(b"a LOGIN alice sesame")
            wait_until_all_left(gate)
        stage.call(server.close)


def test_commands_sent_along_with_the_login_reach_the_server(stage: Stage) -> None:
    script = (HELLO, None, IN, None, None, b"b OK selected\r\nc OK noop\r\n")
    with (
        scripted_server(stage, *script) as (upstream, heard),
        proxy(stage, house_for(a_gate(), upstream)) as port,
        Wire(port) as wire,
    ):
        wire.line()
        wire.send(b"a LOGIN alice sesame\r\nb SELECT INBOX\r\nc NOOP\r\n")
        assert [line[:4] for line in wire.until(b"c")] == [b"a OK", b"b OK", b"c OK"]
    assert heard[1:] == [b"b SELECT INBOX\r\n", b"c NOOP\r\n"]


def test_answers_still_come_after_the_client_has_finished_sending(stage: Stage) -> None:
    script = (HELLO, None, IN, None, None, b"* BYE\r\nb OK bye\r\n")
    with (
        scripted_server(stage, *script) as (upstream, heard),
        proxy(stage, house_for(a_gate(), upstream)) as port,
        Wire(port) as wire,
    ):
        wire.line()
        wire.send(b"a LOGIN alice sesame\r\nb LOGOUT\r\n")
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.until(b"b")[-1] == b"b OK bye"
        assert wire.line() == b""
    assert heard[-1] == b"", "the server saw the end"


def test_session_ends_within_moments_when_the_account_is_disabled(stage: Stage) -> None:
    gate = a_gate()
    with (
        scripted_server(stage, HELLO, None, IN, None, None) as (upstream, _heard),
        proxy(stage, house_for(gate, upstream)) as port,
        Wire(port) as wire,
    ):
        wire.line()
        wire.ask(b"a LOGIN alice sesame")
        started = time.monotonic()
        stage.call(gate.inside[0].ended.set)
        assert wire.line() == b""
        assert time.monotonic() - started < 5
        wait_until_all_left(gate)


def test_silent_session_ends(stage: Stage) -> None:
    with (
        scripted_server(stage, HELLO, None, IN, None, None) as (upstream, _),
        proxy(stage, house_for(a_gate(), upstream, Limits(idle_seconds=0.2))) as port,
        Wire(port) as wire,
    ):
        wire.line()
        wire.ask(b"a LOGIN alice sesame")
        assert wire.line() == b""


@both_loops()
def test_server_is_not_read_faster_than_the_client_takes(new_loop: object) -> None:
    sent = 0
    total = 64 * 1024 * 1024

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(HELLO)
        await reader.readline()
        writer.write(IN)
        block = bytes(256 * 1024)
        while sent < total:
            writer.write(block)
            await writer.drain()
            sent += len(block)
        writer.close()

    with on_stage(new_loop()) as stage:  # type: ignore[operator]
        server = stage.run(asyncio.start_server(serve, "127.0.0.1", 0))
        upstream = server.sockets[0].getsockname()[1]
        with proxy(stage, house_for(a_gate(), upstream)) as port, Wire(port) as wire:
            wire.line()
            wire.ask(b"a LOGIN alice sesame")
            time.sleep(0.5)
            assert sent < total / 2, "the proxy swallowed what nobody took"
            assert len(wire.exactly(total)) == total
            assert wire.line() == b""
        stage.call(server.close)


def test_large_upload_arrives_whole(stage: Stage) -> None:
    received = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HELLO)
        await reader.readline()
        writer.write(IN)
        while block := await reader.read(65536):
            received.extend(block)
        writer.write(b"b OK appended\r\n")
        writer.close()

    server = stage.run(asyncio.start_server(serve, "127.0.0.1", 0))
    payload = bytes(range(256)) * 4096 * 8
    with (
        proxy(stage, house_for(a_gate(), server.sockets[0].getsockname()[1])) as port,
        Wire(port) as wire,
    ):
        wire.line()
        wire.send(b"a LOGIN alice sesame\r\n" + payload)
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.until(b"b")[-1] == b"b OK appended"
    stage.call(server.close)
    assert bytes(received) == payload
