"""A meeting as somebody hands it on: the organizer stays who it is, and those who get it stand in it as guests. Pure.

Source: RFC 5546 "REQUEST" (Forwarding to an Uninvited CU); MS-OXOCAL "Forwarding a Meeting Request".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pimgate.text.component import Component, parse
from pimgate.text.itip.meeting import Meeting
from pimgate.text.itip.message import Method, calendar_of, for_sending
from pimgate.text.lines import make_line
from pimgate.text.times import Time


def forwarded(text: str, to: Mapping[str, str], now: datetime, original: Time | None = None) -> str:
    """The invitation for these people (names by address), of the whole meeting or of the occurrence that begins at `original`. The
    other guests are not named. An event that is no meeting comes without a METHOD: it is a mere copy. BadText."""
    meeting = Meeting(text)
    has_guests = bool(meeting.organizer) and any(each.get("ATTENDEE") is not None for each in meeting.entries)
    entries = meeting.entries if original is None else [meeting.events.add_override(original)]
    calendar = calendar_of(Method.REQUEST, meeting, [_for(each, to if has_guests else {}, now) for each in entries])
    return calendar if has_guests else _without_method(calendar)


def _for(entry: Component, to: Mapping[str, str], now: datetime) -> Component:
    found = for_sending(entry, now)
    for line in found.all("ATTENDEE"):
        found.remove(line)
    for address, name in to.items():
        named = [("CN", (name,))] if name else []
        params = [*named, ("ROLE", ("REQ-PARTICIPANT",)), ("PARTSTAT", ("NEEDS-ACTION",)), ("RSVP", ("TRUE",))]
        found.add(make_line("ATTENDEE", f"mailto:{address}", tuple(params)))
    return found


def _without_method(calendar: str) -> str:
    found = parse(calendar)
    found.remove("METHOD")
    return found.to_text()
