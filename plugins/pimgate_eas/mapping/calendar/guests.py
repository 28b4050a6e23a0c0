"""Attendees: ATTENDEE lines but for the organizer's, each edited in place.

An attendee is known by its address. What a device leaves out of one (16.x never sends the status) stays.

Sources: MS-ASCAL "Attendees" and its children, RFC 5545 "Attendee".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pimgate.text.component import Component
from pimgate.text.lines import Line, Params, make_line
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.contacts.online import bare_address
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.editing import rewritten
from pimgate_eas.mapping.rows import Shape, text_in
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element

TAG: Final = "Calendar:Attendees"

NOT_ANSWERED: Final = "5"
STATUSES: Final = {"TENTATIVE": "2", "ACCEPTED": "3", "DECLINED": "4", "NEEDS-ACTION": NOT_ANSWERED}
REQUIRED, OPTIONAL, RESOURCE = "1", "2", "3"
_RESOURCES: Final = ("RESOURCE", "ROOM")
# Type: the parameters of one.
_TYPE_PARAMS: Final[dict[str, Params]] = {
    REQUIRED: (("ROLE", ("REQ-PARTICIPANT",)),),
    OPTIONAL: (("ROLE", ("OPT-PARTICIPANT",)),),
    RESOURCE: (("CUTYPE", ("RESOURCE",)), ("ROLE", ("NON-PARTICIPANT",))),
}


@dataclass(frozen=True, slots=True)
class Guest:
    """One attendee. "" is what is not said; `status` and `type` are a device's numbers."""

    email: str
    name: str
    status: str
    type: str


def address_of(line: Line) -> str:
    """The address of an ATTENDEE or ORGANIZER; of one that is no mailto:, its EMAIL if it has one."""
    value = clean(line.text)
    if value[:7].lower() == "mailto:":
        return clean(value[7:])
    return clean(line.param_text("EMAIL") or "") or value


def is_same_address(one: str, other: str) -> bool:
    return bool(one) and one.casefold() == other.casefold()


def guest_lines(component: Component) -> list[Line]:
    """Everybody but the organizer, who is no guest although most programs list him."""
    organizer = component.get("ORGANIZER")
    host = address_of(organizer) if organizer is not None else ""
    return [
        line for line in component.all("ATTENDEE") if address_of(line) and not is_same_address(address_of(line), host)
    ]


def guests(entry: Entry) -> tuple[Guest, ...]:
    return tuple(_guest(line) for line in guest_lines(entry.component))


def put_guests(entry: Entry, wanted: tuple[Guest, ...]) -> None:
    """Lines of those who stay stay, with what is new of them; the others go, and new ones come after the last."""
    if not may_invite(entry):
        return
    component, waiting = entry.component, list(wanted)
    for line in guest_lines(component):
        guest = next((each for each in waiting if is_same_address(each.email, address_of(line))), None)
        if guest is None:
            component.remove(line)
        else:
            waiting.remove(guest)
            _edit(component, line, guest)
    for guest in waiting:
        component.add(_new_line(guest))


def may_invite(entry: Entry) -> bool:
    """Whether the guest list is the person's to change: nobody else is the organizer."""
    organizer = entry.component.get("ORGANIZER")
    return organizer is None or is_same_address(address_of(organizer), entry.context.owner_email)


def _guest(line: Line) -> Guest:
    email = address_of(line)
    status = STATUSES.get((line.param("PARTSTAT") or ("NEEDS-ACTION",))[0], "0")
    return Guest(email, clean(line.param_text("CN") or "") or email, status, _type_of(line))


def _type_of(line: Line) -> str:
    if set(_RESOURCES).intersection(line.param("CUTYPE")) or "NON-PARTICIPANT" in line.param("ROLE"):
        return RESOURCE
    return OPTIONAL if "OPT-PARTICIPANT" in line.param("ROLE") else REQUIRED


def _edit(component: Component, line: Line, wanted: Guest) -> None:
    known = _guest(line)
    added: Params = ()
    if wanted.name not in ("", known.name):
        added += (("CN", (wanted.name,)),)
    if wanted.status not in ("", known.status) and (status := _word_of(wanted.status)):
        added += (("PARTSTAT", (status,)),)
    if wanted.type not in ("", known.type) and wanted.type in _TYPE_PARAMS:
        added += _TYPE_PARAMS[wanted.type]
    if added:
        dropped = {name for name, _ in added} | (
            {"CUTYPE"} if known.type == RESOURCE and wanted.type != RESOURCE else set()
        )
        component.replace(line, rewritten(line, line.value, dropped, added))


def _new_line(guest: Guest) -> Line:
    name: Params = (("CN", (guest.name,)),) if guest.name and guest.name != guest.email else ()
    params: Params = (
        *name,
        *_TYPE_PARAMS.get(guest.type, _TYPE_PARAMS[REQUIRED]),
        ("PARTSTAT", (_word_of(guest.status) or "NEEDS-ACTION",)),
        ("RSVP", ("TRUE",)),
    )
    return make_line("ATTENDEE", mailto(guest.email), params)


def mailto(address: str) -> str:
    """The value of an ATTENDEE or ORGANIZER line."""
    return "mailto:" + "".join(address.split()).replace("\\", "\\\\")


def _word_of(status: str) -> str:
    return next((word for word, number in STATUSES.items() if number == status), "")


def _read(element: Element) -> tuple[Guest, ...]:
    found = (
        Guest(
            "".join(bare_address(child.text_of("Calendar:Email") or "").split()),
            _text(child, "Calendar:Name"),
            _text(child, "Calendar:AttendeeStatus"),
            _text(child, "Calendar:AttendeeType"),
        )
        for child in element.find_all("Calendar:Attendee")
    )
    return tuple(guest for guest in found if guest.email)


def _text(element: Element, tag: str) -> str:
    child = element.find(tag)
    return "" if child is None else text_in(child)


def _element(tag: str, wanted: tuple[Guest, ...]) -> Element:
    return Element(tag, *(_attendee(guest) for guest in wanted))


def _attendee(guest: Guest) -> Element:
    return Element(
        "Calendar:Attendee",
        Element("Calendar:Email", text=guest.email),
        Element("Calendar:Name", text=guest.name),
        Element("Calendar:AttendeeStatus", text=guest.status),
        Element("Calendar:AttendeeType", text=guest.type),
    )


GUESTS: Final[Shape[tuple[Guest, ...]]] = Shape((), _read, _element)


def own_line(component: Component, context: Context) -> Line | None:
    """The person's own ATTENDEE line."""
    return next(
        (line for line in component.all("ATTENDEE") if is_same_address(address_of(line), context.owner_email)), None
    )
