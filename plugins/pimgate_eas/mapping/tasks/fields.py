"""The table of a task's plain fields: a row a field, both directions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from pimgate_eas.mapping import body, rich
from pimgate_eas.mapping.categories import categories, put_categories
from pimgate_eas.mapping.editing import put, put_text
from pimgate_eas.mapping.rows import TEXT, Row, Shape, Words, text_element, text_in
from pimgate_eas.mapping.sensitivity import NUMBERS, put_sensitivity, sensitivity
from pimgate_eas.mapping.tasks.task import Task
from pimgate_eas.wbxml.element import Element

_LOW, _NORMAL, _HIGH = "012"
_PRIORITIES: Final = {_HIGH: "1", _NORMAL: "5", _LOW: "9"}


def _importance(task: Task) -> str:
    """PRIORITY counts from 1, the highest, to 9; 0 is none."""
    number = int(task.text("PRIORITY") or "0")
    if number == 0:
        return _NORMAL
    return _HIGH if number < 5 else _NORMAL if number == 5 else _LOW


def _put_importance(task: Task, wanted: str) -> None:
    put(task.component, "PRIORITY", _PRIORITIES[wanted])


def _one_of(allowed: tuple[str, ...], element: Element) -> str | None:
    text = text_in(element)
    return text if text in allowed else None


def _number_row(
    tag: str, allowed: tuple[str, ...], read: Callable[[Task], str], write: Callable[[Task, str], None]
) -> Row[Task, str]:
    return Row(tag, read, write, Shape("", partial(_one_of, allowed), text_element), stays_when_absent=True)


def _text_row(tag: str, name: str) -> Row[Task, str]:
    def write(task: Task, text: str) -> None:
        put_text(task.component, name, text)

    return Row(tag, lambda task: task.text(name), write, TEXT)


def _kept_row(tag: str, name: str) -> Row[Task, str]:
    """What iCalendar has no property for."""
    return Row(
        tag, lambda task: task.text(name), lambda task, text: task.keep(name, text), TEXT, stays_when_absent=True
    )


FIELDS: Final[tuple[Row[Task, Any], ...]] = (
    _text_row("Tasks:Subject", "SUMMARY"),
    _number_row("Tasks:Importance", tuple(_PRIORITIES), _importance, _put_importance),
    _number_row(
        "Tasks:Sensitivity",
        tuple(NUMBERS.values()),
        lambda task: sensitivity(task.component),
        lambda task, wanted: put_sensitivity(task.component, wanted),
    ),
    Row(
        "Tasks:Categories",
        lambda task: categories(task.component),
        lambda task, words: put_categories(task.component, words),
        Words("Tasks:Category"),
    ),
    _kept_row("Tasks:OrdinalDate", "X-PIMGATE-ORDINAL-DATE"),
    _kept_row("Tasks:SubOrdinalDate", "X-PIMGATE-SUB-ORDINAL-DATE"),
    Row(
        body.TAG,
        lambda task: rich.said(task.component, task.context),
        lambda task, words: rich.put_said(task.component, words),
        rich.RICH,
        stays_when_absent=True,
    ),
)
