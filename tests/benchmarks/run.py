"""The measures, in one run: `python tests/benchmarks/run.py [--quick]`.

Times are medians; compare ratios inside one run, not milliseconds between machines.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from functools import partial
from pathlib import Path

sys.path.pop(0)  # this folder: its gateway.py would hide the tests of that name
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.clients import Client, first_sync, folder_sync, ping, sync_body
from benchmarks.gateway import Running, card, gateway, machine, processor_seconds, resident_kib
from benchmarks.mail import measures as of_mail
from benchmarks.measuring import in_turns, median_ms, say
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element

TINY, SMALL, MIDDLE, LARGE = 10, 1_000, 10_000, 50_000
SYNC_REPORT = (
    '<sync-collection xmlns="DAV:"><sync-token>{}</sync-token><sync-level>1</sync-level>'
    "<prop><getetag/></prop></sync-collection>"
)


def wbxml() -> None:
    """A Sync answer with 100 contacts, there and back."""
    fields = (
        "FirstName",
        "LastName",
        "CompanyName",
        "JobTitle",
        "Email1Address",
        "MobilePhoneNumber",
        "BusinessPhoneNumber",
    )
    adds = [
        Element(
            "AirSync:Add",
            Element("AirSync:ServerId", text=f"cabc:{number}"),
            Element(
                "AirSync:ApplicationData", *(Element(f"Contacts:{each}", text=f"{each} {number}") for each in fields)
            ),
        )
        for number in range(100)
    ]
    collection = Element("AirSync:Collection", Element("AirSync:SyncKey", text="1"), Element("AirSync:Commands", *adds))
    document = Element("AirSync:Sync", Element("AirSync:Collections", collection))
    octets = encode(document)
    megabytes = len(octets) / 1e6
    say("WBXML encode, 100 contacts", f"{megabytes / median_ms(lambda: encode(document), 50) * 1000:.1f} MB/s")
    say("WBXML decode, 100 contacts", f"{megabytes / median_ms(lambda: decode(octets), 50) * 1000:.1f} MB/s")


def syncs(running: Running) -> None:
    """First and no-change Sync, and how the latter depends on the size of the collection."""
    client = Client(running)
    folder_sync(client)
    questions: dict[int, bytes] = {}
    for size, book in list(running.books.items())[1:]:
        begun = time.perf_counter()
        key, count = first_sync(client, book)
        seconds = time.perf_counter() - begun
        assert count == size, f"{count} of {size} contacts came"
        if size == SMALL:
            say("first Sync of 1,000 contacts, window 512", f"{count / seconds:,.0f} items/s")
        questions[size] = encode(sync_body(book, key))
    cost = in_turns({size: partial(client.eas, "Sync", question) for size, question in questions.items()}, 400)
    for size, milliseconds in cost.items():
        say(f"no-change Sync, {size:,} items", f"{1000 / milliseconds:,.0f} /s")
    largest = max(cost)
    say(f"no-change Sync, {largest:,} against {SMALL:,} items", f"{cost[largest] / cost[SMALL]:.2f} times", "<= 1.3")


def firsts(running: Running) -> None:
    """First Syncs of contacts and of events, on devices that never were here."""
    client = Client(running)
    for name, collection in (("contacts", running.books[SMALL]), ("events", running.calendar)):
        taken, used, grown = [], [], resident_kib(running.pid)
        for number in range(3):
            device = f"first{name}{number}"
            folder_sync(client, device)
            begun, before = time.perf_counter(), processor_seconds(running.pid)
            _, count = first_sync(client, collection, device=device)
            taken.append(time.perf_counter() - begun)
            used.append(processor_seconds(running.pid) - before)
            assert count == SMALL, f"{count} of {SMALL} {name} came"
        say(f"first Sync of 1,000 {name}, median of 3", f"{SMALL / statistics.median(taken):,.0f} items/s", ">= 1,000")
        say(f"  processor time of the gateway for 1,000 {name}", f"{statistics.median(used):.2f} s")
        say("  what it grew by", f"{resident_kib(running.pid) - grown:,} KiB")


def changes(running: Running) -> None:
    """One change in a collection of 10,000: what the Sync costs that brings it."""
    client, book = Client(running), running.books[MIDDLE]
    key, taken = first_sync(client, book, device="changes")[0], []
    before = processor_seconds(running.pid)
    for number in range(20):
        text = card(number).replace("Engineer", f"Engineer {time.time()}")
        path = f"/dav/{running.account}/{book}/{number}.vcf"
        client.dav("PUT", path, text, Content_Type="text/vcard")
        begun = time.perf_counter()
        answer = client.eas("Sync", sync_body(book, key), "changes")
        taken.append((time.perf_counter() - begun) * 1000)
        assert answer is not None
        [part] = answer.path("AirSync:Collections", "AirSync:Collection")
        assert len(part.path("AirSync:Commands", "AirSync:Change")) == 1
        key = part.text_of("AirSync:SyncKey") or ""
    used = (processor_seconds(running.pid) - before) / 20 * 1000
    say("Sync that brings one change of 10,000 contacts, median", f"{statistics.median(taken):.1f} ms")
    say("  processor time of the gateway, with the DAV write", f"{used:.1f} ms")


def dav(running: Running) -> None:
    client = Client(running)
    book = f"/dav/{running.account}/{running.books[MIDDLE]}/"

    def token() -> str:
        _, answer = client.dav(
            "PROPFIND", book, '<propfind xmlns="DAV:"><prop><sync-token/></prop></propfind>', Depth="0"
        )
        return answer.decode().partition("sync-token>")[2].partition("<")[0]

    def sync(since: str) -> None:
        status, _ = client.dav("REPORT", book, SYNC_REPORT.format(since), Depth="1", Content_Type="text/xml")
        assert status == 207, status

    now = token()
    say("DAV sync-collection, 10,000 items, nothing new", f"{median_ms(lambda: sync(now), 100):.1f} ms", "<= 3 (later)")
    client.dav("PUT", book + "7.vcf", card(7).replace("Engineer", "Director"), Content_Type="text/vcard")
    say("DAV sync-collection, 10,000 items, one change", f"{median_ms(lambda: sync(now), 100):.1f} ms", "<= 3 (later)")


async def pings(running: Running, count: int) -> None:
    """Memory of waiting Pings, and how soon one answers after a DAV write."""
    book = running.books[TINY]
    client = Client(running)
    for number in range(count):
        device = f"ping{number}"
        folder_sync(client, device)
        first_sync(client, book, device=device)
    before = resident_kib(running.pid)
    tasks = [asyncio.create_task(ping(running, book, f"ping{number}")) for number in range(count)]
    await asyncio.sleep(3 + count / 100)
    assert not any(task.done() for task in tasks), "a Ping was answered before anything happened"
    each = (resident_kib(running.pid) - before) / count
    say(f"memory of a waiting Ping ({count:,} of them)", f"{each:.1f} KiB", "< 40")
    begun, used = time.perf_counter(), processor_seconds(running.pid)
    await asyncio.to_thread(write_card, running, 0)
    await asyncio.gather(*tasks)
    taken = (time.perf_counter() - begun) * 1000
    say(f"one change until the last of {count:,} Pings is answered", f"{taken:,.0f} ms", "< 2,000")
    say("  processor time of the gateway", f"{processor_seconds(running.pid) - used:.2f} s")


async def wake_up(running: Running, times: int) -> None:
    """From the beginning of a DAV PUT to the answer of a Ping, again and again."""
    book, client = running.books[TINY], Client(running)
    folder_sync(client, "wake")
    taken = []
    for number in range(times):
        await asyncio.to_thread(first_sync, client, book, 512, "wake")
        waiting = asyncio.create_task(ping(running, book, "wake"))
        await asyncio.sleep(0.15)
        assert not waiting.done(), "the Ping was answered before anything happened"
        begun = time.perf_counter()
        await asyncio.to_thread(write_card, running, number + 1)
        await waiting
        taken.append((time.perf_counter() - begun) * 1000)
    say("DAV write to the answer of a waiting Ping, median", f"{statistics.median(taken):.1f} ms", "< 100")
    say("DAV write to the answer of a waiting Ping, worst", f"{max(taken):.1f} ms")


def write_card(running: Running, number: int) -> None:
    path = f"/dav/{running.account}/{running.books[TINY]}/{number % TINY}.vcf"
    text = card(number).replace("Engineer", f"Engineer {time.time()}")
    status, _ = Client(running).dav("PUT", path, text, Content_Type="text/vcard")
    assert status in (201, 204), status


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="smaller numbers, for a look")
    is_quick = arguments.parse_args().quick
    sizes = (TINY, SMALL, MIDDLE) if is_quick else (TINY, SMALL, MIDDLE, LARGE)
    print(machine(), flush=True)
    wbxml()
    with gateway(sizes, SMALL) as running:
        syncs(running)
        firsts(running)
        changes(running)
        dav(running)
        asyncio.run(wake_up(running, 10 if is_quick else 30))
        asyncio.run(pings(running, 100 if is_quick else 1_000))
    of_mail(is_quick)


if __name__ == "__main__":
    main()
