"""One collection in Radicale's words: a View, whose index answers what Radicale would read everything for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from itertools import islice
from xml.etree.ElementTree import Element

from radicale.item import Item as RadicaleItem
from radicale.storage import BaseCollection

from pimgate.api import BookmarkExpired, Item, View, collections
from pimgate_dav.behind.item import KeptItem, kept_item
from pimgate_dav.behind.meta import edit_between, meta_of
from pimgate_dav.errors import Precondition
from pimgate_dav.filters import of_books, of_calendars
from pimgate_dav.lanes.sync import first_step, next_step
from pimgate_dav.names import caldav, carddav
from pimgate_dav.properties.of_collections import Shown, shown_of_view
from pimgate_dav.properties.of_items import last_modified
from pimgate_dav.visit import Visit

CHUNK = 500


class Container(BaseCollection):
    """The root, or a home: something that holds collections and is none."""

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def path(self) -> str:
        return self._path

    @property
    def tag(self) -> str:
        return ""

    @property
    def etag(self) -> str:
        return '""'

    def get_meta(self, key: str | None = None):  # type: ignore[no-untyped-def]
        return {} if key is None else None


class KeptCollection(BaseCollection):
    """A collection of the store, as this visit sees it."""

    def __init__(self, visit: Visit, view: View) -> None:
        self._visit = visit
        self._view = view
        self._shown: Shown = shown_of_view(visit, view)

    @property
    def path(self) -> str:
        return self._shown.place.path.strip("/")

    @property
    def owner(self) -> str:
        return self._view.collection.owner or ""

    @property
    def etag(self) -> str:
        return f'"{self._view.id}-{self._shown.bookmark}"'

    @property
    def last_modified(self) -> str:
        return max((last_modified(head) for head in self._view.heads()), default="")

    def get_meta(self, key: str | None = None):  # type: ignore[no-untyped-def]
        meta = meta_of(self._view.collection)
        return meta if key is None else meta.get(key)

    def set_meta(self, props: Mapping[str, str]) -> None:
        edit = edit_between(self._view.collection, props)
        account = self._visit.viewer.account.id
        collections.change(self._visit.work, account, self._view.id, properties=edit.properties, **edit.columns)

    def sync(self, old_token: str = "") -> tuple[str, Iterable[str]]:
        """The present token, and the names of what changed. ValueError for a token that is not good any more."""
        if not old_token:
            token = first_step_token(self._view)
            return token, (head.name for head in self._view.heads())
        try:
            step = next_step(self._view, old_token, None)
        except BookmarkExpired as error:
            raise ValueError("not a sync token of this collection") from error
        return step.token, [*(head.name for head in step.there), *step.gone]

    def get_multi(self, hrefs: Iterable[str]) -> Iterator[tuple[str, KeptItem | None]]:
        names = iter(dict.fromkeys(hrefs))
        while chunk := list(islice(names, CHUNK)):
            found = self._view.items_by_name(chunk)
            for name in chunk:
                yield name, self._kept(found[name]) if name in found else None

    def get_all(self) -> Iterator[KeptItem]:
        """Every item; its text stays in the store until something asks for it."""
        return (KeptItem(self, head, self._view) for head in self._view.heads())

    def get_filtered(self, filters: Iterable[Element]) -> Iterator[tuple[KeptItem, bool]]:
        """The items that fit, decided here as a whole, so that Radicale parses none. ValueError for a senseless filter."""
        filters = list(filters)
        try:
            found = _fitting(self._view, filters, self._visit.zone_of(self._view))
        except Precondition as error:
            raise ValueError("a filter that makes no sense") from error
        return ((self._kept(item), True) for item in found)

    def has_uid(self, uid: str) -> bool:
        return self._view.head_by_uid(uid) is not None

    def upload(self, href: str, item: RadicaleItem) -> tuple[KeptItem, KeptItem | None]:
        """Keep the octets of the request, not what a library makes of them."""
        before = self._view.head(href)
        old = KeptItem(self, before, self._view, self._view.text(before)) if before else None
        text = self._visit.ask.body.decode("utf-8")
        head = self._view.put(href, text)
        return KeptItem(self, head, self._view, text), old

    def delete(self, href: str | None = None) -> None:
        if href is None:
            collections.remove(self._visit.work, self._visit.viewer.account.id, self._view.id)
        else:
            self._view.delete(href)

    def _kept(self, item: Item) -> KeptItem:
        return kept_item(self, item, self._view)


def first_step_token(view: View) -> str:
    return first_step(view, None).token


def _fitting(view: View, filters: list[Element], zone: tzinfo) -> Iterator[Item]:
    if len(filters) > 1 or any(each.tag not in (caldav("filter"), carddav("filter")) for each in filters):
        raise ValueError("a query has one filter")
    tree = filters[0] if filters else None
    if tree is not None and tree.tag == carddav("filter"):
        return of_books.matching(view, of_books.filter_of(tree))
    return of_calendars.matching(view, of_calendars.filter_of(tree), zone)
