"""The two groups of people who see somebody's calendars: those who may change one of them, and those who only read.

Apple's programs ask by them whose calendars a person may open besides their own, and DAVx5 follows them. They come from the grants
on calendars; nobody is put into one here. Source: Calendar User Proxy Functionality in CalDAV (caldav-proxy).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pimgate.api import AccountId, Right, colleagues
from pimgate_dav.layout import PROXY_READ, PROXY_WRITE, Place
from pimgate_dav.names import calendarserver, dav
from pimgate_dav.principals.privileges import RESTRICTIONS, supported
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element, href

TITLES: Final = {PROXY_READ: "May read the calendars", PROXY_WRITE: "May change the calendars"}


def group_for(right: Right) -> str:
    return PROXY_WRITE if right >= Right.WRITE else PROXY_READ


def groups(visit: Visit) -> Mapping[AccountId, str]:
    """The people who let the viewer see calendars of theirs, and in which of their groups the viewer is."""
    if visit.proxied is None:
        visit.proxied = _groups(visit)
    return visit.proxied


def _groups(visit: Visit) -> dict[AccountId, str]:
    found: dict[AccountId, str] = {}
    for account_id, standings in visit.people.who_share.items():
        rights = [each.right for each in standings if colleagues.is_dated(each.collection)]
        if rights and visit.people.by_id(account_id) is not None:
            found[account_id] = group_for(max(rights))
    return found


def memberships(visit: Visit) -> str:
    return "".join(href(Place(account, group).href) for account, group in groups(visit).items())


def for_reading(visit: Visit) -> str:
    return _principals(visit, PROXY_READ)


def for_writing(visit: Visit) -> str:
    return _principals(visit, PROXY_WRITE)


def _principals(visit: Visit, wanted: str) -> str:
    return "".join(href(Place(account).href) for account, group in groups(visit).items() if group == wanted)


def members(visit: Visit, place: Place) -> str:
    """Who is in a group: all of one's own, of somebody else's only oneself."""
    me = visit.viewer.account.id
    if place.account != me:
        is_in = groups(visit).get(AccountId(place.account)) == place.collection
        return href(visit.home.href) if is_in else ""
    mine = [each.id for each in visit.people.owned if colleagues.is_dated(each)]
    given = colleagues.delegates(visit.people.given, mine)
    return "".join(href(Place(each).href) for each, right in given.items() if group_for(right) == place.collection)


TABLE: Final[Mapping[str, Callable[[Visit, Place], str | None]]] = {
    dav("resourcetype"): lambda _visit, place: (
        element(dav("collection")) + element(dav("principal")) + element(calendarserver(place.collection))
    ),
    dav("displayname"): lambda _visit, place: TITLES[place.collection],
    dav("principal-URL"): lambda _visit, place: href(place.href),
    dav("alternate-URI-set"): lambda _visit, _place: "",
    dav("group-member-set"): members,
    dav("group-membership"): lambda _visit, _place: "",
    dav("current-user-principal"): lambda visit, _place: href(visit.home.href),
    dav("current-user-privilege-set"): lambda _visit, _place: element(dav("privilege"), element(dav("read"))),
    dav("principal-collection-set"): lambda _visit, _place: href(Place().href),
    dav("acl-restrictions"): lambda _visit, _place: RESTRICTIONS,
    dav("supported-privilege-set"): lambda _visit, _place: supported(),
    dav("supported-report-set"): lambda _visit, _place: element(
        dav("supported-report"), element(dav("report"), element(dav("expand-property")))
    ),
}
