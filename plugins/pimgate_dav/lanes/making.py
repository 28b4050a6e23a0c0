"""MKCOL and MKCALENDAR in front of Radicale: collections stand directly in one's own home, under a name that is no id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element, SubElement, tostring

from pimgate.api import NoSuchCollection, Refused, collections
from pimgate_dav.answer import Answer
from pimgate_dav.behind.application import Behind
from pimgate_dav.errors import BadRequest, NotPossible, Precondition
from pimgate_dav.lanes.items import ON_COLLECTIONS, ON_HOMES
from pimgate_dav.layout import RESERVED, Place, is_collection_id
from pimgate_dav.names import caldav, dav
from pimgate_dav.properties.instructions import Instruction, instructions_in
from pimgate_dav.properties.protected import MADE_WITH, PROTECTED
from pimgate_dav.properties.writable import Change, change_by, write
from pimgate_dav.visit import Ask, Visit

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
    collections.begin_changing(visit.work, visit.viewer.account.id)
    if _is_taken(visit):
        raise NotPossible(ON_COLLECTIONS)
    if is_collection_id(place.collection) or place.collection in RESERVED:
        raise Refused(place.collection, public="This address is reserved; please choose another one.")
    if root is None and visit.ask.method == "MKCOL":
        raise Refused("plain", public="A home holds address books and calendars only: say which one to make.")
    if root is not None and any(each.get("name") is None for each in root.iter(caldav("comp"))):
        raise BadRequest("A component that a calendar takes has a name.")
    instructions = instructions_in(root) if root is not None else []
    visit.ask = _bare(visit.ask)
    answer = behind.answer(visit)
    if not answer.is_error:
        _describe(visit, instructions)
    return answer.plus({"Cache-Control": "no-cache"})


def _bare(ask: Ask) -> Ask:
    """A request with no more in it than decides what is made, and a name."""
    if ask.xml is None:
        return ask
    root = Element(ask.xml.tag)
    bare = SubElement(SubElement(root, dav("set")), dav("prop"))
    found = ask.xml.iterfind(f"{dav('set')}/{dav('prop')}/*")
    bare.extend(each for each in found if each.tag in MADE_WITH or each.tag == dav("displayname"))
    return replace(ask, body=tostring(root, encoding="utf-8", xml_declaration=True))


def _describe(visit: Visit, instructions: Sequence[Instruction]) -> None:
    """Write what else is said of a collection that was just made. What nobody may write is passed over."""
    collection = visit.view(visit.ask.place).collection
    change = Change()
    for each in instructions:
        if each.name not in PROTECTED:
            change = change_by(collection, each).after(change)
    write(visit, collection, change)


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
