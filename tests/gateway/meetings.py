"""Meetings as programs write them, as small as they can be, and what people do with them. Anna invites."""

from datetime import UTC, datetime

ANNA, BERT, CLEO, ZOE = "anna@example.org", "bert@example.org", "cleo@example.org", "zoe@outside.example"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NEXT = datetime(2026, 11, 21, 13, tzinfo=UTC)
DAILY = "RRULE:FREQ=DAILY;COUNT=5"


def guest(address: str, partstat: str = "NEEDS-ACTION", *params: str) -> str:
    extra = "".join(f";{each}" for each in params)
    return f"ATTENDEE;CN={address.partition('@')[0].title()};PARTSTAT={partstat}{extra}:mailto:{address}"


def entry(*lines: str, start: str = "20261201T090000Z", summary: str = "Regatta", uid: str = "r1") -> list[str]:
    """The lines of a VEVENT that Anna organizes."""
    head = [f"UID:{uid}", "DTSTAMP:20261101T000000Z", f"DTSTART:{start}", "DURATION:PT1H", f"SUMMARY:{summary}"]
    host = [f"ORGANIZER;CN=Anna:mailto:{ANNA}", guest(ANNA, "ACCEPTED")]
    return ["BEGIN:VEVENT", *head, *host, *lines, "END:VEVENT"]


def override(original: str, *lines: str, start: str = "", summary: str = "Regatta") -> list[str]:
    return entry(f"RECURRENCE-ID:{original}", *lines, start=start or original, summary=summary)


def calendar(*entries: list[str], method: str = "") -> str:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", *([f"METHOD:{method}"] if method else [])]
    return "\r\n".join([*head, *(line for each in entries for line in each), "END:VCALENDAR", ""])


def meeting(*lines: str, start: str = "20261201T090000Z", summary: str = "Regatta", uid: str = "r1") -> str:
    return calendar(entry(*lines, start=start, summary=summary, uid=uid))


def unfolded(text: str) -> list[str]:
    """The content lines of a text."""
    return text.replace("\r\n ", "").split("\r\n")
