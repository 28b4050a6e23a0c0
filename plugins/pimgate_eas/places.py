"""How many requests of one person are served at the same time: a phone that runs wild takes nothing from anybody else.

Counted in this process, hanging requests included. Belongs to the event loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from pimgate.api import AccountId, DeviceId
from pimgate_eas.waiting import Waiting

RETRY_AFTER_SECONDS = 15


class Crowded(Exception):
    """All places of this person are taken."""


class Places:
    """The places of everybody, `most` for each person."""

    def __init__(self, most: int, waiting: Waiting) -> None:
        self._most = most
        self._waiting = waiting
        self._taken: dict[AccountId, set[Request]] = {}

    @contextmanager
    def taken(self, request: Request, account_id: AccountId, device_id: DeviceId) -> Iterator[None]:
        """A place for this request while the block runs. Where none is left it gets that of the hanging request of the same device,
        which ends: a phone that asks no longer waits. Crowded."""
        taken = self._taken.setdefault(account_id, set())
        if len(taken) >= self._most and (ended := self._waiting.end(device_id)) is not None:
            taken.discard(ended)
        if len(taken) >= self._most:
            raise Crowded
        taken.add(request)
        try:
            yield
        finally:
            taken.discard(request)
            if not taken and self._taken.get(account_id) is taken:
                del self._taken[account_id]
