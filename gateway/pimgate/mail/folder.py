"""A mail folder opened by somebody on some client: the reading side of what `items.View` is for other collections.

A `MailFolder` is a capability, given by `catalogue.open_folder`, and lives as long as its unit of work. What is done to messages is
done on the mail server first: see `mail/acting.py`.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping, Sequence

from pimgate.errors import NoSuchCollection, NoSuchItem
from pimgate.mail import index
from pimgate.model.clients import Sight, Viewer
from pimgate.model.items import Cut, ItemHead, ItemId
from pimgate.model.mail import COMPONENT, Mailbox, Message, tidy_text
from pimgate.opened import Opened
from pimgate.store.work import Work


class MailFolder(Opened):
    """One folder, seen by its owner, within one unit of work."""

    def __init__(self, work: Work, viewer: Viewer, sight: Sight) -> None:
        """NoSuchCollection if it went."""
        found = work.mail.mailbox(sight.standing.collection.id)
        if found is None:
            raise NoSuchCollection(sight.standing.collection.id)
        super().__init__(work, viewer, sight)
        self.mailbox: Mailbox = found

    @property
    def may_write(self) -> bool:
        return super().may_write and self.mailbox.is_selectable

    def heads_of(self, ids: Sequence[ItemId]) -> dict[ItemId, ItemHead]:
        """Those of `ids` that are here."""
        return {item_id: each.head() for item_id, each in self._work.mail.by_ids(self.id, ids).items()}

    def head_by_id(self, item_id: ItemId) -> ItemHead | None:
        return self.heads_of([item_id]).get(item_id)

    def heads_after(self, item_id: ItemId, limit: int) -> list[ItemHead]:
        """The next messages in order of their ids: how a first synchronisation walks through a folder. What was there when the
        folder was first looked at comes with the latest first."""
        return _heads(self._work.mail.after(self.id, item_id, limit))

    def heads_ending(
        self, after: Cut, upto: Cut, component: str, limit: int, *, last_first: bool = False
    ) -> list[ItemHead]:
        """Messages that arrived between two cuts, in the order of their arrival, or the other way round."""
        if component != COMPONENT:
            return []
        return _heads(self._work.mail.ending(self.id, after, upto, limit, last_first=last_first))

    def next_end(self, after: int, component: str) -> int | None:
        """When the first of those messages arrived that are later than this moment."""
        return self._work.mail.next_end(self.id, after) if component == COMPONENT else None

    def message(self, item_id: ItemId) -> Message:
        """One message: where it is on the server, with `mailbox.path` and `mailbox.uid_validity`, and its flags. NoSuchItem."""
        found = self.messages([item_id]).get(item_id)
        if found is None:
            raise NoSuchItem(f"{self.id}:{item_id}")
        return found

    def messages(self, ids: Some[ItemId]) -> dict[ItemId, Message]:
        """Those of `ids` that are here."""
        return self._work.mail.by_ids(self.id, ids)

    def with_message_id(self, message_id: str) -> list[Message]:
        """The messages with this Message-ID, as the index keeps it."""
        return self._work.mail.by_message_id(self.id, tidy_text(message_id))

    # What is kept here alone, and not on the mail server

    def begin_writing(self) -> None:
        """Be alone with this folder until the commit: what is looked at from here on holds at the write. NoSuchCollection if it
        went."""
        found = self._work.mail.mailbox(self.id) if self._work.journal.lock(self.id) else None
        if found is None:
            raise NoSuchCollection(self.id)
        self.mailbox = found

    def keep_follow_up(self, item_id: ItemId, follow_up: Mapping[str, str] | None) -> Message:
        """Keep what a device says of the flag of a message beyond that there is one (None: nothing), and tell the others; gives the
        message as it is then. NoSuchItem."""
        self.begin_writing()
        known = self.message(item_id)
        if (dict(known.follow_up) if known.follow_up is not None else None) == follow_up:
            return known
        index.note_follow_up(self._work, self.mailbox, known, follow_up, self.viewer.origin)
        return self.message(item_id)


def _heads(messages: Iterable[Message]) -> list[ItemHead]:
    return [each.head() for each in messages]
