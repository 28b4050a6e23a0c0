"""What the server wrote into a copy meanwhile, and what of it stays when the copy is replaced by one that does not know of it.

A client that edits a meeting has an older version of it in hand: answers of guests, and what became of messages, came in between.
`schedule_tag` names a version but for just these; whoever edits the version of a tag loses nothing by `with_answers`.

Source: RFC 6638 "Avoiding Conflicts when Updating Scheduling Object Resources", "Schedule Status Parameter".
"""

from __future__ import annotations

import hashlib

from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.itip.meeting import (
    NEEDS_ACTION,
    Meeting,
    address_of,
    attendee_line,
    is_ours_to_tell,
    put_params,
    same_address,
    with_params,
)
from pimgate.text.lines import Line, read_lines

_STATUS = "SCHEDULE-STATUS"


def schedule_tag(text: str, owner: str) -> str | None:
    """What names this version of a meeting in the calendar of `owner` (an address), whatever other people have answered; None for
    what is no meeting, or not one of theirs."""
    people, told = [], hashlib.sha256()
    for line in read_lines(text):
        is_person = line.name in ("ATTENDEE", "ORGANIZER")
        if is_person:
            people.append((line.name, address_of(line)))
        told.update((_as_its_owner_sees(line, owner) if is_person else line.raw).encode("utf-8", "replace"))
    is_meeting = {"ATTENDEE", "ORGANIZER"} <= {name for name, _ in people}
    return told.hexdigest()[:32] if is_meeting and any(same_address(each, owner) for _, each in people) else None


def with_answers(before: str, after: str, owner: str) -> str:
    """`after` with the answers that other people had given in `before`. An answer is its giver's: what an edit says instead is what
    its client knew. Where nobody has answered, the edit counts."""
    try:
        old, new = Meeting(before), Meeting(after)
    except BadText:
        return after
    for key, entry in new.keyed():
        known = old.at(key)
        for line in entry.all("ATTENDEE") if known is not None else ():
            given = attendee_line(known, address_of(line)) if known is not None else None
            answer = _word(given, "PARTSTAT")
            if given is None or same_address(address_of(line), owner) or answer in ("", NEEDS_ACTION):
                continue
            put_params(entry, line, PARTSTAT=answer, RSVP=_word(given, "RSVP") or None)
    return new.events.to_text()


def with_statuses(before: str, after: str) -> str:
    """`after` with what became of the messages to people whom both versions name, where it says nothing of that itself."""
    if _STATUS not in before:
        return after
    try:
        old, new = Meeting(before), Meeting(after)
    except BadText:
        return after
    for key, entry in new.keyed():
        known = old.at(key)
        for line in _people(entry) if known is not None else ():
            status = _status_in(known, line) if known is not None else ""
            if status and is_ours_to_tell(line) and not line.param(_STATUS):
                put_params(entry, line, SCHEDULE_STATUS=status)
    return new.events.to_text()


def _as_its_owner_sees(line: Line, owner: str) -> str:
    """A person's line without what the server writes of itself."""
    if line.name == "ATTENDEE" and not same_address(address_of(line), owner):
        return with_params(line, PARTSTAT=None, RSVP=None, SCHEDULE_STATUS=None).raw
    return with_params(line, SCHEDULE_STATUS=None).raw


def _people(entry: Component) -> list[Line]:
    return [*entry.all("ORGANIZER"), *entry.all("ATTENDEE")]


def _status_in(entry: Component, line: Line) -> str:
    same = (each for each in entry.all(line.name) if address_of(each) == address_of(line))
    return next((_word(each, _STATUS) for each in same), "")


def _word(line: Line | None, name: str) -> str:
    return (line.param(name) or ("",))[0] if line is not None else ""
