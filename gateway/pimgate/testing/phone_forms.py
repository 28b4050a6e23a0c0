"""What a person types into a simulated phone: a new contact, event, task or note. Pure.

Source: MS-ASCNTC, "Contact"; MS-ASCAL, "Calendar"; MS-ASTASK, "Elements"; MS-ASNOTE, "Elements".
"""

from __future__ import annotations

from datetime import UTC, date, datetime

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


def task(subject: str, due: date | None = None, words: str = "", **fields: str) -> Element:
    """A new task that is due on a day. `fields` are further elements of the class, as in Importance="2"."""
    day = f"{due.isoformat()}T00:00:00.000Z" if due is not None else ""
    dates = {"UtcStartDate": day, "StartDate": day, "UtcDueDate": day, "DueDate": day} if day else {}
    typed = {
        "Subject": subject,
        "Importance": "1",
        "Complete": "0",
        "Sensitivity": "0",
        "ReminderSet": "0",
        **dates,
        **fields,
    }
    return _data(*_words(words), *(Element(f"Tasks:{name}", text=value) for name, value in typed.items()))


def note(subject: str, words: str = "", *categories: str) -> Element:
    """A new note."""
    return _data(
        *_words(words),
        Element("Notes:Subject", text=subject),
        Element("Notes:MessageClass", text="IPM.StickyNote"),
        *(
            [Element("Notes:Categories", *(Element("Notes:Category", text=each) for each in categories))]
            if categories
            else []
        ),
    )


def _words(words: str) -> list[Element]:
    parts = (Element("AirSyncBase:Type", text="1"), Element("AirSyncBase:Data", text=words))
    return [Element("AirSyncBase:Body", *parts)] if words else []


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _data(*children: Element) -> Element:
    return Element("AirSync:ApplicationData", *children)
