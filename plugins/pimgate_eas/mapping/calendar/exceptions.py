"""Changed and deleted occurrences, towards devices.

An occurrence that is deleted is an EXDATE (or a cancelled override), a changed one is an override. Of a changed one a
device gets its times, and the fields in which it differs from the series; what is left out is as in the series, and
an empty element says that the occurrence has nothing where the series has something.

Sources: MS-ASCAL "Exceptions", "ExceptionStartTime", MS-ASAIRS "InstanceId".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pimgate.text.events import instance_key
from pimgate.text.times import Time
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
    found = [*_deleted(series), *_changed(series)][:_MOST]
    return Element(TAG, *found) if found else None


def key_tag(context: Context) -> str:
    """What an occurrence is named by: InstanceId from 16.0 on."""
    return INSTANCE_ID if context.is_16 else "Calendar:ExceptionStartTime"


def _deleted(series: Entry) -> Iterator[Element]:
    overrides = series.events.overrides
    for original in series.events.excluded():
        if instance_key(original) not in overrides:
            yield _deletion(series, original)


def _changed(series: Entry) -> Iterator[Element]:
    for component in series.events.overrides.values():
        original = series.events.original_start_of(component)
        override = Entry(series.events, component, series.context)
        if original is None:
            continue
        yield _deletion(series, original) if is_cancelled(override) else _change(series, override, original)


def _deletion(series: Entry, original: Time) -> Element:
    return Element(EXCEPTION, Element(DELETED, text="1"), _key(series, original))


def _change(series: Entry, override: Entry, original: Time) -> Element:
    exception = Element(EXCEPTION, _key(series, original))
    times = {each.name: each for each in when.elements(override)}
    exception.children += [times[when.START], times[when.END], times[when.ALL_DAY]]
    for row in exception_rows(series.context):
        value = row.value(override)
        if value != row.value(series):
            exception.append(row.shape.element(row.tag, value))
    return exception


def _key(series: Entry, original: Time) -> Element:
    return Element(key_tag(series.context), text=series.shown(original))
