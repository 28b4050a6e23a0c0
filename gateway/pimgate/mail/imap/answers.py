"""What a server says, as callers want to know it: messages, mailboxes, what became of them. Pure.

Source: RFC 9051, "Server Responses"; RFC 7162 (MODSEQ, VANISHED); RFC 8474 (EMAILID, THREADID, MAILBOXID).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Final, TypeAlias

from pimgate.mail.imap.hearing import Value
from pimgate.mail.imap.numbers import UidSet
from pimgate.mail.imap.sections import Section

SPECIAL_USES: Final = ("\\all", "\\archive", "\\drafts", "\\flagged", "\\important", "\\junk", "\\sent", "\\trash")


@dataclass(frozen=True, slots=True)
class Address:
    """An address of an envelope, octets as they stand in the header."""

    name: bytes
    local: bytes
    domain: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a header says of a message; texts are octets as they stand there (encoded words and all). Groups are left out."""

    date: bytes
    subject: bytes
    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    in_reply_to: bytes
    message_id: bytes


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the server says of one message; None for what it did not say. `number` is its place in the mailbox, `structure` the
    value of BODYSTRUCTURE as it was heard, `parts` octets by `Section.name`, `origins` where a slice among them begins."""

    number: int
    uid: int | None = None
    flags: frozenset[str] | None = None
    modseq: int | None = None
    arrived_at: datetime | None = None
    size_bytes: int | None = None
    email_id: str | None = None
    thread_id: str | None = None
    envelope: Envelope | None = None
    structure: Value = None
    parts: Mapping[str, bytes | None] = field(default_factory=dict)
    origins: Mapping[str, int] = field(default_factory=dict)

    def part(self, section: Section) -> bytes | None:
        """The octets of a section; None if it is not there."""
        return self.parts.get(section.name)

    def with_later(self, later: Fetched) -> Fetched:
        """Two answers about one message as one: servers may say in several what was asked at once."""
        told = {each.name: value for each in fields(later) if (value := getattr(later, each.name)) is not None}
        told["parts"] = {**self.parts, **later.parts}
        told["origins"] = {**self.origins, **later.origins}
        return replace(self, **told)


@dataclass(frozen=True, slots=True)
class Status:
    """What the server says of a mailbox without opening it; None for what it did not say."""

    name: str
    messages: int | None = None
    unseen: int | None = None
    uid_next: int | None = None
    uid_validity: int | None = None
    highest_modseq: int | None = None
    size_bytes: int | None = None
    mailbox_id: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One mailbox. `attributes` and `special_use` are in small letters ("\\sent"). A name that cannot be said back to the server
    word for word is one that nobody can open: `can_select` is False."""

    name: str
    delimiter: str | None
    attributes: frozenset[str] = frozenset()
    is_subscribed: bool = False
    can_select: bool = True
    status: Status | None = None

    @property
    def special_use(self) -> str | None:
        """What the mailbox is for; None for nothing in particular. Source: RFC 6154."""
        return next((each for each in SPECIAL_USES if each in self.attributes), None)


@dataclass(frozen=True, slots=True)
class Selected:
    """An open mailbox. `vanished` and `changed` are what became of it since the bookmark that was given (QRESYNC).
    `highest_modseq` is None where the server keeps none. `takes_keywords`: new keywords may be made."""

    name: str
    exists: int
    uid_validity: int
    uid_next: int | None = None
    highest_modseq: int | None = None
    flags: frozenset[str] = frozenset()
    permanent_flags: frozenset[str] = frozenset()
    takes_keywords: bool = False
    is_read_only: bool = False
    mailbox_id: str | None = None
    vanished: UidSet = field(default_factory=UidSet)
    changed: tuple[Fetched, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of messages since a modseq. `vanished` is empty where the server does not say so (no QRESYNC)."""

    changed: tuple[Fetched, ...]
    vanished: UidSet


@dataclass(frozen=True, slots=True)
class Stored:
    """`refused` changed meanwhile and were left alone (UNCHANGEDSINCE); `modseqs` are those that the server told."""

    refused: UidSet
    modseqs: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Copied:
    """Which UID each message has in the mailbox it came to; empty where the server does not tell."""

    uid_validity: int | None = None
    uids: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an appended message lies."""

    uid_validity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Exists:
    """So many messages are in the open mailbox now."""

    count: int


@dataclass(frozen=True, slots=True)
class Expunged:
    """The message at this place went; those after it move up."""

    number: int


@dataclass(frozen=True, slots=True)
class Vanished:
    """Messages that went."""

    uids: UidSet


@dataclass(frozen=True, slots=True)
class Overflow:
    """Something was not told: look at everything. Source: RFC 5465, "NOTIFICATIONOVERFLOW"."""


Unasked: TypeAlias = Exists | Expunged | Vanished | Fetched | Status | Listed | Overflow
