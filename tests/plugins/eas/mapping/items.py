"""Real cards and calendars, and short ways to edit them as a device does."""

from __future__ import annotations

from pathlib import Path

from pimgate_eas.mapping.context import Context
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element

CORPUS = Path(__file__).parents[3] / "gateway" / "text" / "corpus"
CARDS = sorted(path for path in CORPUS.glob("*.vcf") if path.name != "sogo-list.vcf")
_OBJECTS = sorted(CORPUS.glob("*.ics"))
CALENDARS = [path for path in _OBJECTS if b"BEGIN:VEVENT" in path.read_bytes()]
TASKS = [path for path in _OBJECTS if b"BEGIN:VTODO" in path.read_bytes()]
NOTES = [path for path in _OBJECTS if b"BEGIN:VJOURNAL" in path.read_bytes()]
VERSIONS = ("12.1", "14.0", "14.1", "16.0", "16.1")

OWNER = "admin@cloud.example"
"""Organizes the meeting in nextcloud-event.ics, and is nobody elsewhere."""


def text_of(name: str | Path) -> str:
    return (CORPUS / name).read_bytes().decode()


def context(version: str = "16.1", zone: str = "Europe/Berlin", **more: object) -> Context:
    return Context(version, zone, **{"owner_email": OWNER, **more})  # type: ignore[arg-type]


def ghosted(name: str) -> bool:
    """Nothing that is left out is removed."""
    return True


def removed(name: str) -> bool:
    """Whatever is left out is removed."""
    return False


def application_data(*children: Element) -> Element:
    """ApplicationData as it arrives from a device: written to octets and read back."""
    return decode(encode(Element("AirSync:ApplicationData", *children)))


def text_elements(namespace: str = "Contacts", **texts: str) -> list[Element]:
    """`text_elements(FirstName="Ann")`: an element each, in the namespace."""
    return [Element(f"{namespace}:{tag}", text=text) for tag, text in texts.items()]


def by_name(elements: list[Element]) -> dict[str, Element]:
    return {element.name: element for element in elements}


def with_changes(rendered: list[Element], *changes: Element, without: tuple[str, ...] = ()) -> Element:
    """What a device sends that has got `rendered` and changes some elements of it."""
    changed = {*(each.name for each in changes), *without}
    return application_data(*(each for each in rendered if each.name not in changed), *changes)


def plain(elements: list[Element]) -> dict[str, object]:
    """Elements as dictionaries of tags, to compare and to read: {"Subject": "Zahnarzt", "Categories": ["a", "b"]}."""
    return {element.tag: _content(element) for element in elements}


def _content(element: Element) -> object:
    if not element.children:
        return element.text or ""
    tags = {child.tag for child in element.children}
    if len(tags) == 1 and tags <= {"Category", "Child", "Attendee", "Exception"}:
        return [_content(child) for child in element.children]
    return plain(element.children)
