"""The notifications of a person: what was shared with them and waits for their word (caldav-sharing, "Notifications").

    /dav/<account id>/notifications/<collection id>.xml

They follow from what is shared. Whoever deletes one has declined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from pimgate.api import CollectionId, NoSuchCollection, NoSuchItem, shares
from pimgate_dav.answer import Answer, xml
from pimgate_dav.conditions import quoted
from pimgate_dav.errors import BadRequest, NotPossible
from pimgate_dav.layout import NOTIFICATIONS, Place, place_of
from pimgate_dav.names import calendarserver, dav
from pimgate_dav.properties.asking import Wanted, answered, wanted_of
from pimgate_dav.properties.of_people import home_href, privileges, root_href
from pimgate_dav.sharing.words import ACCEPTED, CS, DECLINED, OPEN, access, address_of, organizer
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import document, element, escaped, href, multistatus, response

Offer = shares.Offer
ON_NOTIFICATIONS: Final = "OPTIONS, PROPFIND"
TYPE: Final = "text/xml; charset=utf-8"
BEGINNING: Final = "19700101T000000Z"

TABLE: Final[Mapping[str, Callable[[Visit], str | None]]] = {
    dav("resourcetype"): lambda _visit: element(dav("collection")) + element(calendarserver("notification")),
    dav("displayname"): lambda _visit: "Notifications",
    dav("owner"): home_href,
    dav("current-user-principal"): home_href,
    dav("principal-collection-set"): root_href,
    dav("current-user-privilege-set"): lambda _visit: privileges("read", "unbind"),
    dav("supported-report-set"): lambda _visit: "",
    calendarserver("getctag"): lambda visit: _digest("".join(_name(each) + str(each.right) for each in _offers(visit))),
}

OF_OFFER: Final[Mapping[str, Callable[[Visit, Offer], str | None]]] = {
    dav("getetag"): lambda visit, offer: etag_of(visit, offer),
    dav("getcontenttype"): lambda _visit, _offer: TYPE,
    dav("getcontentlength"): lambda visit, offer: str(len(text_of(visit, offer))),
    dav("resourcetype"): lambda _visit, _offer: "",
    dav("current-user-privilege-set"): lambda _visit, _offer: privileges("read"),
    calendarserver("notificationtype"): lambda _visit, _offer: element(CS("invite-notification")),
}


def propfind(visit: Visit) -> Answer:
    wanted = wanted_of(visit.ask.xml, visit.ask.headers)
    if visit.ask.place.item:
        return xml(207, multistatus([_of_offer(visit, _offer(visit), wanted)], visit.settings.answer_bytes))
    parts = [response(_place(visit).href, answered(wanted, TABLE, lambda row: row(visit)))]
    if visit.ask.headers.get("depth", "0").strip() == "1":
        parts += [_of_offer(visit, each, wanted) for each in _offers(visit)]
    return xml(207, multistatus(parts, visit.settings.answer_bytes))


def get(visit: Visit) -> Answer:
    if not visit.ask.place.item:
        raise NotPossible(ON_NOTIFICATIONS)
    offer = _offer(visit)
    return Answer(200, {"Content-Type": TYPE, "ETag": etag_of(visit, offer)}, text_of(visit, offer))


def delete(visit: Visit) -> Answer:
    if not visit.ask.place.item:
        raise NotPossible(ON_NOTIFICATIONS)
    shares.decline(visit.work, visit.viewer.account.id, _offer(visit).collection.id)
    return Answer(204)


def reply(visit: Visit, root: Element) -> Answer:
    """The person's word on what was shared with them. Who accepts finds it in their home from now on."""
    place = _meant(root)
    account = visit.viewer.account.id
    collection_id = CollectionId(place.collection)
    if root.find(ACCEPTED) is not None:
        shares.accept(visit.work, account, collection_id)
        return xml(200, document(CS("shared-as"), href(Place(account, collection_id).href)))
    if root.find(DECLINED) is None:
        raise BadRequest("An invite-reply accepts or declines.")
    shares.decline(visit.work, account, collection_id)
    return Answer(200)


def _meant(root: Element) -> Place:
    address = root.findtext(f"{CS('hosturl')}/{dav('href')}") or ""
    try:
        return place_of(urlsplit(address.strip()).path)
    except (ValueError, NoSuchItem) as error:
        raise NoSuchCollection("an address that is none of ours") from error


def text_of(visit: Visit, offer: Offer) -> bytes:
    """The notification itself."""
    host = element(CS("hosturl"), href(Place(offer.owner.id, offer.collection.id).href))
    told = (
        element(CS("uid"), offer.collection.id)
        + href(address_of(visit.viewer.account))
        + element(OPEN)
        + access(offer.right)
        + host
        + organizer(offer.owner)
        + element(CS("summary"), escaped(offer.collection.name))
    )
    # When a right was given is not kept, and the same offer is to keep its ETag.
    stamp = element(CS("dtstamp"), BEGINNING)
    return document(CS("notification"), stamp + element(CS("invite-notification"), told))


def etag_of(visit: Visit, offer: Offer) -> str:
    return quoted(_digest(text_of(visit, offer).decode()))


def _of_offer(visit: Visit, offer: Offer, wanted: Wanted) -> str:
    inner = answered(wanted, OF_OFFER, lambda row: row(visit, offer))
    return response(_place(visit).href + _name(offer), inner)


def _offers(visit: Visit) -> list[Offer]:
    shows = visit.viewer.client_kind.shows
    return [each for each in shares.offers(visit.work, visit.viewer.account.id) if each.collection.kind in shows]


def _offer(visit: Visit) -> Offer:
    found = next((each for each in _offers(visit) if _name(each) == visit.ask.place.item), None)
    if found is None:
        raise NoSuchItem(visit.ask.place.item)
    return found


def _name(offer: Offer) -> str:
    return f"{offer.collection.id}.xml"


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _place(visit: Visit) -> Place:
    return Place(visit.viewer.account.id, NOTIFICATIONS)
