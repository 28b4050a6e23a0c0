"""What a turn needs to know of a collection, whatever it holds: texts of the store, or messages of the mail server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pimgate.api import Collection, CollectionId, ItemId
from pimgate_eas.sync.engine import Lacks, Step
from pimgate_eas.sync.news import Newsreader, Source
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.state import SyncState
from pimgate_eas.wbxml.element import Element


class Opened(Source, Protocol):
    """A collection opened for a device: a `View` or a `MailFolder`."""

    @property
    def id(self) -> CollectionId: ...
    @property
    def collection(self) -> Collection: ...


@dataclass(slots=True)
class Edited:
    """What became of a device's own edits. `has`: which version it has of each item by them; `added`: the ids of its new items by
    ClientId; `resend` and `taken_back`: what it is told of items with this answer, and with the next; `refused`: collection, item
    and reason, for its page; `fetch_bytes`: what is left of the room for what it fetched."""

    fetch_bytes: int
    has: dict[ItemId, int] = field(default_factory=dict)
    added: dict[str, ItemId] = field(default_factory=dict)
    resend: dict[ItemId, str] = field(default_factory=dict)
    taken_back: dict[ItemId, str] = field(default_factory=dict)
    responses: list[Element] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)


class Side(Protocol):
    """One collection in one turn. `lacks` says which items cannot be sent with this answer."""

    @property
    def opened(self) -> Opened: ...
    @property
    def lacks(self) -> Lacks | None: ...

    def options(self, request: CollectionRequest) -> Mapping[str, Any]:
        """What is kept of the options of a request; empty where it has none."""
        ...

    def reader(self, options: Mapping[str, Any], now: float) -> Newsreader: ...

    def edited(self, request: CollectionRequest, state: SyncState, lost: SyncState, fetch_bytes: int) -> Edited:
        """Carry out the device's edits. `lost` is the state that a lost answer led to."""
        ...

    def commands(self, steps: Sequence[Step]) -> list[Element]:
        """The steps as the device reads them."""
        ...
