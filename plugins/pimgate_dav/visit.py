"""One request inside its unit of work: who looks, at what, and with which rows.

A visit lives in one worker thread and ends with the unit of work. Lanes are handed theirs; what Radicale calls back (storage
and rights) finds it in `current`, because Radicale's interfaces have no place for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from urllib.parse import quote
from xml.etree.ElementTree import Element

from pimgate.api import (
    Collection,
    CollectionId,
    CollectionKind,
    Core,
    Exposure,
    NoSuchCollection,
    NoSuchItem,
    Sight,
    View,
    Viewer,
    Work,
)
from pimgate_dav.layout import CHOSEN_NAME, Place, is_collection_id, segment_of
from pimgate_dav.settings import DavSettings


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

    @property
    def home(self) -> Place:
        return Place(self.viewer.account.id)

    def check_mine(self, place: Place) -> None:
        """NoSuchCollection for everything under another person's address, whether it exists or not."""
        if place.account and place.account != self.viewer.account.id:
            raise NoSuchCollection(f"{place.account} looked at by {self.viewer.account.id}")

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

    def place_of(self, collection: Collection) -> Place:
        """Where this person finds a collection."""
        account = self.viewer.account.id
        return Place(account, segment_of(collection, account))

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
