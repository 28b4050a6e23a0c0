"""Properties of a collection in Radicale's words ("D:displayname", "tag") and in ours, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from radicale.xmlutils import make_clark, make_human_tag

from pimgate.api import Collection, CollectionKind, Refused, components_of
from pimgate_dav.properties.of_collections import kept
from pimgate_dav.properties.protected import PROTECTED

BOOK_TAG: Final = "VADDRESSBOOK"
CALENDAR_TAG: Final = "VCALENDAR"
COMPONENTS: Final = "C:supported-calendar-component-set"
NAME: Final = "D:displayname"
COLOUR: Final = "ICAL:calendar-color"
DESCRIPTIONS: Final = {BOOK_TAG: "CR:addressbook-description", CALENDAR_TAG: "C:calendar-description"}

KIND_OF: Final = {
    "VEVENT": CollectionKind.CALENDAR,
    "VTODO": CollectionKind.TASKS,
    "VJOURNAL": CollectionKind.NOTES,
}
"""What a collection is that takes this component; the first one that it takes decides."""


def tag_of(collection: Collection) -> str:
    return BOOK_TAG if collection.kind is CollectionKind.BOOK else CALENDAR_TAG


def meta_of(collection: Collection) -> dict[str, str]:
    """All that Radicale may know of a collection."""
    tag = tag_of(collection)
    meta = {"tag": tag, NAME: collection.name}
    if collection.description:
        meta[DESCRIPTIONS[tag]] = collection.description
    if collection.colour:
        meta[COLOUR] = collection.colour
    if tag == CALENDAR_TAG:
        meta[COMPONENTS] = ",".join(components_of(collection))
    # It knows no names without a namespace.
    known = {name: text for name, text in kept(collection).items() if not name.startswith("{}")}
    return meta | {make_human_tag(name): text for name, text in known.items()}


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a collection: its own columns, and properties that programs keep there (None takes one away)."""

    columns: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str | None] = field(default_factory=dict)


def edit_between(collection: Collection, wanted: Mapping[str, str]) -> Edit:
    """What turns a collection into one with the properties `wanted`. A name can't be taken away: the old one stays."""
    before, tag = meta_of(collection), tag_of(collection)
    columns = {}
    if wanted.get(NAME, "").strip() and wanted[NAME] != before[NAME]:
        columns["name"] = wanted[NAME]
    for column, key in (("description", DESCRIPTIONS[tag]), ("colour", COLOUR)):
        if wanted.get(key, "") != before.get(key, ""):
            columns[column] = wanted.get(key, "")
    known = {"tag", NAME, COLOUR, COMPONENTS, DESCRIPTIONS[tag]}
    properties: dict[str, str | None] = {make_clark(key): None for key in before if key not in known | set(wanted)}
    properties |= {make_clark(key): text for key, text in _free(wanted, known).items() if before.get(key) != text}
    return Edit(columns, properties)


@dataclass(frozen=True, slots=True)
class Plan:
    """A collection that is to be made."""

    kind: CollectionKind
    name: str
    details: dict[str, str]
    properties: dict[str, str]


def plan_of(props: Mapping[str, str], segment: str) -> Plan:
    """What MKCOL or MKCALENDAR asks for; without a name it is called as its address ends. Refused for components that are
    not kept here."""
    tag = props.get("tag", "")
    if tag not in DESCRIPTIONS:
        raise Refused(f"tag {tag}", public="A home holds address books and calendars only.")
    kind, components = (CollectionKind.BOOK, "") if tag == BOOK_TAG else _kind_of(props.get(COMPONENTS))
    details = {
        "colour": props.get(COLOUR, ""),
        "description": props.get(DESCRIPTIONS[tag], ""),
        "components": components,
    }
    known = {"tag", NAME, COLOUR, COMPONENTS, DESCRIPTIONS[tag]}
    kept_here = {make_clark(key): text for key, text in _free(props, known).items() if make_clark(key) not in PROTECTED}
    name = props.get(NAME, "").strip() or segment
    return Plan(kind, name, {key: text for key, text in details.items() if text}, kept_here)


def _kind_of(asked: str | None) -> tuple[CollectionKind, str]:
    """The kind of a calendar collection and the components that it takes. Whoever does not say gets one that takes all
    (RFC 4791, "CALDAV:supported-calendar-component-set Property")."""
    names = [name.strip().upper() for name in asked.split(",")] if asked else list(KIND_OF)
    components = [name for name in KIND_OF if name in names]
    if not components:
        raise Refused(f"components {asked}", public="A calendar takes events, tasks or journal entries.")
    return KIND_OF[components[0]], ",".join(components)


def _free(props: Mapping[str, str], known: set[str]) -> dict[str, str]:
    return {key: text for key, text in props.items() if key not in known}
