"""GET, HEAD, PUT and DELETE of items; DELETE of collections.

PUT keeps the octets that came, so the ETag in its answer is one of those very octets (RFC 4791, "PUT, GET, and ETag").
"""

from __future__ import annotations

from typing import Final

from pimgate.api import BadItem, ItemHead, NoSuchItem, View, collections, etag_of, shares
from pimgate_dav.answer import Answer
from pimgate_dav.attachments.kept import kept as with_files
from pimgate_dav.attachments.shown import shown
from pimgate_dav.conditions import check_version, check_write, is_known, quoted
from pimgate_dav.errors import BadRequest, NotPossible
from pimgate_dav.forms.zones import negotiated
from pimgate_dav.lanes.whole import check_downloaded, everything
from pimgate_dav.properties.of_items import content_type, last_modified
from pimgate_dav.scheduling.arranged import arranged
from pimgate_dav.scheduling.rules import ready_to_keep
from pimgate_dav.scheduling.tags import check_tag, tag_header
from pimgate_dav.visit import Visit

ON_COLLECTIONS: Final = "OPTIONS, GET, HEAD, PROPFIND, PROPPATCH, REPORT, POST, ACL, DELETE"
ON_HOMES: Final = "OPTIONS, PROPFIND, REPORT, POST"


def get(visit: Visit) -> Answer:
    """The octets of an item, or 304 for whoever has them; of a collection, everything in it as one text."""
    if visit.ask.place.is_collection:
        return everything(visit)
    if not visit.ask.place.item:
        raise NotPossible(_allowed(visit))
    view = visit.view(visit.ask.place)
    check_downloaded(view)
    head = view.head(visit.ask.place.item)
    if head is None:
        raise NoSuchItem(visit.ask.place.item)
    headers = {"ETag": quoted(head.etag), "Last-Modified": last_modified(head)}
    if is_known(visit.ask, head.etag, head.changed_at):
        return Answer(304, headers)
    text = view.text(head)
    headers |= tag_header(visit, view, head, text)
    if head.component != "VCARD":
        text, headers = negotiated(visit.ask.headers, text, headers)
    return Answer(200, {**headers, "Content-Type": content_type(head)}, shown(visit, head, text).encode())


def put(visit: Visit) -> Answer:
    """Keep an item under the name that the client chose. BadRequest for a piece of one (RFC 9110, "Partial PUT")."""
    if "content-range" in visit.ask.headers:
        raise BadRequest("An item is sent as a whole.")
    if not visit.ask.place.item:
        raise NotPossible(_allowed(visit))
    view = arranged(visit, visit.view(visit.ask.place))
    view.begin_writing()
    slot = view.slot(visit.ask.place.item)
    check_write(visit.ask, slot.head)
    sent = _text(visit.ask.body)
    text = with_files(visit, slot.head, sent)
    kept = view.put(slot, ready_to_keep(visit, view, slot, text))
    headers = validator(view, kept, text) if shown(visit, kept, text) == sent else {}
    headers |= tag_header(visit, view, kept, text if headers else None)
    return Answer(204 if slot.item else 201, headers)


def validator(view: View, kept: ItemHead, text: str) -> dict[str, str]:
    """The ETag of what was written from this text, unless it is not shown as it came: a private event in a calendar of somebody
    else, a meeting in which the server noted whom it told. A client without an ETag looks again."""
    return {} if view.hides(kept) or kept.etag != etag_of(text) else {"ETag": quoted(kept.etag)}


def delete(visit: Visit) -> Answer:
    """Forget an item, or a collection with everything in it; of what somebody else shares only the subscription."""
    place = visit.ask.place
    if not place.collection:
        raise NotPossible(_allowed(visit))
    view = visit.view(place)
    if place.is_collection and view.collection.owner not in (None, visit.viewer.account.id):
        shares.decline(visit.work, visit.viewer.account.id, view.id)
        return Answer(204)
    if place.is_collection:
        check_version(visit.ask, f"{view.id}-{view.bookmark()}")
        collections.remove(visit.work, visit.viewer.account.id, view.id)
        return Answer(204)
    view = arranged(visit, view)
    view.begin_writing()
    head = view.head(place.item)
    if head is None:
        raise NoSuchItem(place.item)
    check_write(visit.ask, head)
    check_tag(visit, view, head)
    view.delete(place.item)
    return Answer(204)


def _allowed(visit: Visit) -> str:
    return ON_COLLECTIONS if visit.ask.place.is_collection else ON_HOMES


def _text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadItem("not UTF-8", public="The text is not in UTF-8.") from error
