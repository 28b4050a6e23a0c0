"""What the organizer's edit makes due: REQUEST to whom something changes for, CANCEL to who is no longer to come.

Source: RFC 5546 "REQUEST", "CANCEL", "Message Sequencing"; RFC 6638 "Organizer Scheduling Object Resources".
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pimgate.text.component import Component
from pimgate.text.events import instance_key, time_line
from pimgate.text.itip.meeting import (
    NEEDS_ACTION,
    SERIES,
    Meeting,
    Shape,
    address_of,
    answer_in,
    attendee_line,
    by_address,
    is_forced,
    reworded,
    sequence_of,
)
from pimgate.text.itip.message import Message, Method, Most, calendar_of, copy_of, for_sending
from pimgate.text.lines import Line, make_line
from pimgate.text.times import read_time

MOST_SINGLE = 20
"""With more changed occurrences than this the whole series is sent once."""

_KEPT_OF_A_CANCELLED = ("UID", "ORGANIZER", "SUMMARY", "LOCATION", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a guest is told: about an occurrence, or the whole."""

    method: Method
    key: str = SERIES


def invitations(
    old: Meeting | None, new: Meeting | None, now: datetime, most: Most
) -> tuple[str | None, tuple[Message, ...]]:
    """The text to keep, with a new revision and answers asked for anew where the time changed, and the messages."""
    guests = dict.fromkeys([*(old.guests() if old else ()), *(new.guests() if new else ())])
    forced = _forced(new) if new is not None else frozenset()
    steps = {guest: _steps(guest, old, new, is_forced_now=guest in forced) for guest in guests}
    most.check_count(sum(map(len, steps.values())))
    if new is not None:
        if old is not None:
            _ask_again(old, new)
            _revise(old, new, steps)
        _unforce(new)
    writer = _Writer(old, new, now)
    messages = (writer.message(guest, step) for guest, told in steps.items() for step in told)
    kept = new.events.to_text() if new is not None else None
    return kept, tuple(most.counted(each for each in messages if each is not None))


def _steps(guest: str, old: Meeting | None, new: Meeting | None, *, is_forced_now: bool) -> list[Step]:
    if new is None or not new.takes_part_at_all(guest):
        return _uninvited(guest, old)
    was_invited = old is not None and old.takes_part(guest, SERIES)
    if not new.takes_part(guest, SERIES):
        gone = [Step(Method.CANCEL)] if was_invited else []
        return gone + _occurrences(guest, None if was_invited else old, new)
    if old is None or not was_invited or old.shape(SERIES) != new.shape(SERIES) or is_forced_now:
        return [Step(Method.REQUEST)]
    steps = _occurrences(guest, old, new)
    is_back = any(step.method is Method.REQUEST and step.key not in new.overrides for step in steps)
    return [Step(Method.REQUEST)] if is_back or len(steps) > MOST_SINGLE else steps


def _uninvited(guest: str, old: Meeting | None) -> list[Step]:
    if old is None or not old.takes_part_at_all(guest):
        return []
    if old.takes_part(guest, SERIES):
        return [Step(Method.CANCEL)]
    return [Step(Method.CANCEL, key) for key in old.overrides if old.takes_part(guest, key)]


def _occurrences(guest: str, old: Meeting | None, new: Meeting) -> list[Step]:
    """What changes in single occurrences."""
    keys = dict.fromkeys([*new.overrides, *new.excluded, *((*old.overrides, *old.excluded) if old is not None else ())])
    steps = []
    for key in keys:
        was, is_now = old is not None and old.takes_part(guest, key), new.takes_part(guest, key)
        if was and not is_now:
            steps.append(Step(Method.CANCEL, key))
        elif is_now and (not was or old is None or old.shape(key) != new.shape(key)):
            steps.append(Step(Method.REQUEST, key))
    return steps


def _forced(new: Meeting) -> frozenset[str]:
    """Whom the client wants told whatever changed."""
    lines = (line for entry in new.entries for line in entry.all("ATTENDEE"))
    return frozenset(address_of(line) for line in lines if is_forced(line, "REQUEST"))


def _unforce(new: Meeting) -> None:
    for entry in new.entries:
        entry.rewrite(_unforced)


def _unforced(line: Line) -> Line:
    is_forced_now = line.name == "ATTENDEE" and line.param("SCHEDULE-FORCE-SEND")
    return reworded(line, SCHEDULE_FORCE_SEND=None) if is_forced_now else line


def _ask_again(old: Meeting, new: Meeting) -> None:
    """Whoever said yes to another time has not answered yet."""
    organizer = new.organizer
    for key, entry in new.keyed():
        if not _moved(old.shape(key), new.shape(key)):
            continue
        before = old.master if key == SERIES else old.at(key)
        now, then = by_address(entry.all("ATTENDEE")), by_address(before.all("ATTENDEE") if before is not None else ())
        answered = {guest for guest, line in now.items() if answer_in(line) == answer_in(then.get(guest))}
        kept = {guest for guest in answered if answer_in(now[guest]) == NEEDS_ACTION}
        entry.rewrite(partial(_asked_again, answered - kept - {organizer}))


def _asked_again(guests: Set[str], line: Line) -> Line:
    is_asked = line.name == "ATTENDEE" and address_of(line) in guests
    return reworded(line, PARTSTAT=NEEDS_ACTION, RSVP="TRUE") if is_asked else line


def _moved(old: Shape | None, new: Shape | None) -> bool:
    return old is not None and new is not None and old.times != new.times


def _revise(old: Meeting, new: Meeting, steps: dict[str, list[Step]]) -> None:
    """A new revision where the time changed or something was called off, unless the client made one."""
    told = {step for each in steps.values() for step in each}
    moved = {key for key, _ in new.keyed() if _moved(old.shape(key), new.shape(key))}
    called_off = {step.key for step in told if step.method is Method.CANCEL}
    if new.sequence > old.sequence or not (told and (moved or called_off)):
        return
    following = str(old.sequence + 1)
    for key, entry in new.keyed():
        if key in moved | called_off or (key == SERIES and called_off):
            entry.set("SEQUENCE", following)
    if new.sequence <= old.sequence:
        new.main.set("SEQUENCE", following)


class _Writer:
    """Writes the messages about one edit. What all guests get alike is made once."""

    def __init__(self, old: Meeting | None, new: Meeting | None, now: datetime) -> None:
        self._old, self._new, self._now = old, new, now
        self._sequence = new.sequence if new is not None else (old.sequence + 1 if old is not None else 0)
        self._texts: dict[tuple[str, ...], str] = {}
        self._sent: dict[str, Component] = {}
        self._exdates: dict[str, Line] = {}

    def message(self, guest: str, step: Step) -> Message | None:
        if step.method is Method.CANCEL:
            old = self._old
            assert old is not None, "only what was there is called off"
            gone = _cancelled(guest, step.key, old, self._sequence, self._now)
            text = calendar_of(Method.CANCEL, old, [gone])
            return Message(Method.CANCEL, old.uid, self._sequence, step.key, guest, text)
        assert self._new is not None, "only what is there is asked for"
        if step.key == SERIES:
            return self.whole(guest, self._new)
        entry = self._new.overrides[step.key]
        text = self._request(self._new, (step.key,), [entry])
        return Message(Method.REQUEST, self._new.uid, sequence_of(entry), step.key, guest, text)

    def whole(self, guest: str, meeting: Meeting) -> Message | None:
        """The meeting with all of its occurrences as far as they concern a guest."""
        found = [(key, each) for key, each in meeting.keyed() if key == SERIES or meeting.takes_part(guest, key)]
        if not found:
            return None
        sequence = meeting.sequence if meeting.master is None else sequence_of(meeting.master)
        text = self._request(meeting, tuple(key for key, _ in found), [each for _, each in found])
        return Message(Method.REQUEST, meeting.uid, sequence, SERIES, guest, text)

    def _request(self, meeting: Meeting, keys: tuple[str, ...], entries: list[Component]) -> str:
        """The text of a REQUEST about these components; the series without the occurrences that are not among them."""
        if keys not in self._texts:
            sent = [self._as_sent(key, entry) for key, entry in zip(keys, entries, strict=True)]
            if keys[0] == SERIES:
                left_out = meeting.overrides.keys() - keys
                exdates = [self._exdate(meeting, key) for key in meeting.overrides if key in left_out]
                sent[0] = Component(sent[0].name, [*sent[0].lines, *exdates], sent[0].children)
            self._texts[keys] = calendar_of(Method.REQUEST, meeting, sent)
        return self._texts[keys]

    def _as_sent(self, key: str, entry: Component) -> Component:
        if key not in self._sent:
            self._sent[key] = for_sending(entry, self._now)
        return self._sent[key]

    def _exdate(self, meeting: Meeting, key: str) -> Line:
        if key not in self._exdates:
            self._exdates[key] = time_line("EXDATE", meeting.originals[key])
        return self._exdates[key]


def whole_request(guest: str, meeting: Meeting, now: datetime) -> Message | None:
    """The present version of a meeting for one guest."""
    return _Writer(None, meeting, now).whole(guest, meeting)


def _cancelled(guest: str, key: str, old: Meeting, sequence: int, now: datetime) -> Component:
    """A component that says that something does not take place for a guest: what it was, and nothing else."""
    source = copy_of(old.overrides.get(key) or old.main)
    lines = [line for line in source.lines if line.name in _KEPT_OF_A_CANCELLED]
    made = Component(source.name, lines)
    if key not in (SERIES, *old.overrides):
        place_at(made, key, old)
    line = attendee_line(source, guest)
    if line is not None:
        made.add(line)
    made.set("SEQUENCE", str(sequence))
    made.add(make_line("STATUS", "CANCELLED"))
    return for_sending(made, now)


def place_at(entry: Component, key: str, old: Meeting) -> None:
    """Put a copy of the series where its occurrence of that key is."""
    start, length = old.events.start_of(old.main), old.length(old.main)
    original = read_time(key)
    if isinstance(start, datetime) and start.tzinfo is not None and isinstance(original, datetime):
        original = original.astimezone(start.tzinfo)
    assert instance_key(original) == key
    for name in ("DTSTART", "DTEND", "DURATION"):
        entry.remove(name)
    entry.add(time_line("DTSTART", original))
    entry.add(make_line("DURATION", f"P{length // 86_400}D" if not isinstance(start, datetime) else f"PT{length}S"))
    entry.add(time_line("RECURRENCE-ID", original))
