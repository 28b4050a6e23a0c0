"""A device's own edits, laid onto the collection; each gets its own answer, and a broken one is refused alone.

Source: MS-ASCMD, "Add (Sync)", "Change", "Delete (Sync)", "Fetch (Sync)", "Responses".
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from urllib.parse import quote

from pimgate.api import ItemHead, ItemId, Ownership, PimgateError, View
from pimgate_eas.classes import ItemClass
from pimgate_eas.errors import row_for
from pimgate_eas.mapping import calendar
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.status import Sync
from pimgate_eas.sync.engine import Send
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.state import GONE, SyncState
from pimgate_eas.versions import is_16
from pimgate_eas.wbxml.element import Element

INSTANCE = "AirSyncBase:InstanceId"

SLOTS = frozenset(
    (
        *(f"Contacts:Email{number}Address" for number in (1, 2, 3)),
        *("Contacts:HomePhoneNumber", "Contacts:Home2PhoneNumber", "Contacts:MobilePhoneNumber"),
        *("Contacts:BusinessPhoneNumber", "Contacts:Business2PhoneNumber", "Contacts:WebPage"),
        *("Contacts2:IMAddress", "Contacts2:IMAddress2", "Contacts2:IMAddress3"),
    )
)
"""Places for the first few of many: what stands in one can move to another."""


@dataclass(slots=True)
class Edits:
    """The edits of one request on one collection, one after the other. `lost` is the state that a lost answer led to: what the
    device did there and repeats now is not done twice. `fetch_bytes` is the room for what it fetches; what is left of it, `has`,
    `added` and `resend` are for the rest of the turn."""

    view: View
    item_class: ItemClass
    request: CollectionRequest
    state: SyncState
    context: Context
    lost: SyncState
    fetch_bytes: int
    has: dict[ItemId, int] = field(default_factory=dict)
    added: dict[str, ItemId] = field(default_factory=dict)
    resend: dict[ItemId, str] = field(default_factory=dict)
    responses: list[Element] = field(default_factory=list)

    def apply(self) -> None:
        """Carry out every command of the request."""
        apply = {"Add": self._add, "Change": self._change, "Delete": self._delete, "Fetch": self._fetch}
        for command in self.request.commands:
            try:
                apply[command.tag](command)
            except CannotConvert:
                self._refused(command, Sync.CONVERSION)
            except PimgateError as error:
                self._refused(command, Sync(row_for(error).item))

    def _add(self, command: Element) -> None:
        client_id = command.text_of("AirSync:ClientId") or ""
        data = command.find("AirSync:ApplicationData")
        if not client_id or len(client_id) > 64 or data is None:
            self._respond(command, Sync.PROTOCOL)
            return
        item_id = self.added.get(client_id)
        if item_id is None:
            item_id, self.has[item_id] = self._added(client_id, data)
            self.added[client_id] = item_id
        self.responses.append(
            Element(
                "AirSync:Add",
                Element("AirSync:ClientId", text=client_id),
                Element("AirSync:ServerId", text=server_id(self.view, item_id)),
                Element("AirSync:Status", text=str(int(Sync.OK))),
            )
        )

    def _added(self, client_id: str, data: Element) -> tuple[ItemId, int]:
        """The item and its position in the journal. One that a lost answer spoke of is there already; the device may have edited
        it since, and where somebody else did, or removed it, that stays."""
        item_id = self.lost.added.get(client_id)
        if item_id is None:
            made = self._new_item(data)
            return made.id, made.seq
        seq, head = self.lost.edited.get(item_id, 0), self.view.head_by_id(item_id)
        if head is not None and head.seq == seq:
            seq = self._patched(head, data).seq
        return item_id, seq

    def _new_item(self, data: Element) -> ItemHead:
        """A new item; an event that is here already (another device accepted the same invitation) is the same event."""
        uid = data.text_of("Calendar:UID") or data.text_of("Calendar:ClientUid") or str(uuid.uuid4())
        uid = "".join(each for each in uid if each.isprintable())[:250] or str(uuid.uuid4())
        present = self.view.head_by_uid(uid)
        if present is not None:
            return self._patched(present, data)
        text = self.item_class.patch(None, data, self.context, ghosted=lambda name: False, uid=uid)
        name = f"{quote(uid, safe='@._-')[:200]}{self.item_class.ending}"
        if self.view.head(name) is not None:  # somebody gave another item the name of this UID
            name = f"{uuid.uuid4()}{self.item_class.ending}"
        return self.view.put(name, text, must_be_new=True)

    def _change(self, command: Element) -> None:
        head = self._head(command)
        data = command.find("AirSync:ApplicationData")
        if head is None or data is None:
            self._respond(command, Sync.NOT_FOUND if data is not None else Sync.PROTOCOL)
            return
        if self._is_conflict(head) and self.request.server_wins(self.state.options):
            self._respond(command, Sync.CONFLICT)
            return
        kept = self._patched(head, data, command.text_of(INSTANCE))
        if not self._is_yet_to_come(head):
            self.has[head.id] = kept.seq
            if self._shows_more(kept, data):
                self.resend[head.id] = Send.CHANGE.value

    def _shows_more(self, kept: ItemHead, data: Element) -> bool:
        """Whether a card has something in a place that the device left empty: the fourth address moves up when the third is
        removed. The device must hear of it, or its next edit would remove that one, too."""
        if self.item_class.name != "Contacts":
            return False
        sent = {child.name for child in data.children}
        shown = self.item_class.render(self.view.text(kept), self.context)
        return any(
            child.name not in sent and not self._is_ghosted(child.name) for child in shown if child.name in SLOTS
        )

    def _patched(self, head: ItemHead, data: Element, instance: str | None = None) -> ItemHead:
        text, ghosted = self.view.text(head), self._is_ghosted
        if instance:
            new = calendar.patch_instance(text, instance, data, self.context, ghosted=ghosted, uid=head.uid)
        else:
            new = self.item_class.patch(text, data, self.context, ghosted=ghosted, uid=head.uid)
        return self.view.put_by_id(head.id, new)

    def _is_ghosted(self, name: str) -> bool:
        """From 16.0 on a change of an event names only what changed."""
        if self.item_class.name == "Calendar" and is_16(self.context.version):
            return True
        return self.state.is_ghosted(name)

    def _delete(self, command: Element) -> None:
        item_id = item_of(command.text_of("AirSync:ServerId") or "", self.view)
        head = self.view.head_by_id(item_id) if item_id is not None else None
        if head is None:
            if item_id is not None:
                self.has[item_id] = GONE
            return
        instance = command.text_of(INSTANCE)
        if instance and self.item_class.name == "Calendar":
            text = self.view.text(head)
            kept = calendar.patch_instance(text, instance, None, self.context, ghosted=self._is_ghosted, uid=head.uid)
            self.has[head.id] = self.view.put_by_id(head.id, kept).seq
            return
        if self._is_conflict(head) and self.request.server_wins(self.state.options):
            self.resend[head.id] = Send.ADD.value
            return
        self.view.delete_by_id(head.id)
        self.has[head.id] = GONE

    def _fetch(self, command: Element) -> None:
        head = self._head(command)
        if head is None:
            self._respond(command, Sync.NOT_FOUND)
            return
        if self.fetch_bytes <= 0:
            self._respond(command, Sync.RETRY)
            return
        self.fetch_bytes -= head.size_bytes
        data = self.item_class.render(self.view.text(head), self.context)
        self._respond(command, Sync.OK, Element("AirSync:ApplicationData", *data))

    def _head(self, command: Element) -> ItemHead | None:
        item_id = item_of(command.text_of("AirSync:ServerId") or "", self.view)
        return self.view.head_by_id(item_id) if item_id is not None else None

    def _is_conflict(self, head: ItemHead) -> bool:
        """Whether somebody else changed the item after what the device knows of it."""
        notes = (self.state.has, self.has, self.lost.edited)
        known = max(self.state.bookmark, *(each.get(head.id, 0) for each in notes))
        return head.seq > known and not self._is_yet_to_come(head)

    def _is_yet_to_come(self, head: ItemHead) -> bool:
        """Whether the first synchronisation has still to bring the item: a device that had to begin anew may edit it all the
        same, and gets it with its edit."""
        filled_to = self.state.filled_to
        if filled_to is None or head.id <= filled_to:
            return False
        return head.id not in self.state.has and head.id not in self.has

    def _refused(self, command: Element, status: Sync) -> None:
        """Say so; and where the device has changed its own copy, it gets ours back. A deletion needs no more words than that."""
        head = self._head(command)
        if head is not None and command.tag in ("Change", "Delete"):
            self.resend[head.id] = (Send.ADD if command.tag == "Delete" else Send.CHANGE).value
        if command.tag == "Delete" and status is Sync.CONFLICT:
            return
        self._respond(command, status)

    def _respond(self, command: Element, status: Sync, *more: Element) -> None:
        """The answer to one command; a change or deletion that went well needs none."""
        if command.tag == "Delete" and status is Sync.OK:
            return
        name = "AirSync:ClientId" if command.tag == "Add" else "AirSync:ServerId"
        instance = command.find(INSTANCE)
        self.responses.append(
            Element(
                command.name,
                Element(name, text=(command.text_of(name) or "")[:64]),
                *([instance] if instance is not None else []),
                Element("AirSync:Status", text=str(int(status))),
                *more,
            )
        )


def server_id(view: View, item_id: ItemId) -> str:
    """An item's id on devices: the collection's and its own. It stays the same for life."""
    return f"{view.id}:{item_id}"


def item_of(text: str, view: View) -> ItemId | None:
    """The item that a device means, if it can be one of this collection."""
    collection_id, _, number = text.strip("\0 ").partition(":")
    if collection_id != view.id or not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    return ItemId(int(number))


def is_own(view: View) -> bool:
    """Whether the collection is the person's own; in others', meeting status and reminders stay neutral."""
    return view.sight.standing.ownership in (Ownership.DEFAULT, Ownership.OWN)
