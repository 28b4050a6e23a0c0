"""calendar-multiget and addressbook-multiget (RFC 4791, RFC 6352): named items with their texts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from pimgate.api import Exposure, NoSuchItem, View
from pimgate_dav.answer import Answer, xml
from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.lanes.data import Rows, report_of
from pimgate_dav.layout import place_of, plain_name_in
from pimgate_dav.names import dav
from pimgate_dav.visit import Visit, exposure_of
from pimgate_dav.xml_out import gone, multistatus

CHUNK = 100
"""Items whose texts are held at the same time, while the answer grows: each may have a million octets."""


def multiget(visit: Visit, view: View) -> Answer:
    root = visit.ask.xml
    if root is None:
        raise BadRequest("A multiget needs a body.")
    addresses = list(dict.fromkeys((each.text or "").strip() for each in root.findall(dav("href"))))
    is_remote = exposure_of(view) is Exposure.REMOTE
    if len(addresses) > (visit.settings.search_results if is_remote else visit.settings.multiget_items):
        raise Precondition(403, dav("number-of-matches-within-limits"), "The request names too many items.")
    rows = Rows(visit, view, report_of(root, visit.ask.headers, visit.zone_of(view)))
    return xml(207, multistatus(_parts(visit, view, addresses, rows), visit.settings.answer_bytes))


def _parts(visit: Visit, view: View, addresses: list[str], rows: Rows) -> Iterator[str]:
    """The items in the order of the request, each once, whatever addresses name it; those that are not there with 404 under the
    address as it was asked."""
    base = visit.place_of(view.collection).href
    answered: set[str] = set()
    for start in range(0, len(addresses), CHUNK):
        chunk = addresses[start : start + CHUNK]
        names = {each: plain_name_in(each, base) or _name_in(visit, view, each) for each in chunk}
        items = view.items_by_name([name for name in names.values() if name])
        rows.expect(item.id for item in items.values())
        for address, name in names.items():
            item = items.get(name)
            if item is None:
                yield gone(address)
            elif name not in answered:
                answered.add(name)
                yield rows.of(item)


def _name_in(visit: Visit, view: View, address: str) -> str:
    """The item's name if the address is one in this collection; else nothing."""
    try:
        place = place_of(urlsplit(address).path)
    except (ValueError, NoSuchItem):
        return ""
    here = visit.place_of(view.collection)
    return place.item if (place.account, place.collection) == (here.account, here.collection) else ""
