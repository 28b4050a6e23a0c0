"""Calendar objects of tasks and notes: made new, and stamped when they were edited."""

from __future__ import annotations

from datetime import UTC

from pimgate.text.calendar import index_calendar
from pimgate.text.component import Component
from pimgate.text.events import PRODID, EventSet, parse_event_set
from pimgate.text.lines import escape, make_line
from pimgate.text.times import write_time
from pimgate_eas.mapping.context import NO_TIME, Context
from pimgate_eas.mapping.editing import put


def opened(text: str) -> tuple[EventSet, Component]:
    """The object, and the entry that a device knows it by: the series or, where there are changed occurrences alone, the first
    of them."""
    whole = parse_event_set(text)
    return whole, whole.master or whole.entries[0]


def new_object(kind: str, uid: str, context: Context) -> str:
    """A minimal object with one `VTODO` or `VJOURNAL`, to be filled by an editor."""
    stamp = _stamp(context)
    lines = [make_line("UID", escape(uid)), make_line("DTSTAMP", stamp), make_line("CREATED", stamp)]
    head = [make_line("VERSION", "2.0"), make_line("PRODID", PRODID)]
    return Component("VCALENDAR", head, [Component(kind, lines)]).to_text()


def finished(whole: EventSet, entry: Component, before: str | None, context: Context) -> str:
    """The text after an edit of `before` (None for a new object), stamped if anything is new. BadText if it is no valid object
    any more."""
    edited = whole.to_text()
    if edited == before:
        return edited
    if before is not None and context.now != NO_TIME:
        for name in ("DTSTAMP", "LAST-MODIFIED"):
            put(entry, name, _stamp(context))
        edited = whole.to_text()
    index_calendar(edited)
    return edited


def _stamp(context: Context) -> str:
    return write_time(context.now.astimezone(UTC).replace(microsecond=0))
