"""Devices that ask or write without end: made to wait, longer each time, and told to the operator.

Three signs, none of which a first synchronisation shows: the very same question again and again (each step of an upload or a
download has a question of its own), the same item written again and again, and more new items in an hour than any phone
holds. Counts belong to one gateway process; what the operator sees is kept beside the device.
"""

from __future__ import annotations

import hashlib
import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pimgate.api import Change, Core, DeviceId, Op, device_notes

log = logging.getLogger("pimgate.eas")

WRITES_OF_ONE_ITEM = 30
"""More in a minute than a person can make of one contact or event."""
NEW_ITEMS_IN_AN_HOUR = 20_000

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30, 900
CALM_SECONDS = 3_600
"""Who was quiet this long begins again with the shortest wait."""


class GoSlower(Exception):
    """The device is answered with 503 until it has waited."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Slowed:
    """A device that has to wait until `until`, for the `strikes`th time; `is_told` when the operator has been."""

    reason: str
    until: float
    strikes: int
    is_told: bool = False


class Loops:
    """The counts of one gateway; belongs to it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._minute = self._hour = -1
        self._asked: Counter[tuple[str, bytes]] = Counter()
        self._written: Counter[tuple[str, int]] = Counter()
        self._made: Counter[str] = Counter()
        self._slowed: dict[str, Slowed] = {}

    def asked(self, device: str, question: bytes, most_in_a_minute: int) -> Slowed | None:
        """Count a question. Gives how long the device has to wait, if it has to: `is_told` is False just the first time."""
        with self._lock:
            now = self._now()
            slowed = self._slowed.get(device)
            if slowed is None or slowed.until <= now:
                key = device, hashlib.blake2b(question, digest_size=8).digest()
                self._asked[key] += 1
                if most_in_a_minute and self._asked[key] > most_in_a_minute:
                    del self._asked[key]
                    self._strike(device, "asks the same again and again", now)
                slowed = self._slowed.get(device)
            if slowed is None or slowed.until <= now:
                return None
            self._slowed[device] = Slowed(slowed.reason, slowed.until, slowed.strikes, is_told=True)
            return slowed

    def note(self, changes: Iterable[Change]) -> None:
        """Count what devices have written."""
        with self._lock:
            now = self._now()
            for change in changes:
                if change.origin and change.item_id is not None:
                    self._count(change.origin, int(change.item_id), change.op, now)

    def _count(self, device: str, item: int, op: Op, now: float) -> None:
        if op is Op.CREATE:
            self._made[device] += 1
            if self._made[device] > NEW_ITEMS_IN_AN_HOUR:
                del self._made[device]
                self._strike(device, "adds items without end", now)
            return
        self._written[device, item] += 1
        if self._written[device, item] > WRITES_OF_ONE_ITEM:
            del self._written[device, item]
            self._strike(device, "writes the same item again and again", now)

    def _strike(self, device: str, reason: str, now: float) -> None:
        earlier = self._slowed.get(device)
        strikes = 1 if earlier is None else earlier.strikes + 1
        seconds = min(FIRST_WAIT_SECONDS * 2 ** (strikes - 1), LONGEST_WAIT_SECONDS)
        self._slowed[device] = Slowed(reason, now + seconds, strikes)

    def _now(self) -> float:
        """The time; what was counted in earlier minutes and hours is forgotten."""
        now = self._clock()
        if int(now // 60) != self._minute:
            self._minute = int(now // 60)
            self._asked.clear()
            self._written.clear()
            self._slowed = {name: each for name, each in self._slowed.items() if now - each.until < CALM_SECONDS}
        if int(now // 3_600) != self._hour:
            self._hour = int(now // 3_600)
            self._made.clear()
        return now

    def seconds_left(self, slowed: Slowed) -> int:
        """For Retry-After."""
        return max(1, math.ceil(slowed.until - self._clock()))


async def check(core: Core, device_id: DeviceId, question: bytes, most_in_a_minute: int) -> None:
    """GoSlower for a device that has to wait. The operator hears of it once each time it begins."""
    loops = core.belonging(Loops)
    slowed = loops.asked(device_id, question, most_in_a_minute)
    if slowed is None:
        return
    if not slowed.is_told:
        seconds = loops.seconds_left(slowed)
        log.warning(
            "device %s %s: it has to wait %d seconds; see 'pimgate device show'", device_id, slowed.reason, seconds
        )
        await core.write(lambda work: device_notes.add_slowing(work, device_id, slowed.reason))
    raise GoSlower(loops.seconds_left(slowed))
