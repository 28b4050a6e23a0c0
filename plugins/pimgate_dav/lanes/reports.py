"""REPORT: which reports there are, for which collections, and who answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pimgate.api import View
from pimgate_dav.answer import Answer
from pimgate_dav.behind.application import Behind
from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.filters.times import window_of
from pimgate_dav.lanes.multiget import multiget
from pimgate_dav.lanes.query import addressbook_query, calendar_query
from pimgate_dav.lanes.sync import sync
from pimgate_dav.names import caldav, carddav, dav
from pimgate_dav.properties.of_collections import reports_of, shown_of_view
from pimgate_dav.visit import Visit

Report = Callable[[Visit, View], Answer]

TABLE: Final[Mapping[str, Report]] = {
    dav("sync-collection"): sync,
    caldav("calendar-multiget"): multiget,
    carddav("addressbook-multiget"): multiget,
    caldav("calendar-query"): calendar_query,
    carddav("addressbook-query"): addressbook_query,
}


def report(visit: Visit, behind: Behind) -> Answer:
    """The report that the body names. Precondition for one that is not answered here; Radicale would answer an unknown one
    with the whole collection."""
    visit.check_there()
    root = visit.ask.xml
    if root is None:
        raise BadRequest("A REPORT needs a body.")
    if not visit.ask.place.is_collection:
        raise Precondition(403, dav("supported-report"))
    view = visit.view(visit.ask.place)
    if root.tag not in reports_of(shown_of_view(visit, view)):
        raise Precondition(403, dav("supported-report"))
    if root.tag in TABLE:
        return TABLE[root.tag](visit, view)
    _check_freebusy(visit)
    return behind.answer(visit)


def _check_freebusy(visit: Visit) -> None:
    """Radicale takes a time range for granted."""
    found = visit.ask.xml.find(caldav("time-range")) if visit.ask.xml is not None else None
    start, end = window_of(found) if found is not None else (None, None)
    if start is None or end is None:
        raise BadRequest("A free-busy-query needs a time range with start and end.")
