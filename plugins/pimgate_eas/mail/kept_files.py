"""The file that a device fetches part by part, kept for a moment: else each part would cost the mail server the whole of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from pimgate.api import DeviceId
from pimgate_eas.mail.contents import File

KEPT_SECONDS: Final = 60.0
MOST: Final = 20
"""Files in one gateway, each of at most 64 MB."""


@dataclass(frozen=True, slots=True)
class _Kept:
    reference: str
    file: File
    at: float


class KeptFiles:
    """The last file of each device."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[DeviceId, _Kept] = OrderedDict()

    def get(self, device_id: DeviceId, reference: str) -> File | None:
        """The file, if the device asked for it a moment ago. Files that nobody asked for go."""
        now = self._clock()
        while self._kept and now - next(iter(self._kept.values())).at > KEPT_SECONDS:
            self._kept.popitem(last=False)
        kept = self._kept.get(device_id)
        if kept is None or kept.reference != reference:
            return None
        self.keep(device_id, reference, kept.file)
        return kept.file

    def keep(self, device_id: DeviceId, reference: str, file: File) -> None:
        self._kept.pop(device_id, None)
        self._kept[device_id] = _Kept(reference, file, self._clock())
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
