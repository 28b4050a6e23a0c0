"""Short ways to write a task, to show it to a device and to edit it as one."""

from __future__ import annotations

from datetime import UTC, datetime

from pimgate_eas.mapping import tasks
from pimgate_eas.mapping.context import Context
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping import items
from plugins.eas.mapping.items import ghosted, plain, text_elements, with_changes

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def task(*lines: str) -> str:
    """A calendar object with one VTODO of these lines, and one that no device knows."""
    whole = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Nobody//EN", "BEGIN:VTODO", "UID:t", "DTSTAMP:20260101T000000Z"),
        *lines,
        *("X-SHOE-SIZE:39", "END:VTODO", "END:VCALENDAR", ""),
    )
    return "\r\n".join(whole)


def context(version: str = "16.1", zone: str = "Europe/Berlin", **more: object) -> Context:
    return items.context(version, zone, **{"now": NOW, **more})


def shown(text: str, who: Context | None = None) -> dict[str, object]:
    return plain(tasks.render(text, who or context()))


def fields(**texts: str) -> list[Element]:
    return text_elements("Tasks", **texts)


def edited(text: str, *changes: Element, without: tuple[str, ...] = (), who: Context | None = None) -> str:
    """What is kept after a device that was shown the task gives all of it back with these changes."""
    who = who or context()
    names = tuple(f"Tasks:{name}" for name in without)
    data = with_changes(tasks.render(text, who), *changes, without=names)
    return tasks.patch(text, data, who, ghosted=items.removed, uid="new")


def named(text: str, *changes: Element, who: Context | None = None) -> str:
    """What is kept after a device names nothing but these changes."""
    return tasks.patch(text, items.application_data(*changes), who or context(), ghosted=ghosted, uid="new")


def made(*data: Element, who: Context | None = None) -> str:
    """A new task of a device."""
    return tasks.patch(None, items.application_data(*data), who or context(), ghosted=items.removed, uid="new")


def lines_of(text: str) -> list[str]:
    """The lines of the VTODO, stamps left out."""
    inner = text.partition("BEGIN:VTODO\r\n")[2].partition("END:VTODO")[0]
    stamps = ("DTSTAMP", "LAST-MODIFIED", "CREATED", "UID")
    return [line for line in inner.split("\r\n") if line and line.partition(":")[0] not in stamps]
