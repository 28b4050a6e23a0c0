"""What a person types into a simulated phone: a new contact, a new event. Pure.

Source: MS-ASCNTC, "Contact"; MS-ASCAL, "Calendar".
"""

from __future__ import annotations

from datetime import UTC, datetime

from pimgate_eas.wbxml.element import Element


def contact(given: str, family: str, email: str = "", **fields: str) -> Element:
    """A new contact. `fields` are further elements of the class, as in JobTitle="Joiner"."""
    typed = {"FileAs": f"{family}, {given}", "FirstName": given, "LastName": family, "Email1Address": email, **fields}
    return _data(*(Element(f"Contacts:{name}", text=value) for name, value in typed.items() if value))


def event(subject: str, start: datetime, end: datetime, place: str = "", *, version: str = "16.1") -> Element:
    """A new event in UTC. `start` and `end` are aware."""
    where = (
        Element("AirSyncBase:Location", Element("AirSyncBase:DisplayName", text=place))
        if version.startswith("16")
        else Element("Calendar:Location", text=place)
    )
    return _data(
        *([] if version.startswith("16") else [Element("Calendar:DtStamp", text=_time(start))]),
        Element("Calendar:StartTime", text=_time(start)),
        Element("Calendar:Subject", text=subject),
        *([where] if place else []),
        Element("Calendar:EndTime", text=_time(end)),
        Element("Calendar:AllDayEvent", text="0"),
        Element("Calendar:BusyStatus", text="2"),
        Element("Calendar:Sensitivity", text="0"),
        Element("Calendar:MeetingStatus", text="0"),
    )


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _data(*children: Element) -> Element:
    return Element("AirSync:ApplicationData", *children)
