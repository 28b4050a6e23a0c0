"""A collection of texts in a turn: contacts, calendars, tasks and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pimgate.api import View, Work, scheduling
from pimgate_eas.classes import CLASSES
from pimgate_eas.exchange import Exchange
from pimgate_eas.sync.edits import Edits, is_own, server_id
from pimgate_eas.sync.engine import Lacks, Step
from pimgate_eas.sync.news import Newsreader
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.state import SyncState
from pimgate_eas.sync.windows import cut_of
from pimgate_eas.versions import is_16
from pimgate_eas.wbxml.element import Element


class Texts:
    """One collection, opened."""

    lacks: Lacks | None = None

    def __init__(self, work: Work, exchange: Exchange, view: View) -> None:
        self._work, self._exchange = work, exchange
        self.opened = view
        self._class = CLASSES[view.collection.kind]
        self._context = exchange.context(is_own=is_own(view))

    def options(self, request: CollectionRequest) -> Mapping[str, Any]:
        return dict(request.options)

    def reader(self, options: Mapping[str, Any], now: float) -> Newsreader:
        return reader(self.opened, options, now)

    def edited(self, request: CollectionRequest, state: SyncState, lost: SyncState, fetch_bytes: int) -> Edits:
        """Invitations go out with the edits: outside of this deployment only where the device does not do so itself."""
        self._context = replace(self._context, body_forms=request.body_forms(state.options))
        sender = scheduling.Sender.SERVER if is_16(self._exchange.version) else scheduling.Sender.CLIENT
        arranging = scheduling.arranging(self._exchange.core, self._work, self.opened, sender, replies=False)
        edits = Edits(
            fetch_bytes=fetch_bytes,
            view=arranging,
            item_class=self._class,
            request=request,
            state=state,
            context=self._context,
            lost=lost,
        )
        edits.apply()
        return edits

    def commands(self, steps: Sequence[Step]) -> list[Element]:
        items = self.opened.items_by_id([step.item_id for step in steps if step.send.has_data])
        commands = []
        for step in steps:
            if step.send.has_data and step.item_id not in items:
                continue  # it went since the journal was read; the next line about it says so
            name = server_id(self.opened, step.item_id)
            command = Element(f"AirSync:{step.send.value}", Element("AirSync:ServerId", text=name))
            if step.send.has_data:
                data = self._class.render(items[step.item_id].text, self._context.of_item(name))
                command.append(Element("AirSync:ApplicationData", *data))
            commands.append(command)
        return commands


def reader(view: View, options: Mapping[str, Any], now: float) -> Newsreader:
    """What reads the news of this collection for a device with these options."""
    item_class = CLASSES[view.collection.kind]
    return Newsreader(view, item_class.component, cut_of(item_class.name, options, now))
