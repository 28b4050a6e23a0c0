"""Changed and deleted occurrences, towards devices.

An occurrence that is deleted is an EXDATE (or a cancelled override), a changed one is an override. Of a changed one a
device gets its times, and the fields in which it differs from the series; what is left out is as in the series, and
an empty element says that the occurrence has nothing where the series has something.

Sources: MS-ASCAL "Exceptions", "ExceptionStartTime", MS-ASAIRS "InstanceId".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pimgate.text.component import Component
from pimgate.text.events import instance_key
from pimgate.text.spans import time_of
from pimgate.text.times import Time, same_kind
from pimgate_eas.mapping.calendar import when
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.fields import exception_rows
from pimgate_eas.mapping.calendar.meeting import is_cancelled
from pimgate_eas.mapping.context import Context
from pimgate_eas.wbxml.element import Element

TAG: Final = "Calendar:Exceptions"
EXCEPTION: Final = "Calendar:Exception"
DELETED: Final = "Calendar:Deleted"
INSTANCE_ID: Final = "AirSyncBase:InstanceId"
_MOST: Final = 1000


def element(series: Entry) -> Element | None:
    """The Exceptions of a series, None if it has none."""
    overrides = series.events.overrides
    excluded = [each for each in series.events.excluded() if instance_key(each) not in overrides]
    found = [_deletion(series, original) for original in excluded]
    known = {row.tag: row.value(series) for row in exception_rows(series.context)}
    for component in overrides.values():
        override = Entry(series.events, component, series.context)
        original = _original(series, component)
        found.append(_deletion(series, original) if is_cancelled(override) else _change(override, original, known))
    return Element(TAG, *found[:_MOST]) if found else None


def name_of_orphan(main: Entry) -> list[Element]:
    """The name of an occurrence that is here without its series, for 16.x. Source: MS-ASAIRS "InstanceId"."""
    if not main.context.is_16 or main.events.master is not None:
        return []
    original = main.events.original_start_of(main.component)
    return [Element(INSTANCE_ID, text=main.shown(original))] if original is not None else []


def key_tag(context: Context) -> str:
    """What an occurrence is named by: InstanceId from 16.0 on."""
    return INSTANCE_ID if context.is_16 else "Calendar:ExceptionStartTime"


def _deletion(series: Entry, original: Time) -> Element:
    return Element(EXCEPTION, Element(DELETED, text="1"), _key(series, original))


def _change(override: Entry, original: Time, series: Mapping[str, object]) -> Element:
    """`series`: what the rows of the series say."""
    exception = Element(EXCEPTION, _key(override.main, original))
    times = {each.name: each for each in when.elements(override)}
    exception.children += [times[when.START], times[when.END], times[when.ALL_DAY]]
    for row in exception_rows(override.context):
        value = row.value(override)
        if value != series[row.tag]:
            exception.append(row.shape.element(row.tag, value))
    return exception


def _original(series: Entry, override: Component) -> Time:
    line = override.get("RECURRENCE-ID")
    assert line is not None, "what it is an override by"
    return same_kind(time_of(line, series.events.zones), series.start)


def _key(series: Entry, original: Time) -> Element:
    return Element(key_tag(series.context), text=series.shown(original))
