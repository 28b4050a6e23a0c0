"""free-busy-query (RFC 4791, "CALDAV:free-busy-query REPORT"): when the events of one calendar take time, from the index."""

from __future__ import annotations

from datetime import UTC, datetime

from pimgate.api import View, busy
from pimgate.text.component import Component
from pimgate.text.events import PRODID
from pimgate.text.lines import make_line
from pimgate.text.times import write_time
from pimgate_dav.answer import Answer
from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.filters.times import window_of
from pimgate_dav.names import caldav, dav
from pimgate_dav.scheduling.freebusy import free_busy_line
from pimgate_dav.visit import Visit


def free_busy(visit: Visit, view: View) -> Answer:
    """One VFREEBUSY. BadRequest without both ends of a time range; Precondition for a range with more than can be told."""
    found = visit.ask.xml.find(caldav("time-range")) if visit.ask.xml is not None else None
    start, end = window_of(found) if found is not None else (None, None)
    if start is None or end is None:
        raise BadRequest("A free-busy-query needs a time range with start and end.")
    too_much = Precondition(403, dav("number-of-matches-within-limits"), "This is too much to be told at once.")
    if end - start > busy.LONGEST:
        raise too_much
    if start < busy.EARLIEST:
        raise Precondition(403, caldav("min-date-time"), f"Nothing is told of the time before {busy.EARLIEST.year}.")
    if end > busy.LATEST:
        raise Precondition(403, caldav("max-date-time"), f"Nothing is told of the time from {busy.LATEST.year} on.")
    spans = busy.busy_in(visit.core, visit.work, view, start, end)
    if spans is None:
        raise too_much
    now = datetime.fromtimestamp(visit.work.now, UTC).replace(microsecond=0)
    times = [make_line(name, write_time(at)) for name, at in (("DTSTAMP", now), ("DTSTART", start), ("DTEND", end))]
    part = Component("VFREEBUSY", [*times, *map(free_busy_line, spans)])
    head = [make_line("VERSION", "2.0"), make_line("PRODID", PRODID)]
    text = Component("VCALENDAR", head, [part]).to_text()
    return Answer(200, {"Content-Type": "text/calendar; charset=utf-8"}, text.encode())
