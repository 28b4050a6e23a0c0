"""A device's own edits, laid onto the collection; each gets its own answer, and a broken one is refused alone.

Source: MS-ASCMD, "Add (Sync)", "Change", "Delete (Sync)", "Fetch (Sync)", "Responses".
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from pimgate.api import CollectionId, ItemHead, ItemId, Op, Ownership, PimgateError, ReadOnly, View, etag_of
from pimgate_eas.classes import ItemClass
from pimgate_eas.errors import row_for
from pimgate_eas.mapping import calendar
from pimgate_eas.mapping.contacts.fields import MOVING
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.status import Sync
from pimgate_eas.sync.engine import Send
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.sides import Edited
from pimgate_eas.sync.state import GONE, SyncState
from pimgate_eas.versions import is_16
from pimgate_eas.wbxml.element import Element

INSTANCE = "AirSyncBase:InstanceId"
NEVER_GIVEN = 2 * 10**17
"""Items get the numbers below."""
LINES = 512
"""Lines of the journal in one look."""


@dataclass(slots=True, kw_only=True)
class Edits(Edited):
    """The edits of one request on one collection, one after the other. `lost` is the state that a lost answer led to: what the
    device did there and repeats now is not done twice."""

    view: View
    item_class: ItemClass
    request: CollectionRequest
    state: SyncState
    context: Context
    lost: SyncState
    _gone: frozenset[ItemId] | None = None

    def apply(self) -> None:
        """Carry out every command of the request."""
        apply = {"Add": self._add, "Change": self._change, "Delete": self._delete, "Fetch": self._fetch}
        for command in self.request.commands:
            try:
                apply[command.tag](command)
            except CannotConvert as error:
                self._refused(command, Sync.CONVERSION, error.reason)
            except PimgateError as error:
                self._refused(command, Sync(row_for(error).item), error.public)

    def _add(self, command: Element) -> None:
        client_id = command.text_of("AirSync:ClientId") or ""
        data = command.find("AirSync:ApplicationData")
        if not client_id or len(client_id) > 64 or data is None:
            self._respond(command, Sync.PROTOCOL)
            return
        item_id = self.added.get(client_id)
        if item_id is None:
            try:
                item_id, self.has[item_id] = self._added(client_id, data)
            except ReadOnly as error:
                self._accept_for_now(client_id, error.public)
                return
            self.added[client_id] = item_id
        self._accept(client_id, item_id, *self._receipt(data, item_id))

    def _accept(self, client_id: str, item_id: ItemId, *more: Element) -> None:
        self.responses.append(
            Element(
                "AirSync:Add",
                Element("AirSync:ClientId", text=client_id),
                Element("AirSync:ServerId", text=server_id(self.view, item_id)),
                Element("AirSync:Status", text=str(int(Sync.OK))),
                *more,
            )
        )

    def _accept_for_now(self, client_id: str, reason: str) -> None:
        """A new item where the device may only read: it gets an id and is deleted with the next answer. Devices keep an item for
        ever that was refused by status. The id is the same however often the item is sent, and never that of a real one."""
        digest = hashlib.sha256(f"{self.view.id} {client_id}".encode()).digest()
        made_up = ItemId(NEVER_GIVEN + int.from_bytes(digest[:7]))
        self.refused.append((self.view.id, "", reason))
        self.taken_back[made_up] = Send.DELETE.value
        self._accept(client_id, made_up)

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
        instance = command.text_of(INSTANCE)
        is_behind = self._is_conflict(head)
        kept = self._patched(head, data, instance)
        if receipt := self._receipt(data, head.id):
            self._respond(command, Sync.OK, *receipt)
        if self._is_yet_to_come(head):
            return
        if instance:
            self._note_occurrence(head.id, kept.seq, is_behind=is_behind)
            return
        self.has[head.id] = kept.seq
        if self._shows_more(kept, data):
            self.resend[head.id] = Send.CHANGE.value

    def _shows_more(self, kept: ItemHead, data: Element) -> bool:
        """Whether the device must hear of more than it sent. A card may have something in a place that the device left empty: the
        fourth address moves up when the third is removed, and the device's next edit would remove that one, too. Of an event
        something may not be the device's to change."""
        if self.item_class.name == "Calendar":
            return calendar.differs(self.view.text(kept), data, self.context)
        if self.item_class.name != "Contacts":
            return False
        sent = {child.name for child in data.children}
        shown = self.item_class.render(self.view.text(kept), self.context)
        return any(
            child.name not in sent and not self._is_ghosted(child.name) for child in shown if child.name in MOVING
        )

    def _patched(self, head: ItemHead, data: Element, instance: str | None = None) -> ItemHead:
        text, ghosted, context = self.view.text(head), self._is_ghosted, self._context_of(head.id)
        if instance:
            new = calendar.patch_instance(text, instance, data, context, ghosted=ghosted, uid=head.uid)
        else:
            new = self.item_class.patch(text, data, context, ghosted=ghosted, uid=head.uid)
        kept = self.view.put_by_id(head.id, new)
        if not self._is_yet_to_come(head) and self._is_rewritten(kept, new):
            self.resend[head.id] = Send.CHANGE.value
        return kept

    def _is_rewritten(self, kept: ItemHead, new: str) -> bool:
        """Whether what is kept shows something else than what the edit made: where a meeting moves, everybody is asked again."""
        if kept.etag == etag_of(new):
            return False
        context = self._context_of(kept.id)
        return self.item_class.render(self.view.text(kept), context) != self.item_class.render(new, context)

    def _context_of(self, item_id: ItemId) -> Context:
        return self.context.of_item(server_id(self.view, item_id))

    def _receipt(self, data: Element, item_id: ItemId) -> list[Element]:
        """What the answer says of attachments that an edit added. Source: MS-ASAIRS, "ClientId"."""
        if self.item_class.name != "Calendar" or not is_16(self.context.version):
            return []
        found = calendar.receipt(data, server_id(self.view, item_id))
        return [Element("AirSync:ApplicationData", found)] if found is not None else []

    def _is_ghosted(self, name: str) -> bool:
        """From 16.0 on a change of an event names only what changed."""
        if self.item_class.name == "Calendar" and is_16(self.context.version):
            return True
        return self.state.is_ghosted(name)

    def _delete(self, command: Element) -> None:
        item_id = item_of(command.text_of("AirSync:ServerId") or "", self.view)
        head = self.view.head_by_id(item_id) if item_id is not None else None
        instance = command.text_of(INSTANCE) if self.item_class.name == "Calendar" else None
        if head is None:
            if instance:  # the device still has the series, and hears that it went
                self._respond(command, Sync.NOT_FOUND)
            elif item_id is not None and item_id in self._gone_meanwhile():
                self.has[item_id] = GONE
            return
        if instance:
            self._delete_occurrence(head, instance)
            return
        if self._is_conflict(head) and self.request.server_wins(self.state.options):
            self.resend[head.id] = Send.ADD.value
            return
        self.view.delete_by_id(head.id)
        self.has[head.id] = GONE

    def _delete_occurrence(self, head: ItemHead, instance: str) -> None:
        """Whatever somebody else did to the series stays; the device that has not heard of it does so now."""
        is_behind = self._is_conflict(head)
        text, context = self.view.text(head), self._context_of(head.id)
        kept = calendar.patch_instance(text, instance, None, context, ghosted=self._is_ghosted, uid=head.uid)
        seq = self.view.put_by_id(head.id, kept).seq
        if self._is_yet_to_come(head):
            return
        self._note_occurrence(head.id, seq, is_behind=is_behind)

    def _note_occurrence(self, item_id: ItemId, seq: int, *, is_behind: bool) -> None:
        """What the device has after an edit of one occurrence: ours, unless somebody else's edit of the series lies between. Then
        it gets ours, and whatever it says of the series before that is a conflict."""
        self.has[item_id] = seq - 1 if is_behind else seq
        if is_behind:
            self.resend[item_id] = Send.CHANGE.value

    def _gone_meanwhile(self) -> frozenset[ItemId]:
        """The items whose deletion the journal has still to tell, as far as one look goes: of ids that a device invents, nothing
        is remembered."""
        if self._gone is None:
            lines = self.view.changes_since(self.state.bookmark, LINES).changes
            self._gone = frozenset(each.item_id for each in lines if each.item_id is not None and each.op is Op.DELETE)
        return self._gone

    def _fetch(self, command: Element) -> None:
        head = self._head(command)
        if head is None:
            self._respond(command, Sync.NOT_FOUND)
            return
        if self.fetch_bytes <= 0:
            self._respond(command, Sync.RETRY)
            return
        self.fetch_bytes -= head.size_bytes
        data = self.item_class.render(self.view.text(head), self._context_of(head.id))
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

    def _refused(self, command: Element, status: Sync, reason: str) -> None:
        """Say so; and where the device has changed its own copy, it gets ours back. A deletion needs no more words than that."""
        head = self._head(command)
        self.refused.append((self.view.id, str(head.id) if head is not None else "", reason))
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


class Named(Protocol):
    """A collection, whatever it holds."""

    @property
    def id(self) -> CollectionId: ...


def server_id(view: Named, item_id: ItemId) -> str:
    """An item's id on devices: the collection's and its own. It stays the same for life."""
    return f"{view.id}:{item_id}"


def item_of(text: str, view: Named) -> ItemId | None:
    """The item that a device means, if it can be one of this collection."""
    collection_id, _, number = text.strip("\0 ").partition(":")
    if collection_id != view.id or not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    return ItemId(int(number))


def is_own(view: View) -> bool:
    """Whether the collection is the person's own; in others', meeting status and reminders stay neutral."""
    return view.sight.standing.ownership in (Ownership.DEFAULT, Ownership.OWN)
