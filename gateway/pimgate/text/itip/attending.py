"""What a guest's edit makes due: a REPLY where the answer changed. Everything else about their copy is their own.

Source: RFC 5546 "REPLY"; RFC 6638 "Attendee Scheduling Object Resources".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from pimgate.text.component import Component
from pimgate.text.itip.meeting import (
    DECLINED,
    NEEDS_ACTION,
    SERIES,
    Meeting,
    attendee_line,
    is_cancelled,
    is_forced,
    is_ours_to_tell,
    partstat_of,
    put_params,
    with_params,
)
from pimgate.text.itip.message import Message, Method, Most, calendar_of, copy_of, for_sending
from pimgate.text.itip.organizing import place_at
from pimgate.text.lines import Line, escape, make_line

_SENT_BACK: Final = (
    *("UID", "SEQUENCE", "ORGANIZER", "SUMMARY", "LOCATION"),
    *("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE"),
)


def replies(
    old: Meeting | None, new: Meeting | None, guest: str, now: datetime, most: Most, comment: str = ""
) -> tuple[str | None, tuple[Message, ...]]:
    """The text to keep, and the answers that are due. Whoever removes an invitation declines it."""
    known = new or old
    assert known is not None, "an edit has a text before it or after it"
    text = new.events.to_text() if new is not None else None
    if not _is_asked(known, guest):
        return text, ()
    told = _removed(old, guest) if new is None else _changed(old, new, guest)
    most.check_count(len(told))
    if new is not None:
        _unforce(new)
        text = new.events.to_text()
    messages = (reply(known, old, key, guest, answer, now, comment) for key, answer in told.items())
    return text, tuple(most.counted(messages))


def _is_asked(meeting: Meeting, guest: str) -> bool:
    """Whether the server answers for this guest."""
    organizer = meeting.main.get("ORGANIZER")
    return organizer is not None and is_ours_to_tell(organizer) and any(True for _ in _lines(meeting.entries, guest))


def _removed(old: Meeting | None, guest: str) -> dict[str, str]:
    if old is None:
        return {}
    called_off = old.master is not None and is_cancelled(old.master)
    keys = [SERIES] if old.master is not None else list(old.overrides)
    return {} if called_off else {key: DECLINED for key in keys if _answer(old, key, guest) != DECLINED}


def _changed(old: Meeting | None, new: Meeting, guest: str) -> dict[str, str]:
    found: dict[str, str] = {}
    forced = any(is_forced(entry.get("ORGANIZER"), "REPLY") for entry in new.entries)
    for key, entry in new.keyed():
        answer = partstat_of(entry, guest)
        if attendee_line(entry, guest) is None or (answer == NEEDS_ACTION and not forced):
            continue
        if forced or (answer != _answer(old, key, guest) and not (key and found.get(SERIES) == answer)):
            found[key] = answer
    for key in new.excluded:
        if old is not None and key not in old.excluded and _answer(old, key, guest) != DECLINED and old.at(key):
            found[key] = DECLINED
    return found


def _answer(meeting: Meeting | None, key: str, guest: str) -> str:
    if meeting is None:
        return NEEDS_ACTION
    return partstat_of(meeting.master if key == SERIES else meeting.at(key), guest)


def reply(
    meeting: Meeting, old: Meeting | None, key: str, guest: str, answer: str, now: datetime, comment: str = ""
) -> Message:
    """The answer of a guest about the whole or one occurrence."""
    source = meeting.overrides.get(key) or (old.overrides.get(key) if old is not None else None) or meeting.main
    copy = copy_of(source)
    made = Component(copy.name, [line for line in copy.lines if line.name in _SENT_BACK])
    if key != SERIES:
        made.remove("RRULE")
        if made.get("RECURRENCE-ID") is None:
            place_at(made, key, meeting)
    own = next(_lines([copy, *meeting.entries], guest))
    made.add(with_params(own, PARTSTAT=answer, RSVP=None))
    if comment:
        made.add(make_line("COMMENT", escape(comment)))
    made.add(make_line("REQUEST-STATUS", "2.0;Success"))
    sent = for_sending(made, now)
    sequence = meeting.sequence
    sent.set("SEQUENCE", str(sequence))
    text = calendar_of(Method.REPLY, meeting, [sent])
    return Message(Method.REPLY, meeting.uid, sequence, key, meeting.organizer, text)


def _lines(entries: Iterable[Component], guest: str) -> Iterator[Line]:
    return (line for entry in entries if (line := attendee_line(entry, guest)) is not None)


def _unforce(new: Meeting) -> None:
    for entry in new.entries:
        line = entry.get("ORGANIZER")
        if line is not None and line.param("SCHEDULE-FORCE-SEND"):
            put_params(entry, line, SCHEDULE_FORCE_SEND=None)
