"""GET, HEAD, PUT and DELETE of items; DELETE of collections.

PUT keeps the octets that came, so the ETag in its answer is one of those very octets (RFC 4791, "PUT, GET, and ETag").
"""

from __future__ import annotations

from typing import Final

from pimgate.api import BadItem, NoSuchItem, Refused, View, collections
from pimgate_dav.answer import Answer
from pimgate_dav.conditions import check_write, is_known, quoted
from pimgate_dav.errors import NotPossible
from pimgate_dav.properties.of_items import content_type, last_modified
from pimgate_dav.visit import Visit, exposure_of

ON_COLLECTIONS: Final = "OPTIONS, PROPFIND, PROPPATCH, REPORT, DELETE"
ON_HOMES: Final = "OPTIONS, PROPFIND"


def get(visit: Visit) -> Answer:
    """The octets of an item, or 304 for whoever has them."""
    if not visit.ask.place.item:
        raise NotPossible(_allowed(visit))
    view = visit.view(visit.ask.place)
    check_downloaded(view)
    head = view.head(visit.ask.place.item)
    if head is None:
        raise NoSuchItem(visit.ask.place.item)
    headers = {"ETag": quoted(head.etag), "Last-Modified": last_modified(head)}
    if is_known(visit.ask.headers, head):
        return Answer(304, headers)
    return Answer(200, {**headers, "Content-Type": content_type(head)}, view.text(head).encode())


def put(visit: Visit) -> Answer:
    """Keep an item under the name that the client chose."""
    if not visit.ask.place.item:
        raise NotPossible(_allowed(visit))
    view = visit.view(visit.ask.place)
    name = visit.ask.place.item
    view.begin_writing()
    head = view.head(name)
    check_write(visit.ask.headers, head)
    kept = view.put(name, _text(visit.ask.body))
    # A private event in a calendar of somebody else is not shown as it came: a client without an ETag looks again.
    headers = {} if view.hides(kept) else {"ETag": quoted(kept.etag)}
    return Answer(204 if head else 201, headers)


def delete(visit: Visit) -> Answer:
    """Forget an item, or a collection with everything in it."""
    place = visit.ask.place
    if not place.collection:
        raise NotPossible(_allowed(visit))
    view = visit.view(place)
    if place.is_collection:
        collections.remove(visit.work, visit.viewer.account.id, view.id)
        return Answer(204)
    view.begin_writing()
    head = view.head(place.item)
    if head is None:
        raise NoSuchItem(place.item)
    check_write(visit.ask.headers, head)
    view.delete(place.item)
    return Answer(204)


def check_downloaded(view: View) -> None:
    """Refused for a book that is only searched on this client."""
    if not exposure_of(view).is_readable:
        raise Refused(f"{view.id} is remote", public="This book is searched on the server and not downloaded.")


def _allowed(visit: Visit) -> str:
    return ON_COLLECTIONS if visit.ask.place.is_collection else ON_HOMES


def _text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadItem("not UTF-8", public="The text is not in UTF-8.") from error
