"""MeetingRequest: the meeting that a message is about, as a calendar would show it, and what was answered.

The event is rendered as it would be in a calendar, and said in the words of mail. An invitation that cannot be read is a message
like any other. Sources: MS-ASEMAIL "MeetingRequest" and its children; RFC 5546 "Application Protocol Elements".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.events import EventSet, parse_event_set
from pimgate.text.itip.meeting import sequence_of
from pimgate_eas.invitations import global_object_id
from pimgate_eas.mapping import calendar
from pimgate_eas.mapping.calendar import zones
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.email.moments import moment
from pimgate_eas.mapping.rows import UNREADABLE
from pimgate_eas.wbxml.element import Element

TAG: Final = "Email:MeetingRequest"
SINGLE, SERIES, EXCEPTION = "0", "1", "3"
FIRST_REQUEST, FULL_UPDATE = "1", "2"

_RECURRENCE: Final[Mapping[str, str]] = {
    **{f"Calendar:{name}": f"Email:{name}" for name in ("Type", "Interval", "DayOfWeek", "DayOfMonth", "WeekOfMonth")},
    **{f"Calendar:{name}": f"Email:{name}" for name in ("MonthOfYear", "Until", "Occurrences")},
    **{f"Calendar:{name}": f"Email2:{name}" for name in ("CalendarType", "IsLeapMonth", "FirstDayOfWeek")},
}


def element(text: str, context: Context) -> Element | None:
    """From the text of a calendar part; None for one that is no meeting that can be shown."""
    try:
        events = parse_event_set(text)
        shown = {each.name: each for each in calendar.render(text, context)}
        if "Calendar:StartTime" not in shown:
            return None
        main = Entry(events, events.master or events.entries[0], context)
        return Element(TAG, *(each for each in _children(main, events, shown) if context.knows(each.name)))
    except (BadText, *UNREADABLE):
        return None


def answer_in(text: str) -> str:
    """The PARTSTAT of the guest whose answer a calendar part is; "" for what is none."""
    try:
        events = parse_event_set(text)
    except BadText:
        return ""
    lines = [line for entry in events.entries for line in entry.all("ATTENDEE")]
    return (lines[0].param("PARTSTAT") or ("",))[0].upper() if lines else ""


def _children(main: Entry, events: EventSet, shown: Mapping[str, Element]) -> list[Element]:
    """In the order of the specification; what the dialect does not know is left out by the caller."""

    def said(tag: str, default: str = "") -> str:
        return shown[tag].text or default if tag in shown else default

    original = _original(main, events)
    minutes = said("Calendar:Reminder")
    texts = {
        "Email:AllDayEvent": said("Calendar:AllDayEvent", "0"),
        "Email:StartTime": _moment(said("Calendar:StartTime")),
        "Email:DtStamp": _moment(said("Calendar:DtStamp") or said("Calendar:StartTime")),
        "Email:EndTime": _moment(said("Calendar:EndTime")),
        "Email:InstanceType": SERIES if main.is_series else EXCEPTION if original is not None else SINGLE,
        "Email:Location": "" if main.context.is_16 else said("Calendar:Location"),
        "Email:Organizer": _organizer(said("Calendar:OrganizerName"), said("Calendar:OrganizerEmail")),
        "Email:RecurrenceId": moment(original) if original is not None else "",
        "Email:Reminder": str(int(minutes) * 60) if minutes else "",
        "Email:ResponseRequested": said("Calendar:ResponseRequested", "1"),
        "Email:Sensitivity": said("Calendar:Sensitivity", "0"),
        "Email:BusyStatus": said("Calendar:BusyStatus", "2"),
        "Email:TimeZone": said("Calendar:Timezone") or zones.zone_blob(main),
        "Email:DisallowNewTimeProposal": said("Calendar:DisallowNewTimeProposal", "0"),
        "Email2:MeetingMessageType": FULL_UPDATE if sequence_of(main.component) else FIRST_REQUEST,
    }
    found = [Element(tag, text=text) for tag, text in texts.items() if text]
    if main.context.is_16 and "AirSyncBase:Location" in shown:
        found.append(shown["AirSyncBase:Location"])
    if "Calendar:Recurrence" in shown:
        found.append(_recurrences(shown["Calendar:Recurrence"], main.context))
    return [*found, _identity(main, original)]


def _recurrences(pattern: Element, context: Context) -> Element:
    children = [
        Element(_RECURRENCE[each.name], text=each.text)
        for each in pattern.children
        if each.name in _RECURRENCE and context.knows(_RECURRENCE[each.name])
    ]
    return Element("Email:Recurrences", Element("Email:Recurrence", *children))


def _original(main: Entry, events: EventSet) -> datetime | None:
    """When the occurrence that this is about would have begun; None for a whole meeting."""
    found = events.original_start_of(main.component) if events.master is None else None
    return main.instant(found) if found is not None else None


def _identity(main: Entry, original: datetime | None) -> Element:
    """By what a device finds the meeting in its calendar: from 16.0 on its UID."""
    uid = _uid(main.component)
    if main.context.is_16:
        return Element("Calendar:UID", text=uid)
    day = original.astimezone(main.zone).date() if original is not None else None
    return Element("Email:GlobalObjId", text=global_object_id(uid, day))


def _uid(component: Component) -> str:
    line = component.get("UID")
    return line.text.strip() if line is not None else ""


def _organizer(name: str, email: str) -> str:
    return f'"{name}" <{email}>' if name and email and name != email else email


def _moment(compact: str) -> str:
    return moment(read_instant(compact))
