"""What the organizer's word does to a guest's copy. Alarms, categories and all that is the guest's own stays.

Source: RFC 5546 "REQUEST", "ADD", "CANCEL".
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pimgate.text.component import Component
from pimgate.text.events import instance_key, time_line
from pimgate.text.itip.meeting import (
    DECLINED,
    NEEDS_ACTION,
    SERIES,
    Meeting,
    attendee_line,
    partstat_of,
    put_params,
    sequence_of,
)
from pimgate.text.itip.message import Incoming, Message, copy_of
from pimgate.text.itip.single import NoSuchOccurrence, occurrence_at

Outcome = tuple[str | None, tuple[Message, ...]]

_OWN: Final = ("CATEGORIES", "COLOR", "TRANSP")
_OWN_PREFIX: Final = "X-"
_BUSY_PROPERTY: Final = "X-MICROSOFT-CDO-BUSYSTATUS"
"""How the time shows in the guest's day: an invitation without an answer is a perhaps."""


def requested(incoming: Incoming, stored: Meeting | None, me: str, now: datetime) -> Outcome:
    """A new invitation, or the next version of one."""
    arrived = incoming.meeting
    if stored is None:
        if all(partstat_of(entry, me) == DECLINED for entry in arrived.entries):
            return None, ()  # declined before, and so no longer there
        return _first_copy(arrived, me), ()
    if arrived.master is None or stored.master is None:
        return _with_occurrences(arrived, stored, me), ()
    if sequence_of(arrived.master) < sequence_of(stored.master):
        return stored.events.to_text(), ()
    return _next_version(arrived, stored, me), ()


def added(incoming: Incoming, stored: Meeting | None, me: str, now: datetime) -> Outcome:
    """Further occurrences of a series that is known."""
    if stored is None or stored.master is None:
        return (stored.events.to_text() if stored is not None else None), ()
    for entry in incoming.meeting.entries:
        start = incoming.meeting.events.start_of(entry)
        key = instance_key(start)
        if entry.get("RECURRENCE-ID") is None and key not in stored.overrides:
            stored.master.add(time_line("RDATE", start))
            override = stored.events.add_override(start, _bare(entry).lines)
            _ask(override, me)
    _take_zones(incoming.meeting, stored)
    return stored.events.to_text(), ()


def cancelled(incoming: Incoming, stored: Meeting | None, me: str, now: datetime) -> Outcome:
    """The copy, marked as called off: people are to see that it was. What they had declined just goes."""
    if stored is None:
        return None, ()
    if incoming.meeting.master is not None:
        if incoming.stamp.sequence < stored.sequence:
            return stored.events.to_text(), ()
        if partstat_of(stored.main, me) == DECLINED:
            return None, ()
        for entry in stored.entries:
            _call_off(entry, incoming.stamp.sequence)
        return stored.events.to_text(), ()
    for key, entry in incoming.meeting.overrides.items():
        _call_off_once(stored, key, sequence_of(entry), me)
    return (stored.events.to_text() if stored.events.entries else None), ()


def _first_copy(arrived: Meeting, me: str) -> str:
    arrived.events.calendar.remove("METHOD")
    for entry in arrived.entries:
        _strip_alarms(entry)
        _ask(entry, me)
        entry.set(_BUSY_PROPERTY, "TENTATIVE")
    return arrived.events.to_text()


def _next_version(arrived: Meeting, stored: Meeting, me: str) -> str:
    """The whole as the organizer has it now, with what the guest made of it."""
    assert arrived.master is not None and stored.master is not None
    is_moved = arrived.shape(SERIES).times != stored.shape(SERIES).times  # type: ignore[union-attr]
    own_exclusions = (
        {} if is_moved else {key: time for key, time in stored.excluded.items() if key not in arrived.excluded}
    )
    newer = {
        key: entry
        for key, entry in stored.overrides.items()
        if sequence_of(entry) > max(map(sequence_of, arrived.entries))
    }
    for key, entry in arrived.keyed():
        before = stored.master if key == SERIES else stored.at(key)
        _carry_over(before, entry, me, is_moved if key == SERIES else _is_moved(arrived, stored, key))
    still_away = (
        time
        for key, time in own_exclusions.items()
        if key not in arrived.overrides or partstat_of(arrived.overrides[key], me) == DECLINED
    )
    arrived.events.exclude(*still_away)
    for key, kept in newer.items():
        arrived.events.remove_override(key)
        arrived.events.calendar.add_child(copy_of(kept))
    arrived.events.calendar.remove("METHOD")
    return arrived.events.to_text()


def _with_occurrences(arrived: Meeting, stored: Meeting, me: str) -> str:
    """The copy with the occurrences that a message brings; the rest stays."""
    if stored.master is None and arrived.master is not None:  # so far only some occurrences were known
        for key, entry in arrived.keyed():
            before = stored.overrides.get(key)
            _carry_over(before, entry, me, before is None or _is_moved(arrived, stored, key))
        arrived.events.calendar.remove("METHOD")
        return arrived.events.to_text()
    for key, entry in arrived.overrides.items():
        known = stored.overrides.get(key)
        if known is not None and sequence_of(entry) < sequence_of(known):
            continue
        before = known or stored.at(key)
        copy = copy_of(entry)
        _carry_over(before, copy, me, before is None or _is_moved(arrived, stored, key))
        original = arrived.original(key)
        if original is not None:
            stored.events.include(original)
            stored.events.remove_override(key)
            stored.events.calendar.add_child(copy)
    _take_zones(arrived, stored)
    return stored.events.to_text()


def _is_moved(arrived: Meeting, stored: Meeting, key: str) -> bool:
    before, now = stored.shape(key), arrived.shape(key)
    return before is None or now is None or before.times != now.times


def _carry_over(before: Component | None, entry: Component, me: str, is_moved: bool) -> None:
    """What of the guest's own copy goes on: alarms, categories, how it shows in their day, and the answer to the same time."""
    _strip_alarms(entry)
    _ask(entry, me)
    if before is None:
        return
    for child in before.children_named("VALARM"):
        entry.add_child(copy_of(child))
    own = [line for line in before.lines if line.name in _OWN or line.name.startswith(_OWN_PREFIX)]
    for name in dict.fromkeys(line.name for line in own):
        if name in _OWN or entry.get(name) is None:
            entry.remove(name)
            for line in own:
                if line.name == name:
                    entry.add(line)
    mine, answer = attendee_line(entry, me), partstat_of(before, me)
    if mine is not None and not is_moved and answer != NEEDS_ACTION:
        put_params(entry, mine, PARTSTAT=answer, RSVP=None)


def _ask(entry: Component, me: str) -> None:
    line = attendee_line(entry, me)
    if line is not None:
        put_params(entry, line, PARTSTAT=NEEDS_ACTION, SCHEDULE_STATUS=None)


def _bare(entry: Component) -> Component:
    copy = copy_of(entry)
    _strip_alarms(copy)
    return copy


def _strip_alarms(entry: Component) -> None:
    """The organizer's alarms are not the guest's."""
    for child in entry.children_named("VALARM"):
        entry.remove(child)


def _call_off(entry: Component, sequence: int) -> None:
    _strip_alarms(entry)
    entry.set("STATUS", "CANCELLED")
    entry.set("TRANSP", "TRANSPARENT")
    entry.remove(_BUSY_PROPERTY)
    entry.set("SEQUENCE", str(max(sequence, sequence_of(entry))))


def _call_off_once(stored: Meeting, key: str, sequence: int, me: str) -> None:
    if key in stored.overrides:
        if partstat_of(stored.overrides[key], me) == DECLINED:
            stored.events.remove_override(key)
            return
        _call_off(stored.overrides[key], sequence)
        return
    if key in stored.excluded:
        return
    try:
        original = occurrence_at(stored, key)
    except NoSuchOccurrence:
        return
    _call_off(stored.events.add_override(original), sequence)


def _take_zones(arrived: Meeting, stored: Meeting) -> None:
    """The zones that new components name and the copy lacks."""
    has = {line.text for zone in stored.events.calendar.children_named("VTIMEZONE") if (line := zone.get("TZID"))}
    first = next(at for at, item in enumerate(stored.events.calendar.items) if item.name in ("VEVENT", "VTIMEZONE"))
    for zone in arrived.events.calendar.children_named("VTIMEZONE"):
        line = zone.get("TZID")
        if line is not None and line.text not in has:
            stored.events.calendar.items.insert(first, copy_of(zone))
