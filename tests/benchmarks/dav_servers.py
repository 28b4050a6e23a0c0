"""The servers that are measured side by side, each in a process of its own and with the same texts: pimgate, Radicale as it comes,
and Xandikos from the package index, in a virtual environment that is made for it."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dav_texts import card, event
from benchmarks.gateway import LOGIN, PASSWORD, SETTINGS
from pimgate import collections
from pimgate.app import open_core
from pimgate.items import keep
from pimgate.model.collections import CollectionKind
from pimgate.testing.running import free_port

PATIENCE_SECONDS = 300
RADICALE = """
[server]
hosts = 127.0.0.1:{port}
timeout = 0
[auth]
type = none
[storage]
filesystem_folder = {folder}
[web]
type = none
[logging]
level = error
"""


@dataclass(frozen=True, slots=True)
class Server:
    """One of them, with the paths of its calendars and books by their number of items."""

    name: str
    port: int
    pid: int
    calendars: Mapping[int, str]
    books: Mapping[int, str]


class Client:
    """One kept connection to a server, as far as it keeps connections."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
        self._always = {"Authorization": "Basic " + base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()}

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = {"Content-Type": "application/xml; charset=utf-8"} if body.startswith("<") else {}
        try:
            return self._once(method, path, body.encode(), {**self._always, **kind, **sent})
        except (ConnectionError, http.client.RemoteDisconnected):
            self._connection.close()  # the server ended it meanwhile
            return self._once(method, path, body.encode(), {**self._always, **kind, **sent})

    def _once(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()


@contextlib.contextmanager
def ours(folder: Path, sizes: tuple[int, ...]) -> Iterator[Server]:
    port, settings = free_port(), folder / "pimgate.toml"
    is_new = not (folder / "seeded.json").exists()
    folder.mkdir(parents=True, exist_ok=True)
    settings.write_text(SETTINGS.format(port=port, url="sqlite:///bench.db"))
    if is_new:
        (folder / "seeded.json").write_text(json.dumps(_seed(settings, sizes)))
    seeded = json.loads((folder / "seeded.json").read_text())
    calendars, books = ({int(size): path for size, path in seeded[sort].items()} for sort in ("calendars", "books"))
    command = [str(Path(sys.executable).with_name("pimgate")), "--settings", str(settings), "serve"]
    with _running(command, port, folder) as pid:
        yield Server("pimgate", port, pid, calendars, books)


def _seed(settings: Path, sizes: tuple[int, ...]) -> dict[str, dict[int, str]]:
    """A person with a calendar and a book of each size."""
    core = open_core(settings)
    calendars: dict[int, str] = {}
    books: dict[int, str] = {}
    try:
        with core.database.write() as work:
            person = core.people.create(work, LOGIN, PASSWORD, name="Bench")
        for size in sizes:
            with core.database.write() as work:
                calendar = collections.create(work, person.id, CollectionKind.CALENDAR, f"Calendar of {size}")
                book = collections.create(work, person.id, CollectionKind.BOOK, f"Book of {size}")
            for start in range(0, size, 2_000):
                with core.database.write() as work:
                    for number in range(start, min(start + 2_000, size)):
                        keep(work, core.settings.limits, calendar, f"{number}.ics", event(number, size))
                        keep(work, core.settings.limits, book, f"{number}.vcf", card(number))
            calendars[size], books[size] = (f"/dav/{person.id}/{each.id}/" for each in (calendar, book))
            print(f"  pimgate: {size} events and contacts are there", file=sys.stderr, flush=True)
    finally:
        core.close()
    return {"calendars": calendars, "books": books}


@contextlib.contextmanager
def radicale(folder: Path, sizes: tuple[int, ...]) -> Iterator[Server]:
    port, root = free_port(), folder / "collections" / "collection-root" / LOGIN
    calendars = {size: f"/{LOGIN}/calendar-{size}/" for size in sizes}
    books = {size: f"/{LOGIN}/book-{size}/" for size in sizes}
    for size in sizes:
        for name, tag in (("calendar", "VCALENDAR"), ("book", "VADDRESSBOOK")):
            place = root / f"{name}-{size}"
            _write_items(place, name, size)
            (place / ".Radicale.props").write_text(json.dumps({"tag": tag}))
    settings = folder / "radicale.conf"
    settings.write_text(RADICALE.format(port=port, folder=folder / "collections"))
    command = [sys.executable, "-m", "radicale", "--config", str(settings)]
    with _running(command, port, folder) as pid:
        yield Server("Radicale", port, pid, calendars, books)


@contextlib.contextmanager
def xandikos(folder: Path, sizes: tuple[int, ...]) -> Iterator[Server]:
    """Each collection is a repository; its items are written as files and committed at once."""
    port, python, data = free_port(), folder / "venv" / "bin" / "python", folder / "data"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "xandikos"], check=True)
    program = str(python.with_name("xandikos"))
    data.mkdir(parents=True, exist_ok=True)
    calendars = {size: f"/calendar-{size}/" for size in sizes}
    books = {size: f"/book-{size}/" for size in sizes}
    for paths, sort, name in ((calendars, "calendar", "calendar"), (books, "addressbook", "book")):
        for size, path in paths.items():
            _repository(program, data, path, sort, name, size)
    serving = ["serve", "-d", str(data), "--current-user-principal", "/user/", "-l", "127.0.0.1", "-p", str(port)]
    with _running([program, *serving, "--no-detect-systemd"], port, folder) as pid:
        yield Server("Xandikos", port, pid, calendars, books)


def _repository(program: str, data: Path, path: str, sort: str, name: str, size: int) -> None:
    place = data / path.strip("/")
    if place.exists():
        return
    making = ["create-collection", "-d", str(data), "--type", sort, "--name", path.strip("/")]
    subprocess.run([program, *making], check=True, capture_output=True)
    _write_items(place, name, size)
    author = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for command in (["add", "."], [*author, "commit", "--quiet", "-m", "seeded"]):
        subprocess.run(["git", "-C", str(place), *command], check=True)


def _write_items(place: Path, name: str, size: int) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for number in range(size):
        ending, text = ("ics", event(number, size)) if name == "calendar" else ("vcf", card(number))
        (place / f"{number}.{ending}").write_bytes(text.encode())


@contextlib.contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[int]:
    """A server until the block ends; gives the id of its process."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} did not start: see {folder / 'log'}")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # it is still at an answer that nobody waits for any more
            process.kill()
