"""Time ranges of filters, expansions and free-busy queries (RFC 4791, "CALDAV:time-range XML Element")."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from pimgate_dav.errors import Precondition
from pimgate_dav.names import caldav

FORM = "%Y%m%dT%H%M%SZ"
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

Range = tuple[datetime | None, datetime | None]
"""Start and end; one that is None is open."""


def window_of(element: Element) -> Range:
    """Start and end of a range, in UTC; an end that is not given is None. Precondition unless it is a range."""
    start, end = _time(element.get("start")), _time(element.get("end"))
    if (start is None and end is None) or (start is not None and end is not None and start >= end):
        raise Precondition(403, caldav("valid-filter"), "A time range needs a start before its end.")
    return start, end


def bounded(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """The range with both ends, within the years in which anything is expanded."""
    return max(start or EARLIEST, EARLIEST), min(end or LATEST, LATEST)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, FORM).replace(tzinfo=UTC)
    except ValueError as error:
        raise Precondition(403, caldav("valid-filter"), "A time must be in UTC, as in 20270101T000000Z.") from error
