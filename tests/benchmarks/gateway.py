"""A gateway in a process of its own, with collections of the sizes that the measures need."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pimgate import collections
from pimgate.app import open_core
from pimgate.items import keep
from pimgate.model.collections import CollectionKind, Role
from pimgate.testing.running import free_port

LOGIN, PASSWORD = "bench@example.org", "a password for measures"

SETTINGS = """
[http]
port = {port}
[plugins]
enabled = ["eas", "dav"]
[database]
url = "{url}"
[log]
requests = false
[limits]
items_per_collection = 200000
[devices]
most_per_person = 2000
[accounts]
verified_for_seconds = 3600
[plugins.eas]
most_at_once = 1000
repeats_per_minute = 0
"""


def card(number: int) -> str:
    """A contact of about 400 bytes, as a phone book has them."""
    return (
        "BEGIN:VCARD\r\nVERSION:3.0\r\n"
        f"UID:bench-{number}\r\nFN:Person {number} Example\r\nN:Example;Person {number};;;\r\n"
        f"EMAIL;TYPE=INTERNET,WORK:person{number}@example.org\r\nTEL;TYPE=CELL:+49 170 {number:07d}\r\n"
        f"TEL;TYPE=WORK:+49 30 {number:07d}\r\nORG:Example Works;Unit {number % 40}\r\nTITLE:Engineer\r\n"
        f"ADR;TYPE=WORK:;;Street {number % 300};Berlin;;10115;Germany\r\nNOTE:Made for a measure.\r\nEND:VCARD\r\n"
    )


def event(number: int) -> str:
    """An appointment as desktop programs write them: in a zone that it brings along; each tenth is a series."""
    day, hour = 1 + number % 28, 8 + number % 10
    start = f"2027{1 + number % 12:02}{day:02}T{hour:02}"
    rule = "RRULE:FREQ=WEEKLY;COUNT=20\r\n" if number % 10 == 0 else ""
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Desk//EN\r\n{BERLIN}BEGIN:VEVENT\r\n"
        f"UID:event-{number}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Appointment {number}\r\n"
        f"DTSTART;TZID=Europe/Berlin:{start}0000\r\nDTEND;TZID=Europe/Berlin:{start}4500\r\n{rule}"
        f"LOCATION:Room {number % 40}\r\nDESCRIPTION:Made for a measure.\r\n"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Soon\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


BERLIN = (
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"
    "BEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\n"
    "DTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\n"
    "BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\n"
    "DTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


@dataclass(frozen=True, slots=True)
class Running:
    """Where the gateway is, which process it is, the books in it by their number of items, and a calendar."""

    port: int
    pid: int
    account: str
    books: dict[int, str]
    calendar: str


def seed(settings: Path, sizes: tuple[int, ...], events: int) -> tuple[str, dict[int, str], str]:
    """A person with a book of each size, and a calendar."""
    core = open_core(settings)
    books: dict[int, str] = {}
    try:
        with core.database.write() as work:
            person = core.people.create(work, LOGIN, PASSWORD, name="Bench")
        for size in sizes:
            with core.database.write() as work:
                book = collections.create(work, person.id, CollectionKind.BOOK, f"Book of {size}", role=Role.ORDINARY)
            books[size] = book.id
            for start in range(0, size, 5000):
                with core.database.write() as work:
                    for number in range(start, min(start + 5000, size)):
                        keep(work, core.settings.limits, book, f"{number}.vcf", card(number))
            print(f"  a book of {size} contacts is there", file=sys.stderr, flush=True)
        with core.database.write() as work:
            calendar = collections.create(work, person.id, CollectionKind.CALENDAR, "Events", role=Role.ORDINARY)
            for number in range(events):
                keep(work, core.settings.limits, calendar, f"{number}.ics", event(number))
        print(f"  a calendar of {events} events is there", file=sys.stderr, flush=True)
    finally:
        core.close()
    return person.id, books, calendar.id


@contextlib.contextmanager
def gateway(sizes: tuple[int, ...], events: int, url: str = "sqlite:///bench.db") -> Iterator[Running]:
    """A gateway with these books and a calendar of so many events, in a process of its own, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="pimgate-bench-") as folder:
        settings, port = Path(folder) / "pimgate.toml", free_port()
        settings.write_text(SETTINGS.format(port=port, url=url))
        account, books, calendar = seed(settings, sizes, events)
        command = [str(Path(sys.executable).with_name("pimgate")), "--settings", str(settings), "serve"]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ})
        try:
            _wait_for(port, process)
            yield Running(port, process.pid, account, books, calendar)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            raise SystemExit("the gateway did not start")
        time.sleep(0.1)
    raise SystemExit("the gateway does not listen")


def resident_kib(pid: int) -> int:
    """The memory of a process, proportional set size, in KiB."""
    for each in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if each.startswith("Pss:"):
            return int(each.split()[1])
    raise SystemExit("the memory of the gateway cannot be read")


def processor_seconds(pid: int) -> float:
    """What a process has used of the processors so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine() -> str:
    """What this was measured on, in a line."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "?",
    )
    return json.dumps({"cpu": model, "cores": os.cpu_count(), "python": sys.version.split()[0]})
