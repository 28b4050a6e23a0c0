"""REPORT: which reports there are, for which collections, and who answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pimgate.api import View
from pimgate_dav.answer import Answer
from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.lanes.freebusy import free_busy
from pimgate_dav.lanes.multiget import multiget
from pimgate_dav.lanes.query import addressbook_query, calendar_query
from pimgate_dav.lanes.sync import sync
from pimgate_dav.names import caldav, carddav, dav
from pimgate_dav.preferences import applied
from pimgate_dav.principals import reports as people
from pimgate_dav.properties.of_collections import reports_of, shown_of_view
from pimgate_dav.visit import Visit

Report = Callable[[Visit, View], Answer]

TABLE: Final[Mapping[str, Report]] = {
    dav("sync-collection"): sync,
    caldav("calendar-multiget"): multiget,
    carddav("addressbook-multiget"): multiget,
    caldav("calendar-query"): calendar_query,
    carddav("addressbook-query"): addressbook_query,
    caldav("free-busy-query"): free_busy,
}


def report(visit: Visit) -> Answer:
    """The report that the body names. Precondition for one that is not answered here."""
    root = visit.ask.xml
    if root is not None and root.tag in people.TABLE:
        return people.TABLE[root.tag](visit, root)
    visit.check_there()
    if root is None:
        raise BadRequest("A REPORT needs a body.")
    if not visit.ask.place.is_collection:
        raise Precondition(403, dav("supported-report"))
    view = visit.view(visit.ask.place)
    if root.tag not in TABLE or root.tag not in reports_of(shown_of_view(visit, view)):
        raise Precondition(403, dav("supported-report"))
    return TABLE[root.tag](visit, view).plus(applied(visit.ask.headers))
