"""Messages as the index wants them: asked of the mail server, and read from what it says."""

from __future__ import annotations

import re
from collections.abc import Collection
from email.utils import mktime_tz, parsedate_tz
from typing import Final

from pimgate.mail.imap import Connection, Fetched, Item, Section
from pimgate.model.mail import Described, tidy_flags, tidy_text

FIELDS: Final = Section(what="HEADER.FIELDS", fields=("MESSAGE-ID", "DATE"))
WANTED: Final = (Item.FLAGS, Item.ARRIVED, Item.SIZE, Item.EMAIL_ID, FIELDS)
MOST_OCTETS: Final = 16_384
LATEST: Final = 2**40
"""Seconds since 1970 that no date reaches."""

_FOLD: Final = re.compile(r"\r?\n[ \t]+")


async def describe(line: Connection, uids: Collection[int]) -> list[Described]:
    """Those of these messages of the open mailbox that are still there. Not for very many at once."""
    return [described(each) for each in await line.fetch(uids, WANTED)]


async def flags_of(line: Connection, uids: Collection[int]) -> dict[int, frozenset[str]]:
    """The flags of these messages now."""
    return flags_in(await line.fetch(uids, (Item.FLAGS,)))


def flags_in(fetched: Collection[Fetched]) -> dict[int, frozenset[str]]:
    """The flags that were told, by UID."""
    return {each.uid: tidy_flags(each.flags) for each in fetched if each.uid is not None and each.flags is not None}


def described(fetched: Fetched) -> Described:
    """One message. Where the server knows no arrival that can be, the date of the message stands for it."""
    message_id, sent_at = header(fetched.part(FIELDS) or b"")
    arrived = fetched.arrived_at
    return Described(
        uid=fetched.uid or 0,
        flags=tidy_flags(fetched.flags or ()),
        arrived_at=int(arrived.timestamp()) if arrived is not None else sent_at or 0,
        size_bytes=fetched.size_bytes or 0,
        email_id=fetched.email_id or "",
        message_id=message_id,
        sent_at=sent_at,
    )


def header(octets: bytes) -> tuple[str, int | None]:
    """Message-ID and date (seconds since 1970) in a header; none of what cannot be understood."""
    fields: dict[str, str] = {}
    for line in _FOLD.sub(" ", octets[:MOST_OCTETS].decode("utf-8", "replace")).splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    return tidy_text(fields.get("message-id", "")), moment(fields.get("date", "")[:100])


def moment(text: str) -> int | None:
    """A date of a header. Source: RFC 5322, "Date and Time Specification"."""
    try:
        found = parsedate_tz(text)
        seconds = None if found is None else int(mktime_tz(found))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return seconds if seconds is not None and 0 <= seconds < LATEST else None
