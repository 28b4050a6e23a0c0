"""The table of an event's plain fields: a row a field, both directions.

What belongs together is kept elsewhere: the time in `when`, the pattern in `recurrence`, occurrences in `exceptions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from pimgate.text.times import read_time
from pimgate_eas.mapping import body, rich
from pimgate_eas.mapping.calendar import alarms, attachments, guests, meeting, places
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.categories import categories, put_categories
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.editing import put, put_text, text_of
from pimgate_eas.mapping.rows import TEXT, Row, Shape, Words, text_element, text_in
from pimgate_eas.mapping.sensitivity import put_sensitivity, sensitivity
from pimgate_eas.wbxml.element import Element

LOCATION: Final = "Calendar:Location"
PLACE: Final = "AirSyncBase:Location"

_FREE, _TENTATIVE, _BUSY, _AWAY, _ELSEWHERE = "01234"
_BUSY_WORDS: Final = {
    "FREE": _FREE,
    "TENTATIVE": _TENTATIVE,
    "BUSY": _BUSY,
    "OOF": _AWAY,
    "WORKINGELSEWHERE": _ELSEWHERE,
}
_BUSY_PROPERTY: Final = "X-MICROSOFT-CDO-BUSYSTATUS"


def _one_of(allowed: tuple[str, ...], element: Element) -> str | None:
    text = text_in(element)
    return text if text in allowed else None


def _text(name: str, entry: Entry) -> str:
    return text_of(entry.component.get(name))


def _put_text(name: str, entry: Entry, text: str) -> None:
    put_text(entry.component, name, text)


def _words(entry: Entry) -> rich.Said:
    return rich.said(entry.component, entry.context)


def _put_words(entry: Entry, words: rich.Said) -> None:
    rich.put_said(entry.component, words)


def _stamp(entry: Entry) -> str:
    line = entry.component.get("DTSTAMP")
    return entry.shown(read_time(line.value)) if line is not None else ""


def _sensitivity(entry: Entry) -> str:
    return sensitivity(entry.component)


def _put_sensitivity(entry: Entry, wanted: str) -> None:
    put_sensitivity(entry.component, wanted)


def _busy(entry: Entry) -> str:
    """Outlook's property where it does not contradict TRANSP, which other programs edit alone."""
    is_free = _text("TRANSP", entry).upper() == "TRANSPARENT"
    said = _BUSY_WORDS.get(_text(_BUSY_PROPERTY, entry).upper(), "")
    if said and (said == _ELSEWHERE or (said == _FREE) == is_free):
        return said if said != _ELSEWHERE or entry.context.is_16 else _BUSY
    if is_free:
        return _FREE
    return _TENTATIVE if _text("STATUS", entry).upper() == "TENTATIVE" else _BUSY


def _put_busy(entry: Entry, wanted: str) -> None:
    """TRANSP for all programs, and Outlook's property where it is there or TRANSP cannot say it."""
    put(entry.component, "TRANSP", "TRANSPARENT" if wanted == _FREE else "OPAQUE")
    if entry.component.get(_BUSY_PROPERTY) is not None or _busy(entry) != wanted:
        put(entry.component, _BUSY_PROPERTY, next(word for word, number in _BUSY_WORDS.items() if number == wanted))


def _categories(entry: Entry) -> tuple[str, ...]:
    return categories(entry.component)


def _put_categories(entry: Entry, words: tuple[str, ...]) -> None:
    put_categories(entry.component, words)


def _keep(entry: Entry, value: str) -> None:
    """What a device says of this is not taken over."""


def _number_row(tag: str, allowed: Iterable[str], read: Any, write: Any) -> Row[Entry, str]:
    return Row(tag, read, write, Shape("", partial(_one_of, tuple(allowed)), text_element), stays_when_absent=True)


SUBJECT: Final = Row("Calendar:Subject", partial(_text, "SUMMARY"), partial(_put_text, "SUMMARY"), TEXT)
LOCATION_BELOW_16: Final = Row(LOCATION, partial(_text, "LOCATION"), places.put_name, TEXT)
LOCATION_16: Final = Row(PLACE, places.place, places.put_place, places.PLACE)

OF_EVERY_ENTRY: Final[tuple[Row[Entry, Any], ...]] = (
    SUBJECT,
    LOCATION_BELOW_16,
    LOCATION_16,
    _number_row("Calendar:Sensitivity", "0123", _sensitivity, _put_sensitivity),
    _number_row("Calendar:BusyStatus", "01234", _busy, _put_busy),
    Row("Calendar:Reminder", alarms.reminder, alarms.put_reminder, alarms.MINUTES),
    Row("Calendar:Categories", _categories, _put_categories, Words("Calendar:Category")),
    Row(guests.TAG, guests.guests, guests.put_guests, guests.GUESTS),
    _number_row("Calendar:MeetingStatus", map(str, range(16)), meeting.status, meeting.put_status),
    Row(body.TAG, _words, _put_words, rich.RICH, stays_when_absent=True),
    _number_row("Calendar:ResponseType", "012345", meeting.response_type, _keep),
    Row("Calendar:AppointmentReplyTime", meeting.reply_time, _keep, TEXT, stays_when_absent=True),
    Row("Calendar:OnlineMeetingConfLink", meeting.conference_address, _keep, TEXT, stays_when_absent=True),
    Row("Calendar:OnlineMeetingExternalLink", meeting.conference_link, _keep, TEXT, stays_when_absent=True),
    attachments.ROW,
)
"""Fields of the series and of each of its exceptions."""

OF_THE_WHOLE: Final[tuple[Row[Entry, Any], ...]] = (
    Row("Calendar:UID", partial(_text, "UID"), _keep, TEXT, stays_when_absent=True),
    Row("Calendar:DtStamp", _stamp, _keep, TEXT, stays_when_absent=True),
    Row(meeting.ORGANIZER_NAME, meeting.organizer_name, _keep, TEXT, stays_when_absent=True),
    Row(meeting.ORGANIZER_EMAIL, meeting.organizer_email, _keep, TEXT, stays_when_absent=True),
    _number_row("Calendar:ResponseRequested", "01", meeting.response_requested, meeting.put_response_requested),
    _number_row("Calendar:DisallowNewTimeProposal", "01", meeting.no_new_time, meeting.put_no_new_time),
)
"""Fields of the event as a whole."""

_SINCE_14_IN_EXCEPTIONS: Final = (guests.TAG,)


def shown_rows(context: Context) -> list[Row[Entry, Any]]:
    """The rows of an entry that the dialect has."""
    foreign = (LOCATION,) if context.is_16 else (PLACE, attachments.TAG)
    return [row for row in OF_EVERY_ENTRY if row.tag not in foreign and context.knows(row.tag)]


def exception_rows(context: Context) -> list[Row[Entry, Any]]:
    """The rows that an exception may have: guests came to it with 14.0."""
    with_guests = context.knows("Calendar:ResponseType")
    return [row for row in shown_rows(context) if with_guests or row.tag not in _SINCE_14_IN_EXCEPTIONS]


def rows_of(data: Element, rows: list[Row[Entry, Any]]) -> list[Row[Entry, Any]]:
    """The same rows for reading an edit: a device that sends the other dialect's location is understood."""
    swaps: dict[str, Row[Entry, Any]] = {LOCATION: LOCATION_16, PLACE: LOCATION_BELOW_16}
    return [
        swaps[row.tag] if row.tag in swaps and not data.has(row.tag) and data.has(swaps[row.tag].tag) else row
        for row in rows
    ]
