"""Complete and DateCompleted: STATUS, COMPLETED and PERCENT-COMPLETE say together that a task is done.

A cancelled task is shown as done, because there is nothing left to do; it stays cancelled unless a person opens it again.

Sources: MS-ASTASK "Complete", "DateCompleted"; RFC 5545 "Status", "Date-Time Completed", "Percent Complete".
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Final

from pimgate.text.spans import time_of
from pimgate.text.times import write_time
from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.mapping.context import NO_TIME
from pimgate_eas.mapping.editing import put
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import UNREADABLE
from pimgate_eas.mapping.tasks.task import Task, written
from pimgate_eas.wbxml.element import Element

COMPLETE: Final = "Tasks:Complete"
DATE: Final = "Tasks:DateCompleted"
_OVER: Final = ("COMPLETED", "CANCELLED")
_WHEN_IT_WAS: Final = ("COMPLETED", "DUE", "DTSTART", "CREATED", "DTSTAMP")
"""What is said of a task that was completed nobody knows when: it must not change with every edit."""


def is_complete(task: Task) -> bool:
    status = task.text("STATUS").upper()
    return status in _OVER or (not status and task.component.get("COMPLETED") is not None)


def elements(task: Task) -> list[Element]:
    """Complete, and the date that must come with it."""
    if not is_complete(task):
        return [Element(COMPLETE, text="0")]
    return [Element(COMPLETE, text="1"), Element(DATE, text=written(_completed_at(task)))]


def edit(task: Task, data: Element) -> None:
    """Write what differs from what we would show; a device that says nothing leaves it as it is."""
    flag = (data.text_of(COMPLETE) or "").strip()
    if flag not in ("0", "1"):
        return
    sent = _sent(data)
    if flag == "1" and not is_complete(task):
        _complete(task, sent or _now(task))
    elif flag == "1" and sent is not None and _is_another(task, sent):
        put(task.component, "COMPLETED", write_time(sent))
    elif flag == "0" and is_complete(task):
        _open_again(task)


def _complete(task: Task, moment: datetime) -> None:
    put(task.component, "STATUS", "COMPLETED")
    put(task.component, "COMPLETED", write_time(moment), dropped=("VALUE", "TZID"))
    put(task.component, "PERCENT-COMPLETE", "100")


def _open_again(task: Task) -> None:
    put(task.component, "STATUS", "NEEDS-ACTION")
    task.component.remove("COMPLETED")
    task.component.remove("PERCENT-COMPLETE")


def _completed_at(task: Task) -> datetime:
    for name in _WHEN_IT_WAS:
        line = task.component.get(name)
        try:
            if line is not None:
                return task.instant(time_of(line, task.whole.zones))
        except UNREADABLE:
            continue
    return NO_TIME


def _is_another(task: Task, sent: datetime) -> bool:
    """Whether a device names another moment than the text; many know just the day, on their clocks or in UTC."""
    known = _completed_at(task).replace(microsecond=0)
    if task.text("STATUS").upper() == "CANCELLED" or task.component.get("COMPLETED") is None or sent == known:
        return False
    days = {known.date(), known.astimezone(task.context.home).date()}
    places = (sent, sent.astimezone(task.context.home))
    return not any(each.time() == time() and each.date() in days for each in places)


def _sent(data: Element) -> datetime | None:
    text = (data.text_of(DATE) or "").strip()
    try:
        return read_instant(text) if text else None
    except ValueError:
        raise CannotConvert("The date of completion is none.") from None


def _now(task: Task) -> datetime:
    return task.context.now.astimezone(UTC).replace(microsecond=0)
