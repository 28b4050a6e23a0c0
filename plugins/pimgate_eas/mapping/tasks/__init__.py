"""Tasks: an iCalendar object with a VTODO as ApplicationData of the Tasks class, and a device's edit laid onto the object.

`fields` is the table of plain fields; `dates` are start and due, each in its two forms; `completion` says when a task is done;
`recurrence` is the pattern and what only tasks have of it, `reminder` the alarm. `rendering` and `editing` put them
together.

A device shows one task of a series: the one that is to be done next. When a person completes it, the device adds a finished
copy of it, which recurs no more, and moves the series on to its next date.

Sources: MS-ASTASK "Elements", MS-OXOTASK "Recurring Tasks", RFC 5545 "To-Do Component".
"""

from pimgate_eas.mapping.tasks.editing import patch
from pimgate_eas.mapping.tasks.rendering import render

__all__ = ["patch", "render"]
