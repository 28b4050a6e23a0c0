"""A look into the directory for Search and Find: one unit of work, pictures included."""

from __future__ import annotations

from dataclasses import dataclass

from pimgate.api import Core, Viewer, Work, directory
from pimgate_eas.gal import MOST, Album, PictureWish, properties
from pimgate_eas.wbxml.element import Element


@dataclass(frozen=True, slots=True)
class Question:
    """Who is looked for, which of those found are wanted (counted from 0), and with what pictures, if any."""

    query: str
    first: int
    last: int
    pictures: PictureWish | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The fields of those who were asked for, the first one's place, and how many there are in all."""

    people: tuple[tuple[Element, ...], ...]
    first: int
    total: int

    @property
    def range(self) -> str | None:
        """Which of them these are, None for nobody."""
        return f"{self.first}-{self.first + len(self.people) - 1}" if self.people else None


def look(core: Core, work: Work, viewer: Viewer, question: Question) -> Look:
    """Whoever fits the query, from every book that this device may search; nobody beyond the first hundred."""
    people = directory.Directory(core, work, viewer)
    found = people.search(question.query)
    shown = found.entries[question.first : min(question.last, MOST - 1) + 1]
    album = Album(question.pictures, "Gal") if question.pictures is not None else None
    entries = []
    for entry in shown:
        fields = properties(entry)
        if album is not None:
            fields.append(album.element(people.photo(entry)))
        entries.append(tuple(fields))
    return Look(tuple(entries), question.first, found.total)
