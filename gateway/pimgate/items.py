"""A collection opened by somebody on some client: read, list changes, put, move, delete. All writes pass here.

A `View` is a capability: whoever holds one was allowed to open it. It is given by `catalogue.open_view` and lives as long as
its unit of work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pimgate import allowance, item_properties
from pimgate.errors import (
    AlreadyThere,
    BadItem,
    NoRoom,
    NoSuchCollection,
    NoSuchItem,
    ReadOnly,
    UidTaken,
    WrongVersion,
)
from pimgate.indexing import etag_of, index
from pimgate.model.clients import Sight, Viewer
from pimgate.model.collections import Collection, CollectionKind, Right
from pimgate.model.items import Change, Cut, Item, ItemHead, ItemId, Listed, Op
from pimgate.names import can_be_chosen
from pimgate.opened import Opened
from pimgate.settings import Limits
from pimgate.store.items import ALWAYS, Indexed
from pimgate.store.work import Work
from pimgate.text.private import is_private_text, masked

TO_ONES_OWN = "A private event belongs in a calendar of your own: in this one you could not see it any more."


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in seconds since 1970; an end that is None is open."""

    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A name in a collection, and what stands there for the viewer, if anything does."""

    name: str
    item: Item | None

    @property
    def head(self) -> ItemHead | None:
        return self.item.head if self.item else None

    @property
    def text(self) -> str | None:
        return self.item.text if self.item else None


class View(Opened):
    """One collection, seen by one viewer, within one unit of work."""

    def __init__(self, work: Work, viewer: Viewer, sight: Sight, limits: Limits) -> None:
        super().__init__(work, viewer, sight)
        self._limits = limits
        self._is_alone = False

    def hides(self, head: ItemHead) -> bool:
        """Whether the viewer sees of this item only when it takes place, and may not touch it: a private one in a calendar of
        somebody else, or of the organisation for those who may not write there."""
        return head.is_private and self._is_of_others

    # Reading

    def heads(self) -> list[ItemHead]:
        """Every item without its text."""
        return self._shown_heads(self._work.items.heads(self.id))

    def listed(self) -> list[Listed]:
        """Every item in a few words: for lists of a whole collection."""
        listed = self._work.items.listed(self.id)
        hidden = [each.id for each in listed if each.is_private] if self._is_of_others else []
        if not hidden:
            return listed
        heads = self.heads_of(hidden)
        shown = {id_: (head.etag, head.size_bytes) for id_, head in heads.items()}
        return [_with_version(each, *shown[each.id]) if each.id in shown else each for each in listed]

    def heads_of(self, ids: Sequence[ItemId]) -> dict[ItemId, ItemHead]:
        """Those of `ids` that are here."""
        return {head.id: head for head in self._shown_heads(self._work.items.heads_of(self.id, ids).values())}

    def head(self, name: str) -> ItemHead | None:
        return self._shown_head(self._work.items.by_name(self.id, name))

    def head_by_id(self, item_id: ItemId) -> ItemHead | None:
        return self._shown_head(self._work.items.by_id(self.id, item_id))

    def head_by_uid(self, uid: str) -> ItemHead | None:
        return self._shown_head(self._work.items.by_uid(self.id, uid))

    def text(self, head: ItemHead) -> str:
        """The text of an item of this collection, as far as the viewer may see it."""
        text = self._work.items.text(head.id)
        return masked(text, self._language) if self.hides(head) else text

    def slot(self, name: str) -> Slot:
        """What stands under a name. Looked at after `begin_writing` it holds until the viewer writes: `put` takes it."""
        item = self._work.items.named(self.id, name)
        return Slot(name, self._masked(item) if item and self.hides(item.head) else item)

    def items(self) -> list[Item]:
        return self._shown(self._work.items.all(self.id))

    def items_by_id(self, ids: Sequence[ItemId]) -> dict[ItemId, Item]:
        return {item.id: item for item in self._shown(self._work.items.by_ids(self.id, ids).values())}

    def items_by_name(self, names: Sequence[str]) -> dict[str, Item]:
        return {item.head.name: item for item in self._shown(self._work.items.by_names(self.id, names).values())}

    def heads_after(self, item_id: ItemId, limit: int) -> list[ItemHead]:
        """The next items in order of their ids: how a first synchronisation walks through a collection."""
        return self._shown_heads(self._work.items.after(self.id, item_id, limit))

    def heads_ending(
        self, after: Cut, upto: Cut, component: str, limit: int, *, last_first: bool = False
    ) -> list[ItemHead]:
        """Items that end between two cuts, in the order in which they end, or the other way round."""
        return self._shown_heads(self._work.spans.ending(self.id, after, upto, component, limit, last_first=last_first))

    def next_end(self, after: int, component: str) -> int | None:
        """When the next item after this moment becomes a thing of the past, if one ever does."""
        return self._work.spans.next_end(self.id, after, component)

    def candidates_between(self, window: Window) -> list[tuple[Item, bool]]:
        """Items that may happen in the window, each with whether the index is sure of it; where it is not, the caller looks
        closer."""
        found = self._work.spans.overlapping(self.id, window.start, window.end)
        return [(self._masked(item) if self.hides(item.head) else item, is_sure) for item, is_sure in found]

    def occurrences_between(self, window: Window) -> dict[ItemId, list[tuple[int, int]]]:
        """The starts and ends that are kept of series and touch the window, by item."""
        start = -ALWAYS if window.start is None else window.start
        return self._work.spans.occurrences([self.id], start, ALWAYS if window.end is None else window.end)

    def items_matching(self, words: str, limit: int) -> list[Item]:
        """Items with these words in what the viewer may see of them: what is hidden matches nothing."""
        return self._work.items.matching([self.id], words, limit, public_only=self._is_of_others)

    def properties(self, ids: Sequence[ItemId] | None = None) -> dict[ItemId, dict[str, str]]:
        """What programs keep with these items, or with all that are here, by item, name and value. An item with none is left out,
        and so is one that is hidden."""
        return self._work.item_properties.of(self.id, ids, public_only=self._is_of_others)

    # What of private events is shown to others

    @property
    def _is_of_others(self) -> bool:
        standing = self.sight.standing
        if standing.collection.kind is CollectionKind.BOOK:
            return False
        if standing.collection.owner is None:
            return standing.right < Right.WRITE
        return standing.collection.owner != self.viewer.account.id

    @property
    def _language(self) -> str:
        return self.viewer.account.language

    def _shown(self, items: Iterable[Item]) -> list[Item]:
        return [self._masked(item) if self.hides(item.head) else item for item in items]

    def _shown_heads(self, heads: Iterable[ItemHead]) -> list[ItemHead]:
        """Heads with the version and the size of what is shown: a validator belongs to the octets that are sent."""
        heads = list(heads)
        hidden = [head.id for head in heads if self.hides(head)]
        if not hidden:
            return heads
        shown = {item.id: self._masked(item).head for item in self._work.items.by_ids(self.id, hidden).values()}
        return [shown.get(head.id, head) for head in heads]

    def _shown_head(self, head: ItemHead | None) -> ItemHead | None:
        return None if head is None else self._shown_heads([head])[0]

    def _masked(self, item: Item) -> Item:
        text = masked(item.text, self._language)
        return Item(replace(item.head, etag=etag_of(text), size_bytes=len(text.encode())), text)

    # Writing

    def put(
        self,
        slot: str | Slot,
        text: str,
        *,
        if_etag: str | None = None,
        must_be_new: bool = False,
        needs_room: bool = True,
    ) -> ItemHead:
        """Keep `text` under a name, or in a slot that was looked at: a new item or the next version of one. WrongVersion when
        `if_etag` or `must_be_new` does not hold; UidTaken, BadItem, ItemTooLarge, NoRoom as they say; ReadOnly also for what the
        viewer could not see or take back any more. The same text again changes nothing. `needs_room`: see `keep`."""
        self.begin_writing()
        name = slot if isinstance(slot, str) else slot.name
        _check_name(name)
        head = self.head(name) if isinstance(slot, str) else slot.head
        if (must_be_new and head is not None) or (if_etag is not None and (head is None or head.etag != if_etag)):
            raise WrongVersion(f"{self.id}/{name}")
        if head is not None and self.hides(head):
            if head.etag == etag_of(text):
                return head
            raise _private(head)
        if self._is_of_others and is_private_text(text):
            raise ReadOnly(f"{self.id}/{name} would be private", public=TO_ONES_OWN)
        origin = self.viewer.origin
        kept = keep(self._work, self._limits, self.collection, head or name, text, origin, needs_room=needs_room)
        return self._shown_heads([kept])[0]

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
        if self.hides(head):
            raise _private(head)
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
        for view, each in ((self, head), (target, standing_there)):
            if each is not None and view.hides(each):
                raise _private(each)
        text, properties = self.text(head), self._properties_of(head)
        replaced = standing_there.size_bytes if standing_there is not None else 0
        grows = target.collection.owner != self.collection.owner and head.size_bytes > replaced
        with self._work.together():
            if standing_there is not None:
                drop(self._work, standing_there, self.viewer.origin)
            drop(self._work, head, self.viewer.origin)
            kept = target.put(new_name, text, needs_room=grows)
            target._take(kept, properties, needs_room=grows)
            return kept

    def copy(self, head: ItemHead, target: View, new_name: str, *, must_be_new: bool = False) -> ItemHead:
        """Keep what is shown of an item a second time, and its properties. The errors of `put`."""
        kept = target.put(new_name, self.text(head), must_be_new=must_be_new)
        target._take(kept, self._properties_of(head), needs_room=True)
        return kept

    def set_properties(self, head: ItemHead, properties: Mapping[str, str]) -> None:
        """All that programs keep with an item, in place of what they kept before. ReadOnly; NoRoom, and then nothing is changed."""
        self.begin_writing()
        if self.hides(head):
            raise _private(head)
        item_properties.keep(self._work, self._limits, self.collection, head, properties)

    def _take(self, head: ItemHead, properties: Mapping[str, str], *, needs_room: bool) -> None:
        """Give an item that came from elsewhere what it had there."""
        item_properties.keep(self._work, self._limits, self.collection, head, properties, needs_room=needs_room)

    def _properties_of(self, head: ItemHead) -> dict[str, str]:
        return self.properties([head.id]).get(head.id, {})

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
    work: Work,
    limits: Limits,
    collection: Collection,
    place: ItemHead | str,
    text: str,
    origin: str = "",
    *,
    needs_room: bool = True,
) -> ItemHead:
    """Write one text: rows, figures and journal line together. `place` is the item to replace, or the name of a new one.
    `needs_room`: whether it must fit into what the owner may keep if it makes that more: not what only changes its place, nor what
    is said of a meeting that is there."""
    head = place if isinstance(place, ItemHead) else None
    etag = etag_of(text)
    if head is not None and head.etag == etag:
        return head
    indexed = index(collection, text, work.now, limits.item_bytes)
    name = place.name if isinstance(place, ItemHead) else place
    indexed = _with_uid(indexed, name)
    if head is None or head.uid != indexed.uid:
        other = work.items.by_uid(collection.id, indexed.uid)
        if other is not None:
            raise UidTaken(other.name)
    if head is None:
        _check_room(work, limits, collection)
    more_bytes = len(text.encode()) - (head.size_bytes if head else 0)
    if needs_room:
        allowance.check(work, limits, collection.owner, more_bytes)
    seq = work.journal.take_position(collection.id)
    if head is None:
        kept = work.items.add(collection.id, name, text, etag, indexed, seq)
    else:
        kept = work.items.replace(head, text, etag, indexed, seq)
    work.collections.grow(collection.id, int(head is None), more_bytes)
    op = Op.CREATE if head is None else Op.CHANGE
    work.journal.write(Change(collection.id, seq, op, kept.id, name, origin, head.lasts_until if head else None))
    return kept


def drop(work: Work, head: ItemHead, origin: str = "") -> None:
    """Take one item away: rows, figures and journal line together."""
    beside = work.item_properties.size(head.id)
    if beside:
        work.item_properties.remove(head.id)
    work.items.remove(head.id)
    work.collections.grow(head.collection_id, -1, -head.size_bytes - beside)
    seq = work.journal.take_position(head.collection_id)
    gone = Change(head.collection_id, seq, Op.DELETE, head.id, head.name, origin, head.lasts_until)
    work.journal.write(gone)


def _with_version(listed: Listed, etag: str, size_bytes: int) -> Listed:
    return listed._replace(etag=etag, size_bytes=size_bytes)


def _private(head: ItemHead) -> ReadOnly:
    return ReadOnly(f"{head.collection_id}:{head.id} is private", public="This event is private.")


def _with_uid(indexed: Indexed, name: str) -> Indexed:
    """A text without a UID is known by its name."""
    if indexed.uid:
        return indexed
    return Indexed(**{each: getattr(indexed, each) for each in Indexed.__slots__} | {"uid": f"name:{name}"})


def _check_name(name: str) -> None:
    if not can_be_chosen(name):
        raise BadItem("name", public="The name of the item cannot be used.")


def _check_room(work: Work, limits: Limits, collection: Collection) -> None:
    found = work.collections.by_id(collection.id)
    if found is not None and found.item_count >= limits.items_per_collection:
        most = limits.items_per_collection
        raise NoRoom(f"{collection.id} is full", public=f"A collection holds at most {most} items.")
