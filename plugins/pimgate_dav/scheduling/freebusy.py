"""Asking when people are free, and the answers, as iCalendar. Pure.

    BEGIN:VFREEBUSY                                     BEGIN:VFREEBUSY
    ORGANIZER:mailto:anna@example.org                   ATTENDEE:mailto:bert@example.org
    ATTENDEE:mailto:bert@example.org            ->      DTSTART:20261201T000000Z ...
    DTSTART:20261201T000000Z                            FREEBUSY;FBTYPE=BUSY:20261201T090000Z/20261201T100000Z
    DTEND:20261202T000000Z

Sources: RFC 6638 "Requesting Busy Time Information"; RFC 5546 "Methods for VFREEBUSY Components"; RFC 5545 "Free/Busy Time Type".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pimgate.api import Busy, Span
from pimgate.text.component import Component, parse
from pimgate.text.errors import BadText
from pimgate.text.events import PRODID
from pimgate.text.itip.meeting import address_of
from pimgate.text.lines import Line, make_line
from pimgate.text.times import read_time, write_time
from pimgate_dav.filters.times import EARLIEST, LATEST

MOST_PEOPLE: Final = 100
MASKED: Final = "X-CALENDARSERVER-MASK-UID"
TYPES: Final = {Busy.TENTATIVE: "BUSY-TENTATIVE", Busy.BUSY: "BUSY", Busy.UNAVAILABLE: "BUSY-UNAVAILABLE"}


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks about whom, and about which time; `people` and `organizer` are the lines as they came. `besides` is the UID of the
    meeting that is being moved, which Apple's programs name (icalendar-maskuids of CalendarServer)."""

    uid: str
    organizer: Line
    people: tuple[Line, ...]
    start: datetime
    end: datetime
    besides: str = ""


def read_question(text: str) -> Question:
    """BadText for what is no such question, or is about too many people."""
    calendar = parse(text)
    method = calendar.get("METHOD")
    parts = calendar.children_named("VFREEBUSY")
    others = [each for each in calendar.children if each.name not in ("VFREEBUSY", "VTIMEZONE")]
    if method is None or method.value.strip().upper() != "REQUEST" or len(parts) != 1 or others:
        raise BadText("Only a question about free time can be posted here.")
    asked = parts[0]
    uid, organizer, people = asked.get("UID"), asked.get("ORGANIZER"), asked.all("ATTENDEE")
    start, end = _time(asked.get("DTSTART")), _time(asked.get("DTEND"))
    if uid is None or organizer is None or not people or start >= end:
        raise BadText("The question needs a UID, an organizer, somebody asked about, and a start before its end.")
    if len(people) > MOST_PEOPLE:
        raise BadText(f"At most {MOST_PEOPLE} people can be asked about at once.")
    besides = asked.get(MASKED)
    return Question(
        uid.value, organizer, tuple(people), start, end, besides.text.strip() if besides is not None else ""
    )


def answer(question: Question, person: Line, spans: Sequence[Span], now: datetime) -> str:
    """When a person is taken, as the answer to a question."""
    lines = [
        make_line("UID", question.uid),
        make_line("DTSTAMP", write_time(now.astimezone(UTC).replace(microsecond=0))),
        make_line("DTSTART", write_time(question.start)),
        make_line("DTEND", write_time(question.end)),
        question.organizer,
        person,
        *map(free_busy_line, spans),
    ]
    head = [make_line("VERSION", "2.0"), make_line("PRODID", PRODID), make_line("METHOD", "REPLY")]
    return Component("VCALENDAR", head, [Component("VFREEBUSY", lines)]).to_text()


def free_busy_line(span: Span) -> Line:
    """A span as it stands in a VFREEBUSY."""
    return make_line("FREEBUSY", _period(span), (("FBTYPE", (TYPES[span.status],)),))


def name_of(person: Line) -> str:
    """Whom a line names: a mail address in lower case, else what it says."""
    return address_of(person) or person.text.strip()


def _period(span: Span) -> str:
    return "/".join(write_time(datetime.fromtimestamp(each, UTC)) for each in (span.start, span.end))


def _time(line: Line | None) -> datetime:
    found = read_time(line.value) if line is not None else None
    if not isinstance(found, datetime) or found.tzinfo is None or not EARLIEST <= found <= LATEST:
        raise BadText("The times of the question must be in UTC, and near.")
    return found
