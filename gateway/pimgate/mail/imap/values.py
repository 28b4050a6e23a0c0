"""Single values of an answer. Pure; what makes no sense is BadAnswer, but for what a message decides: an envelope or a date that
cannot be understood is as if it had not been told, or one message could close a mailbox for ever.

Source: RFC 9051, "Formal Syntax"; RFC 8474, "Formal Syntax".
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pimgate.mail.imap.answers import Address, Envelope
from pimgate.mail.imap.errors import BadAnswer
from pimgate.mail.imap.hearing import Value
from pimgate.mail.imap.names import from_server, to_server
from pimgate.mail.imap.saying import MONTHS

MOST_NUMBER: Final = 2**63 - 1
LONGEST_ID: Final = 255


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
