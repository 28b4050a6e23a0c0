"""Editing a series occurrence by occurrence, and keeping its occurrences in step with the series.

In iCalendar a changed occurrence is a whole event of its own; for a device it is the series with some differences.
So what a device changes in the series changes in every occurrence that had the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from pimgate.text.component import Component
from pimgate.text.events import instance_key, time_line
from pimgate.text.spans import time_of
from pimgate.text.times import Time, same_kind
from pimgate_eas.mapping.calendar import attachments, exceptions, when
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.fields import exception_rows, rows_of
from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.mapping.calendar.meeting import ensure_organizer, is_cancelled
from pimgate_eas.mapping.calendar.originals import Originals
from pimgate_eas.mapping.calendar.timelines import rewrite_times
from pimgate_eas.mapping.editing import put, rewritten
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.wbxml.element import Element

Ghosted = Callable[[str], bool]

MOST_EXCEPTIONS: Final = 300
_KEY_TAGS: Final = (exceptions.INSTANCE_ID, "Calendar:ExceptionStartTime")
_TIMES: Final = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE")
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


def edit_all(series: Entry, data: Element, ghosted: Ghosted, before: Time | None) -> None:
    """Carry out the Exceptions of an edit, each for itself; those that are not named stay. `before`: where the series began
    until this edit."""
    sent = data.find(exceptions.TAG)
    if sent is None or not series.is_series:
        return
    if len(sent.children) > MOST_EXCEPTIONS:
        raise CannotConvert("An edit has too many exceptions.")
    occurrences = Occurrences(series)
    for exception in sent.find_all(exceptions.EXCEPTION):
        named = next((text for tag in _KEY_TAGS if (text := exception.text_of(tag))), None)
        original = occurrences.nearest(read_instant(named), before) if named else None
        is_deletion = (exception.text_of(exceptions.DELETED) or "").strip() == "1"
        if original is not None and is_deletion:
            occurrences.delete(original)
        elif original is not None:
            occurrences.change(original, exception, ghosted, inherits=True)
        elif not is_deletion:
            raise CannotConvert("An exception belongs to no occurrence of its series.")


def edit_instance(series: Entry, instant: datetime, data: Element | None, ghosted: Ghosted) -> None:
    """Change or delete (`data` None) the one occurrence that a device names; what it leaves out stays as it is."""
    is_alone = series.events.master is None
    occurrences = Occurrences(series)
    original = occurrences.nearest(instant) if is_alone or series.is_series else None
    if original is None:
        raise CannotConvert("The event has no such occurrence.")
    if data is not None:
        occurrences.change(original, data, ghosted, inherits=False)
    elif is_alone and len(series.events.entries) == 1:
        put(series.component, "STATUS", "CANCELLED")  # a text without any event is none
    else:
        occurrences.delete(original)


def make_single(series: Entry) -> None:
    """Take everything away that makes an event recur."""
    for name in _OF_A_SERIES:
        series.component.remove(name)
    for component in series.events.overrides.values():
        series.events.calendar.remove(component)


def drop_strays(series: Entry) -> None:
    """Take the exceptions away that a new pattern has no occurrences for."""
    originals, start = Originals(series), series.start

    def kept(time: Time) -> Time | None:
        return time if originals.has(same_kind(time, start)) else None

    rewrite_times(series.component, "EXDATE", series.events.zones, kept)
    for component in series.events.overrides.values():
        line = component.get("RECURRENCE-ID")
        if line is not None and kept(time_of(line, series.events.zones)) is None:
            series.events.calendar.remove(component)


class Occurrences:
    """The occurrences of a series, for editing one after the other. What it knows of them is looked up once."""

    def __init__(self, series: Entry) -> None:
        self._series = series
        self._originals = Originals(series)
        self._overrides = series.events.overrides
        self._excluded = {instance_key(original) for original in series.events.excluded()}

    def nearest(self, instant: datetime, before: Time | None = None) -> Time | None:
        """The original start of the occurrence that a device means; None if there is none within a day."""
        return self._originals.nearest(instant, before)

    def delete(self, original: Time) -> None:
        key = instance_key(original)
        override = self._overrides.get(key)
        if override is not None and is_cancelled(Entry(self._series.events, override, self._series.context)):
            return
        if override is not None:
            self._series.events.calendar.remove(self._overrides.pop(key))
        if key not in self._excluded and self._series.events.master is not None:
            self._series.component.add(time_line("EXDATE", original))
            self._excluded.add(key)
            self._use_its_zone(self._series.component)

    def change(self, original: Time, data: Element, ghosted: Ghosted, inherits: bool) -> None:
        """Lay an edit onto one occurrence. `inherits`: what it leaves out is as in the series, else it stays."""
        series, (override, is_new) = self._series, self._override(original)
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
        attachments.edit(override, data)
        ensure_organizer(override, data)

    def _override(self, original: Time) -> tuple[Entry, bool]:
        """The override for an occurrence, and whether it is new."""
        events, key = self._series.events, instance_key(original)
        component = self._overrides.get(key)
        is_new = component is None
        if component is None:
            if key in self._excluded:
                events.include(original)
                self._excluded.remove(key)
            component = self._overrides[key] = events.add_override(original)
            self._use_its_zone(component)
        return Entry(events, component, self._series.context), is_new

    def _use_its_zone(self, component: Component) -> None:
        """Let new times name their zone as the series does, by the VTIMEZONE that is there."""
        start = self._series.component.get("DTSTART")
        tzid = start.param_text("TZID") if start is not None else None
        key = getattr(getattr(self._series.start, "tzinfo", None), "key", None)
        if not tzid or tzid == key:
            return
        for line in component.lines:
            if line.name in _TIMES and line.param_text("TZID") == key:
                component.replace(line, rewritten(line, line.value, ("TZID",), (("TZID", (tzid,)),)))
