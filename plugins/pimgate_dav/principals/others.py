"""The principals of colleagues: what one person may know of another here. Their home lists what they share and what is not yet in
one's own home."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pimgate.api import Account, AccountId, NoSuchCollection
from pimgate_dav.layout import Place
from pimgate_dav.names import caldav, calendarserver, dav
from pimgate_dav.principals.privileges import RESTRICTIONS, supported
from pimgate_dav.properties.of_collections import Shown, shown_of_view
from pimgate_dav.properties.of_people import REPORTS, addresses_of, mail_addresses_of, names_of, privileges, reports
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element, escaped, href


@dataclass(frozen=True, slots=True)
class Other:
    """A colleague, as a visit sees them."""

    visit: Visit
    account: Account

    @property
    def place(self) -> Place:
        return Place(self.account.id)


def other_at(visit: Visit, place: Place) -> Other:
    """NoSuchCollection for somebody of whom this person may not know."""
    found = visit.people.by_id(AccountId(place.account))
    if found is None:
        raise NoSuchCollection(f"{place.account} for {visit.viewer.account.id}")
    return Other(visit, found)


def shown_by(other: Other) -> Iterator[Shown]:
    """The calendars of theirs that the viewer may open and has not subscribed to: those are in the viewer's own home."""
    listed = {each.standing.collection.id for each in other.visit.listed()}
    shows = other.visit.viewer.client_kind.shows
    for collection in other.visit.people.calendars_of(other.account.id):
        if collection.id not in listed and collection.kind in shows:
            yield shown_of_view(other.visit, other.visit.view_of(collection.id))


TABLE: Final[Mapping[str, Callable[[Other], str | None]]] = {
    dav("resourcetype"): lambda _other: element(dav("collection")) + element(dav("principal")),
    dav("displayname"): lambda other: escaped(other.account.name),
    dav("principal-URL"): lambda other: href(other.place.href),
    dav("alternate-URI-set"): lambda _other: "",
    dav("group-member-set"): lambda _other: "",
    dav("group-membership"): lambda _other: "",
    dav("current-user-principal"): lambda other: href(other.visit.home.href),
    dav("current-user-privilege-set"): lambda _other: privileges("read"),
    dav("principal-collection-set"): lambda _other: href(Place().href),
    dav("acl-restrictions"): lambda _other: RESTRICTIONS,
    dav("supported-privilege-set"): lambda _other: supported(),
    dav("supported-report-set"): lambda _other: reports(*REPORTS),
    caldav("calendar-home-set"): lambda other: href(other.place.href),
    caldav("calendar-user-address-set"): lambda other: addresses_of(other.account),
    caldav("calendar-user-type"): lambda _other: "INDIVIDUAL",
    calendarserver("email-address-set"): lambda other: mail_addresses_of(other.account),
    calendarserver("first-name"): lambda other: escaped(names_of(other.account)[0]),
    calendarserver("last-name"): lambda other: escaped(names_of(other.account)[1]),
    calendarserver("record-type"): lambda _other: "users",
}
