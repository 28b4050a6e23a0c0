"""Answers of a server as what callers want to know. Pure; what makes no sense is BadAnswer, but for what a message decides: an
envelope or a date that cannot be understood is as if it had not been told, or one message could close a mailbox for ever.

Source: RFC 9051, "Server Responses"; RFC 7162 (MODSEQ, VANISHED); RFC 8474 (EMAILID, THREADID, MAILBOXID).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from pimgate.mail.imap.errors import BadAnswer
from pimgate.mail.imap.hearing import Answer, Value
from pimgate.mail.imap.names import from_server, to_server
from pimgate.mail.imap.numbers import MOST_UID, UidSet
from pimgate.mail.imap.saying import MONTHS
from pimgate.mail.imap.sections import Section, heard_name, heard_origin

MOST_NUMBER: Final = 2**63 - 1
LONGEST_ID: Final = 255
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
    """Which UID each message has in the mailbox it came to; empty where the server does not tell. `is_whole` is False for a move
    whose originals stay behind marked as deleted, because expunging them would have taken others with them."""

    uid_validity: int | None = None
    uids: Mapping[int, int] = field(default_factory=dict)
    is_whole: bool = True


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


def unasked(answer: Answer, *, is_utf8: bool = False) -> Unasked | None:
    """What the server says by itself; None for what nobody needs."""
    match answer.word:
        case "EXISTS":
            return Exists(answer.number)
        case "EXPUNGE":
            return Expunged(answer.number)
        case "VANISHED":
            return Vanished(vanished(answer))
        case "FETCH":
            return fetched(answer)
        case "STATUS":
            return status(answer, is_utf8=is_utf8)
        case "LIST":
            return listed(answer, is_utf8=is_utf8)
        case "OK" if answer.code_name == "NOTIFICATIONOVERFLOW":
            return Overflow()
    return None


def fetched(answer: Answer) -> Fetched:
    """FETCH: pairs of names and values in a list."""
    pairs = as_list(answer.values[0] if answer.values else None)
    if len(pairs) % 2:
        raise BadAnswer("a message with a name without its value")
    told: dict[str, Any] = {}
    parts: dict[str, bytes | None] = {}
    origins: dict[str, int] = {}
    for word, value in zip(pairs[::2], pairs[1::2], strict=True):
        if not isinstance(word, str):
            raise BadAnswer("a message with a value without its name")
        section = heard_name(word)
        if section is None:
            told |= _told(word.upper(), value)
            continue
        parts[section] = None if value is None else as_octets(value)
        if (origin := heard_origin(word)) is not None:
            origins[section] = origin
    return replace(Fetched(answer.number, parts=parts, origins=origins), **told)


def _told(word: str, value: Value) -> dict[str, Any]:
    match word:
        case "UID":
            return {"uid": as_number(value, MOST_UID)}
        case "FLAGS":
            return {"flags": as_flags(value)}
        case "MODSEQ":
            return {"modseq": as_number(only(value))}
        case "INTERNALDATE":
            return {"arrived_at": as_moment(value)}
        case "RFC822.SIZE":
            return {"size_bytes": as_number(value)}
        case "EMAILID":
            return {"email_id": as_id(only(value))} if value is not None else {}
        case "THREADID":
            return {"thread_id": as_id(only(value))} if value is not None else {}
        case "ENVELOPE":
            return {"envelope": as_envelope(value)}
        case "BODYSTRUCTURE":
            return {"structure": value}
    return {}


def status(answer: Answer, *, is_utf8: bool = False) -> Status:
    """STATUS: the name, and pairs in a list."""
    if len(answer.values) != 2:
        raise BadAnswer("a status of nothing")
    pairs = as_list(answer.values[1])
    told: dict[str, Any] = {}
    for word, value in zip(pairs[::2], pairs[1::2], strict=False):
        name = STATUS_FIELDS.get(str(word).upper())
        if name == "mailbox_id":
            told[name] = as_id(only(value))
        elif name is not None:
            told[name] = as_number(value)
    return replace(Status(as_name(answer.values[0], is_utf8=is_utf8)), **told)


STATUS_FIELDS: Final[Mapping[str, str]] = {
    "MESSAGES": "messages",
    "UNSEEN": "unseen",
    "UIDNEXT": "uid_next",
    "UIDVALIDITY": "uid_validity",
    "HIGHESTMODSEQ": "highest_modseq",
    "SIZE": "size_bytes",
    "MAILBOXID": "mailbox_id",
}


def listed(answer: Answer, *, is_utf8: bool = False) -> Listed:
    """LIST and LSUB: attributes, the delimiter, the name."""
    if len(answer.values) < 3:
        raise BadAnswer("a mailbox without its name")
    attributes = frozenset(each.lower() for each in as_list(answer.values[0]) if isinstance(each, str))
    delimiter = answer.values[1]
    name = as_name(answer.values[2], is_utf8=is_utf8)
    return Listed(
        name,
        None if delimiter is None else as_octets(delimiter).decode("utf-8", "replace"),
        attributes,
        is_subscribed="\\subscribed" in attributes,
        can_select=not attributes & {"\\noselect", "\\nonexistent"}
        and is_sayable(name, answer.values[2], is_utf8=is_utf8),
    )


def vanished(answer: Answer) -> UidSet:
    """VANISHED, with (EARLIER) or without."""
    return UidSet.heard(str(answer.values[-1] if answer.values else ""))


# Values


def as_list(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise BadAnswer("something else where a list belongs")
    return value


def as_number(value: Value, most: int = MOST_NUMBER) -> int:
    if not isinstance(value, int) or value > most:
        raise BadAnswer("something else where a number belongs")
    return value


def as_octets(value: Value) -> bytes:
    """A string; servers may write a short one as an atom."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, (str, int)):
        return str(value).encode()
    raise BadAnswer("something else where a string belongs")


def as_flags(value: Value) -> frozenset[str]:
    r"""Flags; \Recent is nobody's business any more."""
    return frozenset(str(each) for each in as_list(value) if isinstance(each, (str, int))) - {"\\Recent", "\\recent"}


def as_id(value: Value) -> str:
    """An id that the server made. Source: RFC 8474, "Formal Syntax" (objectid)."""
    text = as_octets(value).decode("ascii", "replace")
    if not 1 <= len(text) <= LONGEST_ID:
        raise BadAnswer("an id that is none")
    return text


def as_name(value: Value, *, is_utf8: bool = False) -> str:
    """The name of a mailbox; INBOX is always written so."""
    name = from_server(b"NIL" if value is None else as_octets(value), is_utf8=is_utf8)
    return "INBOX" if name.upper() == "INBOX" else name


def is_sayable(name: str, value: Value, *, is_utf8: bool = False) -> bool:
    """Whether a name that is said to the server is the one that was heard from it."""
    octets = b"NIL" if value is None else as_octets(value)
    try:
        return name == "INBOX" or to_server(name, is_utf8=is_utf8) == octets
    except UnicodeEncodeError:
        return False


def as_moment(value: Value) -> datetime | None:
    """INTERNALDATE: " 7-Feb-2026 02:44:25 -0700"; None for what is none."""
    try:
        day, time, zone = as_octets(value).decode("ascii").split()
        number, month, year = day.split("-")
        place = [each.lower() for each in MONTHS].index(month.lower()) + 1
        return datetime.strptime(f"{year}-{place}-{number} {time} {zone}", "%Y-%m-%d %H:%M:%S %z")
    except (ValueError, BadAnswer):
        return None


def as_envelope(value: Value) -> Envelope | None:
    """ENVELOPE; None for one of another shape."""
    try:
        date, subject, *people, in_reply_to, message_id = as_list(value)
        texts = [b"" if each is None else as_octets(each) for each in (date, subject, in_reply_to, message_id)]
        from_, sender, reply_to, to, cc, bcc = (_addresses(each) for each in people)
    except (ValueError, BadAnswer):
        return None
    return Envelope(texts[0], texts[1], from_, sender, reply_to, to, cc, bcc, texts[2], texts[3])


def _addresses(value: Value) -> tuple[Address, ...]:
    if value is None:
        return ()
    people = []
    for each in as_list(value):
        name, _, local, domain = as_list(each)
        if local is not None and domain is not None:
            people.append(Address(b"" if name is None else as_octets(name), as_octets(local), as_octets(domain)))
    return tuple(people)


def only(value: Value) -> Value:
    """The one value of a list: MODSEQ (12), EMAILID (M1)."""
    values = as_list(value)
    if len(values) != 1:
        raise BadAnswer("not just one value in a list")
    return values[0]
