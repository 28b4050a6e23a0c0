"""How measures are taken and told."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def say(name: str, value: str, aim: str = "") -> None:
    print(f"{name:<62} {value:>16}{'   aim: ' + aim if aim else ''}", flush=True)


def median_ms(call: Callable[[], object], times: int) -> float:
    """The median of `times` calls, after three that don't count."""
    taken = []
    for number in range(times + 3):
        begun = time.perf_counter()
        call()
        if number >= 3:
            taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def in_turns(calls: dict[int, Callable[[], object]], times: int) -> dict[int, float]:
    """The median of each call in milliseconds, the calls taking turns, so that a busy moment meets all of them."""
    taken: dict[int, list[float]] = {name: [] for name in calls}
    for number in range(times + 3):
        for name, call in calls.items():
            begun = time.perf_counter()
            call()
            if number >= 3:
                taken[name].append((time.perf_counter() - begun) * 1000)
    return {name: statistics.median(each) for name, each in taken.items()}
