"""What a device fetches one by one: items, and the attachments of events. For ItemOperations.

An item is rendered as Sync renders it; a Schema leaves of it what it names. An attachment is octets: base64 in the element, or a
part of its own for a device that reads several. Whatever is not there, or not shown to this device, is answered in the same
words.
Source: MS-ASCMD, "Fetch (ItemOperations)", "Range (ItemOperations)", "Schema (ItemOperations)", "Part"; MS-ASAIRS,
"FileReference".
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace

from pimgate.api import Item, NoSuchCollection, View, Work
from pimgate.text.errors import BadText
from pimgate_eas.classes import CLASSES, ItemClass
from pimgate_eas.exchange import Exchange
from pimgate_eas.status import ItemOperations
from pimgate_eas.sync import turn
from pimgate_eas.sync.edits import is_own, item_of, server_id
from pimgate_eas.wbxml.element import Element

MAILBOX = "mailbox"
NAMES = (
    "AirSyncBase:FileReference",
    "Search:LongId",
    "DocumentLibrary:LinkId",
    "AirSync:CollectionId",
    "AirSync:ServerId",
)
"""How a device names what it fetches; the answer repeats it."""
LONGEST_NAME = 1_024
DIGITS = 18


class CannotFetch(Exception):
    """One fetch is answered by this status."""

    def __init__(self, status: ItemOperations) -> None:
        super().__init__(status.name)
        self.status = status


@dataclass(slots=True)
class Fetcher:
    """Fetches for one answer, one after the other, until `room` (in bytes) is used up. `parts` takes what an answer of several
    parts carries beside its element."""

    work: Work
    exchange: Exchange
    room: int
    parts: list[bytes] = field(default_factory=list)

    def fetch(self, asked: Element) -> Element:
        """The Fetch element of the answer, with a status of its own."""
        names = [Element(name, text=(asked.text_of(name) or "")[:LONGEST_NAME]) for name in NAMES if asked.has(name)]
        try:
            more = self._found(asked)
        except CannotFetch as error:
            return Element("ItemOperations:Fetch", _status(error.status), *names)
        return Element("ItemOperations:Fetch", _status(ItemOperations.OK), *names, *more)

    def _found(self, asked: Element) -> list[Element]:
        if (asked.text_of("ItemOperations:Store") or "").lower() != MAILBOX:
            has_store = asked.has("ItemOperations:Store")
            raise CannotFetch(ItemOperations.UNKNOWN_STORE if has_store else ItemOperations.PROTOCOL)
        if self.room <= 0:
            raise CannotFetch(ItemOperations.TOO_LARGE)
        if asked.has("AirSyncBase:FileReference"):
            return self._attachment(asked)
        if asked.has("Search:LongId"):  # the id of a mail that was found
            raise CannotFetch(ItemOperations.NOT_FOUND)
        if asked.has("AirSync:CollectionId") and asked.has("AirSync:ServerId"):
            return self._item(asked)
        raise CannotFetch(ItemOperations.PROTOCOL)

    def _item(self, asked: Element) -> list[Element]:
        view, item = self._found_in(
            asked.text_of("AirSync:CollectionId") or "", asked.text_of("AirSync:ServerId") or ""
        )
        item_class = _class(view)
        self.room -= item.head.size_bytes
        context = self.exchange.context(is_own=is_own(view)).of_item(server_id(view, item.id))
        context = replace(context, body_forms=_body_forms(asked) or context.body_forms)
        data = _chosen(item_class.render(item.text, context), asked)
        if self._is_multipart:
            data = [self._with_part(each) if each.name == "AirSyncBase:Body" else each for each in data]
        return [Element("AirSync:Class", text=item_class.name), Element("ItemOperations:Properties", *data)]

    def _attachment(self, asked: Element) -> list[Element]:
        """`<collection>:<item>:<attachment>`, as the item said it."""
        collection_id, _, rest = (asked.text_of("AirSyncBase:FileReference") or "").partition(":")
        item_number, _, number = rest.partition(":")
        try:
            view, item = self._found_in(collection_id, f"{collection_id}:{item_number}")
        except CannotFetch as error:
            raise CannotFetch(ItemOperations.BAD_ATTACHMENT) from error
        try:
            found = _class(view).attachment(item.text, number)
        except BadText:
            found = None
        if found is None:
            raise CannotFetch(ItemOperations.BAD_ATTACHMENT)
        media_type, octets = found
        span = _range(asked, len(octets))
        first, last = span or (0, len(octets) - 1)
        content = octets[first : last + 1]
        self.room -= len(content)
        measures = (
            []
            if span is None
            else [
                Element("ItemOperations:Range", text=f"{first}-{last}"),
                Element("ItemOperations:Total", text=str(len(octets))),
            ]
        )
        kind = Element("AirSyncBase:ContentType", text=media_type)
        return [Element("ItemOperations:Properties", *measures, kind, self._content(content))]

    def _found_in(self, collection_id: str, named: str) -> tuple[View, Item]:
        """The item that is meant, if this device is shown it."""
        try:
            view = turn.open_view(self.work, self.exchange, collection_id)
        except NoSuchCollection as error:
            raise CannotFetch(ItemOperations.NOT_FOUND) from error
        item_id = item_of(named, view)
        item = view.items_by_id([item_id]).get(item_id) if item_id is not None else None
        if item is None or item.head.component != _class(view).component:
            raise CannotFetch(ItemOperations.NOT_FOUND)
        return view, item

    @property
    def _is_multipart(self) -> bool:
        return self.exchange.query.accepts_multipart

    def _content(self, octets: bytes) -> Element:
        if not self._is_multipart:
            return Element("ItemOperations:Data", text=base64.b64encode(octets).decode())
        return Element("ItemOperations:Part", text=str(self._part(octets)))

    def _with_part(self, body: Element) -> Element:
        """A body whose text is a part of the answer."""
        children = [
            Element("ItemOperations:Part", text=str(self._part((child.text or "").encode())))
            if child.name == "AirSyncBase:Data"
            else child
            for child in body.children
        ]
        return Element(body.name, *children)

    def _part(self, octets: bytes) -> int:
        """The number of a new part; the element itself is 0."""
        self.parts.append(octets)
        return len(self.parts)


def _class(view: View) -> ItemClass:
    return CLASSES[view.collection.kind]


def _body_forms(asked: Element) -> tuple[str, ...]:
    """The forms of text that the device wants, the best first."""
    preferences = asked.path("ItemOperations:Options", "AirSyncBase:BodyPreference")
    return tuple(each.text_of("AirSyncBase:Type") or "" for each in preferences)


def _chosen(data: list[Element], asked: Element) -> list[Element]:
    """Of an item what the request names; all of it, where it names nothing."""
    schemas = asked.path("ItemOperations:Options", "ItemOperations:Schema")
    named = {child.name for schema in schemas for child in schema.children}
    return [each for each in data if each.name in named] if named else data


def _range(asked: Element, size: int) -> tuple[int, int] | None:
    """The octets asked for, first and last, as far as there are any; None where the whole is asked for: some phones cannot
    read an answer that speaks of a range when they did not."""
    ranges = asked.path("ItemOperations:Options", "ItemOperations:Range")
    if not ranges:
        return None
    first, dash, last = (ranges[0].text or "").strip().partition("-")
    if not all(each.isascii() and each.isdigit() and len(each) <= DIGITS for each in (first, last)) or not dash:
        raise CannotFetch(ItemOperations.BAD_RANGE)
    if not int(first) <= int(last) or int(first) >= size:
        raise CannotFetch(ItemOperations.BAD_RANGE)
    return int(first), min(int(last), size - 1)


def _status(status: ItemOperations) -> Element:
    return Element("ItemOperations:Status", text=str(int(status)))
