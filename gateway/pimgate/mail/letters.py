"""A mail that a person's program hands in, made ready to leave: whom it is for, in whose name, and what must not go along. Pure.

What leaves is what was handed in, octet by octet, but for the fields that have to change. Beyond the limits it is refused: a header
that is read only as far as the limits go would be sent to some of its recipients.

Sources: RFC 5322 "Origination Date Field", "Originator Fields", "Destination Address Fields", "Identification Fields", "Resent
Fields"; RFC 6409 "Message Modifications" (Date, Message-ID, Sender).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from email.errors import MessageError
from email.utils import format_datetime
from enum import StrEnum
from typing import Final

from pimgate.errors import Refused
from pimgate.mail.mime.addresses import Address, addresses_in
from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.fields import Fields, fields_of
from pimgate.mail.mime.layout import layout_of
from pimgate.mail.mime.limits import LIMITS, Limits
from pimgate.mail.mime.pieces import HEADER, Piece
from pimgate.mail.mime.rewriting import with_crlf, with_fields

RECIPIENT_FIELDS: Final = ("to", "cc", "bcc")
LONGEST_ADDRESS: Final = 254
_RESENT: Final = ("Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID")
_NEVER_LEAVE: Final = dict.fromkeys(("Bcc", "Return-Path", *(f"Resent-{each}" for each in _RESENT)))
"""Nobody hands in a mail of somebody else here to be resent: it leaves for those in To, Cc and Bcc, in the name of its sender. What
fields say of an earlier way of it would be untrue, or name somebody who has nothing to do with this one."""
_HIDDEN: Final = frozenset(each.lower() for each in _NEVER_LEAVE)
WHOLE_HEADER: Final = Limits(header_bytes=LIMITS.header_block_bytes)
"""One field may be as long as a header: a list of recipients is read to its end, or not at all."""
_FIELD: Final = re.compile(rb"[!-9;-~]+[ \t]*:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n")
_ADDRESS: Final = re.compile(r"""[^\s<>"(),:;\[\]\\@\x00-\x1f\x7f]+@[^\s<>"(),:;\[\]\\@\x00-\x1f\x7f]+""")


class Fault(StrEnum):
    """Why a mail does not leave."""

    MALFORMED = "it is no proper message"
    NO_RECIPIENT = "it has no recipient"
    BAD_RECIPIENT = "a recipient has no proper address"
    TOO_MANY_RECIPIENTS = "it has too many recipients"
    TOO_MUCH = "the person sends too much"
    TOO_LARGE = "it is too large"
    NO_WAY = "there is no way out for mail of this person"
    NOT_TAKEN = "the mail server refuses it"


class Unfit(Refused):
    """A mail that does not leave."""

    public = "This message cannot be sent."

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(detail or fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class From:
    """In whose name mail leaves: `name` of the person, and `address`; with `reply_to` it is not their own."""

    name: str
    address: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail with its envelope. `leaves` is what the recipients get, `copy` what its sender keeps: Bcc stands in it."""

    sender: str
    recipients: tuple[str, ...]
    leaves: bytes
    copy: bytes


def ready(octets: bytes, origin: From, now: datetime, message_id: str, most_bytes: int, most_recipients: int) -> Ready:
    """The mail as it leaves. `message_id` with its brackets is for one that has none. Unfit."""
    if len(octets) > most_bytes:
        raise Unfit(Fault.TOO_LARGE)
    octets = with_crlf(octets).lstrip(b"\r\n")
    fields = _fields(octets)
    recipients = _recipients(fields, most_recipients)
    changes = _changes(fields, origin, now, message_id)
    try:
        copy = with_fields(octets, changes) if changes else octets
        has_hidden = any(name in _HIDDEN for name, _ in fields)
        leaves = with_fields(copy, _NEVER_LEAVE) if has_hidden else copy
    except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Unfit(Fault.MALFORMED, type(error).__name__) from error
    return Ready(origin.address, recipients, leaves, copy)


def _fields(octets: bytes) -> Fields:
    """The header, every octet of it understood."""
    if b"\0" in octets:
        raise Unfit(Fault.MALFORMED, "it holds NUL")
    layout = layout_of(octets)
    header = layout.piece(Piece(HEADER))
    text = header.removesuffix(b"\r\n") if header.endswith(b"\r\n\r\n") else header
    text = text if text.endswith(b"\r\n") else text + b"\r\n"
    found = list(_FIELD.finditer(text)) if len(header) <= LIMITS.header_block_bytes else []
    is_understood = sum(len(each.group()) for each in found) == len(text) and len(found) <= LIMITS.headers
    if not is_understood:
        raise Unfit(Fault.MALFORMED, "its header is too large, or no header")
    if layout.structure.breach:
        raise Unfit(Fault.MALFORMED, layout.structure.breach)
    return fields_of(header, WHOLE_HEADER)


def _recipients(fields: Fields, most: int) -> tuple[str, ...]:
    limits = replace(LIMITS, addresses=most + 1)
    found: dict[str, str] = {}
    for name, value in fields:
        if name not in RECIPIENT_FIELDS:
            continue
        for each in addresses_in(decode(value), limits):
            address = _sendable(each)
            if address:
                found.setdefault(address.lower(), address)
        if len(found) > most:
            raise Unfit(Fault.TOO_MANY_RECIPIENTS)
    if not found:
        raise Unfit(Fault.NO_RECIPIENT)
    return tuple(found.values())


def _sendable(found: Address) -> str:
    """The address with its domain in ASCII."""
    local, _, domain = found.email.rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    address = f"{local}@{domain}"
    if not _ADDRESS.fullmatch(address) or len(address.encode("utf-8", "replace")) > LONGEST_ADDRESS:
        raise Unfit(Fault.BAD_RECIPIENT)
    return address


def _changes(fields: Fields, origin: From, now: datetime, message_id: str) -> dict[str, str | None]:
    """The fields that the message lacks, and those that say it comes from somebody else."""
    known = [name for name, _ in fields]
    found: dict[str, str | None] = {}
    if "date" not in known:
        found["Date"] = format_datetime(now)
    if "message-id" not in known:
        found["Message-ID"] = message_id
    if "mime-version" not in known:
        found["MIME-Version"] = "1.0"
    senders = [each for name, value in fields if name == "from" for each in addresses_in(decode(value))]
    if known.count("from") != 1 or [each.email.lower() for each in senders] != [origin.address.lower()]:
        said = next((each.name for each in senders), "")
        found["From"] = str(Address(said or origin.name, origin.address))
    if "sender" in known:
        found["Sender"] = None
    if origin.reply_to and "reply-to" not in known:
        found["Reply-To"] = str(Address(origin.name, origin.reply_to))
    return found
