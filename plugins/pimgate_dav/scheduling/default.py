"""Where invitations go: a person's own default calendar."""

from __future__ import annotations

from pimgate.api import Collection, CollectionKind, Role
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import href


def default_calendar(visit: Visit) -> str | None:
    """Its address; nobody moves it."""
    for sight in visit.core.catalogue.sights(visit.work, visit.viewer):
        if _takes_invitations(visit, sight.standing.collection):
            return href(visit.place_of(sight.standing.collection).href)
    return None


def _takes_invitations(visit: Visit, collection: Collection) -> bool:
    is_own = collection.owner == visit.viewer.account.id
    return is_own and collection.kind is CollectionKind.CALENDAR and collection.role is Role.DEFAULT
