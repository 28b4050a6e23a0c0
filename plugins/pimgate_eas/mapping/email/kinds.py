"""MessageClass and ContentClass: what sort of message it is.

Source: MS-ASEMAIL "MessageClass", "ContentClass"; MS-OXOSMIME; RFC 3464 "Action field"; RFC 8098 "Disposition Field".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pimgate.mail.mime.parts import Contents, Part, Seal

NOTE: Final = "IPM.Note"
MESSAGE: Final = "urn:content-classes:message"
CALENDAR_MESSAGE: Final = "urn:content-classes:calendarmessage"

REQUEST: Final = "REQUEST"
CANCEL: Final = "CANCEL"
REPLY: Final = "REPLY"
_MEETINGS: Final[Mapping[str, str]] = {
    REQUEST: "IPM.Schedule.Meeting.Request",
    CANCEL: "IPM.Schedule.Meeting.Canceled",
    REPLY: "IPM.Schedule.Meeting.Resp.Tent",
    "COUNTER": "IPM.Schedule.Meeting.Resp.Tent",
}
_ANSWERS: Final[Mapping[str, str]] = {
    "ACCEPTED": "IPM.Schedule.Meeting.Resp.Pos",
    "TENTATIVE": "IPM.Schedule.Meeting.Resp.Tent",
    "DECLINED": "IPM.Schedule.Meeting.Resp.Neg",
}
_ACTION: Final = re.compile(rb"(?im)^action[ \t]*:[ \t]*([a-z]+)")
_ACTIONS: Final[Mapping[bytes, str]] = {
    b"failed": "REPORT.IPM.Note.NDR",
    b"delayed": "REPORT.IPM.Note.Delayed",
    b"delivered": "REPORT.IPM.Note.DR",
    b"relayed": "REPORT.IPM.Note.Relayed",
    b"expanded": "REPORT.IPM.Note.Expanded",
}
_DELETED: Final = re.compile(rb"(?im)^disposition[ \t]*:[^;\n]*;[ \t]*deleted")


def method_of(calendar: Part) -> str:
    """What a calendar part is sent for: REQUEST, REPLY and so on; "" for a mere file."""
    return calendar.params.get("method", "").upper()


def is_meeting(calendar: Part | None) -> bool:
    return calendar is not None and method_of(calendar) in _MEETINGS


def message_class(contents: Contents, answer: str = "", report: bytes = b"") -> str:
    """`answer` is the PARTSTAT of a reply, `report` the part of a report that programs read."""
    if contents.seal is not Seal.NONE and contents.is_smime:
        return "IPM.Note.SMIME" if contents.seal is Seal.WRAPPED else "IPM.Note.SMIME.MultipartSigned"
    if contents.calendar is not None and is_meeting(contents.calendar):
        method = method_of(contents.calendar)
        return _ANSWERS.get(answer, _MEETINGS[method]) if method == REPLY else _MEETINGS[method]
    if contents.report == "delivery-status":
        action = _ACTION.search(report)
        return _ACTIONS.get(action.group(1).lower() if action is not None else b"failed", "REPORT.IPM.Note.NDR")
    if contents.report == "disposition-notification":
        return "REPORT.IPM.Note.IPNNRN" if _DELETED.search(report) else "REPORT.IPM.Note.IPNRN"
    return NOTE


def content_class(contents: Contents) -> str:
    return CALENDAR_MESSAGE if is_meeting(contents.calendar) and contents.seal is Seal.NONE else MESSAGE
