"""Wakes those who wait for a mailbox. It carries no data: whoever is woken looks into the store."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable


class Bell:
    """Who listens for which mailbox."""

    def __init__(self) -> None:
        self._listeners: defaultdict[int, set[asyncio.Event]] = defaultdict(set)

    def listen(self, mailbox_id: int, event: asyncio.Event) -> None:
        self._listeners[mailbox_id].add(event)

    def leave(self, mailbox_id: int, event: asyncio.Event) -> None:
        listeners = self._listeners[mailbox_id]
        listeners.discard(event)
        if not listeners:
            del self._listeners[mailbox_id]

    def ring(self, mailbox_ids: Iterable[int]) -> None:
        for mailbox_id in mailbox_ids:
            for event in self._listeners.get(mailbox_id, ()):
                event.set()
