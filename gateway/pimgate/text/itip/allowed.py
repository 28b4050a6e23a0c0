"""What the owner of a calendar may make of a meeting there: the organizer everything but hand it over, a guest what is their own.

    fault_of(before, after, "bert@example.org") -> Fault.BY_GUEST      he moved Anna's meeting to another day

Only what would let the calendars of two people contradict each other is a fault; words that a program writes anew are not.

Source: RFC 6638 "PUT", "Organizer Scheduling Object Resources", "Attendee Scheduling Object Resources".
"""

from __future__ import annotations

from enum import StrEnum

from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.itip.meeting import SERIES, Meeting, address_of, attendee_line, is_meeting, same_address


class Fault(StrEnum):
    """The rule that an edit breaks, by its name in RFC 6638."""

    TWO_ORGANIZERS = "same-organizer-in-all-components"
    BY_ORGANIZER = "allowed-organizer-scheduling-object-change"
    BY_GUEST = "allowed-attendee-scheduling-object-change"


def fault_of(before: str | None, after: str, owner: str) -> Fault | None:
    """What is wrong with an edit by the owner of the calendar; None if nothing is. What cannot be read is judged elsewhere."""
    if not (is_meeting(before) or is_meeting(after)):
        return None
    try:
        old, new = (Meeting(before) if before is not None else None), Meeting(after)
    except BadText:
        return None
    if len({_organizer(entry) for entry in new.entries} - {""}) > 1:
        return Fault.TWO_ORGANIZERS
    if old is None or not old.organizer:
        return None
    if same_address(old.organizer, owner):
        is_handed_over = bool(new.organizer) and not same_address(new.organizer, owner)
        return Fault.BY_ORGANIZER if is_handed_over else None
    is_guest = any(attendee_line(entry, owner) is not None for entry in old.entries)
    return Fault.BY_GUEST if is_guest and not _stays_a_guests(old, new, owner) else None


def _organizer(entry: Component) -> str:
    line = entry.get("ORGANIZER")
    return address_of(line) if line is not None else ""


def _stays_a_guests(old: Meeting, new: Meeting, guest: str) -> bool:
    """Whether the meeting is still the organizer's, at the organizer's times, with the guest in it."""
    if new.organizer != old.organizer or all(attendee_line(entry, guest) is None for entry in new.entries):
        return False
    return all(_same_times(old, new, key) for key, _ in new.keyed())


def _same_times(old: Meeting, new: Meeting, key: str) -> bool:
    """An occurrence that a guest answers for gets a component of its own, at the time that it had. How a series goes on is not
    compared word for word: programs write the same end of it in several ways, and an answer must not fail for that."""
    before, now = old.shape(key), new.shape(key)
    if before is None or now is None:
        return key != SERIES or old.master is None
    if key != SERIES:
        return before.times == now.times
    start, is_timed, _, length, pattern = before.times
    return (start, is_timed, length, bool(pattern)) == (*now.times[:2], now.times[3], bool(now.times[4]))
