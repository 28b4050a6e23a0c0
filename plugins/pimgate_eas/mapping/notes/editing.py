"""A device's edit laid onto a stored note."""

from __future__ import annotations

from collections.abc import Callable

from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.notes.fields import FIELDS, Note
from pimgate_eas.mapping.objects import finished, new_object, opened
from pimgate_eas.mapping.rows import UNREADABLE
from pimgate_eas.wbxml.element import Element


def patch(text: str | None, data: Element, context: Context, *, ghosted: Callable[[str], bool], uid: str) -> str:
    """The note after a device's edit; for `text` None a new one with this UID.

    `data` is the ApplicationData; `ghosted(name)` says whether the absence of that element means that the field stays
    (True) or is removed (False). An edit that asks for nothing new gives back the very text. CannotConvert.
    """
    try:
        whole, component = opened(new_object("VJOURNAL", uid, context) if text is None else text)
        note = Note(component, context)
        for row in FIELDS:
            value = row.edit(note, data, ghosted) if context.knows(row.tag) else None
            if value is not None:
                row.write(note, value)
        return finished(whole, component, text, context)
    except UNREADABLE as error:
        raise CannotConvert("A note cannot be written as a calendar object.") from error
