"""What must leave once: mail to the world, copies and notices into people's own mailboxes, and invitations to people of this
deployment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from pimgate.model.people import AccountId

EntryId = NewType("EntryId", int)


class Channel(StrEnum):
    MAIL = "mail"
    """By the mail server, as octets of a message."""
    INSIDE = "inside"
    """Into the calendar of a person of this deployment, as the text of a message about a meeting."""
    FOLDER = "folder"
    """Into a folder of its person on the mail server; the one recipient names the folder by what it is for."""


class State(StrEnum):
    ACCEPTED = "accepted"
    """Kept, and not yet handed over; a failed try leads back here."""
    SENDING = "sending"
    """The last octet is on its way; whoever dies now does not know."""
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It may have been sent. Only the operator sends it again."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something to send. Of two with one `key` only the first is taken; `topic` is what it says to whom, in whatever words;
    `about` the UID of the meeting, if it is one; `due_in_seconds` how long it rests first; `awaited_seconds` for how long somebody
    waits to hear what became of it; `follows` the mail that it is a copy of."""

    key: str
    topic: str
    channel: Channel
    account_id: AccountId
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    about: str = ""
    due_in_seconds: float = 0.0
    awaited_seconds: float = 0.0
    follows: EntryId | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the outbox. `content` is empty once it has left; `note` says why it failed, in words without content;
    `awaited_until` is 0 when nobody waits to hear what became of it."""

    id: EntryId
    key: str
    channel: Channel
    account_id: AccountId
    sender: str
    recipients: tuple[str, ...]
    about: str
    content: bytes
    state: State
    tries: int
    due_at: float
    created_at: float
    changed_at: float
    note: str
    awaited_until: float = 0.0
