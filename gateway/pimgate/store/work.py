"""What one unit of work offers: rows by noun, the journal, and what must be rung after the commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from pimgate.model.devices import DeviceId
from pimgate.model.items import Change
from pimgate.store.collections import CollectionRows
from pimgate.store.devices import DeviceRows
from pimgate.store.entries import EntryRows
from pimgate.store.item_properties import ItemPropertyRows
from pimgate.store.items import ItemRows
from pimgate.store.journal import JournalRows
from pimgate.store.mail import MailRows
from pimgate.store.outbox import ArrivalRows, OutboxRows
from pimgate.store.people import PeopleRows
from pimgate.store.shelf import ShelfRows
from pimgate.store.spans import SpanRows


class Work:
    """One transaction, for one thread. Rows written through it are kept together or not at all; `changes` are the journal's
    new lines, told to everybody once they are kept; `rings` are further bells to ring then, of things that have no journal."""

    def __init__(self, connection: Connection, now: float, is_writing: bool) -> None:
        self.now = now
        self.is_writing = is_writing
        self.changes: list[Change] = []
        self.rings: set[str] = set()
        self.people = PeopleRows(connection, now)
        self.collections = CollectionRows(connection)
        self.items = ItemRows(connection, now)
        self.item_properties = ItemPropertyRows(connection)
        self.spans = SpanRows(connection)
        self.entries = EntryRows(connection)
        self.mail = MailRows(connection, now)
        self.journal = JournalRows(connection, now, self.changes.append)
        self.devices = DeviceRows(connection)
        self.shelf = ShelfRows(connection, now)
        self.outbox = OutboxRows(connection, now)
        self.arrivals = ArrivalRows(connection, now)
        self.connection = connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """All of a block or nothing of it, for callers that answer its error and go on with the unit of work."""
        told = len(self.changes)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            del self.changes[told:]
            raise

    def lock_all(self) -> None:
        """From here to the commit nobody else who asks for the same goes on: for what is made once in a deployment."""
        self.people.lock()

    def lock_device(self, device_id: DeviceId) -> None:
        """From here to the commit no other unit of work has this device: its requests are served one after the other."""
        self.devices.lock(device_id)
