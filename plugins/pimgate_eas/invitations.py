"""What a device says of invitations, in the core's words; and the id by which mail programs know a meeting. Pure.

Sources: MS-ASCMD "MeetingResponse", "UserResponse", "SendResponse", "InstanceId"; MS-ASEMAIL "GlobalObjId"; MS-OXCICAL
"Property: UID".
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pimgate.text.events import instance_key, parse_event_set
from pimgate.text.itip import Answer
from pimgate_eas.mapping import body
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.mapping.calendar.originals import Originals
from pimgate_eas.mapping.context import Context
from pimgate_eas.status import Common, MeetingResponse
from pimgate_eas.versions import knows
from pimgate_eas.wbxml.element import Element

ANSWERS: Final[Mapping[str, str]] = {"1": "ACCEPTED", "2": "TENTATIVE", "3": "DECLINED"}
DECLINED: Final = "3"

INSTANCE: Final = "MeetingResponse:InstanceId"
SEND: Final = "MeetingResponse:SendResponse"
LONGEST_ID: Final = 64
LONGEST_COMMENT: Final = 10_000

CLASS_ID: Final = b"\x04\0\0\0\x82\0\xe0\0\x74\xc5\xb7\x10\x1a\x82\xe0\x08"
VCAL: Final = b"vCal-Uid\x01\x00\x00\x00"
_HEAD: Final = struct.Struct("<16s4s8s8sI")


class BadResponse(Exception):
    """One response that cannot be carried out, and the status it deserves."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Response:
    """One Request of the command. `instance` is the moment of one occurrence as the device wrote it; `sent` what it wants the
    organizer to read, None if it says nothing to them."""

    collection_id: str
    request_id: str
    user_response: str
    instance: str
    sent: Element | None

    @property
    def token(self) -> str:
        """What a repeated response is known by."""
        return f"{self.request_id} {self.instance}"


def read(request: Element, version: str) -> Response:
    """BadResponse for one that the dialect does not know."""
    found = Response(
        collection_id=request.text_of("MeetingResponse:CollectionId") or "",
        request_id=request_id(request),
        user_response=(request.text_of("MeetingResponse:UserResponse") or "").strip(),
        instance=(request.text_of(INSTANCE) or "").strip(),
        sent=request.find(SEND),
    )
    is_foreign = any(request.has(tag) and not knows(version, tag) for tag in (INSTANCE, SEND))
    if found.user_response not in ANSWERS or not found.request_id or is_foreign:
        raise BadResponse(MeetingResponse.INVALID)
    return found


def request_id(request: Element) -> str:
    """What is answered; a message that was only found is named as the search named it."""
    text = request.text_of("MeetingResponse:RequestId") or request.text_of("Search:LongId") or ""
    return text.strip("\0 ")[:LONGEST_ID]


def answer_to(response: Response, text: str, context: Context) -> Answer:
    """The answer that a response means, given the invitation's text. BadResponse."""
    start, end = (_proposed(response, f"MeetingResponse:Proposed{name}Time") for name in ("Start", "End"))
    if (start is None) != (end is None) or (start is not None and end is not None and end < start):
        raise BadResponse(MeetingResponse.INVALID)
    words = response.sent.find(body.TAG) if response.sent is not None else None
    comment = (body.BODY.read(words) or "") if words is not None else ""
    partstat = ANSWERS[response.user_response]
    return Answer(partstat, _instance(response, text, context), comment[:LONGEST_COMMENT].strip(), start, end)


def _instance(response: Response, text: str, context: Context) -> str:
    """The key of the occurrence that is meant, "" for the whole."""
    if not response.instance:
        return ""
    try:
        instant = read_instant(response.instance)
    except ValueError:
        raise BadResponse(Common.INVALID_DATE_TIME) from None
    events = parse_event_set(text)
    main = Entry(events, events.master or events.entries[0], context)
    if events.master is not None and not main.is_series:
        raise BadResponse(Common.NO_RECURRENCE)
    original = Originals(main).nearest(instant)
    if original is None:
        raise BadResponse(MeetingResponse.INVALID)
    return instance_key(original)


def _proposed(response: Response, tag: str) -> datetime | None:
    text = response.sent.text_of(tag) if response.sent is not None else None
    try:
        return read_instant(text) if text else None
    except ValueError:
        raise BadResponse(Common.INVALID_DATE_TIME) from None


def global_object_id(uid: str, occurrence: date | None = None) -> str:
    """The GlobalObjId of a meeting in base64; `occurrence` is the day of one changed occurrence. A UID that is such an id in
    hexadecimal, as Outlook makes them, goes in as what it is."""
    day = bytes((*divmod(occurrence.year, 256), occurrence.month, occurrence.day)) if occurrence else bytes(4)
    own = _outlook_octets(uid)
    if own is not None:
        return base64.b64encode(own[:16] + day + own[20:]).decode()
    data = VCAL + uid.encode() + b"\0"
    return base64.b64encode(_HEAD.pack(CLASS_ID, day, bytes(8), bytes(8), len(data)) + data).decode()


def uid_of(global_id: str) -> str | None:
    """The UID that a GlobalObjId stands for, the same for every occurrence; None if it is none."""
    try:
        octets = base64.b64decode(global_id, validate=True)
        class_id, _, _, _, size = _HEAD.unpack_from(octets)
    except (binascii.Error, ValueError, struct.error):
        return None
    data = octets[_HEAD.size :]
    if class_id != CLASS_ID or size != len(data):
        return None
    if data.startswith(VCAL):
        return data[len(VCAL) :].rstrip(b"\0").decode("utf-8", "replace")
    return (octets[:16] + bytes(4) + octets[20:]).hex().upper()


def _outlook_octets(uid: str) -> bytes | None:
    try:
        octets = bytes.fromhex(uid) if len(uid) >= 2 * (_HEAD.size + 1) and uid.isalnum() else b""
    except ValueError:
        return None
    return octets if octets.startswith(CLASS_ID) else None
