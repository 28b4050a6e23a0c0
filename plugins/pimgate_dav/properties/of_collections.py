"""Properties of address books, calendars, task and note lists, as one client sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pimgate.api import Bookmark, Collection, CollectionKind, Exposure, Right, Sight, View, components_of, sharing
from pimgate_dav import sync_token
from pimgate_dav.attachments.limits import MOST_FILES, most_bytes
from pimgate_dav.layout import Place
from pimgate_dav.names import caldav, calendarserver, carddav, dav, own, webdav_push
from pimgate_dav.principals.privileges import RESTRICTIONS, of_collection, supported
from pimgate_dav.properties import personal, quota, zone
from pimgate_dav.properties.of_people import home_href, root_href
from pimgate_dav.properties.transparency import transparency
from pimgate_dav.push import properties as push
from pimgate_dav.scheduling.arranged import is_arranged
from pimgate_dav.sharing import inviting
from pimgate_dav.visit import Visit, exposure_of
from pimgate_dav.xml_out import attribute, element, escaped, href


@dataclass(frozen=True, slots=True)
class Shown:
    """A collection in an answer: as this client sees it, and where."""

    visit: Visit
    sight: Sight
    place: Place
    exposure: Exposure

    @property
    def bookmark(self) -> Bookmark:
        """How far its journal goes; only asked for where an answer says it."""
        return self.visit.open(self.sight).bookmark()

    @property
    def collection(self) -> Collection:
        return self.sight.standing.collection

    @property
    def is_book(self) -> bool:
        return self.collection.kind is CollectionKind.BOOK

    @property
    def own(self) -> Mapping[str, str]:
        """What the person keeps with a collection that they may not change."""
        if self.sight.standing.right >= Right.MANAGE:
            return {}
        return personal.kept(self.visit, self.collection.id)

    @property
    def is_remote(self) -> bool:
        return self.exposure is Exposure.REMOTE


CollectionProperty = Callable[[Shown], str | None]


def shown_of_view(visit: Visit, view: View) -> Shown:
    return Shown(visit, view.sight, visit.place_of(view.collection), exposure_of(view))


def shown_in_home(visit: Visit) -> list[Shown]:
    """What the home of this client lists."""
    return [
        Shown(visit, sight, visit.place_of(sight.standing.collection), sight.verdict.exposure)
        for sight in visit.listed()
    ]


def _resource_type(shown: Shown) -> str:
    """A book without download is a directory and no address book: a program that takes it for one would fetch it all
    (RFC 6352 defines both names)."""
    if shown.is_remote:
        sort = element(carddav("directory"))
    else:
        sort = element(carddav("addressbook")) if shown.is_book else element(caldav("calendar"))
    return element(dav("collection")) + sort + inviting.mark(shown.visit, shown.collection)


def _owner(shown: Shown) -> str:
    return href(Place(shown.collection.owner).href) if shown.collection.owner else ""


def privileges_of(sight: Sight) -> tuple[str, ...]:
    """What this client may do, in the words of RFC 3744. Programs take a collection for read-only unless one of the words
    for writing is there; who may not manage a collection may not change its properties either."""
    if not sight.verdict.may_write:
        return ("read",)
    if sight.standing.right >= Right.MANAGE:
        return ("all", "read", "write", "write-properties", "write-content", "bind", "unbind")
    return ("read", "write-content", "bind", "unbind")


def privilege_set(sight: Sight) -> str:
    return "".join(element(dav("privilege"), element(dav(name))) for name in privileges_of(sight))


SEARCHED: Final = (carddav("addressbook-query"), carddav("addressbook-multiget"))
"""Those of a book without download: a search, and a few of the cards that it found."""

REPORTS: Final[Mapping[bool, tuple[str, ...]]] = {
    True: (dav("sync-collection"), carddav("addressbook-multiget"), carddav("addressbook-query")),
    False: (
        dav("sync-collection"),
        caldav("calendar-multiget"),
        caldav("calendar-query"),
        caldav("free-busy-query"),
    ),
}
"""The reports that are answered, of books (True) and of everything else."""


def reports_of(shown: Shown) -> tuple[str, ...]:
    return SEARCHED if shown.is_remote else REPORTS[shown.is_book]


def _report_set(shown: Shown) -> str:
    return "".join(
        element(dav("supported-report"), element(dav("report"), element(name))) for name in reports_of(shown)
    )


def _components(shown: Shown) -> str | None:
    if shown.is_book:
        return None
    return "".join(f'<C:comp name="{attribute(name)}"/>' for name in components_of(shown.collection))


def _calendar_data(shown: Shown) -> str | None:
    return None if shown.is_book else '<C:calendar-data content-type="text/calendar" version="2.0"/>'


def _address_data(shown: Shown) -> str | None:
    if not shown.is_book:
        return None
    return "".join(f'<A:address-data-type content-type="text/vcard" version="{each}"/>' for each in ("3.0", "4.0"))


def _sync_token(shown: Shown) -> str | None:
    return None if shown.is_remote else sync_token.complete(shown.collection.id, shown.bookmark)


def _ctag(shown: Shown) -> str | None:
    return None if shown.is_remote else f"{shown.collection.id}-{shown.bookmark}"


def _text(value: str) -> str | None:
    return escaped(value) if value else None


def _largest(shown: Shown) -> str:
    return str(shown.visit.core.settings.limits.item_bytes)


def _most_guests(shown: Shown) -> str | None:
    """Of meetings that somebody organizes in a calendar of theirs."""
    if not is_arranged(shown.visit, shown.collection):
        return None
    return str(shown.visit.core.settings.outgoing.guests_per_event)


def _switch(shown: Shown) -> str:
    subscription = shown.sight.standing.subscription
    return "on" if subscription is not None and subscription.is_on else "off"


def _rights(shown: Shown) -> str | None:
    """Who may do what: only whoever manages a collection may read that."""
    if shown.sight.standing.right < Right.MANAGE:
        return None
    return of_collection(sharing.grants(shown.visit.work, shown.collection.id))


TABLE: Final[Mapping[str, CollectionProperty]] = {
    dav("resourcetype"): _resource_type,
    dav("displayname"): lambda shown: escaped(shown.collection.name),
    dav("owner"): _owner,
    dav("current-user-principal"): lambda shown: home_href(shown.visit),
    dav("principal-collection-set"): lambda shown: root_href(shown.visit),
    dav("current-user-privilege-set"): lambda shown: privilege_set(shown.sight),
    dav("supported-report-set"): _report_set,
    dav("sync-token"): _sync_token,
    calendarserver("getctag"): _ctag,
    caldav("supported-calendar-component-set"): _components,
    caldav("supported-calendar-data"): _calendar_data,
    carddav("supported-address-data"): _address_data,
    caldav("calendar-description"): lambda shown: None if shown.is_book else _text(shown.collection.description),
    carddav("addressbook-description"): lambda shown: _text(shown.collection.description) if shown.is_book else None,
    personal.COLOUR: lambda shown: _text(shown.own.get(personal.COLOUR) or shown.collection.colour),
    caldav("max-resource-size"): lambda shown: None if shown.is_book else _largest(shown),
    carddav("max-resource-size"): lambda shown: _largest(shown) if shown.is_book else None,
    caldav("max-attendees-per-instance"): _most_guests,
    caldav("max-attachment-size"): lambda shown: None if shown.is_book else str(most_bytes(shown.visit)),
    caldav("max-attachments-per-resource"): lambda shown: None if shown.is_book else str(MOST_FILES),
    caldav("schedule-calendar-transp"): lambda shown: transparency(shown.collection),
    zone.RULES: lambda shown: zone.rules(shown.visit, shown.collection),
    zone.NAME: lambda shown: zone.name(shown.collection),
    dav("acl"): _rights,
    dav("acl-restrictions"): lambda _shown: RESTRICTIONS,
    dav("inherited-acl-set"): lambda _shown: "",
    dav("supported-privilege-set"): lambda _shown: supported(),
    dav("quota-used-bytes"): lambda shown: quota.used_by(shown.visit, shown.sight),
    dav("quota-available-bytes"): lambda shown: quota.available_to(shown.visit, shown.sight),
    calendarserver("invite"): lambda shown: inviting.invite(shown.visit, shown.sight.standing),
    calendarserver("allowed-sharing-modes"): lambda shown: inviting.modes(shown.sight.standing),
    calendarserver("shared-url"): lambda shown: inviting.origin(shown.visit, shown.collection),
    webdav_push("transports"): lambda shown: push.transports(shown.visit) if shown.exposure.is_readable else None,
    webdav_push("topic"): lambda shown: (
        push.topic(shown.visit, shown.collection.id) if shown.exposure.is_readable else None
    ),
    webdav_push("supported-triggers"): lambda shown: push.triggers(shown.visit) if shown.exposure.is_readable else None,
    own("exposure"): lambda shown: shown.exposure.value,
    own("switch"): _switch,
}


def kept(collection: Collection) -> dict[str, str]:
    """The properties that programs keep here and that mean nothing to us, by their names."""
    return {name: text for name, text in collection.properties.items() if name.startswith("{")}
