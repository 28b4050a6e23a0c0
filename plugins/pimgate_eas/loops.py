"""Devices that write without end: told to the operator before they have doubled a calendar a thousand times.

Watches what is committed, by device and minute; remembers nothing but counts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable

from pimgate.api import Change

log = logging.getLogger("pimgate.eas")

MANY_IN_A_MINUTE = 600
"""More writes of one device in a minute than a person and a first upload in windows of 200 come to."""


class Loops:
    """The counts of one gateway; belongs to it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._minute = -1
        self._writes: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, changes: Iterable[Change]) -> list[str]:
        """Count committed changes; gives the devices that have just gone beyond what is usual in a minute."""
        with self._lock:
            minute = int(self._clock() // 60)
            if minute != self._minute:
                self._minute = minute
                self._writes.clear()
            new = Counter(change.origin for change in changes if change.origin and change.item_id is not None)
            self._writes.update(new)
            return [each for each in new if self._writes[each] - new[each] <= MANY_IN_A_MINUTE < self._writes[each]]
