"""From an answer as it was heard to what it says. Pure; what makes no sense is BadAnswer.

Source: RFC 9051, "Server Responses"; RFC 7162 (MODSEQ, VANISHED); RFC 8474 (EMAILID, THREADID, MAILBOXID).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pimgate.mail.imap.answers import Exists, Expunged, Fetched, Listed, Overflow, Status, Unasked, Vanished
from pimgate.mail.imap.errors import BadAnswer
from pimgate.mail.imap.hearing import Answer, Value
from pimgate.mail.imap.numbers import MOST_UID, UidSet
from pimgate.mail.imap.sections import heard_name, heard_origin
from pimgate.mail.imap.values import (
    as_envelope,
    as_flags,
    as_id,
    as_list,
    as_moment,
    as_name,
    as_number,
    as_octets,
    is_sayable,
    only,
)


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


def personal(answer: Answer, *, is_utf8: bool = False) -> tuple[str, str] | None:
    """NAMESPACE: prefix and delimiter of the first of a person's own."""
    own = answer.values[0] if answer.values else None
    if not own:
        return None
    first = as_list(as_list(own)[0])
    if len(first) < 2:
        raise BadAnswer("a namespace without its delimiter")
    delimiter = b"" if first[1] is None else as_octets(first[1])
    return as_name(first[0], is_utf8=is_utf8), delimiter.decode("utf-8", "replace")


def vanished(answer: Answer) -> UidSet:
    """VANISHED, with (EARLIER) or without."""
    return UidSet.heard(str(answer.values[-1] if answer.values else ""))
