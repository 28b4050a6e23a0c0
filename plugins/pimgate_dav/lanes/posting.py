"""POST: sharing, the answer to what was shared, push, files of events; and ACL, which changes nothing here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from xml.etree.ElementTree import Element

from pimgate_dav.answer import Answer
from pimgate_dav.attachments import posting as attachments
from pimgate_dav.errors import BadRequest, NotPossible, Precondition
from pimgate_dav.lanes.items import ON_COLLECTIONS, ON_HOMES
from pimgate_dav.names import calendarserver, dav
from pimgate_dav.push import registering
from pimgate_dav.sharing import inviting, notifications
from pimgate_dav.visit import Visit
from pimgate_dav.xml_in import BadXml, read_xml

Posted = Callable[[Visit, Element], Answer]

TO_COLLECTIONS: Final[Mapping[str, Posted]] = {
    calendarserver("share"): inviting.share,
    registering.ROOT: registering.register,
}
TO_HOMES: Final[Mapping[str, Posted]] = {calendarserver("invite-reply"): notifications.reply}


def post(visit: Visit) -> Answer:
    """What the root element of the body asks for; of an event, what the action in its address does."""
    visit.check_there()
    place = visit.ask.place
    if place.item and "action" in visit.ask.query:
        return attachments.post(visit)
    if place.item or place.is_root:
        raise NotPossible(ON_HOMES)
    table = TO_COLLECTIONS if place.is_collection else TO_HOMES
    root = _root(visit)
    if root is None or root.tag not in table:
        raise BadRequest("What is posted here is not understood.", 415 if root is None else 400)
    return table[root.tag](visit, root)


def acl(visit: Visit) -> Answer:
    """Nobody edits the list of rights itself: every entry of it follows from sharing (RFC 3744, "ACL Method")."""
    visit.check_there()
    if not visit.ask.place.collection:
        raise NotPossible(ON_HOMES)
    if visit.ask.place.item:
        raise NotPossible(ON_COLLECTIONS)
    raise Precondition(403, dav("no-protected-ace-conflict"), "Rights are given by sharing.")


def _root(visit: Visit) -> Element | None:
    try:
        return read_xml(visit.ask.body) if "xml" in visit.ask.headers.get("content-type", "").lower() else None
    except BadXml as error:
        raise BadRequest(error.public) from error
