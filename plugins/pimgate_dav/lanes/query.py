"""calendar-query (RFC 4791) and addressbook-query (RFC 6352): items that fit a filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from pimgate.api import Exposure, Item, View
from pimgate_dav.answer import Answer, xml
from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.filters import of_books, of_calendars
from pimgate_dav.filters.zone_asked import zone_asked
from pimgate_dav.lanes.data import Rows, report_of
from pimgate_dav.names import caldav, carddav, dav
from pimgate_dav.visit import Visit, exposure_of
from pimgate_dav.xml_out import element, multistatus, response, status_line

CHUNK: Final = 100
"""Items whose texts are held at the same time, while the answer grows: each may have a million octets."""


def calendar_query(visit: Visit, view: View) -> Answer:
    root = visit.ask.xml
    if root is None:
        raise BadRequest("A query needs a body.")
    wanted = of_calendars.filter_of(root.find(caldav("filter")))
    zone = zone_asked(root) or visit.zone_of(view)
    rows = Rows(visit, view, report_of(root, visit.ask.headers, zone))
    if wanted.asks_component_only and not rows.needs_text:
        listed = (each for each in view.listed() if wanted.component in (None, each.component))
        return xml(207, multistatus(map(rows.of_head, listed), visit.settings.answer_bytes))
    return _answer(visit, view, rows, of_calendars.matching(view, wanted, zone), None)


def addressbook_query(visit: Visit, view: View) -> Answer:
    """In a book without download only a search for some text is answered, and never with more than a few entries."""
    root = visit.ask.xml
    if root is None:
        raise BadRequest("A query needs a body.")
    wanted = of_books.filter_of(root.find(carddav("filter")))
    limit = _limit(visit)
    if exposure_of(view) is Exposure.REMOTE:
        if of_books.searched_words(wanted) is None:
            raise Precondition(
                403, carddav("supported-filter"), "This book is searched by name, address or number only."
            )
        limit = min(limit or visit.settings.search_results, visit.settings.search_results)
    rows = Rows(visit, view, report_of(root, visit.ask.headers))
    if not wanted.parts and limit is None and not rows.needs_text:
        return xml(207, multistatus(map(rows.of_head, view.listed()), visit.settings.answer_bytes))
    return _answer(visit, view, rows, of_books.matching(view, wanted), limit)


def _answer(visit: Visit, view: View, rows: Rows, found: Iterable[Item], limit: int | None) -> Answer:
    parts = _parts(visit, view, rows, iter(found), limit)
    return xml(207, multistatus(parts, visit.settings.answer_bytes))


def _parts(visit: Visit, view: View, rows: Rows, found: Iterator[Item], limit: int | None) -> Iterator[str]:
    """A few items at a time: their texts need not all be held at once."""
    left = limit
    while items := list(islice(found, CHUNK if left is None else min(CHUNK, left))):
        rows.expect(item.id for item in items)
        yield from map(rows.of, items)
        left = None if left is None else left - len(items)
    if limit is not None and next(found, None) is not None:
        rule = element(dav("error"), element(dav("number-of-matches-within-limits")))
        yield response(visit.place_of(view.collection).href, status_line(507) + rule)


def _limit(visit: Visit) -> int | None:
    found = visit.ask.xml.find(f"{carddav('limit')}/{carddav('nresults')}") if visit.ask.xml is not None else None
    if found is None:
        return None
    text = (found.text or "").strip()
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 10 or int(text) == 0:
        raise BadRequest("The limit is not a number.")
    return int(text)
