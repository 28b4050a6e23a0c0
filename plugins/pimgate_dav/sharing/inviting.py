"""The owner's word: whom a calendar is shared with, and what they may do (caldav-sharing, "Sharer Actions on Shared Calendars")."""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from pimgate.api import AccountId, Collection, CollectionKind, NoSuchItem, Refused, Right, Standing, shares
from pimgate_dav.answer import Answer
from pimgate_dav.errors import BadRequest
from pimgate_dav.layout import Place, place_of
from pimgate_dav.names import dav
from pimgate_dav.sharing.words import ACCEPTED, CS, DECLINED, MODES, OPEN, SHARED, SHARED_BY_ME, invited, organizer
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import href

MOST = 100


def share(visit: Visit, root: Element) -> Answer:
    """Give and take rights on the calendar of the request, all of them or none. ReadOnly for whoever may not manage it."""
    view = visit.view(visit.ask.place)
    changes = [each for each in root if each.tag in (CS("set"), CS("remove"))]
    if not changes or len(changes) > MOST:
        raise BadRequest(f"A share names between one person and {MOST}.")
    for change in changes:
        shares.give(visit.work, visit.people, view.id, _address(visit, change), _right(change))
    return Answer(200)


def _right(change: Element) -> Right:
    if change.tag == CS("remove"):
        return Right.NONE
    return Right.WRITE if change.find(CS("read-write")) is not None else Right.READ


def _address(visit: Visit, change: Element) -> str:
    """The mail address of somebody, who may be named by their principal."""
    text = (change.findtext(dav("href")) or "").strip()
    if text[:7].lower() == "mailto:":
        return text[7:]
    try:
        place = place_of(urlsplit(text).path)
    except (ValueError, NoSuchItem):
        return text
    person = visit.people.by_id(AccountId(place.account)) if place.is_home else None
    if person is None:
        raise Refused("no such person", public="Nobody here has this address.")
    return person.login


def invite(visit: Visit, standing: Standing) -> str | None:
    """Who has a calendar: whoever manages it sees everybody, others the owner and themselves."""
    collection = standing.collection
    if not can_be_shared(collection) or not is_shared(visit, collection):
        return None
    me = visit.viewer.account
    is_manager = standing.right >= Right.MANAGE
    found = [each for each in shares.shares(visit.work, collection.id) if is_manager or each.person.id == me.id]
    owner = me if collection.owner == me.id else visit.people.by_id(AccountId(collection.owner or ""))
    states = {(True, False): ACCEPTED, (False, True): DECLINED}
    people = (
        invited(each.person, each.right, states.get((each.is_accepted, each.is_declined), OPEN)) for each in found
    )
    return (organizer(owner) if owner is not None else "") + "".join(people)


def can_be_shared(collection: Collection) -> bool:
    """People share calendars and lists of their own in this way; the organisation's are the operator's to give."""
    return collection.kind is not CollectionKind.BOOK and collection.owner is not None


def is_shared(visit: Visit, collection: Collection) -> bool:
    """Whether more than its owner have it."""
    return collection.owner != visit.viewer.account.id or collection.id in visit.people.given


def mark(visit: Visit, collection: Collection) -> str:
    """What the type of a shared calendar says besides."""
    if not can_be_shared(collection) or not is_shared(visit, collection):
        return ""
    return SHARED_BY_ME if collection.owner == visit.viewer.account.id else SHARED


def modes(standing: Standing) -> str | None:
    """Whether the viewer may share it further."""
    return MODES if can_be_shared(standing.collection) and standing.right >= Right.MANAGE else None


def origin(visit: Visit, collection: Collection) -> str | None:
    """Where the owner has what is shared with the viewer."""
    if not can_be_shared(collection) or collection.owner == visit.viewer.account.id:
        return None
    return href(Place(collection.owner or "", collection.id).href)
