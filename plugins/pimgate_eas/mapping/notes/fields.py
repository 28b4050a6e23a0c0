"""The table of all fields of a note: a row a field, both directions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from pimgate.text.component import Component
from pimgate.text.lines import escape
from pimgate.text.times import as_instant, read_time
from pimgate_eas.mapping import body, rich
from pimgate_eas.mapping.calendar.instants import compact
from pimgate_eas.mapping.categories import categories, put_categories
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.editing import put, put_text, text_of
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import TEXT, Row, Shape, Words, text_element, text_in
from pimgate_eas.wbxml.element import Element

STICKY_NOTE: Final = "IPM.StickyNote"
_CLASS_PROPERTY: Final = "X-PIMGATE-MESSAGE-CLASS"
_CLASS: Final = re.compile(r"IPM\.StickyNote(?:\..{1,200})?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Note:
    """The VJOURNAL that a device knows the object by, in the dialect of `context`."""

    component: Component
    context: Context


def _put_subject(note: Note, text: str) -> None:
    put_text(note.component, "SUMMARY", text)


def _changed_at(note: Note) -> str:
    for name in ("LAST-MODIFIED", "DTSTAMP"):
        line = note.component.get(name)
        if line is not None:
            return compact(as_instant(read_time(line.value)))
    return ""


def _keep(note: Note, value: str) -> None:
    """When a note was changed we know ourselves."""


def _class(note: Note) -> str:
    return text_of(note.component.get(_CLASS_PROPERTY)) or STICKY_NOTE


def _put_class(note: Note, text: str) -> None:
    if text == STICKY_NOTE:
        note.component.remove(_CLASS_PROPERTY)
    else:
        put(note.component, _CLASS_PROPERTY, escape(text))


def _class_in(element: Element) -> str | None:
    """CannotConvert for what is no class of notes."""
    text = text_in(element)
    if text and not _CLASS.match(text):
        raise CannotConvert("A note is of a class that notes are not of.")
    return text or None


FIELDS: Final[tuple[Row[Note, Any], ...]] = (
    Row("Notes:Subject", lambda note: text_of(note.component.get("SUMMARY")), _put_subject, TEXT),
    Row("Notes:MessageClass", _class, _put_class, Shape("", _class_in, text_element), stays_when_absent=True),
    Row("Notes:LastModifiedDate", _changed_at, _keep, TEXT, stays_when_absent=True),
    Row(
        "Notes:Categories",
        lambda note: categories(note.component),
        lambda note, words: put_categories(note.component, words),
        Words("Notes:Category"),
    ),
    Row(
        body.TAG,
        lambda note: rich.said(note.component, note.context),
        lambda note, words: rich.put_said(note.component, words),
        rich.RICH,
        stays_when_absent=True,
    ),
)
