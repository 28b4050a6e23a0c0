"""A calendar object as a device gets it."""

from __future__ import annotations

from collections.abc import Callable

from pimgate.text.events import parse_event_set
from pimgate_eas.mapping.calendar import exceptions, recurrence, when
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.fields import OF_THE_WHOLE, shown_rows
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.rows import UNREADABLE
from pimgate_eas.wbxml.element import Element


def render(text: str, context: Context) -> list[Element]:
    """The children of ApplicationData for a stored event, in as much of it as the dialect can say.

    A part that cannot be read (a malformed rule, an event without a start) is left out.
    """
    events = parse_event_set(text)
    main = Entry(events, events.master or events.entries[0], context)
    found = _unless_unreadable(when.elements, main)
    found += _unless_unreadable(exceptions.name_of_orphan, main)
    rows = [*OF_THE_WHOLE, *shown_rows(context)]
    found += [each for row in rows if context.knows(row.tag) and (each := row.element(main)) is not None]
    if events.master is not None:
        found += _unless_unreadable(lambda entry: [recurrence.element(entry)], main)
        if found[-1:] and found[-1].name == recurrence.TAG:
            found += _unless_unreadable(lambda entry: [exceptions.element(entry)], main)
    return found


def _unless_unreadable(read: Callable[[Entry], list[Element] | list[Element | None]], entry: Entry) -> list[Element]:
    try:
        return [each for each in read(entry) if each is not None]
    except UNREADABLE:
        return []
