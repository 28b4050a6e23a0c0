"""A task as a device gets it."""

from __future__ import annotations

from collections.abc import Callable

from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.objects import opened
from pimgate_eas.mapping.rows import UNREADABLE
from pimgate_eas.mapping.tasks import completion, dates, recurrence, reminder
from pimgate_eas.mapping.tasks.fields import FIELDS
from pimgate_eas.mapping.tasks.task import Task
from pimgate_eas.wbxml.element import Element


def render(text: str, context: Context) -> list[Element]:
    """The children of ApplicationData for a stored task, in as much of it as the dialect can say.

    A part that cannot be read (a malformed date or rule) is left out.
    """
    task = Task(*opened(text), context)
    found = [each for row in FIELDS if context.knows(row.tag) and (each := row.element(task)) is not None]
    found += completion.elements(task)
    for read in (dates.elements, reminder.elements):
        found += _unless_unreadable(read, task)
    return found + _unless_unreadable(_pattern, task)


def _pattern(task: Task) -> list[Element]:
    found = recurrence.element(task)
    return [found] if found is not None else []


def _unless_unreadable(read: Callable[[Task], list[Element]], task: Task) -> list[Element]:
    try:
        return read(task)
    except UNREADABLE:
        return []
