"""What the DAV measures keep: ten years of appointments as desktop programs write them, and a phone book's contacts."""

from __future__ import annotations

from datetime import date, timedelta

from benchmarks.gateway import BERLIN
from benchmarks.gateway import card as card

YEARS_BEFORE = 7
"""The calendar begins so many years ago and goes on for ten."""
DAYS = 3_650


def first_day() -> date:
    return date(date.today().year - YEARS_BEFORE, 1, 1)


def month_now() -> tuple[str, str]:
    """The present month, as the range that a query asks for."""
    begin = date.today().replace(day=1)
    return f"{begin:%Y%m%d}T000000Z", f"{(begin + timedelta(days=31)).replace(day=1):%Y%m%d}T000000Z"


def week_now() -> tuple[str, str]:
    begin = date.today() - timedelta(days=date.today().weekday())
    return f"{begin:%Y%m%d}T000000Z", f"{begin + timedelta(days=7):%Y%m%d}T000000Z"


def event(number: int, of: int) -> str:
    """Appointment `number` of a calendar that holds so many. Two in a hundred are weekly without end, two are monthly for two
    years; every other one brings its time zone along."""
    day = first_day() + timedelta(days=number * DAYS // of)
    hour = 8 + number % 10
    rule = {7: "RRULE:FREQ=WEEKLY\r\n", 57: "RRULE:FREQ=WEEKLY\r\n"}.get(number % 100, "")
    rule = {31: "RRULE:FREQ=MONTHLY;COUNT=24\r\n", 81: "RRULE:FREQ=MONTHLY;COUNT=24\r\n"}.get(number % 100, rule)
    start, end = f"{day:%Y%m%d}T{hour:02}0000", f"{day:%Y%m%d}T{hour:02}4500"
    zone, times = "", f"DTSTART:{start}Z\r\nDTEND:{end}Z\r\n"
    if number % 2:
        zone, times = BERLIN, f"DTSTART;TZID=Europe/Berlin:{start}\r\nDTEND;TZID=Europe/Berlin:{end}\r\n"
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Desk//EN\r\n{zone}BEGIN:VEVENT\r\n"
        f"UID:event-{number}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Appointment {number}\r\n{times}{rule}"
        f"LOCATION:Room {number % 40}\r\nDESCRIPTION:Made for a measure.\r\n"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Soon\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
