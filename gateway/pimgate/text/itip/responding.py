"""A guest's own answer laid onto their copy: yes, perhaps, no; to all of it or to one occurrence; and another time proposed.

Source: RFC 5546 "REPLY", "COUNTER"; MS-ASCMD "UserResponse".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.itip.attending import reply
from pimgate.text.itip.meeting import (
    ACCEPTED,
    DECLINED,
    SERIES,
    TENTATIVE,
    Meeting,
    attendee_line,
    is_cancelled,
    put_params,
)
from pimgate.text.itip.message import Message, Method, calendar_of
from pimgate.text.itip.single import occurrence_at
from pimgate.text.lines import make_line
from pimgate.text.times import write_time

_BUSY: Final = {ACCEPTED: "BUSY", TENTATIVE: "TENTATIVE", DECLINED: "FREE"}
_BUSY_PROPERTY: Final = "X-MICROSOFT-CDO-BUSYSTATUS"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a guest says: `partstat` is ACCEPTED, TENTATIVE or DECLINED; `instance` is the key of one occurrence;
    `comment` is a word to the organizer, `start` and `end` another time that is proposed."""

    partstat: str
    instance: str = SERIES
    comment: str = ""
    start: datetime | None = None
    end: datetime | None = None


def responded(text: str, guest: str, answer: Answer, now: datetime) -> tuple[str | None, tuple[Message, ...]]:
    """The guest's copy after the answer (None: it goes), and the messages to the organizer that this makes due: none for an answer
    that was given before. BadText if the person is no guest of it, NoSuchOccurrence."""
    old, new = Meeting(text), Meeting(text)
    if not any(attendee_line(entry, guest) is not None for entry in new.entries) or new.organizer in ("", guest):
        raise BadText("The person is no guest of this meeting.")
    if not answer.instance:
        for entry in new.entries:
            _answer(entry, guest, answer.partstat)
        told = {key: answer.partstat for key, _ in new.keyed() if not key or new.master is None}
    else:
        told = {_answer_once(new, guest, answer): answer.partstat}
    is_gone = answer.partstat == DECLINED and not answer.instance
    # Nobody waits for an answer to what does not take place any more.
    asked = {} if is_cancelled(old.main) else told
    messages = tuple(
        reply(old, None, key, guest, word, now, answer.comment)
        for key, word in asked.items()
        if _said(old, key, guest) != word or answer.start is not None
    )
    return (None if is_gone else new.events.to_text()), messages


def _said(meeting: Meeting, key: str, guest: str) -> str:
    entry = meeting.master if key == SERIES else meeting.at(key)
    line = attendee_line(entry, guest) if entry is not None else None
    return (line.param("PARTSTAT") or ("",))[0] if line is not None else ""


def _answer(entry: Component, guest: str, partstat: str) -> None:
    line = attendee_line(entry, guest)
    if line is not None:
        put_params(entry, line, PARTSTAT=partstat, RSVP=None)
    entry.set("TRANSP", "TRANSPARENT" if partstat == DECLINED else "OPAQUE")
    entry.set(_BUSY_PROPERTY, _BUSY[partstat])


def _answer_once(meeting: Meeting, guest: str, answer: Answer) -> str:
    """Answer for one occurrence; gives its key. A declined one goes."""
    key, original = answer.instance, occurrence_at(meeting, answer.instance)
    if answer.partstat == DECLINED:
        if meeting.master is not None:
            meeting.events.exclude(original)
        elif len(meeting.entries) > 1:
            meeting.events.remove_override(key)
        else:
            _answer(meeting.overrides[key], guest, DECLINED)
    else:
        override = meeting.events.add_override(original)
        _answer(override, guest, answer.partstat)
    return key


def proposal(text: str, guest: str, answer: Answer, now: datetime) -> Message:
    """The COUNTER that proposes `answer.start` and `answer.end` instead. BadText if the person is no guest."""
    meeting = Meeting(text)
    if answer.instance:
        occurrence_at(meeting, answer.instance)
    said = reply(meeting, None, answer.instance, guest, answer.partstat, now, answer.comment)
    made = Meeting(said.text)
    for entry in made.entries:
        for name in ("DURATION", "DTSTART", "DTEND", "RRULE", "REQUEST-STATUS"):
            entry.remove(name)
        for name, time in (("DTSTART", answer.start), ("DTEND", answer.end)):
            if time is not None:
                entry.add(make_line(name, write_time(time.astimezone(UTC))))
    text = calendar_of(Method.COUNTER, made, made.entries)
    return replace(said, method=Method.COUNTER, text=text)
