"""What travels between the calendars of people: a calendar object with a METHOD.

Source: RFC 5546 "Application Protocol Elements", "Message Sequencing".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from pimgate.text.component import Component, parse
from pimgate.text.errors import BadText, TooMuchToTell
from pimgate.text.events import PRODID
from pimgate.text.itip.meeting import SERIES, Meeting, address_of, reworded, sequence_of
from pimgate.text.lines import Line, make_line
from pimgate.text.times import epoch_of, read_time, write_time
from pimgate.text.zone_object import add_zones

MOST_ENTRIES: Final = 500
MOST_SINGLE: Final = 50
"""Single occurrences in a message that names each: whether there is one is looked up for each of them."""

_OF_ONE_PERSON: Final = ("CATEGORIES", "LAST-MODIFIED", "CREATED", "COLOR")
_OF_ONE_PROGRAM: Final = ("X-MOZ-", "X-LIC-", "X-EVOLUTION-", "X-MICROSOFT-CDO-BUSYSTATUS")
_NOT_SENT: Final = {"SCHEDULE_AGENT": None, "SCHEDULE_STATUS": None, "SCHEDULE_FORCE_SEND": None}


class Method(StrEnum):
    REQUEST = "REQUEST"
    REPLY = "REPLY"
    CANCEL = "CANCEL"
    ADD = "ADD"
    COUNTER = "COUNTER"
    REFRESH = "REFRESH"
    DECLINECOUNTER = "DECLINECOUNTER"


FROM_ORGANIZER: Final = frozenset({Method.REQUEST, Method.CANCEL, Method.ADD, Method.DECLINECOUNTER})


@dataclass(frozen=True, slots=True)
class Message:
    """One message that is due. `instance` is the key of the one occurrence it is about, "" for the whole; `recipient` an address
    in lower case; `text` the calendar object with its METHOD."""

    method: Method
    uid: str
    sequence: int
    instance: str
    recipient: str
    text: str


@dataclass(frozen=True, slots=True)
class Most:
    """How much one edit may give to be sent. It is asked while the messages are made, so what is too much is never made."""

    messages: int = 2_000
    characters: int = 32 * 1024 * 1024
    different: int = 10 * 1024 * 1024
    """Characters of messages that are not word for word what somebody else gets too."""

    def check_count(self, messages: int) -> None:
        """TooMuchToTell for too many messages."""
        if messages > self.messages:
            raise TooMuchToTell(f"One edit may send at most {self.messages} messages.")

    def counted(self, messages: Iterable[Message]) -> Iterator[Message]:
        """The same messages. TooMuchToTell at the one that is too many or too long."""
        characters = different = 0
        seen: set[str] = set()
        for count, message in enumerate(messages, 1):
            self.check_count(count)
            characters += len(message.text)
            different += 0 if message.text in seen else len(message.text)
            seen.add(message.text)
            if characters > self.characters or different > self.different:
                raise TooMuchToTell("The event is too large to be sent to so many people.")
            yield message


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """Which of two messages about the same thing is the later one."""

    sequence: int
    at: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that arrived. `party` is whose word it is: the organizer's or, in an answer, the guest's."""

    method: Method
    meeting: Meeting
    party: str
    stamp: Stamp
    instance: str

    @property
    def uid(self) -> str:
        return self.meeting.uid


def read_incoming(text: str) -> Incoming:
    """The message that a calendar text is. BadText for one that is none, or is beyond the limits."""
    line = parse(text).get("METHOD")
    word = line.value.strip().upper() if line is not None else ""
    if word not in Method.__members__:
        raise BadText("The text is no message about a meeting.")
    method, meeting = Method(word), Meeting(text)
    most = MOST_ENTRIES if method is Method.REQUEST else MOST_SINGLE
    if len(meeting.entries) > most or any(entry.name != "VEVENT" for entry in meeting.entries):
        raise BadText("The message is about something other than one meeting.")
    if not meeting.uid or not meeting.organizer:
        raise BadText("The message names no meeting.")
    stamps = [Stamp(sequence_of(entry), _stamped_at(entry)) for entry in meeting.entries]
    instance = SERIES if meeting.master is not None else " ".join(sorted(meeting.overrides))
    return Incoming(method, meeting, _party(method, meeting), max(stamps), instance)


def _party(method: Method, meeting: Meeting) -> str:
    if method in FROM_ORGANIZER:
        return meeting.organizer
    who = {address_of(line) for entry in meeting.entries for line in entry.all("ATTENDEE")}
    if len(who) != 1 or "" in who:
        raise BadText("An answer is that of one guest.")
    return who.pop()


def _stamped_at(entry: Component) -> int:
    line = entry.get("DTSTAMP")
    return epoch_of(read_time(line.value)) if line is not None else 0


def calendar_of(method: Method, meeting: Meeting, entries: Iterable[Component]) -> str:
    """A calendar object with these components, and the zones that they name: those of the meeting, and what its program left out
    because everybody here knows it."""
    sent = list(entries)
    named = {tzid for entry in sent for line in entry.lines if (tzid := line.param_text("TZID"))}
    zones = [
        copy_of(zone)
        for zone in meeting.events.calendar.children_named("VTIMEZONE")
        if (line := zone.get("TZID")) is not None and line.text in named
    ]
    head = [make_line("VERSION", "2.0"), make_line("PRODID", PRODID), make_line("METHOD", method.value)]
    calendar = Component("VCALENDAR", head, [*zones, *sent])
    add_zones(calendar)
    return calendar.to_text()


def copy_of(component: Component) -> Component:
    return parse(component.to_text())


def for_sending(entry: Component, now: datetime) -> Component:
    """A copy without what is one person's own: alarms, categories, marks of programs, how it was sent before."""
    copy = copy_of(entry)
    copy.items = [item for item in copy.items if item.name != "VALARM" or isinstance(item, Line)]
    copy.rewrite(_as_sent)
    copy.set("DTSTAMP", stamp_text(now), ())
    return copy


def _as_sent(line: Line) -> Line | None:
    if line.name in _OF_ONE_PERSON or line.name.startswith(_OF_ONE_PROGRAM):
        return None
    return reworded(line, **_NOT_SENT) if line.name in ("ATTENDEE", "ORGANIZER") else line


def stamp_text(now: datetime) -> str:
    return write_time(now.astimezone(UTC).replace(microsecond=0))
