"""A mail folder in a turn: what became of the device's edits on the mail server, and messages that were fetched before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pimgate.api import ItemHead, ItemId, MailFolder, NoSuchItem, Op, SpecialUse
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail.messages import Rendered, follow_up_of
from pimgate_eas.mapping.email import render_marks
from pimgate_eas.status import Sync
from pimgate_eas.sync.edits import LINES, server_id
from pimgate_eas.sync.engine import Lacks, Send, Step
from pimgate_eas.sync.mail import letters
from pimgate_eas.sync.mail.scene import Outcome, is_yet_to_come
from pimgate_eas.sync.news import Newsreader
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.sides import Edited
from pimgate_eas.sync.state import GONE, SyncState
from pimgate_eas.wbxml.element import Element


@dataclass(slots=True)
class Handed:
    """What was brought for one folder before the unit of work: what became of the device's edits (None: they were not carried
    out), and messages to be sent. While it is planned which those are, `is_planned` is true: nothing lacks, and nothing is kept."""

    outcomes: Mapping[int, Outcome] | None = None
    rendered: dict[ItemId, Rendered] = field(default_factory=dict)
    is_planned: bool = False


class Mail:
    """One folder, opened."""

    def __init__(self, exchange: Exchange, folder: MailFolder, handed: Handed) -> None:
        self.opened = folder
        self._handed = handed
        self._context = exchange.context(is_own=True)
        self._has_drafts = folder.mailbox.special_use is SpecialUse.DRAFTS

    @property
    def is_carried_out(self) -> bool:
        """Whether the mail server was told what the device's edits are."""
        return self._handed.outcomes is not None

    @property
    def lacks(self) -> Lacks | None:
        return None if self._handed.is_planned else self._lacks

    def _lacks(self, send: Send, head: ItemHead) -> bool:
        """Whether the message was not fetched, or not as it is now."""
        found = self._handed.rendered.get(head.id)
        return self.needs_text(send) and (found is None or found.seq != head.seq)

    def needs_text(self, send: Send) -> bool:
        """Whether a step needs more than the marks of a message: only drafts change otherwise."""
        return send is Send.ADD or (send is Send.CHANGE and self._has_drafts)

    def options(self, request: CollectionRequest) -> Mapping[str, Any]:
        return letters.options_of(request)

    def reader(self, options: Mapping[str, Any], now: float) -> Newsreader:
        return letters.reader(self.opened, options, now)

    def edited(self, request: CollectionRequest, state: SyncState, lost: SyncState, fetch_bytes: int) -> Edited:
        edited = Edited(fetch_bytes)
        for index, command in enumerate(request.commands):
            self._take(edited, command, (self._handed.outcomes or {})[index], state)
        return edited

    def commands(self, steps: Sequence[Step]) -> list[Element]:
        known = self.opened.messages({step.item_id for step in steps if step.send.has_data})
        commands = []
        for step in steps:
            if step.send.has_data and step.item_id not in known:
                continue  # it went since the journal was read; the next line about it says so
            name = Element("AirSync:ServerId", text=server_id(self.opened, step.item_id))
            command = Element(f"AirSync:{step.send.value}", name)
            if self.needs_text(step.send):
                command.append(Element("AirSync:ApplicationData", *self._handed.rendered[step.item_id].elements))
            elif step.send.has_data:
                message = known[step.item_id]
                marks = render_marks(message.flags, follow_up_of(message), self._context)
                command.append(Element("AirSync:ApplicationData", *marks))
            commands.append(command)
        return commands

    # The device's edits

    def _take(self, edited: Edited, command: Element, outcome: Outcome, state: SyncState) -> None:
        """What one outcome means for the state of the device, and the answer to the command."""
        edited.fetch_bytes -= outcome.size_bytes
        if outcome.reason:
            edited.refused.append((self.opened.id, str(outcome.item_id or ""), outcome.reason))
        if outcome.item_id is not None and not is_yet_to_come(outcome.item_id, state):
            self._note(edited, command, outcome, outcome.item_id, state)
        if command.tag == "Add" and outcome.status is Sync.OK and outcome.item_id is not None:
            edited.added[command.text_of("AirSync:ClientId") or ""] = outcome.item_id
            edited.has.setdefault(outcome.item_id, outcome.seq)
        if outcome.status is not Sync.OK or outcome.data or command.tag == "Add":
            edited.responses.append(self._response(command, outcome))

    def _note(self, edited: Edited, command: Element, outcome: Outcome, item_id: ItemId, state: SyncState) -> None:
        if command.tag == "Delete" and outcome.status is Sync.OK:
            if outcome.seq == GONE or item_id in self._gone_meanwhile(state):
                edited.has[item_id] = GONE
            return
        seq, is_more = self._kept(outcome, item_id)
        if outcome.is_more or is_more:
            edited.resend[item_id] = (Send.ADD if command.tag == "Delete" else Send.CHANGE).value
        elif seq:
            edited.has[item_id] = seq

    def _kept(self, outcome: Outcome, item_id: ItemId) -> tuple[int, bool]:
        """The version that the device has when its follow-up flag is kept as well, and whether there is more to hear."""
        if outcome.follow_up is None or self._handed.is_planned:
            return outcome.seq, False
        try:
            before = self.opened.message(item_id)
            return self.opened.keep_follow_up(item_id, outcome.follow_up or None).seq, before.seq != outcome.seq
        except NoSuchItem:  # it went meanwhile; the journal says so
            return outcome.seq, False

    def _gone_meanwhile(self, state: SyncState) -> frozenset[ItemId]:
        """The messages whose end the journal has still to tell, as far as one look goes: of ids that a device invents, nothing
        is remembered."""
        lines = self.opened.changes_since(state.bookmark, LINES).changes
        return frozenset(each.item_id for each in lines if each.item_id is not None and each.op is Op.DELETE)

    def _response(self, command: Element, outcome: Outcome) -> Element:
        is_add = command.tag == "Add"
        name = "AirSync:ClientId" if is_add else "AirSync:ServerId"
        answer = Element(command.name, Element(name, text=(command.text_of(name) or "")[:64]))
        if is_add and outcome.item_id is not None:
            answer.append(Element("AirSync:ServerId", text=server_id(self.opened, outcome.item_id)))
        answer.append(Element("AirSync:Status", text=str(int(outcome.status))))
        for each in outcome.data:
            answer.append(each)
        return answer
