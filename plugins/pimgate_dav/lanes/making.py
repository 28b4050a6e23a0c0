"""MKCOL and MKCALENDAR in front of Radicale: collections stand directly in one's own home, under a name that is no id."""

from __future__ import annotations

from pimgate.api import NoSuchCollection, Refused
from pimgate_dav.answer import Answer
from pimgate_dav.behind.application import Behind
from pimgate_dav.errors import BadRequest, NotPossible, Precondition
from pimgate_dav.lanes.items import ON_COLLECTIONS, ON_HOMES
from pimgate_dav.layout import RESERVED, Place, is_collection_id
from pimgate_dav.names import caldav, dav
from pimgate_dav.properties.dead import with_texts
from pimgate_dav.properties.transparency import with_words
from pimgate_dav.visit import Visit

ROOTS = {"MKCOL": (dav("mkcol"),), "MKCALENDAR": (caldav("mkcalendar"),)}


def make(visit: Visit, behind: Behind) -> Answer:
    """A new collection at the address that the client chose."""
    place, root = visit.ask.place, visit.ask.xml
    if root is not None and root.tag not in ROOTS[visit.ask.method]:
        raise BadRequest(f"The body does not fit {visit.ask.method}.")
    if not place.collection:
        raise NotPossible(ON_HOMES)
    if place.item:
        _check_parent(visit)
        raise Precondition(403, caldav("calendar-collection-location-ok"), "A collection stands directly in the home.")
    if not visit.is_mine(place):
        raise NoSuchCollection(f"{place.account} for {visit.viewer.account.id}")
    if _is_taken(visit):
        raise NotPossible(ON_COLLECTIONS)
    if is_collection_id(place.collection) or place.collection in RESERVED:
        raise Refused(place.collection, public="This address is reserved; please choose another one.")
    if root is None and visit.ask.method == "MKCOL":
        raise Refused("plain", public="A home holds address books and calendars only: say which one to make.")
    visit.ask = with_texts(with_words(visit.ask))
    return behind.answer(visit).plus({"Cache-Control": "no-cache"})


def _check_parent(visit: Visit) -> None:
    """BadRequest if what the new one is to stand in is not there, or not theirs."""
    try:
        visit.view(Place(visit.ask.place.account, visit.ask.place.collection))
    except NoSuchCollection as error:
        raise BadRequest("What this is to stand in does not exist.", 409) from error


def _is_taken(visit: Visit) -> bool:
    try:
        visit.view(visit.ask.place)
    except NoSuchCollection:
        return False
    return True
