"""One request inside its unit of work: who looks, at what, and with which rows.

A visit lives in one worker thread and ends with the unit of work. Lanes are handed theirs; what Radicale calls back (storage
and rights) finds it in `current`, because Radicale's interfaces have no place for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element

from pimgate.api import (
    AccountId,
    Allowance,
    Collection,
    CollectionId,
    CollectionKind,
    Core,
    Exposure,
    ItemId,
    NoSuchCollection,
    NoSuchItem,
    Sight,
    View,
    Viewer,
    Work,
    calendar_zone,
    colleagues,
)
from pimgate_dav.layout import CHOSEN_NAME, PROXIES, Place, is_collection_id, segment_of
from pimgate_dav.settings import DavSettings

LOOKING: Final = frozenset({"PROPFIND", "REPORT"})
"""What may be asked of the principal of somebody else."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What the client asked, read and checked: the method, the place, the headers in lower case, the octets of the body,
    and its XML if it is one. `host` is what it calls this server."""

    method: str
    place: Place
    headers: Mapping[str, str]
    body: bytes = b""
    xml: Element | None = None
    host: str = ""
    scheme: str = "https"
    query: Mapping[str, str] = field(default_factory=dict)
    """What stands behind the question mark; of several values of one name the last."""

    @property
    def agent(self) -> str:
        return self.headers.get("user-agent", "")


@dataclass(slots=True)
class Visit:
    """One request, one viewer, one unit of work."""

    core: Core
    settings: DavSettings
    viewer: Viewer
    work: Work
    ask: Ask
    _views: dict[str, View] = field(default_factory=dict)
    _hrefs: dict[CollectionId, str] = field(default_factory=dict)
    _listed: list[Sight] | None = None
    _people: colleagues.Colleagues | None = None
    personal: Mapping[CollectionId, Mapping[str, str]] | None = None
    """What the person keeps with collections of others and their home, once it was asked for."""
    proxied: Mapping[AccountId, str] | None = None
    """Who lets the viewer see calendars of theirs, and in which of their groups the viewer is, once that was worked out."""
    tags: dict[ItemId, str | None] = field(default_factory=dict)
    """Tags of meetings that were worked out for this answer."""
    sizes: dict[ItemId, int] = field(default_factory=dict)
    """How many octets is what is shown of items, as far as that was worked out."""
    kept: dict[AccountId, Allowance] = field(default_factory=dict)
    """How much people keep, as far as that was looked up for this answer."""

    @property
    def home(self) -> Place:
        return Place(self.viewer.account.id)

    @property
    def server(self) -> str:
        """What programs call this server, as it stands in addresses that they keep: scheme and host."""
        return self.core.settings.http.public_url.rstrip("/") or f"{self.ask.scheme}://{self.ask.host}"

    @property
    def people(self) -> colleagues.Colleagues:
        """The people of this deployment whom the viewer may know of."""
        if self._people is None:
            self._people = colleagues.Colleagues(self.core, self.work, self.viewer)
        return self._people

    def is_mine(self, place: Place) -> bool:
        """Whether a place is the root, or under the viewer's own address."""
        return place.account in ("", self.viewer.account.id)

    def check_mine(self, place: Place) -> None:
        """NoSuchCollection for what is under another person's address, whether it exists or not, but for what of it this person may
        know: the principal of a colleague, and the collections of theirs that were shared."""
        if not self.is_mine(place) and not self._is_shown(place):
            raise NoSuchCollection(f"{place.account} looked at by {self.viewer.account.id}")

    def _is_shown(self, place: Place) -> bool:
        account_id = AccountId(place.account)
        if place.is_home:
            return self.ask.method in LOOKING and self.people.by_id(account_id) is not None
        if place.collection in PROXIES and not place.item:
            return self.ask.method in LOOKING and account_id in self.people.who_share
        if not is_collection_id(place.collection):
            return False
        collection_id = CollectionId(place.collection)
        standing = self.core.catalogue.standing(self.work, self.viewer.account.id, collection_id)
        return standing.collection.owner == account_id

    def view(self, place: Place) -> View:
        """The collection of a place, also one that is merely not listed for this client: it knows the address, and would
        throw unsent edits away if that stopped to answer. NoSuchCollection."""
        self.check_mine(place)
        if place.collection not in self._views:
            view = self._opened(self._id_of(place.collection))
            if self.place_of(view.collection).collection != place.collection:
                raise NoSuchCollection(f"{place.collection} has another address")
            self._views[place.collection] = view
        return self._views[place.collection]

    def check_there(self) -> None:
        """NoSuchCollection or NoSuchItem unless what the request speaks of is there: asked before any other refusal, because
        that would tell that something is."""
        place = self.ask.place
        self.check_mine(place)
        view = self.view(place) if place.collection else None
        if view is not None and place.item and view.head(place.item) is None:
            raise NoSuchItem(place.item)

    def open(self, sight: Sight) -> View:
        """The collection of something that was listed."""
        segment = self.place_of(sight.standing.collection).collection
        if segment not in self._views:
            self._views[segment] = self._opened(sight.standing.collection.id)
        return self._views[segment]

    def _opened(self, collection_id: CollectionId) -> View:
        view = self.core.catalogue.open_view(self.work, self.viewer, collection_id, even_if_unlisted=True)
        if view.collection.kind not in self.viewer.client_kind.shows:
            raise NoSuchCollection(f"{view.id} is a {view.collection.kind}")
        return view

    def _id_of(self, segment: str) -> CollectionId:
        if is_collection_id(segment):
            return CollectionId(segment)
        for sight in self.core.catalogue.sights(self.work, self.viewer):
            collection = sight.standing.collection
            if collection.properties.get(CHOSEN_NAME) == segment and collection.owner == self.viewer.account.id:
                return collection.id
        raise NoSuchCollection(segment)

    def listed(self) -> list[Sight]:
        """What the home of this client lists."""
        if self._listed is None:
            self._listed = self.core.catalogue.visible_to(self.work, self.viewer)
        return self._listed

    def view_of(self, collection_id: CollectionId) -> View:
        """A collection by its id. NoSuchCollection."""
        return self._opened(collection_id)

    def place_of(self, collection: Collection) -> Place:
        """Where this person finds a collection: in their own home, or in its owner's if the request came by that address."""
        account = self.viewer.account.id
        if collection.owner == self.ask.place.account != account:
            return Place(self.ask.place.account, collection.id)
        return Place(account, segment_of(collection, account))

    def zone_of(self, view: View) -> tzinfo:
        """Where floating times and whole days of a collection are meant, unless a request says otherwise."""
        return calendar_zone.zone_of(self.core, view.collection)

    def item_href(self, view: View, name: str) -> str:
        """The address of an item that stands in answers."""
        if view.id not in self._hrefs:
            self._hrefs[view.id] = self.place_of(view.collection).href
        return self._hrefs[view.id] + quote(name)

    def opened(self) -> View | None:
        """The collection that the request speaks of, if it was opened."""
        return self._views.get(self.ask.place.collection)

    def kind_here(self) -> CollectionKind | None:
        """The kind of the collection that the request speaks of, as far as it was opened: for errors."""
        view = self.opened()
        return view.collection.kind if view else None


current: ContextVar[Visit] = ContextVar("current")


def exposure_of(view: View) -> Exposure:
    """How a collection behaves for this client. One that is not listed behaves, for whoever knows its address, as before."""
    exposure = view.sight.verdict.exposure
    return exposure if exposure.is_listed else Exposure.FULL
