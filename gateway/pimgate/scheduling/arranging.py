"""A View whose writes tell everybody whom they concern: how wings edit calendars."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from pimgate.errors import Refused
from pimgate.items import Slot, View
from pimgate.model.collections import CollectionKind
from pimgate.model.items import ItemHead
from pimgate.scheduling.notices import forget
from pimgate.scheduling.telling import Sender, check_guests, tell
from pimgate.store.work import Work
from pimgate.text import itip
from pimgate.text.errors import BadText, TooMuchToTell

if TYPE_CHECKING:
    from pimgate.core import Core


def arranging(core: Core, work: Work, view: View, sender: Sender, *, replies: bool = True) -> View:
    """The same collection; what is put there or deleted also tells people, in the same unit of work. Only in calendars that the
    viewer owns: in others meetings are neutral, and so they are in a view that is given back as it is. `replies`: whether a
    guest who edits or removes their copy answers by that (CalDAV), or has a command of its own for it (ActiveSync)."""
    is_own = view.collection.owner == view.viewer.account.id
    if view.collection.kind is not CollectionKind.CALENDAR or not is_own:
        return view
    return ArrangedView(core, work, view, sender, replies=replies)


class ArrangedView(View):
    """A person's own calendar, in which they arrange meetings."""

    def __init__(self, core: Core, work: Work, view: View, sender: Sender, *, replies: bool) -> None:
        super().__init__(work, view.viewer, view.sight, core.settings.limits)
        self._core = core
        self._sender = sender
        self._replies = replies

    def put(
        self,
        slot: str | Slot,
        text: str,
        *,
        if_etag: str | None = None,
        must_be_new: bool = False,
        needs_room: bool = True,
    ) -> ItemHead:
        self.begin_writing()
        there = self.slot(slot) if isinstance(slot, str) else slot
        put = partial(super().put, there, if_etag=if_etag, must_be_new=must_be_new)
        if text == there.text or not (itip.is_meeting(text) or itip.is_meeting(there.text)):
            return put(text, needs_room=needs_room)
        grows = there.text is None or len(text.encode()) > len(there.text.encode())
        with self._work.together():
            kept = self._told(there.text, text)
            return put(text if kept is None else kept, needs_room=needs_room and grows)

    def delete(self, name: str, *, if_etag: str | None = None) -> None:
        self.begin_writing()
        head = self.head(name)
        before = self.text(head) if head is not None else None
        with self._work.together():
            super().delete(name, if_etag=if_etag)
            if itip.is_meeting(before):
                self._told(before, None)

    def _told(self, before: str | None, after: str | None) -> str | None:
        """Tell everybody of an edit; gives the text to keep."""
        account = self.viewer.account
        if after is not None:
            self._check(after)
        due = self._due(before, after)
        kept = itip.with_statuses(before, due.text) if before is not None and due.text is not None else due.text
        if due.messages and not due.is_organizer:
            forget(self._work, account.id, due.messages[0].uid)
        if not due.messages or not (due.is_organizer or self._replies):
            return kept
        deliveries = tell(self._core, self._work, account, due.messages, self._sender)
        return itip.with_deliveries(kept, deliveries) if kept is not None else None

    def _due(self, before: str | None, after: str | None) -> itip.Due:
        login, most = self.viewer.account.login, itip.Most(messages=self._core.settings.outgoing.messages_per_hour)
        try:
            return itip.due(before, after, login, datetime.fromtimestamp(self._work.now, UTC), most)
        except TooMuchToTell as error:
            raise Refused(self.viewer.account.id, public=error.reason) from error

    def _check(self, text: str) -> None:
        try:
            meeting = itip.Meeting(text)
        except BadText:
            return  # what cannot be read is refused when it is put
        if itip.same_address(meeting.organizer, self.viewer.account.login):
            check_guests(meeting.guests(), self._core.settings.outgoing.guests_per_event)
