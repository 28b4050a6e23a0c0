"""The lanes of the two groups of people who see somebody's calendars. Nobody is put into one here: calendars are shared."""

from __future__ import annotations

from pimgate.api import NoSuchItem
from pimgate_dav.answer import Answer, xml
from pimgate_dav.errors import Precondition
from pimgate_dav.names import dav
from pimgate_dav.principals import proxies
from pimgate_dav.principals.reports import expanded
from pimgate_dav.properties.asking import answered, wanted_of
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import multistatus, response


def propfind(visit: Visit) -> Answer:
    place = visit.ask.place
    if place.item:
        raise NoSuchItem(place.item)
    wanted = wanted_of(visit.ask.xml, visit.ask.headers)
    inner = answered(wanted, proxies.TABLE, lambda row: row(visit, place))
    return xml(207, multistatus([response(place.href, inner)], visit.settings.answer_bytes))


def report(visit: Visit) -> Answer:
    root = visit.ask.xml
    if visit.ask.place.item:
        raise NoSuchItem(visit.ask.place.item)
    if root is None or root.tag != dav("expand-property"):
        raise Precondition(403, dav("supported-report"))
    return expanded(visit, root)
