"""Properties of the root and of a person's principal, which is their home as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pimgate_dav.layout import Place
from pimgate_dav.names import caldav, calendarserver, carddav, dav
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element, escaped, href

PersonProperty = Callable[[Visit], str | None]


def home_href(visit: Visit) -> str:
    return href(visit.home.href)


def root_href(_visit: Visit) -> str:
    return href(Place().href)


def _addresses(visit: Visit) -> str:
    return href(f"mailto:{visit.viewer.account.login}") + home_href(visit)


def _mail_addresses(visit: Visit) -> str:
    return element(calendarserver("email-address"), escaped(visit.viewer.account.login))


def _privileges(*names: str) -> str:
    return "".join(element(dav("privilege"), element(dav(name))) for name in names)


EVERYWHERE: Final[Mapping[str, PersonProperty]] = {
    dav("current-user-principal"): home_href,
    dav("principal-collection-set"): root_href,
    caldav("calendar-home-set"): home_href,
    carddav("addressbook-home-set"): home_href,
}
"""Asked of whatever address a person typed in, so that one question leads to the home."""

OF_ROOT: Final[Mapping[str, PersonProperty]] = {
    **EVERYWHERE,
    dav("resourcetype"): lambda _visit: element(dav("collection")),
    dav("displayname"): lambda _visit: "pimgate",
    dav("current-user-privilege-set"): lambda _visit: _privileges("read"),
    dav("supported-report-set"): lambda _visit: "",
}

OF_HOME: Final[Mapping[str, PersonProperty]] = {
    **EVERYWHERE,
    dav("resourcetype"): lambda _visit: element(dav("collection")) + element(dav("principal")),
    dav("displayname"): lambda visit: escaped(visit.viewer.account.name),
    dav("owner"): home_href,
    dav("principal-URL"): home_href,
    dav("alternate-URI-set"): lambda _visit: "",
    dav("group-membership"): lambda _visit: "",
    dav("current-user-privilege-set"): lambda _visit: _privileges("read", "bind", "unbind"),
    dav("supported-report-set"): lambda _visit: "",
    caldav("calendar-user-address-set"): _addresses,
    caldav("calendar-user-type"): lambda _visit: "INDIVIDUAL",
    calendarserver("email-address-set"): _mail_addresses,
}
