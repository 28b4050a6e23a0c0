"""What a guest's word does to the organizer's copy: their own answer changes, and nothing else.

Source: RFC 5546 "REPLY", "COUNTER", "REFRESH".
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pimgate.text.component import Component
from pimgate.text.itip.meeting import (
    ACCEPTED,
    DECLINED,
    SERIES,
    TENTATIVE,
    Meeting,
    attendee_line,
    put_params,
    sequence_of,
)
from pimgate.text.itip.message import Incoming, Message
from pimgate.text.itip.organizing import whole_request
from pimgate.text.itip.single import NoSuchOccurrence, occurrence_at
from pimgate.text.itip.statuses import Delivery

Outcome = tuple[str | None, tuple[Message, ...]]

_ANSWERS: Final = frozenset({ACCEPTED, DECLINED, TENTATIVE, "DELEGATED"})


def replied(incoming: Incoming, stored: Meeting | None, me: str, now: datetime) -> Outcome:
    """The answer beside the guest. One to an earlier time, or to an occurrence that there is not, changes nothing."""
    assert stored is not None, "only what is kept can be answered"
    for key, entry in incoming.meeting.keyed():
        line = attendee_line(entry, incoming.party)
        answer = (line.param("PARTSTAT") or ("",))[0] if line is not None else ""
        if answer in _ANSWERS:
            _note(stored, key, incoming.party, answer, sequence_of(entry))
    return stored.events.to_text(), ()


def countered(incoming: Incoming, stored: Meeting | None, me: str, now: datetime) -> Outcome:
    """Another time is proposed: the answer that comes with it counts, the time is for the organizer to decide."""
    return replied(incoming, stored, me, now)


def refreshed(incoming: Incoming, stored: Meeting | None, me: str, now: datetime) -> Outcome:
    """The guest asks for the present version, and gets it."""
    assert stored is not None, "only what is kept can be asked for"
    message = whole_request(incoming.party, stored, now) if stored.takes_part_at_all(incoming.party) else None
    return stored.events.to_text(), (message,) if message is not None else ()


def _note(stored: Meeting, key: str, guest: str, answer: str, sequence: int) -> None:
    if key == SERIES:
        if stored.master is not None and sequence >= sequence_of(stored.master):
            _put(stored.master, guest, answer)
            _let_follow(stored, guest, answer)
        return
    entry = stored.overrides.get(key)
    if entry is None:
        if stored.master is None or sequence < sequence_of(stored.master):
            return
        try:
            entry = stored.events.add_override(occurrence_at(stored, key))
        except NoSuchOccurrence:
            return
    elif sequence < sequence_of(entry):
        return
    _put(entry, guest, answer)


def _let_follow(stored: Meeting, guest: str, answer: str) -> None:
    """Whoever answers for the whole answers for the occurrences on which they had said nothing."""
    for entry in stored.overrides.values():
        line = attendee_line(entry, guest)
        if line is not None and (line.param("PARTSTAT") or ("NEEDS-ACTION",))[0] == "NEEDS-ACTION":
            _put(entry, guest, answer)


def _put(entry: Component, guest: str, answer: str) -> None:
    line = attendee_line(entry, guest)
    if line is not None:
        put_params(entry, line, PARTSTAT=answer, RSVP=None, SCHEDULE_STATUS=Delivery.ANSWERED.value)
