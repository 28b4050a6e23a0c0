"""Properties of the root and of a person's own principal, which is their home as well. Others' are in `principals/others`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Final

from pimgate.api import Account
from pimgate_dav.layout import ATTACHMENTS, DIRECTORY, INBOX, NOTIFICATIONS, OUTBOX, Place
from pimgate_dav.names import caldav, calendarserver, carddav, dav
from pimgate_dav.principals import proxies
from pimgate_dav.principals.privileges import RESTRICTIONS, of_owner, supported
from pimgate_dav.properties import quota
from pimgate_dav.scheduling.default import default_calendar
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element, escaped, href

COMPONENTS: Final = ("VEVENT", "VTODO", "VJOURNAL")
PersonProperty = Callable[[Visit], str | None]


def home_href(visit: Visit) -> str:
    return href(visit.home.href)


def root_href(_visit: Visit) -> str:
    return href(Place().href)


def within(segment: str) -> PersonProperty:
    """The address of something in the person's own home."""
    return lambda visit: href(Place(visit.viewer.account.id, segment).href)


def addresses_of(person: Account) -> str:
    """Only the mail address: programs write what stands here into invitations, where nobody outside understands anything else."""
    return f'<D:href preferred="1">mailto:{escaped(person.login)}</D:href>'


def mail_addresses_of(person: Account) -> str:
    return element(calendarserver("email-address"), escaped(person.login))


def names_of(person: Account) -> tuple[str, str]:
    """First and last name, as far as one can tell them from the name."""
    first, _, last = person.name.rpartition(" ")
    return (first, last) if first else (last, "")


def privileges(*names: str, of: Callable[[str], str] = dav) -> str:
    return "".join(element(dav("privilege"), element(of(name))) for name in names)


def component_sets() -> str:
    """What a calendar that is made may take: any of the components that are kept here, alone or together."""
    sets = (chosen for size in range(1, len(COMPONENTS) + 1) for chosen in combinations(COMPONENTS, size))
    named = ("".join(f'<C:comp name="{name}"/>' for name in chosen) for chosen in sets)
    return "".join(element(caldav("supported-calendar-component-set"), each) for each in named)


def _timezone_services(visit: Visit) -> str | None:
    return "".join(map(href, visit.settings.timezone_services)) or None


def reports(*names: str) -> str:
    return "".join(element(dav("supported-report"), element(dav("report"), element(name))) for name in names)


REPORTS: Final = (
    *(dav(name) for name in ("expand-property", "principal-match", "principal-property-search")),
    *(dav("principal-search-property-set"), calendarserver("calendarserver-principal-search")),
)
"""The reports about people, which are answered at the root and at every principal."""

EVERYWHERE: Final[Mapping[str, PersonProperty]] = {
    dav("current-user-principal"): home_href,
    dav("principal-collection-set"): root_href,
    dav("acl-restrictions"): lambda _visit: RESTRICTIONS,
    dav("supported-privilege-set"): lambda _visit: supported(),
    caldav("calendar-home-set"): home_href,
    carddav("addressbook-home-set"): home_href,
    carddav("directory-gateway"): within(DIRECTORY),
}
"""Asked of whatever address a person typed in, so that one question leads to the home."""

OF_ROOT: Final[Mapping[str, PersonProperty]] = {
    **EVERYWHERE,
    dav("resourcetype"): lambda _visit: element(dav("collection")),
    dav("displayname"): lambda _visit: "pimgate",
    dav("current-user-privilege-set"): lambda _visit: privileges("read"),
    dav("supported-report-set"): lambda _visit: reports(*REPORTS),
}

OF_HOME: Final[Mapping[str, PersonProperty]] = {
    **EVERYWHERE,
    dav("resourcetype"): lambda _visit: element(dav("collection")) + element(dav("principal")),
    dav("displayname"): lambda visit: escaped(visit.viewer.account.name),
    dav("owner"): home_href,
    dav("acl"): lambda _visit: of_owner(),
    dav("inherited-acl-set"): lambda _visit: "",
    dav("principal-URL"): home_href,
    dav("alternate-URI-set"): lambda _visit: "",
    dav("group-member-set"): lambda _visit: "",
    dav("group-membership"): proxies.memberships,
    dav("quota-used-bytes"): quota.used_at_home,
    dav("quota-available-bytes"): quota.available_at_home,
    dav("current-user-privilege-set"): lambda _visit: privileges("all", "read", "bind", "unbind", "read-acl"),
    dav("supported-report-set"): lambda _visit: reports(*REPORTS),
    caldav("calendar-user-address-set"): lambda visit: addresses_of(visit.viewer.account),
    caldav("calendar-user-type"): lambda _visit: "INDIVIDUAL",
    caldav("schedule-inbox-URL"): within(INBOX),
    caldav("schedule-outbox-URL"): within(OUTBOX),
    caldav("schedule-default-calendar-URL"): default_calendar,
    caldav("managed-attachments-server-URL"): within(ATTACHMENTS),
    caldav("timezone-service-set"): _timezone_services,
    caldav("supported-calendar-component-sets"): lambda _visit: component_sets(),
    calendarserver("email-address-set"): lambda visit: mail_addresses_of(visit.viewer.account),
    calendarserver("first-name"): lambda visit: escaped(names_of(visit.viewer.account)[0]),
    calendarserver("last-name"): lambda visit: escaped(names_of(visit.viewer.account)[1]),
    calendarserver("record-type"): lambda _visit: "users",
    calendarserver("notification-URL"): within(NOTIFICATIONS),
    calendarserver("calendar-proxy-read-for"): proxies.for_reading,
    calendarserver("calendar-proxy-write-for"): proxies.for_writing,
}
