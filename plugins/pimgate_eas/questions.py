"""The last Sync of each device, in this process: what an empty one repeats, and a partial one completes.

Nothing depends on it: whoever is not remembered any more is asked for the whole request. Questions that wait are kept in the store
as well, for those are repeated all day.
"""

from __future__ import annotations

from collections import OrderedDict

from pimgate.api import DeviceId

MOST_DEVICES = 10_000
MOST_BYTES = 2_048


class Questions:
    """By device, the latest last; belongs to the event loop."""

    def __init__(self) -> None:
        self._last: OrderedDict[DeviceId, bytes] = OrderedDict()

    def of(self, device_id: DeviceId) -> bytes | None:
        return self._last.get(device_id)

    def remember(self, device_id: DeviceId, question: bytes) -> None:
        """Take the place of an earlier question; one that is too large is forgotten."""
        self._last.pop(device_id, None)
        if len(question) <= MOST_BYTES:
            self._last[device_id] = question
        if len(self._last) > MOST_DEVICES:
            self._last.popitem(last=False)
