"""What the store gives: mailboxes, messages, what happened to them, and what cannot be done."""

from dataclasses import dataclass
from enum import Enum


class MailboxProblem(Exception):
    """Something about a mailbox that cannot be done. `code` is IMAP's response code, the text a public sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox. `name` is kept as IMAP writes it (modified UTF-7); `modseq` is that of its latest change."""

    id: int
    name: str
    uid_validity: int
    uid_next: int
    modseq: int
    special_use: str
    is_subscribed: bool


@dataclass(frozen=True, slots=True)
class Message:
    """What is known of a message without reading it."""

    uid: int
    content_id: int
    flags: frozenset[str]
    received_at: int
    size: int
    modseq: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of one mailbox, sizes in bytes."""

    messages: int
    unseen: int
    deleted: int
    size: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened in a mailbox after a modseq: messages new or changed, and UIDs that are gone."""

    modseq: int
    changed: tuple[Message, ...]
    expunged: tuple[int, ...]


class FlagChange(Enum):
    """What STORE does with the flags it names."""

    REPLACE = "FLAGS"
    ADD = "+FLAGS"
    REMOVE = "-FLAGS"
