"""What an event is as a meeting: whose it is, whether it takes place, what the person answered.

MeetingStatus follows from ORGANIZER, ATTENDEE and STATUS, so it is never at odds with them; of what a device sends
only "cancelled" is taken over. In calendars of others everything here is neutral.

Sources: MS-ASCAL "MeetingStatus", "ResponseType", "ResponseRequested", "OrganizerEmail",
"AppointmentReplyTime", "OnlineMeetingConfLink", "OnlineMeetingExternalLink".
"""

from __future__ import annotations

from typing import Final

from pimgate.text.lines import Params, make_line
from pimgate.text.times import read_time
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.guests import (
    NOT_ANSWERED,
    STATUSES,
    address_of,
    guest_lines,
    is_same_address,
    mailto,
    may_invite,
    own_line,
)
from pimgate_eas.mapping.calendar.instants import compact
from pimgate_eas.mapping.contacts.online import bare_address
from pimgate_eas.mapping.editing import put, rewritten, text_of
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element

ORGANIZER_NAME: Final = "Calendar:OrganizerName"
ORGANIZER_EMAIL: Final = "Calendar:OrganizerEmail"

_NONE, _ORGANIZED, _INVITED = 0, 1, 3
_CANCELLED: Final = 4
"""Added to the status of a meeting that is called off."""
_ANSWERS: Final = ("2", "3", "4")
_REPLY_TIME: Final = "X-MICROSOFT-CDO-REPLYTIME"
_LINKS: Final = (
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-GOOGLE-CONFERENCE",
    "CONFERENCE",
)
_DISALLOW: Final = "X-MICROSOFT-DISALLOW-COUNTER"


def status(entry: Entry) -> str:
    if not entry.context.is_own:
        return str(_NONE)
    kind = _kind(entry)
    if not is_cancelled(entry):
        return str(kind)
    return str((kind or _ORGANIZED) + _CANCELLED)


def put_status(entry: Entry, wanted: str) -> None:
    """Call the event off, or let it take place again."""
    if not entry.context.is_own:
        return
    wants_cancelled = bool(int(wanted) & _CANCELLED)
    if wants_cancelled != is_cancelled(entry):
        put(entry.component, "STATUS", "CANCELLED" if wants_cancelled else "CONFIRMED")


def is_cancelled(entry: Entry) -> bool:
    line = entry.component.get("STATUS")
    return line is not None and line.value.strip().upper() == "CANCELLED"


def _kind(entry: Entry) -> int:
    if not may_invite(entry):
        return _INVITED
    return _ORGANIZED if guest_lines(entry.component) else _NONE


def organizer_name(entry: Entry) -> str:
    line = entry.component.get("ORGANIZER")
    return clean(line.param_text("CN") or "") or address_of(line) if line is not None else ""


def organizer_email(entry: Entry) -> str:
    line = entry.component.get("ORGANIZER")
    return address_of(line) if line is not None else ""


def ensure_organizer(entry: Entry, data: Element) -> None:
    """Give a meeting without an organizer the one that the device names, or in a calendar of their own the person: some devices
    name none."""
    component, context = entry.component, entry.context
    if component.get("ORGANIZER") is not None or not component.all("ATTENDEE"):
        return
    email = bare_address(data.text_of(ORGANIZER_EMAIL) or "") or (context.owner_email if context.is_own else "")
    name = clean(data.text_of(ORGANIZER_NAME) or "")
    if is_same_address(email, context.owner_email):
        name = name or context.owner_name
    if email:
        params: Params = (("CN", (name,)),) if name and name != email else ()
        component.add(make_line("ORGANIZER", mailto(email), params))


def response_type(entry: Entry) -> str:
    """What the person answered; "" for what is no meeting of theirs."""
    if not entry.context.is_own:
        return ""
    kind = _kind(entry)
    if kind != _INVITED:
        return str(kind)
    line = own_line(entry.component, entry.context)
    answer = line.param("PARTSTAT") if line is not None else ()
    return STATUSES.get(answer[0], NOT_ANSWERED) if answer else NOT_ANSWERED


def response_requested(entry: Entry) -> str:
    """Whether an answer is asked for: of the person, or in the person's own meeting of anybody."""
    if not entry.context.is_own:
        return ""
    kind = _kind(entry)
    own = own_line(entry.component, entry.context)
    lines = guest_lines(entry.component) if kind == _ORGANIZED else [own] if own is not None and kind else []
    if not lines:
        return ""
    return "1" if any("TRUE" in line.param("RSVP") for line in lines) else "0"


def put_response_requested(entry: Entry, wanted: str) -> None:
    """Ask all guests of the person's own meeting for an answer, or none."""
    if not entry.context.is_own or _kind(entry) != _ORGANIZED or wanted not in ("0", "1"):
        return
    word = "TRUE" if wanted == "1" else "FALSE"
    for line in guest_lines(entry.component):
        if ("TRUE" in line.param("RSVP")) != (wanted == "1"):
            entry.component.replace(line, rewritten(line, line.value, ("RSVP",), (("RSVP", (word,)),)))


def reply_time(entry: Entry) -> str:
    """When the person answered; "" for what is no meeting of others, or not answered."""
    line = entry.component.get(_REPLY_TIME)
    if line is None or response_type(entry) not in _ANSWERS:
        return ""
    return compact(entry.instant(read_time(line.value.strip())))


def conference_address(entry: Entry) -> str:
    """The SIP address of an online meeting."""
    return text_of(entry.component.get("X-MICROSOFT-ONLINEMEETINGCONFLINK"))


def conference_link(entry: Entry) -> str:
    """Where to join an online meeting, by the first property that says it with an address of the web."""
    lines = (line for name in _LINKS for line in entry.component.all(name))
    return next((link for line in lines if (link := text_of(line)).lower().startswith("https://")), "")


def no_new_time(entry: Entry) -> str:
    line = entry.component.get(_DISALLOW)
    return "" if line is None else "1" if line.value.strip().upper() == "TRUE" else "0"


def put_no_new_time(entry: Entry, wanted: str) -> None:
    if wanted == "1" or (wanted == "0" and no_new_time(entry) == "1"):
        put(entry.component, _DISALLOW, "TRUE" if wanted == "1" else "FALSE")
