"""What may be done where, in Radicale's letters: r and w for address books and calendars, R for what holds them."""

from __future__ import annotations

from radicale.rights import BaseRights

from pimgate.api import NoSuchCollection
from pimgate_dav.behind.paths import place_of_path
from pimgate_dav.visit import current


class ViewRights(BaseRights):
    """Asks the View, which asked the catalogue. An address in one's own home where nothing is yet may be written: a
    collection is made there."""

    def authorization(self, user: str, user_groups: set[str], path: str) -> str:
        visit = current.get()
        place = place_of_path(path)
        if not visit.is_mine(place) and not place.collection:
            return ""
        if not place.collection:
            return "R"
        try:
            view = visit.view(place)
        except NoSuchCollection:
            return "w" if place.is_collection else ""
        return "rw" if view.may_write else "r"
