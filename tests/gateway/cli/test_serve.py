"""`pimgate serve` in a process of its own, and what it writes."""

import json
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from gateway.cli.conftest import Operator
from pimgate.cli.logs import JsonLines, TextLines

Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def start(operator: Operator) -> Iterator[Start]:
    started = []

    def begin() -> subprocess.Popen[str]:
        words = [sys.executable, "-c", "from pimgate.cli import main; main()"]
        words += ["--settings", str(operator.file), "serve", "--json"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr else ""
    return str(json.loads(line)["address"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_gateway_serves_and_ends_cleanly(operator: Operator, start: Start, number: signal.Signals) -> None:
    operator.settings('[http]\nport = 0\n[plugins]\nenabled = ["web"]\n')
    process = start()
    address = address_of(process)
    assert httpx.get(f"{address}/readyz").json() == {"ready": True}
    assert "Sign in" in httpx.get(f"{address}/sign-in").text
    begun = time.monotonic()
    process.send_signal(number)
    _, written = process.communicate(timeout=10)
    assert process.returncode == 0, written
    assert time.monotonic() - begun < 10
    assert "INFO pimgate.access 127.0.0.1 GET /readyz 200" in written
    assert written.rstrip().endswith("INFO pimgate ended")


def test_gateway_ends_in_time_with_a_request_under_way(operator: Operator, start: Start) -> None:
    operator.settings("[http]\nport = 0\n[plugins]\nenabled = []\n")
    process = start()
    host, _, port = address_of(process).removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as half:
        half.sendall(b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert process.returncode == 0


def test_log_of_machines_is_one_document_a_line(operator: Operator, start: Start) -> None:
    operator.settings('[http]\nport = 0\n[plugins]\nenabled = []\n[log]\nform = "json"\n')
    process = start()
    httpx.get(f"{address_of(process)}/nowhere%0Aat%1b%5ball", headers={"User-Agent": "x y"})
    process.send_signal(signal.SIGTERM)
    _, written = process.communicate(timeout=10)
    lines = [json.loads(line) for line in written.splitlines()]
    request = next(line for line in lines if line["logger"] == "pimgate.access")
    assert (request["status"], request["path"], request["agent"]) == (404, "/nowhere?at?[all", "x y")
    assert "message" not in request


def test_port_that_is_taken_is_one_sentence(operator: Operator, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        operator.settings(f"[http]\nport = {taken.getsockname()[1]}\n[plugins]\nenabled = []\n")
        process = start()
        _, written = process.communicate(timeout=20)
    assert process.returncode == 1
    assert written.splitlines()[-1].endswith(": Address already in use.")
    assert "Traceback" not in written


def record(message: str, *given: object, exc_info: object = None) -> logging.LogRecord:
    return logging.LogRecord("pimgate", logging.WARNING, "x.py", 1, message, given, exc_info)  # type: ignore[arg-type]


def test_service_that_cannot_start_is_one_sentence(operator: Operator, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        operator.settings(f'[http]\nport = 0\n[plugins]\nenabled = ["imap"]\n[plugins.imap]\nport = {port}\n')
        process = start()
        said, written = process.communicate(timeout=20)
    assert (process.returncode, said) == (1, '{\n  "problems": [\n    "' + written.strip() + '"\n  ]\n}\n')
    assert written.startswith("The gateway did not start: ")
    assert f"('127.0.0.1', {port}): " in written
    assert "address already in use" in written.lower()


@pytest.mark.parametrize("form", [TextLines(), JsonLines()])
def test_event_is_one_line_whatever_is_in_it(form: logging.Formatter) -> None:
    hostile = "".join(map(chr, range(256))) + "\u2028\u0085\r\nERROR forged"
    line = form.format(record("seen %s", hostile))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


@pytest.mark.parametrize("form", [TextLines(), JsonLines()])
def test_exception_is_named_without_its_words(form: logging.Formatter) -> None:
    try:
        raise ValueError("BEGIN:VCARD secret")
    except ValueError:
        line = form.format(record("failed", exc_info=sys.exc_info()))
    assert "failed (ValueError at test_serve.py:" in line
    assert "secret" not in line
    traced = form.format(record("Traceback (most recent call last):\n  secret\nValueError: BEGIN:VCARD secret\n"))
    assert "ValueError" in traced
    assert "secret" not in traced
