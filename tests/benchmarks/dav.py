"""CalDAV and CardDAV beside Radicale and Xandikos, in one run: `python tests/benchmarks/dav.py`.

Medians in milliseconds, and how many times as long the others take. The servers are asked in turns, so that a busy moment meets
all of them; on a machine that has other work, `--processor` tells what an answer costs the server's processor instead. A `!` marks
an answer with another number of resources than ours. The others are asked about 50,000 items only with `--everything`: Radicale
reads them all for most answers, and a single measure takes minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.dav_measures import BOOKS, CALENDARS, Call, Measure
from benchmarks.dav_servers import Server, ours, radicale, xandikos
from benchmarks.gateway import machine, processor_seconds

SIZES = (1_000, 10_000, 50_000)
LARGE = 50_000
TIMES, SECONDS = 30, 10
"""A call is repeated so often, unless that takes longer than so many seconds; slow ones are asked at least twice."""
LOST = -1
"""In place of a number of answers: there was none in time, and the server is left out of the line."""


def medians(
    measure: Measure, servers: list[Server], size: int, *, of_processor: bool = False
) -> dict[str, tuple[float, int]]:
    """By server: the median in milliseconds, without the first call, or the mean time of its processor; and the number of
    resources in an answer."""
    calls = {server.name: measure.begin(server, size) for server in servers}
    counts = {name: _first(call) for name, call in calls.items()}
    calls = {name: call for name, call in calls.items() if counts[name] != LOST}
    taken: dict[str, list[float]] = {name: [] for name in calls}
    used = {server.name: processor_seconds(server.pid) for server in servers}
    for _ in range(TIMES):
        for name, call in calls.items():
            if len(taken[name]) >= 2 and sum(taken[name]) > SECONDS * 1000:
                continue
            begun = time.perf_counter()
            call()
            taken[name].append((time.perf_counter() - begun) * 1000)
    if of_processor:
        used = {server.name: processor_seconds(server.pid) - used[server.name] for server in servers}
        return {name: (used[name] * 1000 / len(each), counts[name]) for name, each in taken.items()}
    return {name: (statistics.median(each), counts[name]) for name, each in taken.items()}


def _first(call: Call) -> int:
    """What a server answers at first, when it fills its caches; LOST if that takes longer than anybody would wait."""
    try:
        return call()
    except TimeoutError:
        return LOST


def line(measure: Measure, found: dict[str, tuple[float, int]], size: int) -> str:
    our_time, our_count = found["pimgate"]
    parts = [f"{measure.name:<38}{our_time:>10.1f}"]
    for name, (taken, count) in found.items():
        if name != "pimgate":
            parts.append(f"{taken:>12.1f} {taken / our_time:>6.0f} x{' ' if count == our_count else '!'}")
    aim = "" if measure.aim is None or size != 10_000 else f"   aim: {measure.aim}"
    return "".join(parts) + aim


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    arguments.add_argument("--alone", action="store_true", help="without the other servers")
    arguments.add_argument("--everything", action="store_true", help="ask the others about 50,000 items as well")
    arguments.add_argument("--processor", action="store_true", help="time of the servers' processors")
    arguments.add_argument("--folder", type=Path, help="keep servers and items here, for the next run")
    asked = arguments.parse_args()
    print(machine(), flush=True)
    with contextlib.ExitStack() as open_until_the_end:
        folder = asked.folder or Path(open_until_the_end.enter_context(tempfile.TemporaryDirectory()))
        sizes, theirs = tuple(asked.sizes), tuple(each for each in asked.sizes if each < LARGE or asked.everything)
        servers = [open_until_the_end.enter_context(ours(folder / "pimgate", sizes))]
        if not asked.alone:
            servers.append(open_until_the_end.enter_context(radicale(folder / "radicale", theirs)))
            servers.append(open_until_the_end.enter_context(xandikos(folder / "xandikos", theirs)))
        for size in sizes:
            able = [server for server in servers if size in server.calendars]
            print(f"\n{size:,} items: {', '.join(server.name for server in able)}")
            for measure in (*CALENDARS, *BOOKS):
                print(line(measure, medians(measure, able, size, of_processor=asked.processor), size), flush=True)


if __name__ == "__main__":
    main()
