"""MOVE and COPY of items (RFC 4918, "COPY Method", "MOVE Method"). Collections stay where they are."""

from __future__ import annotations

from urllib.parse import urlsplit

from pimgate.api import NoSuchItem, Refused, View
from pimgate_dav.answer import Answer
from pimgate_dav.attachments.held import may_hold
from pimgate_dav.conditions import check_write
from pimgate_dav.errors import BadRequest
from pimgate_dav.lanes.items import validator
from pimgate_dav.lanes.whole import check_downloaded
from pimgate_dav.layout import UNUSABLE, Place, UnusableName, place_of
from pimgate_dav.scheduling.arranged import arranged, is_arranged
from pimgate_dav.scheduling.rules import check_only_copy
from pimgate_dav.scheduling.tags import check_tag, tag_header
from pimgate_dav.visit import Visit


def move(visit: Visit) -> Answer:
    """Take an item to another address. It is a new item there: phones see one leave and one arrive."""
    return _carry(visit, keeps_source=False)


def copy(visit: Visit) -> Answer:
    """Keep an item at a second address. Within one collection its UID stands in the way, as it must."""
    return _carry(visit, keeps_source=True)


def _carry(visit: Visit, *, keeps_source: bool) -> Answer:
    place, target = visit.ask.place, destination(visit)
    if not place.item or not target.item:
        raise Refused("a collection", public="Only single items can be moved or copied.")
    if place == target:
        raise Refused("onto itself", public="Source and destination are the same.")
    source_view, target_view = visit.view(place), _target(visit, place, target, keeps_source=keeps_source)
    check_downloaded(source_view)
    written = [target_view] if keeps_source else [source_view, target_view]
    for view in sorted(written, key=lambda view: view.id):
        view.begin_writing()
    head = source_view.head(place.item)
    if head is None:
        raise NoSuchItem(place.item)
    check_write(visit.ask, head)
    check_tag(visit, source_view, head)
    text = source_view.text(head)
    if keeps_source:
        check_only_copy(visit, target_view, text)
    overwrites = visit.ask.headers.get("overwrite", "T").strip().upper() != "F"
    was_there = target_view.head(target.item) is not None
    if keeps_source:
        kept = source_view.copy(head, target_view, target.item, must_be_new=not overwrites)
    else:
        kept = source_view.move(place.item, target_view, target.item, overwrite=overwrites)
    headers = {} if may_hold(text) else validator(target_view, kept, text)
    headers |= tag_header(visit, target_view, kept, text if headers else None)
    return Answer(204 if was_there else 201, headers)


def _target(visit: Visit, place: Place, target: Place, *, keeps_source: bool) -> View:
    """Where it goes. A meeting that changes its place among one's own calendars is still the same meeting: nobody is told."""
    source, found = visit.view(place), visit.view(target)
    stays = not keeps_source and is_arranged(visit, source.collection)
    return found if stays else arranged(visit, found)


def destination(visit: Visit) -> Place:
    """Where to. BadRequest without a Destination that can be understood, or with one on another server; Refused for a name that
    cannot be used."""
    header = visit.ask.headers.get("destination", "")
    try:
        address = urlsplit(header)
        there = address.hostname
    except ValueError as error:
        raise BadRequest("The Destination cannot be understood.") from error
    if not address.path:
        raise BadRequest("A Destination is needed.")
    if there is not None and there not in _names_of_this_server(visit):
        raise BadRequest("The Destination is on another server.", 502)
    try:
        return place_of(address.path)
    except UnusableName as error:
        raise Refused(error.detail, public=UNUSABLE) from error


def _names_of_this_server(visit: Visit) -> set[str | None]:
    """What the client called us in this request, and what the operator calls us: a proxy may stand between the two."""
    try:
        return {urlsplit(f"//{visit.ask.host}").hostname, urlsplit(visit.core.settings.http.public_url).hostname}
    except ValueError:
        return set()
