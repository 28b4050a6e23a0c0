"""The inbox: what arrived about meetings (RFC 6638, "Scheduling Inbox Collection").

The calendars have taken what these messages say before any program sees them. They stand here for programs that tell a person of
what is new by them, as Apple's do: such a program shows a message and deletes it. Those that nobody deletes go by themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from typing import Final
from urllib.parse import quote, urlsplit

from pimgate.api import NoSuchItem, Refused, scheduling
from pimgate_dav.answer import Answer, xml
from pimgate_dav.conditions import quoted
from pimgate_dav.errors import BadRequest, NotPossible, Precondition
from pimgate_dav.forms.zones import negotiated, zone_form
from pimgate_dav.layout import INBOX, Place, place_of
from pimgate_dav.names import caldav, calendarserver, dav
from pimgate_dav.properties.asking import Mode, Wanted, answered, named_in, wanted_of
from pimgate_dav.properties.of_people import home_href, privileges, reports, root_href
from pimgate_dav.scheduling import availability
from pimgate_dav.scheduling.default import default_calendar
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element, escaped, gone, multistatus, response

Notice = scheduling.Notice
TYPE: Final = "text/calendar; charset=utf-8"
REPORTS: Final = (caldav("calendar-multiget"), caldav("calendar-query"))
ON_INBOX: Final = "OPTIONS, PROPFIND, PROPPATCH, REPORT"


def _ctag(visit: Visit) -> str:
    words = "\0".join(f"{each.name}{each.at}" for each in _notices(visit))
    return hashlib.sha256(words.encode()).hexdigest()[:32]


TABLE: Final[Mapping[str, Callable[[Visit], str | None]]] = {
    dav("resourcetype"): lambda _visit: element(dav("collection")) + element(caldav("schedule-inbox")),
    dav("displayname"): lambda _visit: "Inbox",
    dav("owner"): home_href,
    dav("current-user-principal"): home_href,
    dav("principal-collection-set"): root_href,
    dav("current-user-privilege-set"): lambda _visit: (
        privileges("read", "write-properties", "unbind")
        + privileges("schedule-deliver", "schedule-deliver-invite", of=caldav)
    ),
    dav("supported-report-set"): lambda _visit: reports(*REPORTS),
    calendarserver("getctag"): _ctag,
    caldav("schedule-default-calendar-URL"): default_calendar,
    caldav("supported-calendar-data"): lambda _visit: '<C:calendar-data content-type="text/calendar" version="2.0"/>',
    caldav("supported-calendar-component-set"): lambda _visit: '<C:comp name="VEVENT"/>',
    **dict.fromkeys(availability.NAMES, availability.said),
}

OF_NOTICE: Final[Mapping[str, Callable[[Visit, Notice], str | None]]] = {
    dav("getetag"): lambda _visit, notice: etag_of(notice),
    dav("getcontenttype"): lambda _visit, _notice: TYPE,
    dav("getcontentlength"): lambda _visit, notice: str(len(notice.text.encode())),
    dav("getlastmodified"): lambda _visit, notice: formatdate(notice.at, usegmt=True),
    dav("resourcetype"): lambda _visit, _notice: "",
    dav("current-user-principal"): lambda visit, _notice: home_href(visit),
    dav("current-user-privilege-set"): lambda _visit, _notice: privileges("read"),
    dav("supported-report-set"): lambda _visit, _notice: "",
}


def etag_of(notice: Notice) -> str:
    return quoted(hashlib.sha256(notice.text.encode()).hexdigest()[:32])


def propfind(visit: Visit) -> Answer:
    wanted = wanted_of(visit.ask.xml, visit.ask.headers)
    if visit.ask.place.item:
        return xml(207, multistatus([_of_notice(visit, _notice(visit), wanted)], visit.settings.answer_bytes))
    parts = [response(_place(visit).href, answered(wanted, TABLE, lambda row: row(visit)))]
    if visit.ask.headers.get("depth", "0").strip() == "1":
        parts += [_of_notice(visit, notice, wanted) for notice in _notices(visit)]
    return xml(207, multistatus(parts, visit.settings.answer_bytes))


def proppatch(visit: Visit) -> Answer:
    """The owner says when they are available."""
    if visit.ask.place.item:
        _notice(visit)
        raise Refused("a message", public="What arrived is not changed.")
    return availability.written(visit)


def get(visit: Visit) -> Answer:
    if not visit.ask.place.item:
        raise NotPossible(ON_INBOX)
    notice = _notice(visit)
    text, headers = negotiated(visit.ask.headers, notice.text, {"Content-Type": TYPE, "ETag": etag_of(notice)})
    return Answer(200, headers, text.encode())


def delete(visit: Visit) -> Answer:
    """The person has seen it."""
    if not visit.ask.place.item:
        raise NotPossible(ON_INBOX)
    scheduling.dismiss(visit.work, visit.viewer.account.id, visit.ask.place.item)
    return Answer(204)


def report(visit: Visit) -> Answer:
    """Messages by their addresses, or all of them: whoever asks with a filter wants what is new, and there are only a few."""
    root = visit.ask.xml
    if root is None:
        raise BadRequest("A REPORT needs a body.")
    if visit.ask.place.item or root.tag not in REPORTS:
        raise Precondition(403, dav("supported-report"))
    wanted = Wanted(Mode.NAMED, named_in(root.find(dav("prop"))))
    if root.tag == caldav("calendar-query"):
        every = (_of_notice(visit, each, wanted) for each in _notices(visit))
        return xml(207, multistatus(every, visit.settings.answer_bytes))
    addresses = [(each.text or "").strip() for each in root.findall(dav("href"))][: visit.settings.multiget_items]
    return xml(207, multistatus(_by_address(visit, dict.fromkeys(addresses), wanted), visit.settings.answer_bytes))


def _by_address(visit: Visit, addresses: Iterable[str], wanted: Wanted) -> Iterable[str]:
    """Each message once, whatever addresses name it."""
    found = {each.name: each for each in _notices(visit)}
    answered: set[str] = set()
    for address in addresses:
        try:
            place = place_of(urlsplit(address).path)
        except (ValueError, NoSuchItem):
            place = Place()
        is_here = place.account == visit.viewer.account.id and place.collection == INBOX
        notice = found.get(place.item) if is_here else None
        if notice is None:
            yield gone(address)
        elif notice.name not in answered:
            answered.add(notice.name)
            yield _of_notice(visit, notice, wanted)


def _of_notice(visit: Visit, notice: Notice, wanted: Wanted) -> str:
    name = caldav("calendar-data")
    form = zone_form(visit.ask.headers)
    data = {name: element(name, escaped(form(notice.text)))} if name in wanted.names else None
    inner = answered(wanted, OF_NOTICE, lambda row: row(visit, notice), data)
    return response(_place(visit).href + quote(notice.name), inner)


def _notices(visit: Visit) -> list[Notice]:
    return scheduling.notices(visit.work, visit.viewer.account.id)


def _notice(visit: Visit) -> Notice:
    found = next((each for each in _notices(visit) if each.name == visit.ask.place.item), None)
    if found is None:
        raise NoSuchItem(visit.ask.place.item)
    return found


def _place(visit: Visit) -> Place:
    return Place(visit.viewer.account.id, INBOX)
