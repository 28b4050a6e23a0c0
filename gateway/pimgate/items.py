"""A collection opened by somebody on some client: read, list changes, put, move, delete. All writes pass here.

A `View` is a capability: whoever holds one was allowed to open it. It is given by `catalogue.open_view` and lives as long as
its unit of work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pimgate.errors import (
    AlreadyThere,
    BadItem,
    NoSuchCollection,
    NoSuchItem,
    ReadOnly,
    Refused,
    UidTaken,
    WrongVersion,
)
from pimgate.indexing import etag_of, index
from pimgate.model.clients import Sight, Viewer
from pimgate.model.collections import Collection, CollectionId
from pimgate.model.items import Bookmark, Change, Changes, Item, ItemHead, ItemId, Op
from pimgate.settings import Limits
from pimgate.store.items import Indexed
from pimgate.store.work import Work

NAME_LENGTH = 254


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in seconds since 1970; an end that is None is open."""

    start: int | None = None
    end: int | None = None


class View:
    """One collection, seen by one viewer, within one unit of work."""

    def __init__(self, work: Work, viewer: Viewer, sight: Sight, limits: Limits) -> None:
        self.sight = sight
        self.viewer = viewer
        self._work = work
        self._limits = limits
        self._is_alone = False

    @property
    def collection(self) -> Collection:
        return self.sight.standing.collection

    @property
    def id(self) -> CollectionId:
        return self.collection.id

    @property
    def may_write(self) -> bool:
        return self.sight.verdict.may_write

    # Reading

    def bookmark(self) -> Bookmark:
        """The present end of the journal of this collection."""
        return self._work.journal.head(self.id)

    def changes_since(self, bookmark: Bookmark, limit: int) -> Changes:
        """The journal's lines after `bookmark`, oldest first, at most `limit`. BookmarkExpired when it reaches too far back."""
        return self._work.journal.since(self.id, bookmark, limit)

    def heads(self) -> list[ItemHead]:
        """Every item without its text."""
        return self._work.items.heads(self.id)

    def heads_of(self, ids: Sequence[ItemId]) -> dict[ItemId, ItemHead]:
        """Those of `ids` that are here."""
        return self._work.items.heads_of(self.id, ids)

    def head(self, name: str) -> ItemHead | None:
        return self._work.items.by_name(self.id, name)

    def head_by_id(self, item_id: ItemId) -> ItemHead | None:
        return self._work.items.by_id(self.id, item_id)

    def head_by_uid(self, uid: str) -> ItemHead | None:
        return self._work.items.by_uid(self.id, uid)

    def text(self, head: ItemHead) -> str:
        """The text of an item of this collection."""
        return self._work.items.text(head.id)

    def items(self) -> list[Item]:
        return self._work.items.all(self.id)

    def items_by_id(self, ids: Sequence[ItemId]) -> dict[ItemId, Item]:
        return self._work.items.by_ids(self.id, ids)

    def items_by_name(self, names: Sequence[str]) -> dict[str, Item]:
        return self._work.items.by_names(self.id, names)

    def heads_after(self, item_id: ItemId, limit: int) -> list[ItemHead]:
        """The next items in order of their ids: how a first synchronisation walks through a collection."""
        return self._work.items.after(self.id, item_id, limit)

    def items_between(self, window: Window) -> list[Item]:
        """Items that may happen in the window; for those with rules that reach beyond what is kept the caller looks closer."""
        return self._work.items.overlapping(self.id, window.start, window.end)

    def items_matching(self, words: str, limit: int) -> list[Item]:
        return self._work.items.matching([self.id], words, limit)

    # Writing

    def put(self, name: str, text: str, *, if_etag: str | None = None, must_be_new: bool = False) -> ItemHead:
        """Keep `text` under `name`, a new item or the next version of one. WrongVersion when `if_etag` or `must_be_new`
        does not hold; UidTaken, BadItem, ItemTooLarge, ReadOnly as they say. The same text again changes nothing."""
        self.begin_writing()
        _check_name(name)
        head = self.head(name)
        if (must_be_new and head is not None) or (if_etag is not None and (head is None or head.etag != if_etag)):
            raise WrongVersion(f"{self.id}/{name}")
        return keep(self._work, self._limits, self.collection, head or name, text, self.viewer.origin)

    def put_by_id(self, item_id: ItemId, text: str, *, if_etag: str | None = None) -> ItemHead:
        """The next version of an item that exists; NoSuchItem if it does not."""
        return self.put(self._head_or_none(item_id).name, text, if_etag=if_etag)

    def delete(self, name: str, *, if_etag: str | None = None) -> None:
        """Forget an item. NoSuchItem, WrongVersion, ReadOnly."""
        self.begin_writing()
        head = self.head(name)
        if head is None:
            raise NoSuchItem(f"{self.id}/{name}")
        if if_etag is not None and head.etag != if_etag:
            raise WrongVersion(f"{self.id}/{name}")
        drop(self._work, head, self.viewer.origin)

    def delete_by_id(self, item_id: ItemId) -> None:
        self.delete(self._head_or_none(item_id).name)

    def move(self, name: str, target: View, new_name: str, *, overwrite: bool = False) -> ItemHead:
        """Move an item into another open collection (or under another name of this one). It becomes a new item there; what
        cannot be kept there stays here. NoSuchItem, AlreadyThere, and the errors of `put`."""
        for view in sorted((self, target), key=lambda view: view.id):
            view.begin_writing()
        head = self.head(name)
        if head is None:
            raise NoSuchItem(f"{self.id}/{name}")
        standing_there = target.head(new_name)
        if standing_there is not None:
            if standing_there.id == head.id:
                return head
            if not overwrite:
                raise AlreadyThere(f"{target.id}/{new_name}")
        text = self.text(head)
        with self._work.together():
            if standing_there is not None:
                drop(self._work, standing_there, self.viewer.origin)
            drop(self._work, head, self.viewer.origin)
            return target.put(new_name, text)

    def _head_or_none(self, item_id: ItemId) -> ItemHead:
        head = self.head_by_id(item_id)
        if head is None:
            raise NoSuchItem(f"{self.id}:{item_id}")
        return head

    def begin_writing(self) -> None:
        """ReadOnly, or alone with this collection until the commit. Every write does so by itself; who looks first and then
        decides what to write calls it before the look, so that what was seen holds at the write. NoSuchCollection if it was
        removed since it was opened."""
        if not self.may_write:
            raise ReadOnly(f"{self.id} by {self.viewer.account.id}")
        if not self._is_alone:
            if not self._work.journal.lock(self.id):
                raise NoSuchCollection(f"{self.id} has just gone")
            self._is_alone = True


def keep(
    work: Work, limits: Limits, collection: Collection, place: ItemHead | str, text: str, origin: str = ""
) -> ItemHead:
    """Write one text: rows, figures and journal line together. `place` is the item to replace, or the name of a new one."""
    head = place if isinstance(place, ItemHead) else None
    etag = etag_of(text)
    if head is not None and head.etag == etag:
        return head
    indexed = index(collection, text, work.now, limits.item_bytes)
    name = place.name if isinstance(place, ItemHead) else place
    indexed = _with_uid(indexed, name)
    other = work.items.by_uid(collection.id, indexed.uid)
    if other is not None and (head is None or other.id != head.id):
        raise UidTaken(other.name)
    if head is None:
        _check_room(work, limits, collection)
    seq = work.journal.take_position(collection.id)
    if head is None:
        item_id = work.items.add(collection.id, name, text, etag, indexed, seq)
    else:
        item_id = head.id
        work.items.replace(head, text, etag, indexed, seq)
    work.collections.grow(collection.id, int(head is None), len(text.encode()) - (head.size_bytes if head else 0))
    op = Op.CREATE if head is None else Op.CHANGE
    work.journal.write(Change(collection.id, seq, op, item_id, name, origin))
    kept = work.items.by_id(collection.id, item_id)
    assert kept is not None, "an item is there after it was written"
    return kept


def drop(work: Work, head: ItemHead, origin: str = "") -> None:
    """Take one item away: rows, figures and journal line together."""
    work.items.remove(head.id)
    work.collections.grow(head.collection_id, -1, -head.size_bytes)
    work.journal.append(head.collection_id, Op.DELETE, item_id=head.id, item=head.name, origin=origin)


def _with_uid(indexed: Indexed, name: str) -> Indexed:
    """A text without a UID is known by its name."""
    if indexed.uid:
        return indexed
    return Indexed(**{each: getattr(indexed, each) for each in Indexed.__slots__} | {"uid": f"name:{name}"})


def _check_name(name: str) -> None:
    if not name or len(name) > NAME_LENGTH or "/" in name or not name.isprintable() or name in (".", ".."):
        raise BadItem("name", public="The name of the item cannot be used.")


def _check_room(work: Work, limits: Limits, collection: Collection) -> None:
    found = work.collections.by_id(collection.id)
    if found is not None and found.item_count >= limits.items_per_collection:
        most = limits.items_per_collection
        raise Refused(f"{collection.id} is full", public=f"A collection holds at most {most} items.")
