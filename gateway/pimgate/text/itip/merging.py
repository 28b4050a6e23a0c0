"""What the server wrote into a copy meanwhile, and what of it stays when the copy is replaced by one that does not know of it.

A client that edits a meeting has an older version of it in hand: answers of guests, and what became of messages, came in between.
`schedule_tag` names a version but for just these; whoever edits the version of a tag loses nothing by `with_answers`.

Source: RFC 6638 "Avoiding Conflicts when Updating Scheduling Object Resources", "Schedule Status Parameter".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial

from pimgate.text.errors import BadText
from pimgate.text.itip.meeting import (
    NEEDS_ACTION,
    Meeting,
    address_of,
    by_address,
    is_ours_to_tell,
    reworded,
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
        if known is not None:
            entry.rewrite(partial(_answered, by_address(known.all("ATTENDEE")), owner))
    return new.events.to_text()


def _answered(known: Mapping[str, Line], owner: str, line: Line) -> Line:
    given = known.get(address_of(line)) if line.name == "ATTENDEE" else None
    answer = _word(given, "PARTSTAT")
    if given is None or same_address(address_of(line), owner) or answer in ("", NEEDS_ACTION):
        return line
    return reworded(line, PARTSTAT=answer, RSVP=_word(given, "RSVP") or None)


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
        if known is not None:
            people = {name: by_address(known.all(name)) for name in ("ORGANIZER", "ATTENDEE")}
            entry.rewrite(partial(_with_status, people))
    return new.events.to_text()


def _with_status(known: Mapping[str, Mapping[str, Line]], line: Line) -> Line:
    status = _word(known[line.name].get(address_of(line)), _STATUS) if line.name in known else ""
    if status and is_ours_to_tell(line) and not line.param(_STATUS):
        return reworded(line, SCHEDULE_STATUS=status)
    return line


def _as_its_owner_sees(line: Line, owner: str) -> str:
    """A person's line without what the server writes of itself."""
    if line.name == "ATTENDEE" and not same_address(address_of(line), owner):
        return with_params(line, PARTSTAT=None, RSVP=None, SCHEDULE_STATUS=None).raw
    return with_params(line, SCHEDULE_STATUS=None).raw


def _word(line: Line | None, name: str) -> str:
    return (line.param(name) or ("",))[0] if line is not None else ""
