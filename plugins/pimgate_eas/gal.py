"""What Search, Find and ResolveRecipients say of people: the fields of a directory entry, its picture, and which part of a list.

Sources: MS-ASCMD "Properties (Search)", "Picture (Search)", "MaxSize", "MaxPictures", "Range (Search)".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pimgate.api import DirectoryEntry
from pimgate_eas.pictures import scaled
from pimgate_eas.status import Picture
from pimgate_eas.wbxml.element import Element

MOST: Final = 100
"""Entries of one answer, and those that can be reached at all."""
LONGEST: Final = 256
"""Characters of a query."""
SHORTEST_BYTES: Final = 2
"""One letter finds half of the directory; one ideograph is a name."""

MOST_PICTURES: Final = 50
MOST_PICTURE_BYTES: Final = 102_400
USUAL_PICTURE_BYTES: Final = 36_864

FIELDS: Final[Mapping[str, str]] = {
    "Gal:Phone": "tel-work",
    "Gal:Title": "title",
    "Gal:Company": "org",
    "Gal:Alias": "nickname",
    "Gal:FirstName": "given",
    "Gal:LastName": "family",
    "Gal:HomePhone": "tel-home",
    "Gal:MobilePhone": "tel-cell",
}

_RANGE: Final = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def is_searchable(query: str) -> bool:
    """Whether a query is long enough to mean somebody, and no longer than one may be."""
    return len(query) <= LONGEST and len(query.encode("utf-8", "replace")) >= SHORTEST_BYTES


def range_of(options: Element | None, tag: str) -> tuple[int, int] | None:
    """Which entries are asked for, first and last counted from 0; the first hundred if nothing is said. None if it makes no
    sense."""
    text = options.text_of(tag) if options is not None else None
    if not text:
        return 0, MOST - 1
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        return None
    first, last = int(found[1]), int(found[2])
    return (first, last) if first <= last else None


def number_in(parent: Element, tag: str, default: int) -> int | None:
    """The number in a child; `default` if it is not there, None for what is none."""
    text = parent.text_of(tag)
    if text is None:
        return default
    return int(text) if _NUMBER.fullmatch(text.strip()) else None


@dataclass(frozen=True, slots=True)
class PictureWish:
    """How many pictures a device wants at most, and how large each may be."""

    most_bytes: int
    most: int


def picture_wish(options: Element | None, namespace: str) -> PictureWish | None:
    """What Options says of pictures; None if none are wanted. Numbers that are none count as not said."""
    wish = options.find(f"{namespace}:Picture") if options is not None else None
    if wish is None:
        return None
    size = number_in(wish, f"{namespace}:MaxSize", USUAL_PICTURE_BYTES)
    most = number_in(wish, f"{namespace}:MaxPictures", MOST_PICTURES)
    return PictureWish(
        min(USUAL_PICTURE_BYTES if size is None else size, MOST_PICTURE_BYTES),
        min(MOST_PICTURES if most is None else most, MOST_PICTURES),
    )


class Album:
    """The pictures of one answer: the first so many that there are, each scaled down to what the device wants."""

    def __init__(self, wish: PictureWish, namespace: str) -> None:
        self._wish = wish
        self._namespace = namespace
        self._left = wish.most

    def element(self, octets: bytes) -> Element:
        """What is said of one person's picture; b"" for somebody who has none."""
        if not octets:
            return self._said(Picture.NONE)
        if self._left <= 0:
            return self._said(Picture.TOO_MANY)
        picture = scaled(octets, self._wish.most_bytes)
        if picture is None:
            return self._said(Picture.TOO_LARGE)
        self._left -= 1
        said = self._said(Picture.OK)
        said.append(Element(f"{self._namespace}:Data", text=base64.b64encode(picture).decode()))
        return said

    def _said(self, status: Picture) -> Element:
        space = self._namespace
        return Element(f"{space}:Picture", Element(f"{space}:Status", text=str(int(status))))


def properties(entry: DirectoryEntry) -> list[Element]:
    """The fields of an entry, as Search and Find give them."""
    elements = [Element("Gal:DisplayName", text=entry.name or entry.email)]
    elements += [Element(tag, text=entry.fields[name]) for tag, name in FIELDS.items() if entry.fields.get(name)]
    if entry.email:
        elements.append(Element("Gal:EmailAddress", text=entry.email))
    return elements
