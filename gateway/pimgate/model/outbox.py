"""What must leave once: mail to the world, and invitations to people of this deployment."""

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
    `about` the UID of the meeting, if it is one."""

    key: str
    topic: str
    channel: Channel
    account_id: AccountId
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    about: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the outbox. `content` is empty once it has left; `note` says why it failed, in words without content."""

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
