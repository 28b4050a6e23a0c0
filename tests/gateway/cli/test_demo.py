"""`pimgate demo`, as a process of its own."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.effort import few
from pimgate.testing.browser import Browser
from pimgate.testing.desktop import THUNDERBIRD, Desktop

PROGRAM = (sys.executable, "-c", "from pimgate.cli import main; main()", "demo")
ANY_PORTS = ("--http", "0", "--imap", "0", "--smtp", "0")
SECONDS = 60


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = (*PROGRAM, *arguments)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def wait_for(file: Path, process: subprocess.Popen[str]) -> Any:
    until = time.monotonic() + SECONDS
    while not file.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)
    return json.loads(file.read_text())


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str]:
    """The exit code, and what was said on standard output."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=SECONDS)
    return process.returncode, said


@pytest.mark.parametrize("number", few([signal.SIGTERM], [signal.SIGINT]))
def test_demonstration_says_where_it_listens_and_ends_cleanly(tmp_path: Path, number: int) -> None:
    file = tmp_path / "ready.json"
    file.write_text("of an earlier run")
    process = start(tmp_path, *ANY_PORTS, "--ready-file", str(file))
    while file.exists() and file.read_text() == "of an earlier run":
        time.sleep(0.05)
    ready = wait_for(file, process)
    assert set(ready) == {"http", "imap", "smtp", "people"}
    assert [each["login"] for each in ready["people"]] == ["alice@example.org", "bob@example.org", "carol@example.org"]
    for person in ready["people"]:
        program = Desktop(ready["http"], person["login"], person["password"], THUNDERBIRD)
        assert person["carddav"] in {each.url for each in program.listed("carddav")}
        assert person["caldav"] in {each.url for each in program.listed("caldav")}
    Browser(ready["http"]).sign_in(ready["people"][0]["login"], ready["people"][0]["password"])
    for address in (ready["imap"], ready["smtp"]):
        host, _, port = address.partition(":")
        socket.create_connection((host, int(port)), timeout=SECONDS).close()
    code, said = stop(process, number)
    assert code == 0
    assert ready["people"][0]["password"] in said
    assert [each.name for each in tmp_path.iterdir()] == ["ready.json"], "nothing is left of a run without --state"


def test_state_is_kept_between_runs(tmp_path: Path) -> None:
    state, file = tmp_path / "kept", tmp_path / "ready.json"
    people = []
    for _ in range(2):
        process = start(tmp_path, *ANY_PORTS, "--state", str(state), "--ready-file", str(file))
        time.sleep(1)
        ready = wait_for(file, process)
        people.append(
            [(each["login"], each["password"], each["carddav"].rpartition("/dav/")[2]) for each in ready["people"]]
        )
        assert stop(process)[0] == 0
        file.unlink()
    assert people[0] == people[1]
    assert {each.stat().st_mode & 0o077 for each in state.glob("*.toml")} == {0}


@pytest.mark.parametrize("option", few(["--imap"], ["--http", "--smtp"]))
def test_port_in_use_is_one_sentence(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(tmp_path, *ANY_PORTS, option, str(port))
        said, told = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert said == ""
    assert told == f"Port {port} cannot be used (Address already in use); choose another one with {option} PORT.\n"


def test_ready_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    process = start(tmp_path, *ANY_PORTS, "--ready-file", str(tmp_path / "no" / "ready.json"))
    _, told = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert told.count("\n") == 1
    assert "its directory is missing" in told


def test_check_finds_no_difference(tmp_path: Path) -> None:
    process = start(tmp_path, "--check", "--json")
    said, told = process.communicate(timeout=180)
    found = json.loads(said)
    assert found["differences"] == 0, [each for each in found["cells"] if each["expected"] != each["experienced"]]
    assert process.returncode == 0, told
    assert len(found["cells"]) == 104
    assert all(each["problem"] == "" for each in found["journeys"])


def test_state_that_another_demonstration_uses_is_wrong_usage(tmp_path: Path) -> None:
    with (tmp_path / "demo.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        process = start(tmp_path, *ANY_PORTS, "--state", str(tmp_path))
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert "is in use by a demonstration that still runs" in said
