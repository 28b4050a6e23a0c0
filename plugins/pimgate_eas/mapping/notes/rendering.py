"""A note as a device gets it."""

from __future__ import annotations

from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.notes.fields import FIELDS, Note
from pimgate_eas.mapping.objects import opened
from pimgate_eas.wbxml.element import Element


def render(text: str, context: Context) -> list[Element]:
    """The children of ApplicationData for a stored note, in as much of it as the dialect can say."""
    note = Note(opened(text)[1], context)
    return [each for row in FIELDS if context.knows(row.tag) and (each := row.element(note)) is not None]
