"""Until when an entry of a calendar matters to somebody who looks at the present and not at the past.

An event lasts until its last occurrence ends; a task until it is over, which makes it a thing of the past whenever that was; a
journal entry for ever.

Source: RFC 5545 "Status", "Date-Time Completed".
"""

from __future__ import annotations

from typing import Final

from pimgate.text.component import Component, parse
from pimgate.text.errors import BadText

OVER: Final = 0
"""Before any time that somebody looks at."""
_STATUS_OF_OVER: Final = ("COMPLETED", "CANCELLED")


def lasts_until(entry: Component, ends_at: int | None) -> int | None:
    """Seconds since 1970, None for what has no end. `entry` is the series, or the only entry, of a calendar object; `ends_at`
    the end of its last occurrence."""
    if entry.name == "VEVENT":
        return ends_at
    return OVER if entry.name == "VTODO" and is_over(entry) else None


def is_over(task: Component) -> bool:
    """Whether nothing is left to do of a task."""
    line = task.get("STATUS")
    status = line.text.upper() if line is not None else ""
    return status in _STATUS_OF_OVER or (not status and task.get("COMPLETED") is not None)


def is_over_text(text: str) -> bool:
    """The same of a text as it is kept; what cannot be read is not over."""
    try:
        tasks = parse(text).children_named("VTODO")
    except BadText:
        return False
    main = [task for task in tasks if task.get("RECURRENCE-ID") is None] or tasks
    return bool(main) and is_over(main[0])
