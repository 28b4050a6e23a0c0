"""What searches found, kept for a while so that a device may look through it part by part. In memory, for one gateway, and bounded:
what was looked at longest ago goes first, and is looked for anew when somebody asks for it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from pimgate.api import DeviceId
from pimgate.mail.finding import Found

KEPT_SECONDS: Final = 600.0
SAME_SECONDS: Final = 20.0
"""So long the beginning of a list is the same for whoever asks again."""
MOST_HITS: Final = 100_000
MOST_DEVICES: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Kept:
    question: Hashable
    found: Found
    at: float


class KeptResults:
    """The last result of each device."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[DeviceId, _Kept] = OrderedDict()
        self._hits = 0

    def get(self, device_id: DeviceId, question: Hashable, *, is_beginning: bool) -> Found | None:
        """What was found for this question, if that was not too long ago."""
        kept = self._kept.get(device_id)
        seconds = SAME_SECONDS if is_beginning else KEPT_SECONDS
        if kept is None or kept.question != question or self._clock() - kept.at > seconds:
            return None
        self._kept.move_to_end(device_id)
        return kept.found

    def keep(self, device_id: DeviceId, question: Hashable, found: Found) -> None:
        self._drop(device_id)
        self._kept[device_id] = _Kept(question, found, self._clock())
        self._hits += len(found.hits)
        while len(self._kept) > 1 and (self._hits > MOST_HITS or len(self._kept) > MOST_DEVICES):
            self._drop(next(iter(self._kept)))

    def _drop(self, device_id: DeviceId) -> None:
        kept = self._kept.pop(device_id, None)
        self._hits -= len(kept.found.hits) if kept is not None else 0
