"""What Radicale finds by path, all of it through the visit: the catalogue decides what exists for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from radicale.item import Item as RadicaleItem
from radicale.storage import BaseCollection, BaseStorage

from pimgate.api import NotThere, collections
from pimgate_dav.behind.collection import Container, KeptCollection
from pimgate_dav.behind.item import KeptItem
from pimgate_dav.behind.meta import plan_of
from pimgate_dav.behind.paths import place_of_path
from pimgate_dav.layout import CHOSEN_NAME, Place
from pimgate_dav.properties.of_collections import shown_in_home
from pimgate_dav.visit import Visit, current


class ViewStorage(BaseStorage):
    """The store behind the visit in `current`. The unit of work is opened and ended by the door, around the whole request,
    because rights are asked before Radicale takes its lock and an error after a write must undo it."""

    _supports_unicode = True
    _supports_trailing_whitespace = True
    _supports_problematic_chars = True

    def discover(
        self,
        path: str,
        depth: str = "0",
        child_context_manager: Any = None,
        user_groups: set[str] = frozenset(),  # type: ignore[assignment]
    ) -> Iterator[BaseCollection | RadicaleItem]:
        """What the path means, and with a depth its members; nothing if there is nothing for this person. Lazy: most
        callers take the first one only."""
        visit, place = current.get(), place_of_path(path)
        try:
            yield from self._found(visit, place, goes_down=depth != "0")
        except NotThere:
            return

    def _found(self, visit: Visit, place: Place, *, goes_down: bool) -> Iterator[BaseCollection | RadicaleItem]:
        visit.check_mine(place)
        if not place.collection:
            yield Container(place.account)
            if goes_down and place.is_root:
                yield Container(visit.viewer.account.id)
            elif goes_down:
                for shown in shown_in_home(visit):
                    yield KeptCollection(visit, visit.open(shown.sight))
            return
        view = visit.view(place)
        collection = KeptCollection(visit, view)
        if place.item:
            head = view.head(place.item)
            if head is not None:
                yield KeptItem(collection, head, view)
            return
        yield collection
        if goes_down:
            yield from collection.get_all()

    def create_collection(
        self,
        href: str,
        items: Iterable[RadicaleItem] | None = None,
        props: Mapping[str, str] | None = None,
    ) -> tuple[BaseCollection, dict[str, RadicaleItem], list[str]]:
        """A new collection of this person under the name that their program chose."""
        visit, place = current.get(), place_of_path(href)
        plan = plan_of(props or {}, place.collection)
        account = visit.viewer.account.id
        limits = visit.core.settings.limits
        made = collections.create(visit.work, account, plan.kind, plan.name, limits=limits, **plan.details)  # type: ignore[arg-type]
        kept = {**plan.properties, CHOSEN_NAME: place.collection}
        collections.change(visit.work, account, made.id, properties=kept)
        return KeptCollection(visit, visit.view(place)), {}, []

    def move(self, item: RadicaleItem, to_collection: BaseCollection, to_href: str) -> None:
        visit = current.get()
        assert item.collection is not None and item.href is not None, "Radicale moves items that it found"
        source = visit.view(place_of_path(item.collection.path))
        source.move(item.href, visit.view(place_of_path(to_collection.path)), to_href, overwrite=True)

    @contextmanager
    def acquire_lock(self, mode: str, user: str = "", *args: object, **kwargs: object) -> Iterator[None]:
        """The unit of work is already open; one that only looks is never asked to write."""
        if mode == "w" and not current.get().work.is_writing:
            raise RuntimeError("a request that only looks wants to write")
        yield

    def verify(self) -> bool:
        return True
