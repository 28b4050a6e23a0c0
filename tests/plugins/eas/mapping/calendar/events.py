"""Events to edit, and the edits."""

from __future__ import annotations

from pimgate_eas.mapping import calendar
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.items import application_data, context, ghosted, plain

BLOCK_BERLIN = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""


def event(*lines: str, block: str = "", others: str = "") -> str:
    """A calendar object with one event of these lines; UID and DTSTAMP are there already."""
    inside = "\n".join(("BEGIN:VEVENT", "UID:e-1", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT", ""))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//EN\n{block}{inside}{others}END:VCALENDAR\n"
    return text.replace("\n", "\r\n")


def meeting(*lines: str, **parts: str) -> str:
    """An event on 5 January 2026, 10 to 11 in Berlin."""
    return event(
        "DTSTART;TZID=Europe/Berlin:20260105T100000",
        "DTEND;TZID=Europe/Berlin:20260105T110000",
        *lines,
        block=BLOCK_BERLIN,
        **parts,
    )


def at(start: str, end: str, **more: str) -> list[Element]:
    """Times of an edit."""
    return [Element(f"Calendar:{tag}", text=text) for tag, text in {"StartTime": start, "EndTime": end, **more}.items()]


def recurrence(**fields: int | str) -> Element:
    return Element("Calendar:Recurrence", *(Element(f"Calendar:{tag}", text=str(each)) for tag, each in fields.items()))


def exceptions(*each: Element) -> Element:
    return Element("Calendar:Exceptions", *each)


def exception(start: str, *children: Element, deleted: bool = False) -> Element:
    return Element(
        "Calendar:Exception",
        *([Element("Calendar:Deleted", text="1")] if deleted else []),
        Element("Calendar:ExceptionStartTime", text=start),
        *children,
    )


def attendees(*people: tuple[str, str]) -> Element:
    """(address, type) of each."""
    return Element(
        "Calendar:Attendees",
        *(
            Element(
                "Calendar:Attendee",
                Element("Calendar:Email", text=email),
                Element("Calendar:AttendeeType", text=kind),
            )
            for email, kind in people
        ),
    )


def subject(text: str) -> Element:
    return Element("Calendar:Subject", text=text)


def edited(text: str | None, *changes: Element, version: str = "14.1", **more: object) -> str:
    """The text after an edit of just these elements."""
    return calendar.patch(text, application_data(*changes), context(version, **more), ghosted=ghosted, uid="new-uid")


def edited_instance(text: str, instance: str, *changes: Element, version: str = "16.1", deleted: bool = False) -> str:
    data = None if deleted else application_data(*changes)
    return calendar.patch_instance(text, instance, data, context(version), ghosted=ghosted, uid="e-1")


def shown(text: str, version: str = "14.1", **more: object) -> dict[str, object]:
    """What a device in Berlin gets, as dictionaries."""
    return plain(calendar.render(text, context(version, **more)))


def new_lines(before: str, after: str) -> list[str]:
    """The lines of `after` that `before` does not have, unfolded ones as they stand."""
    known = before.split("\r\n")
    return [line for line in after.split("\r\n") if line not in known]


def lost_lines(before: str, after: str) -> list[str]:
    return new_lines(after, before)
