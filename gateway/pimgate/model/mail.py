"""Mail folders and messages as the gateway keeps them beside the mail server: what lists need, never a body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemHead, ItemId

COMPONENT = "MESSAGE"
"""What `ItemHead.component` says of a message."""

MOST_FLAGS = 100
LONGEST_TEXT = 250
EVERYTHING = 0
"""In `Mailbox.indexed_from`: all messages, however old."""


class SpecialUse(StrEnum):
    """What a folder is for. Source: RFC 6154, "New Mailbox Attributes Identifying Special-Use Mailboxes"."""

    NONE = ""
    INBOX = "inbox"
    DRAFTS = "drafts"
    SENT = "sent"
    TRASH = "trash"
    JUNK = "junk"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder on the mail server, and how far its index has come. `path` is its name there, decoded; `mailbox_id` its id for life,
    where the server gives one (RFC 8474). `uid_validity` to `messages` are the server's figures when the index was last brought up
    to date; `highest_modseq` is 0 when only a full listing can tell what changed. The index holds what arrived at
    `indexed_from` or later (None: not yet complete). Every write to the index makes `revision` grow."""

    collection_id: CollectionId
    path: str
    delimiter: str = ""
    parent_id: CollectionId | None = None
    special_use: SpecialUse = SpecialUse.NONE
    is_selectable: bool = True
    mailbox_id: str = ""
    uid_validity: int = 0
    uid_next: int = 0
    highest_modseq: int = 0
    messages: int = 0
    indexed_from: int | None = None
    revision: int = 0

    def covers(self, since: int) -> bool:
        """Whether everything that arrived at `since` or later is in the index."""
        return not self.is_selectable or (self.indexed_from is not None and self.indexed_from <= since)


@dataclass(frozen=True, slots=True)
class Described:
    """What the server says of one message. `arrived_at` (INTERNALDATE) and `sent_at` (Date) are seconds since 1970; `email_id` is
    empty where the server gives none (RFC 8474), and `message_id` where the message has none."""

    uid: int
    flags: frozenset[str]
    arrived_at: int
    size_bytes: int
    email_id: str = ""
    message_id: str = ""
    sent_at: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message in the index. Its `id` stays when the server numbers the folder anew; until the message is found again its `uid`
    is negative. `follow_up` is what devices said of its flag beyond that there is one, in their words."""

    id: ItemId
    collection_id: CollectionId
    uid: int
    email_id: str
    message_id: str
    sent_at: int | None
    arrived_at: int
    size_bytes: int
    flags: frozenset[str]
    created_seq: int
    seq: int
    changed_at: float
    follow_up: Mapping[str, str] | None = field(default=None, compare=False)

    @property
    def is_set_aside(self) -> bool:
        """Whether it waits to be found again under another number."""
        return self.uid < 0

    def head(self) -> ItemHead:
        """The message as any other item: it begins, ends and becomes a thing of the past when it arrived."""
        return ItemHead(
            id=self.id,
            collection_id=self.collection_id,
            name=str(self.id),
            uid=self.email_id or self.message_id,
            component=COMPONENT,
            etag=str(self.seq),
            size_bytes=self.size_bytes,
            created_seq=self.created_seq,
            seq=self.seq,
            changed_at=self.changed_at,
            starts_at=self.arrived_at,
            ends_at=self.arrived_at,
            lasts_until=self.arrived_at,
        )


def tidy_text(text: str) -> str:
    """A Message-ID or the like as it is kept: printable, not too long. Databases do not take everything that mail holds."""
    return "".join(each for each in text[: LONGEST_TEXT * 4] if each.isprintable())[:LONGEST_TEXT]


def tidy_flags(flags: Iterable[str]) -> frozenset[str]:
    """The flags of a message as they are kept: system flags in their usual writing, no session's \\Recent, not too many."""
    known = {each.casefold(): each for each in SYSTEM_FLAGS}
    tidy = sorted({known.get(each.casefold(), tidy_text(each)) for each in flags if each.casefold() != "\\recent"})
    return frozenset(sorted(tidy, key=lambda each: not each.startswith("\\"))[:MOST_FLAGS])


SYSTEM_FLAGS = ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft")
