"""What a person sees above a message, from its header or from an IMAP server's ENVELOPE.

Sources: RFC 5322 "Field Definitions"; RFC 9051 "FETCH Response" (ENVELOPE); RFC 4021 (Importance, X-Priority); MS-OXOMSG
"PidTagConversationIndex" (Thread-Index).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import IntEnum
from typing import Final

from pimgate.mail.mime.addresses import Address, addresses_in
from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.fields import fields_of
from pimgate.mail.mime.limits import LIMITS, Limits
from pimgate.mail.mime.transfer import from_base64
from pimgate.mail.mime.words import header_text, one_line

MOST_REFERENCES: Final = 200
LONGEST_ID: Final = 998
LONGEST_DATE: Final = 200
_IDS: Final = re.compile(r"<[^<>\s]{1,998}>")
_COMMENT: Final = re.compile(r"\([^()]*\)")


class Importance(IntEnum):
    LOW = 0
    NORMAL = 1
    HIGH = 2


_IMPORTANCES: Final[Mapping[str, Importance]] = {
    "low": Importance.LOW,
    "non-urgent": Importance.LOW,
    "normal": Importance.NORMAL,
    "high": Importance.HIGH,
    "urgent": Importance.HIGH,
    "1": Importance.HIGH,
    "2": Importance.HIGH,
    "3": Importance.NORMAL,
    "4": Importance.LOW,
    "5": Importance.LOW,
}


@dataclass(frozen=True, slots=True)
class Headers:
    """`date` is None where the field is missing or no date; `thread_index` the octets by which Outlook orders a conversation."""

    sender: tuple[Address, ...] = ()
    from_: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    date: datetime | None = None
    importance: Importance = Importance.NORMAL
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    thread_topic: str = ""
    thread_index: bytes = b""
    content_class: str = ""


def headers_of(header: bytes, limits: Limits = LIMITS) -> Headers:
    """From the octets of a header block, as far as the limits go."""
    texts: dict[str, list[bytes]] = {}
    for name, value in fields_of(header, limits):
        texts.setdefault(name, []).append(value)

    def first(name: str) -> bytes:
        return texts.get(name, [b""])[0]

    def people(name: str) -> tuple[Address, ...]:
        found = (each for value in texts.get(name, []) for each in addresses_in(decode(value), limits))
        return tuple(each for each, _ in zip(found, range(limits.addresses), strict=False))

    return Headers(
        sender=people("sender"),
        from_=people("from"),
        to=people("to"),
        cc=people("cc"),
        bcc=people("bcc"),
        reply_to=people("reply-to"),
        subject=header_text(first("subject")),
        date=date_in(decode(first("date"))),
        importance=_importance(*(decode(first(name)) for name in ("importance", "x-priority", "priority"))),
        message_id=_first_id(decode(first("message-id"))),
        in_reply_to=_first_id(decode(first("in-reply-to"))),
        references=ids_in(decode(first("references"))),
        thread_topic=header_text(first("thread-topic")),
        thread_index=from_base64(first("thread-index")[:LONGEST_ID]),
        content_class=one_line(decode(first("content-class")))[:LONGEST_DATE],
    )


def headers_of_envelope(envelope: object, limits: Limits = LIMITS) -> Headers:
    """From an ENVELOPE as it was read: a list of ten; what an ENVELOPE does not tell stays empty."""
    values = list(envelope) if isinstance(envelope, list | tuple) else []
    values += [None] * (10 - len(values))
    date, subject, from_, sender, reply_to, to, cc, bcc, in_reply_to, message_id = values[:10]
    people = [_people(each, limits) for each in (from_, sender, reply_to, to, cc, bcc)]
    return Headers(
        from_=people[0],
        sender=people[1],
        reply_to=people[2],
        to=people[3],
        cc=people[4],
        bcc=people[5],
        subject=header_text(_octets(subject)),
        date=date_in(decode(_octets(date))),
        message_id=_first_id(decode(_octets(message_id))),
        in_reply_to=_first_id(decode(_octets(in_reply_to))),
    )


def date_in(text: str) -> datetime | None:
    """The moment that a Date field names; None for what is no date, or none that a calendar has."""
    if len(text) > LONGEST_DATE:
        return None
    try:
        found = parsedate_to_datetime(_COMMENT.sub("", one_line(text)))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return found if 1970 <= found.year <= 2200 else None


def ids_in(text: str) -> tuple[str, ...]:
    """Message ids with their angle brackets: the first, and the last of the rest, when they are too many."""
    found = list(dict.fromkeys(_IDS.findall(text)))
    return tuple(found[:1] + found[1:][-(MOST_REFERENCES - 1) :])


def _first_id(text: str) -> str:
    """The id; some programs write it without its brackets."""
    return (ids_in(text[: 4 * LONGEST_ID]) or (one_line(text)[:LONGEST_ID],))[0]


def _importance(*values: str) -> Importance:
    words = (value.strip().lower().partition(" ")[0] for value in values)
    return next((_IMPORTANCES[word] for word in words if word in _IMPORTANCES), Importance.NORMAL)


def _octets(value: object) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "replace") if isinstance(value, str) else b""


def _people(value: object, limits: Limits) -> tuple[Address, ...]:
    """Addresses of an ENVELOPE: lists of name, route, local part and domain; a group begins and ends without a domain."""
    rows = value[: limits.addresses] if isinstance(value, list | tuple) else ()
    return tuple(each for row in rows if (each := _person(row)).email)


def _person(row: object) -> Address:
    if not isinstance(row, Sequence) or isinstance(row, str | bytes) or len(row) < 4 or row[3] is None:
        return Address("", "")
    local, domain = (one_line(decode(_octets(each))) for each in row[2:4])
    return Address(header_text(_octets(row[0])), f"{local}@{domain}" if domain else local)
