"""Flag: a message marked to come back to, with what tasks know about it; both directions.

That there is a flag is IMAP's \\Flagged, which every program shows; the rest (dates, reminder, that it is done) is kept beside it.
Sources: MS-ASEMAIL "Flag", "Status", "FlagType", "CompleteTime"; MS-ASTASK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.mapping.email.message import FLAGGED, FollowUp, Message
from pimgate_eas.mapping.email.moments import moment
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element

TAG: Final = "Email:Flag"
STATUS: Final = "Email:Status"
CLEARED, DONE, ACTIVE = "0", "1", "2"
FOLLOW_UP: Final = "Flag for follow up"
LONGEST: Final = 255

_TEXT, _MOMENT, _NUMBER, _STATUS = "text", "moment", "number", "status"
FIELDS: Final[Mapping[str, str]] = {
    "Tasks:Subject": _TEXT,
    STATUS: _STATUS,
    "Email:FlagType": _TEXT,
    "Tasks:DateCompleted": _MOMENT,
    "Email:CompleteTime": _MOMENT,
    "Tasks:StartDate": _MOMENT,
    "Tasks:DueDate": _MOMENT,
    "Tasks:UtcStartDate": _MOMENT,
    "Tasks:UtcDueDate": _MOMENT,
    "Tasks:ReminderSet": _NUMBER,
    "Tasks:ReminderTime": _MOMENT,
    "Tasks:OrdinalDate": _MOMENT,
    "Tasks:SubOrdinalDate": _TEXT,
}
"""The children of Flag in their order, and what each holds."""


def element(message: Message) -> Element:
    """The flag as it is now: empty for none. What was kept counts only while the flag says the same."""
    kept = message.follow_up
    if FLAGGED in message.flags:
        fields = dict(kept.fields) if kept is not None and not kept.is_done else {}
        fields = {"Email:FlagType": FOLLOW_UP, **fields, STATUS: ACTIVE}
    elif kept is not None and kept.is_done:
        fields = dict(kept.fields)
    else:
        return Element(TAG)
    return Element(TAG, *(Element(tag, text=fields[tag]) for tag in FIELDS if fields.get(tag)))


def read(flag: Element) -> tuple[bool, FollowUp | None]:
    """Whether the message is to be \\Flagged from now on, and what is to be kept beside that; None for nothing."""
    found = {tag: value for tag, kind in FIELDS.items() if (value := _value(flag.text_of(tag), kind))}
    status = found.get(STATUS, ACTIVE if found else CLEARED)
    if status == CLEARED:
        return False, None
    return status == ACTIVE, FollowUp({**found, STATUS: status})


def _value(text: str | None, kind: str) -> str:
    """What is kept of a text; "" for one that is not what it should be."""
    words = clean(text or "")[:LONGEST]
    if kind == _STATUS:
        return words if words in (CLEARED, DONE, ACTIVE) else ""
    if kind == _NUMBER:
        return words if words in ("0", "1") else ""
    if kind == _MOMENT and words:
        try:
            return moment(read_instant(words))
        except ValueError:
            return ""
    return words
