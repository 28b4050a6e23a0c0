"""A device's edit laid onto a stored task."""

from __future__ import annotations

from collections.abc import Callable

from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.objects import finished, new_object, opened
from pimgate_eas.mapping.rows import UNREADABLE
from pimgate_eas.mapping.tasks import completion, dates, recurrence, reminder
from pimgate_eas.mapping.tasks.fields import FIELDS
from pimgate_eas.mapping.tasks.task import Task
from pimgate_eas.wbxml.element import Element


def patch(text: str | None, data: Element, context: Context, *, ghosted: Callable[[str], bool], uid: str) -> str:
    """The task after a device's edit; for `text` None a new one with this UID.

    `data` is the ApplicationData; `ghosted(name)` says whether the absence of that element means that the field stays
    (True) or is removed (False). An edit that asks for nothing new gives back the very text. CannotConvert.
    """
    try:
        task = Task(*opened(new_object("VTODO", uid, context) if text is None else text), context)
        before = recurrence.standing(task)
        for row in FIELDS:
            value = row.edit(task, data, ghosted) if context.knows(row.tag) else None
            if value is not None:
                row.write(task, value)
        dates.edit(task, data, ghosted)
        recurrence.edit(task, data, ghosted, before)
        completion.edit(task, data)
        reminder.edit(task, data)
        return finished(task.whole, task.component, text, context)
    except UNREADABLE as error:
        raise CannotConvert("A task cannot be written as a calendar object.") from error
