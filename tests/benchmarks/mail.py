"""The measures of mail on phones, with a real Dovecot behind: `python tests/benchmarks/mail.py [--quick]`.

Times are medians; compare ratios inside one run, not milliseconds between machines.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import statistics
import sys
import threading
import time
from functools import partial
from pathlib import Path

sys.path.pop(0)  # this folder: its gateway.py would hide the tests of that name
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.clients import eas_path
from benchmarks.gateway import LOGIN, PASSWORD, machine, processor_seconds, resident_kib
from benchmarks.mail_servers import Mailed, letter, mailed
from benchmarks.measuring import in_turns, say
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element

SMALL, USUAL = 100, 1_000
PREVIEW = "512"


class MailClient:
    """A phone of one person that asks for plain texts of half a kilobyte, on one connection."""

    def __init__(self, running: Mailed, device: str, login: str = LOGIN) -> None:
        self.device = device
        self._authorization = "Basic " + base64.b64encode(f"{login}:{PASSWORD}".encode()).decode()
        self._running = running
        self._line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=300)
        self.folders: dict[str, str] = {}

    def ask(self, command: str, body: Element | bytes) -> Element | None:
        octets = self.octets(command, body)
        return decode(octets) if octets else None

    def octets(self, command: str, body: Element | bytes, **headers: str) -> bytes:
        sent = {
            "Content-Type": "application/vnd.ms-sync.wbxml",
            "MS-ASProtocolVersion": "16.1",
            "Authorization": self._authorization,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        self._line.request(
            "POST", eas_path(command, self.device), body if isinstance(body, bytes) else encode(body), sent
        )
        response = self._line.getresponse()
        octets = response.read()
        assert response.status == 200, f"{command} was answered {response.status}: {octets[:100]!r}"
        return octets

    def look(self) -> None:
        """Learn the folders."""
        answer = self.ask(
            "FolderSync", Element("FolderHierarchy:FolderSync", Element("FolderHierarchy:SyncKey", text="0"))
        )
        assert answer is not None
        for each in answer.path("FolderHierarchy:Changes", "FolderHierarchy:Add"):
            name, server_id = (each.text_of(f"FolderHierarchy:{key}") or "" for key in ("DisplayName", "ServerId"))
            self.folders[name] = server_id

    def sync(self, folder: str, key: str, window: int) -> tuple[str, int, bool]:
        """The next key, how many messages came, and whether there are more."""
        answer = self.ask("Sync", question(folder, key, window))
        if answer is None:
            return key, 0, False
        [part] = answer.path("AirSync:Collections", "AirSync:Collection")
        assert part.text_of("AirSync:Status") == "1", part.text_of("AirSync:Status")
        count = len(part.path("AirSync:Commands", "AirSync:Add"))
        return part.text_of("AirSync:SyncKey") or "", count, key == "0" or part.has("AirSync:MoreAvailable")

    def first_sync(self, folder: str, window: int = 512) -> tuple[str, int]:
        key, count, has_more = "0", 0, True
        while has_more:
            key, came, has_more = self.sync(folder, key, window)
            count += came
        return key, count

    def ping(self, folder: str) -> None:
        """Wait for news, on a new connection: the gateway may have closed one that was long unused."""
        self._line.close()
        watched = Element("Ping:Folder", Element("Ping:Id", text=folder), Element("Ping:Class", text="Email"))
        heartbeat = Element("Ping:HeartbeatInterval", text="900")
        answer = self.ask("Ping", Element("Ping:Ping", heartbeat, Element("Ping:Folders", watched)))
        assert answer is not None and answer.text_of("Ping:Status") == "2", answer


class Waiting(threading.Thread):
    """A Ping, and when it was answered."""

    def __init__(self, phone: MailClient, folder: str) -> None:
        super().__init__()
        self._phone, self._folder = phone, folder
        self.answered_at = 0.0

    def run(self) -> None:
        self._phone.ping(self._folder)
        self.answered_at = time.perf_counter()


def question(folder: str, key: str, window: int) -> Element:
    body = Element(
        "AirSyncBase:BodyPreference",
        Element("AirSyncBase:Type", text="1"),
        Element("AirSyncBase:TruncationSize", text=PREVIEW),
    )
    options = Element("AirSync:Options", Element("AirSync:FilterType", text="0"), body)
    wanted = (
        [] if key == "0" else [Element("AirSync:GetChanges"), Element("AirSync:WindowSize", text=str(window)), options]
    )
    parts = [Element("AirSync:SyncKey", text=key), Element("AirSync:CollectionId", text=folder), *wanted]
    return Element("AirSync:Sync", Element("AirSync:Collections", Element("AirSync:Collection", *parts)))


def firsts(running: Mailed) -> None:
    """First Syncs of 1,000 messages: of a folder that nobody looked at yet, and of one that is indexed."""
    for window, times in ((100, 3), (512, 3)):
        taken, used = [], []
        for number in range(times):
            phone = MailClient(running, f"first{window}x{number}")
            phone.look()
            begun, before = time.perf_counter(), processor_seconds(running.pid)
            _, count = phone.first_sync(phone.folders["Inbox"], window)
            taken.append(time.perf_counter() - begun)
            used.append(processor_seconds(running.pid) - before)
            assert count == USUAL, f"{count} of {USUAL} messages came"
            if number == 0 and window == 100:
                say("first Sync of 1,000 messages, not indexed yet, window 100", f"{count / taken[0]:,.0f} items/s")
        say(
            f"first Sync of 1,000 messages, window {window}, median", f"{USUAL / statistics.median(taken):,.0f} items/s"
        )
        say("  processor time of the gateway", f"{statistics.median(used):.2f} s")


def unchanged(running: Mailed, sizes: tuple[int, int], times: int) -> None:
    """A Sync that finds nothing new, in a small folder and in a large one."""
    phone = MailClient(running, "unchanged")
    phone.look()
    questions: dict[int, bytes] = {}
    for size in sizes:
        folder, begun = phone.folders[f"F{size}"], time.perf_counter()
        key, count = phone.first_sync(folder)
        assert count == size, f"{count} of {size} messages came"
        say(
            f"first Sync of {size:,} messages, not indexed yet, window 512",
            f"{count / (time.perf_counter() - begun):,.0f} items/s",
        )
        questions[size] = encode(question(folder, key, 512))
    cost = in_turns({size: partial(phone.octets, "Sync", each) for size, each in questions.items()}, times)
    for size, milliseconds in cost.items():
        say(f"no-change Sync, folder of {size:,} messages", f"{milliseconds:.1f} ms")
    say(
        f"no-change Sync, {sizes[1]:,} against {sizes[0]:,} messages",
        f"{cost[sizes[1]] / cost[sizes[0]]:.2f} times",
        "<= 1.3",
    )


def arrivals(running: Mailed, times: int) -> None:
    """From the delivery of a message to the answer of a waiting Ping."""
    phone, taken = MailClient(running, "arrivals"), []
    phone.look()
    inbox = phone.folders["Inbox"]
    key, _ = phone.first_sync(inbox)
    with running.server.program(LOGIN) as program:
        for number in range(times):
            waiting = Waiting(phone, inbox)
            waiting.start()
            time.sleep(0.3)
            assert waiting.is_alive(), "the Ping was answered before anything happened"
            octets = letter(10_000_000 + number, time.time())
            begun = time.perf_counter()
            program.done(program.append("INBOX", "", None, octets))
            waiting.join(60)
            taken.append((waiting.answered_at - begun) * 1000)
            has_more = True
            while has_more:
                key, _, has_more = phone.sync(inbox, key, 512)
    taken.sort()
    say("a new message to the answer of a waiting Ping, median", f"{statistics.median(taken):.0f} ms")
    say(
        f"a new message to the answer of a waiting Ping, p99 of {times}",
        f"{taken[min(times - 1, int(times * 0.99))]:.0f} ms",
    )


def crowd(running: Mailed) -> None:
    """Waiting devices of many people, two of each: what they cost in memory, and how many connections to the mail server."""
    phones = [
        MailClient(running, f"crowd{number}{each}", login)
        for number, login in enumerate(running.people)
        for each in "ab"
    ]
    for phone in phones:
        phone.look()
        phone.first_sync(phone.folders["Inbox"])
    before, waiting = resident_kib(running.pid), []
    for phone in phones:
        waiting.append(threading.Thread(target=phone.ping, args=(phone.folders["Inbox"],)))
        waiting[-1].start()
    time.sleep(10)
    assert all(each.is_alive() for each in waiting), "a Ping was answered before anything happened"
    used = connections_to(running.server.known.port, running.pid)
    each_kib = (resident_kib(running.pid) - before) / len(phones)
    say(f"waiting devices ({len(phones)} of {len(running.people)} people): memory of each", f"{each_kib:.0f} KiB")
    say("  connections to the mail server for them, at rest", f"{at_rest(running, used)}", "one a person")
    begun = time.perf_counter()
    for login in running.people:
        with running.server.program(login) as program:
            program.put("ring")
    for each in waiting:
        each.join(120)
    assert not any(each.is_alive() for each in waiting), "a Ping was not answered"
    say("  a message to each of them until the last Ping is answered", f"{time.perf_counter() - begun:.1f} s")


def at_rest(running: Mailed, used: int) -> int:
    """Connections that are still there once unused ones were closed."""
    until = time.monotonic() + 150
    while used > len(running.people) + 1 and time.monotonic() < until:
        time.sleep(5)
        used = connections_to(running.server.known.port, running.pid)
    return used


def connections_to(port: int, pid: int) -> int:
    """Established connections of a process to this port."""
    wanted, mine = (
        f":{port:04X}",
        {each.readlink().name for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()},
    )
    found = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        found += fields[2].endswith(wanted) and fields[3] == "01" and f"socket:[{fields[9]}]" in mine
    return found


def large(running: Mailed) -> None:
    """The memory of the gateway while a phone fetches a message of 25 MB."""
    phone = MailClient(running, "large")
    phone.look()
    folder = phone.folders["Big"]
    answer = None
    key, has_more = "0", True
    while has_more:
        answer = phone.ask("Sync", question(folder, key, 512)) or answer
        assert answer is not None
        [part] = answer.path("AirSync:Collections", "AirSync:Collection")
        has_more = key == "0" or part.has("AirSync:MoreAvailable")
        key = part.text_of("AirSync:SyncKey") or ""
    [add] = part.path("AirSync:Commands", "AirSync:Add")
    attachment = next(each.text or "" for each in walk(add) if each.name == "AirSyncBase:FileReference")
    message = add.text_of("AirSync:ServerId") or ""
    for what, asked in (("the attachment", by_reference(attachment)), ("the whole message", whole(folder, message))):
        for accept in ("T", ""):
            before, peak = resident_kib(running.pid), [0]
            stopped = threading.Event()
            watch = threading.Thread(target=sample, args=(running.pid, stopped, peak))
            watch.start()
            begun = time.perf_counter()
            octets = phone.octets("ItemOperations", asked, **({"MS_ASAcceptMultiPart": accept} if accept else {}))
            seconds = time.perf_counter() - begun
            stopped.set()
            watch.join()
            form = "in parts" if accept else "in one piece"
            say(f"{what} of 25 MB fetched {form} ({len(octets) / 1e6:.0f} MB)", f"{seconds:.1f} s")
            say("  memory of the gateway meanwhile", f"+{(peak[0] - before) / 1024:.0f} MiB")


def walk(element: Element) -> list[Element]:
    return [element, *(found for each in element.children for found in walk(each))]


def by_reference(reference: str) -> Element:
    which = Element("AirSyncBase:FileReference", text=reference)
    fetch = Element("ItemOperations:Fetch", Element("ItemOperations:Store", text="Mailbox"), which)
    return Element("ItemOperations:ItemOperations", fetch)


def whole(folder: str, message: str) -> Element:
    preference = Element("AirSyncBase:BodyPreference", Element("AirSyncBase:Type", text="4"))
    options = Element("ItemOperations:Options", Element("AirSync:MIMESupport", text="2"), preference)
    which = Element("AirSync:CollectionId", text=folder), Element("AirSync:ServerId", text=message)
    fetch = Element("ItemOperations:Fetch", Element("ItemOperations:Store", text="Mailbox"), *which, options)
    return Element("ItemOperations:ItemOperations", fetch)


def sample(pid: int, stopped: threading.Event, peak: list[int]) -> None:
    while not stopped.wait(0.02):
        peak[0] = max(peak[0], resident_kib(pid))


def measures(is_quick: bool) -> None:
    """All of them; smaller numbers for a look."""
    sizes = (SMALL, 5_000 if is_quick else 50_000)
    folders = {"": USUAL, **{f"F{size}": size for size in sizes}}
    with mailed(folders, 20 if is_quick else 200) as running:
        firsts(running)
        arrivals(running, 20 if is_quick else 100)
        large(running)
        crowd(running)
        unchanged(running, sizes, 100 if is_quick else 300)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="smaller numbers, for a look")
    is_quick = arguments.parse_args().quick
    print(machine(), flush=True)
    measures(is_quick)


if __name__ == "__main__":
    main()
