"""Reminder: how many minutes before the start the first alarm that a device could show goes off.

Only that alarm's TRIGGER is edited; all other alarms, and what this one says besides, stay.

Sources: MS-ASCAL "Reminder", RFC 5545 "Alarm Component".
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pimgate.text.component import Component
from pimgate.text.lines import make_line
from pimgate.text.times import read_duration, read_time
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.editing import put
from pimgate_eas.mapping.rows import UNREADABLE, Shape, text_element
from pimgate_eas.wbxml.element import Element

_SHOWN: Final = ("DISPLAY", "AUDIO")
_MINUTE: Final = timedelta(minutes=1)
_LONGEST_NUMBER: Final = 7


def _read(element: Element) -> str | None:
    """Minutes; "" takes the reminder away. What is no number says nothing."""
    text = (element.text or "").strip()
    if not text:
        return ""
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return str(int(text)) if is_number else None


MINUTES: Final = Shape("", _read, text_element)


def reminder(entry: Entry) -> str:
    """Minutes before the start; "" for none, and in calendars of others."""
    if not entry.context.is_own:
        return ""
    alarm = _alarm(entry)
    return "" if alarm is None else str(_minutes(entry, alarm))


def put_reminder(entry: Entry, minutes: str) -> None:
    alarm = _alarm(entry)
    if not entry.context.is_own:
        return
    if not minutes:
        if alarm is not None:
            entry.component.remove(alarm)
        return
    trigger = f"-PT{minutes}M" if minutes != "0" else "PT0S"
    if alarm is not None:
        put(alarm, "TRIGGER", trigger, dropped=("VALUE", "RELATED", "TZID"))
        return
    words = entry.component.get("SUMMARY")
    lines = [
        make_line("ACTION", "DISPLAY"),
        make_line("TRIGGER", trigger),
        make_line("DESCRIPTION", words.value if words is not None and words.value else "Reminder"),
    ]
    entry.component.add_child(Component("VALARM", lines))


def _alarm(entry: Entry) -> Component | None:
    """The first alarm that is shown or heard before the event begins."""
    for alarm in entry.component.children_named("VALARM"):
        action = alarm.get("ACTION")
        if action is None or action.value.strip().upper() not in _SHOWN:
            continue
        minutes = _minutes(entry, alarm)
        if minutes is not None and minutes >= 0:
            return alarm
    return None


def _minutes(entry: Entry, alarm: Component) -> int | None:
    trigger = alarm.get("TRIGGER")
    if trigger is None:
        return None
    try:
        start = entry.instant(entry.start)
        if "DATE-TIME" in trigger.param("VALUE") or not trigger.value.lstrip(" +-").startswith("P"):
            at = entry.instant(read_time(trigger.value, entry.events.zones.zone_of(trigger)))
            return (start - at) // _MINUTE
        base = entry.instant(entry.end) if "END" in trigger.param("RELATED") else start
        return (start - base - read_duration(trigger.value)) // _MINUTE
    except UNREADABLE:
        return None
