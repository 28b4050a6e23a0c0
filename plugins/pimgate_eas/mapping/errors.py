"""The one way a device's edit can fail here."""

from __future__ import annotations


class CannotConvert(Exception):
    """The data cannot be made a valid item. `reason` is one sentence for the log and quotes nothing of the item.

    The device is answered with status 6 of Sync for this item alone.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
