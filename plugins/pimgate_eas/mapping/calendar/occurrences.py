"""Editing a series occurrence by occurrence, and keeping its occurrences in step with the series.

In iCalendar a changed occurrence is a whole event of its own; for a device it is the series with some differences.
So what a device changes in the series changes in every occurrence that had the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from pimgate.text.component import Component
from pimgate.text.events import instance_key
from pimgate.text.times import Time
from pimgate_eas.mapping.calendar import exceptions, when
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.fields import exception_rows, rows_of
from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.mapping.calendar.meeting import ensure_organizer, is_cancelled
from pimgate_eas.mapping.calendar.originals import Originals
from pimgate_eas.mapping.editing import put, rewritten
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.wbxml.element import Element

Ghosted = Callable[[str], bool]

MOST_EXCEPTIONS: Final = 1000
_KEY_TAGS: Final = (exceptions.INSTANCE_ID, "Calendar:ExceptionStartTime")
_OF_A_SERIES: Final = ("RRULE", "RDATE", "EXDATE", "EXRULE")


class Before:
    """What a series and its overrides said before an edit."""

    def __init__(self, series: Entry) -> None:
        self._rows = exception_rows(series.context)
        self._series: dict[str, Any] = {row.tag: row.value(series) for row in self._rows}
        self._overrides: list[tuple[Entry, dict[str, Any]]] = []
        if series.events.master is not None:
            overrides = (Entry(series.events, each, series.context) for each in series.events.overrides.values())
            self._overrides = [(each, {row.tag: row.value(each) for row in self._rows}) for each in overrides]

    def follow_fields(self, series: Entry) -> None:
        """Let every override that had what the series had have what the series has now."""
        for row in self._rows:
            old, new = self._series[row.tag], row.value(series)
            if new == old:
                continue
            for override, values in self._overrides:
                if values[row.tag] == old:
                    row.write(override, new)


def edit_all(series: Entry, data: Element, ghosted: Ghosted) -> None:
    """Carry out the Exceptions of an edit, each for itself; those that are not named stay."""
    sent = data.find(exceptions.TAG)
    if sent is None or not series.is_series:
        return
    if len(sent.children) > MOST_EXCEPTIONS:
        raise CannotConvert("A series has too many exceptions.")
    originals = Originals(series)
    for exception in sent.find_all(exceptions.EXCEPTION):
        named = next((text for tag in _KEY_TAGS if (text := exception.text_of(tag))), None)
        original = originals.nearest(read_instant(named)) if named else None
        is_deletion = (exception.text_of(exceptions.DELETED) or "").strip() == "1"
        if original is None and not is_deletion:
            raise CannotConvert("An exception belongs to no occurrence of its series.")
        if original is None:
            continue
        if is_deletion:
            _delete(series, original)
        else:
            _change(series, original, exception, ghosted, inherits=True)


def edit_instance(series: Entry, instant: datetime, data: Element | None, ghosted: Ghosted) -> None:
    """Change or delete (`data` None) the one occurrence that a device names; what it leaves out stays as it is."""
    is_alone = series.events.master is None
    original = Originals(series).nearest(instant) if is_alone or series.is_series else None
    if original is None:
        raise CannotConvert("The event has no such occurrence.")
    if data is not None:
        _change(series, original, data, ghosted, inherits=False)
    elif is_alone and len(series.events.entries) == 1:
        put(series.component, "STATUS", "CANCELLED")  # a text without any event is none
    else:
        _delete(series, original)


def make_single(series: Entry) -> None:
    """Take everything away that makes an event recur."""
    for name in _OF_A_SERIES:
        series.component.remove(name)
    for key in list(series.events.overrides):
        series.events.remove_override(key)


def drop_strays(series: Entry) -> None:
    """Take the exceptions away that a new pattern has no occurrences for."""
    originals = Originals(series)
    for original in series.events.excluded():
        if not originals.has(original):
            series.events.include(original)
    for key, component in list(series.events.overrides.items()):
        start = series.events.original_start_of(component)
        if start is not None and not originals.has(start):
            series.events.remove_override(key)


def _delete(series: Entry, original: Time) -> None:
    override = series.events.overrides.get(instance_key(original))
    if override is not None and is_cancelled(Entry(series.events, override, series.context)):
        return
    series.events.exclude(original)
    _use_its_zone(series, series.component)


def _change(series: Entry, original: Time, data: Element, ghosted: Ghosted, inherits: bool) -> None:
    """Lay an edit onto one occurrence. `inherits`: what it leaves out is as in the series, else it stays."""
    override, is_new = _override(series, original)
    when.edit(override, data, lambda tag: True)
    for row in rows_of(data, exception_rows(series.context)):
        if data.has(row.tag) or not inherits or is_new:
            value = row.edit(override, data, lambda tag: True)
        elif row.stays_when_absent or ghosted(row.tag) or row.value(series) == row.value(override):
            value = None
        else:
            value = row.value(series)
        if value is not None:
            row.write(override, value)
    ensure_organizer(override, data)


def _override(series: Entry, original: Time) -> tuple[Entry, bool]:
    """The override for an occurrence, and whether it is new."""
    events = series.events
    component = events.overrides.get(instance_key(original))
    is_new = component is None
    if component is None:
        events.include(original)
        component = events.add_override(original)
        _use_its_zone(series, component)
    return Entry(events, component, series.context), is_new


def _use_its_zone(series: Entry, component: Component) -> None:
    """Let new times name their zone as the series does, by the VTIMEZONE that is there."""
    start = series.component.get("DTSTART")
    tzid = start.param_text("TZID") if start is not None else None
    key = getattr(getattr(series.start, "tzinfo", None), "key", None)
    if not tzid or tzid == key:
        return
    for line in component.lines:
        if line.name in ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE") and line.param_text("TZID") == key:
            component.replace(line, rewritten(line, line.value, ("TZID",), (("TZID", (tzid,)),)))
