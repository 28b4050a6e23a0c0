"""A Dovecot with folders of the sizes that the measures need, and a gateway in a process of its own before it."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from benchmarks.gateway import LOGIN, PASSWORD, _wait_for
from gateway.mail.dovecot import UNPRIVILEGED
from gateway.mail.mailserver import MailServer
from pimgate.app import open_core
from pimgate.testing.running import free_port

SETTINGS = """
[http]
port = {port}
[plugins]
enabled = ["eas"]
[log]
requests = false
[devices]
most_per_person = 2000
[accounts]
verified_for_seconds = 3600
[mail]
host = "127.0.0.1"
port = {imap}
tls = "none"
login = "master"
master_login = "{master_login}"
master_password = "{master_password}"
connections = 4000
[plugins.eas]
most_at_once = 1000
repeats_per_minute = 0
"""
BIG_BYTES = 25 * 1024 * 1024
WORDS = ("oak", "boats", "the", "comes", "on Friday", "at eight", "with two", "a letter", "about", "paint", "and sails")


@dataclass(frozen=True, slots=True)
class Mailed:
    """Where the gateway is and which process it is; the mail server behind it; people besides LOGIN."""

    port: int
    pid: int
    server: MailServer
    people: tuple[str, ...]


def letter(number: int, at: float) -> bytes:
    """A message as people write them: two forms of text, 3 KB."""
    chosen = random.Random(number)
    text = "\r\n".join(" ".join(chosen.choices(WORDS, k=12)) for _ in range(14))
    html = f"<html><body><p>{text.replace(chr(13) + chr(10), '</p>' + chr(13) + chr(10) + '<p>')}</p></body></html>"
    date = format_datetime(datetime.fromtimestamp(at, UTC))
    return (
        f"From: Person {number % 40} <person{number % 40}@example.org>\r\nTo: Bench <{LOGIN}>\r\n"
        f"Subject: Letter {number} about {chosen.choice(WORDS)}\r\nMessage-ID: <{number}@bench.example.org>\r\n"
        f"Date: {date}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=xx\r\n\r\n"
        f"--xx\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--xx\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--xx--\r\n"
    ).encode()


def big_letter() -> bytes:
    """One with an attachment, 25 MB in all."""
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n"
    head = (
        f"From: Person 1 <person1@example.org>\r\nTo: Bench <{LOGIN}>\r\nSubject: Large\r\n"
        "Message-ID: <large@bench.example.org>\r\nDate: Sat, 7 Feb 2026 12:00:00 +0100\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n"
        "--xx\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="plan.bin"\r\n\r\n'
    ).encode()
    return head + line * (BIG_BYTES // len(line)) + b"--xx--\r\n"


def fill(server: MailServer, folder: str, letters: list[bytes], *, login: str = LOGIN) -> None:
    """Lay messages into a folder as a delivery program does: Dovecot finds them when it is opened next."""
    home = server.base / "mail" / login
    place = home / (f".{folder}" if folder else "") / "cur"
    for each in ("cur", "new", "tmp"):
        (place.parent / each).mkdir(parents=True, exist_ok=True)
    begun = time.time() - len(letters) * 60
    for number, octets in enumerate(letters):
        at = int(begun + number * 60)
        file = place / f"{at}.M{number}P1.bench,S={len(octets)}:2,{'S' if number % 3 else ''}"
        file.write_bytes(octets)
        os.utime(file, (at, at))
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", f"{UNPRIVILEGED}:", str(home)], check=True)


@contextlib.contextmanager
def mailed(folders: dict[str, int], crowd: int) -> Iterator[Mailed]:
    """A gateway and its mail server: LOGIN with folders by their number of messages ("" is the inbox) and one large message in
    the folder Big, and so many further people with nothing in their inboxes."""
    if shutil.which("dovecot") is None:
        raise SystemExit("The measures of mail need Dovecot (Debian: dovecot-imapd).")
    server = MailServer("full")
    _allow_many(server, crowd)
    try:
        for name, count in folders.items():
            now = time.time()
            fill(server, name, [letter(number, now - (count - number) * 60) for number in range(count)])
            print(f"  a folder of {count} messages is there", file=sys.stderr, flush=True)
        fill(server, "Big", [big_letter()])
        server.start()
        with tempfile.TemporaryDirectory(prefix="pimgate-bench-") as directory:
            people = tuple(f"person{number}@example.org" for number in range(crowd))
            yield from _serving(Path(directory), server, people)
    finally:
        server.remove()


def _allow_many(server: MailServer, crowd: int) -> None:
    with (server.base / "dovecot.conf").open("a") as configuration:
        configuration.write(
            f"default_process_limit = {crowd * 2 + 200}\ndefault_client_limit = 20000\n"
            f"service imap {{\n  process_limit = {crowd * 2 + 200}\n}}\n"
            "service imap-login {\n  process_limit = 50\n  service_count = 0\n  client_limit = 10000\n}\n"
        )


def _serving(directory: Path, server: MailServer, people: tuple[str, ...]) -> Iterator[Mailed]:
    settings, port = directory / "pimgate.toml", free_port()
    known = server.known
    settings.write_text(
        SETTINGS.format(
            port=port, imap=known.port, master_login=known.master_login, master_password=known.master_password
        )
    )
    core = open_core(settings)
    with core.database.write() as work:
        core.people.create(work, LOGIN, PASSWORD, name="Bench")
    hash_once = core.people
    for login in people:
        with core.database.write() as work:
            hash_once.create(work, login, PASSWORD)
    core.close()
    command = [str(Path(sys.executable).with_name("pimgate")), "--settings", str(settings), "serve"]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ})
    try:
        _wait_for(port, process)
        yield Mailed(port, process.pid, server, people)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        if b"unforeseen" in (directory / "log").read_bytes():
            print((directory / "log").read_text()[-3000:], file=sys.stderr)
