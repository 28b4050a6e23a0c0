"""What a device says when it sends: SendMail, SmartReply and SmartForward in all dialects, in one form. Pure.

Up to 12.1 the body is the message and the request line says the rest; from 14.0 on all of it is an element; from 16.0 on a calendar
entry is forwarded by naming who is to have it.

Sources: MS-ASCMD "SendMail", "SmartForward", "SmartReply", "ClientId", "Source", "InstanceId", "Forwardees", "AccountId"; MS-ASHTTP
"Command Parameters".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pimgate.api import Refused
from pimgate.mail.mime.addresses import Address
from pimgate.mail.mime.words import one_line
from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.query import Query
from pimgate_eas.status import Common
from pimgate_eas.versions import has_common_statuses
from pimgate_eas.wbxml.element import Element

LONGEST_ID: Final = 255
MOST_FORWARDEES: Final = 500


class NotSent(Refused):
    """A message that is not sent, and the status that says why."""

    public = "This message cannot be sent."

    def __init__(self, status: Common, detail: str = "") -> None:
        super().__init__(detail or status.name)
        self.status = status


@dataclass(frozen=True, slots=True)
class Source:
    """The original. `name` is how the device calls it; `instance` the occurrence of a series that it means."""

    name: str
    instance: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """`mime` is the device's own message, b"" where it names `forwardees` instead; then `words` are its Body. `replaces`: the
    original stays out of it."""

    client_id: str
    mime: bytes
    keeps_copy: bool
    source: Source | None = None
    replaces: bool = False
    forwardees: tuple[Address, ...] = ()
    words: Element | None = None


def read(query: Query, body: Element | None, octets: bytes) -> Request:
    """The request of one of the three commands; only a SendMail comes without `source`. NotSent."""
    needs_source = query.command != "SendMail"
    if not has_common_statuses(query.protocol_version):
        source = _source_in(query) if needs_source else None
        return Request("", octets, query.save_in_sent, source)
    if body is None or body.name != f"ComposeMail:{query.command}":
        raise NotSent(Common.INVALID_XML)
    if body.text_of("ComposeMail:AccountId"):
        raise NotSent(Common.INVALID_ACCOUNT_ID)
    if body.has("RightsManagement:TemplateID"):
        raise NotSent(Common.RIGHTS_MANAGEMENT_OFF)
    client_id = (body.text_of("ComposeMail:ClientId") or "").strip("\0 ")
    if not client_id or len(client_id) > LONGEST_ID:
        raise NotSent(Common.INVALID_CONTENT, "no ClientId, or a long one")
    forwardees = _forwardees(body)
    mime = _mime(body)
    if bool(mime) == bool(forwardees):
        raise NotSent(Common.INVALID_CONTENT, "no message, or two forms of it")
    return Request(
        client_id,
        mime,
        keeps_copy=body.has("ComposeMail:SaveInSentItems") or bool(forwardees),
        source=_source(body) if needs_source else None,
        replaces=body.has("ComposeMail:ReplaceMime"),
        forwardees=forwardees,
        words=body.find("AirSyncBase:Body"),
    )


def _mime(body: Element) -> bytes:
    found = body.find("ComposeMail:Mime")
    if found is None:
        return b""
    return found.opaque if found.opaque is not None else (found.text or "").encode("utf-8", "replace")


def _source_in(query: Query) -> Source:
    return _named(query.collection_id, query.item_id, query.long_id, query.occurrence)


def _source(body: Element) -> Source:
    found = body.find("ComposeMail:Source")
    if found is None:
        raise NotSent(Common.INVALID_CONTENT, "no Source")
    names = ("FolderId", "ItemId", "LongId", "InstanceId")
    return _named(*(found.text_of(f"ComposeMail:{name}") for name in names))


def _named(folder: str | None, item: str | None, long_id: str | None, instance: str | None) -> Source:
    """An item's id says in which folder it is; a folder that says otherwise has no such item."""
    if long_id and (item or folder):
        raise NotSent(Common.INVALID_IDS)
    name = (long_id or item or "").strip("\0 ")
    if not name:
        raise NotSent(Common.INVALID_CONTENT, "no original is named")
    if folder and name.partition(":")[0] != folder.strip("\0 "):
        raise NotSent(Common.ITEM_NOT_FOUND)
    try:
        return Source(name, read_instant(instance) if instance else None)
    except ValueError:
        raise NotSent(Common.INVALID_DATE_TIME) from None


def _forwardees(body: Element) -> tuple[Address, ...]:
    found = body.path("ComposeMail:Forwardees", "ComposeMail:Forwardee")
    if len(found) > MOST_FORWARDEES:
        raise NotSent(Common.SEND_QUOTA_EXCEEDED)
    people = [
        Address(
            one_line(each.text_of("ComposeMail:ForwardeeName") or ""),
            one_line(each.text_of("ComposeMail:ForwardeeEmail") or ""),
        )
        for each in found
    ]
    if not all(each.email for each in people):
        raise NotSent(Common.MESSAGE_RECIPIENT_UNRESOLVED)
    return tuple(people)
