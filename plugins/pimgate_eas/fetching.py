"""What a device fetches one by one: items, messages, and the files of both. For ItemOperations and GetAttachment.

An item is rendered as Sync renders it; a Schema leaves of it what it names. A file is octets: base64 in the element, or a part of
its own for a device that reads several. Whatever is not there, or not shown to this device, is answered in the same words.
Source: MS-ASCMD, "Fetch (ItemOperations)", "Range (ItemOperations)", "Schema (ItemOperations)", "Part"; MS-ASAIRS,
"FileReference".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import TypeVar

from pimgate.api import AwayNow, Item, Message, NoSuchCollection, View, Work
from pimgate.text.errors import BadText
from pimgate_eas.classes import CLASSES, ItemClass
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail import contents as mail_contents
from pimgate_eas.mail.contents import File, Original, TooLarge
from pimgate_eas.mail.kept_files import KeptFiles
from pimgate_eas.mail.names import Name, named_messages, read_name
from pimgate_eas.mail.searching.results import render_named
from pimgate_eas.mapping.email import read_options
from pimgate_eas.mapping.email.options import MIME, PLAIN, Preference
from pimgate_eas.spool import Portion, Spool
from pimgate_eas.status import Common, ItemOperations
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
EMAIL = "Email"
BODY = "AirSyncBase:Body"
HELD_BYTES = 256 * 1024
"""What is larger is sent piece by piece."""
MOST_FETCHED_BYTES = 128 * 1024 * 1024
"""Of files, for one request."""

T = TypeVar("T")


class CannotFetch(Exception):
    """One fetch is answered by this status."""

    def __init__(self, status: ItemOperations | Common) -> None:
        super().__init__(status.name)
        self.status = status


@dataclass(slots=True)
class Fetcher:
    """Fetches for one answer, one after the other, until `room` (in bytes) is used up, or `effort`, which counts whole files, also
    where only parts of them are sent. `parts` takes what an answer of several parts carries beside its element, `portions` what
    stands in place of words in an answer of one part."""

    exchange: Exchange
    room: int
    effort: int = MOST_FETCHED_BYTES
    parts: list[bytes | Portion] = field(default_factory=list)
    portions: dict[str, Portion] = field(default_factory=dict)

    async def fetch(self, asked: Element) -> Element:
        """The Fetch element of the answer, with a status of its own."""
        names = [Element(name, text=(asked.text_of(name) or "")[:LONGEST_NAME]) for name in NAMES if asked.has(name)]
        try:
            more = await self._found(asked)
        except CannotFetch as error:
            return Element("ItemOperations:Fetch", _status(error.status), *names)
        return Element("ItemOperations:Fetch", _status(ItemOperations.OK), *names, *more)

    async def _found(self, asked: Element) -> list[Element]:
        if (asked.text_of("ItemOperations:Store") or "").lower() != MAILBOX:
            has_store = asked.has("ItemOperations:Store")
            raise CannotFetch(ItemOperations.UNKNOWN_STORE if has_store else ItemOperations.PROTOCOL)
        if self.room <= 0 or self.effort <= 0:
            raise CannotFetch(ItemOperations.TOO_LARGE)
        if asked.has("AirSyncBase:FileReference"):
            return await self._file(asked)
        if asked.has("Search:LongId"):
            return await self._message(read_name(asked.text_of("Search:LongId") or ""), asked)
        if asked.has("AirSync:CollectionId") and asked.has("AirSync:ServerId"):
            return await self._item(asked)
        raise CannotFetch(ItemOperations.PROTOCOL)

    async def _item(self, asked: Element) -> list[Element]:
        folder, named = asked.text_of("AirSync:CollectionId") or "", asked.text_of("AirSync:ServerId") or ""
        try:
            found = await self.exchange.core.read(lambda work: stored(work, self.exchange, folder, named))
        except NoSuchCollection:
            name = read_name(named)
            return await self._message(name if name is not None and name.folder == folder else None, asked)
        self.room -= found.item.head.size_bytes
        context = self.exchange.context(is_own=is_own(found.view)).of_item(server_id(found.view, found.item.id))
        context = replace(context, body_forms=_body_forms(asked) or context.body_forms)
        return self._properties(found.item_class.name, found.item_class.render(found.item.text, context), asked)

    async def _message(self, name: Name | None, asked: Element) -> list[Element]:
        options = read_options(asked.find("ItemOperations:Options"))
        message = await message_named(self.exchange, name)
        if name is None or message is None:
            raise CannotFetch(ItemOperations.NOT_FOUND)
        original = await _or_status(mail_contents.original_of(self.exchange, message, options))
        if original is not None:
            options = replace(options, bodies=(Preference(PLAIN, 0, preview=original.preview),), mime_support=0)
        rendered = (await _or_status(render_named(self.exchange, name.folder, {name: message}, options))).get(name)
        if rendered is None:
            raise CannotFetch(ItemOperations.NOT_FOUND)
        self.room -= rendered.size_bytes
        data = list(rendered.elements)
        if original is not None:
            data = [self._original(each, original) if each.name == BODY else each for each in data]
        return self._properties(EMAIL, data, asked)

    def _original(self, body: Element, original: Original) -> Element:
        """The body of a message that is sent as it is. Of the one that was rendered in its place the first words stay."""
        parts = [
            Element("AirSyncBase:Type", text=MIME),
            Element("AirSyncBase:EstimatedDataSize", text=str(original.size_bytes)),
        ]
        parts += [Element("AirSyncBase:Truncated", text="1")] if original.is_cut else []
        if original.text is not None:
            self.room -= original.text.size_bytes
            parts.append(Element("AirSyncBase:Data", text=self._standing_for(Portion.whole(original.text))))
        return Element(BODY, *parts, *body.find_all("AirSyncBase:Preview"))

    def _properties(self, class_name: str, data: list[Element], asked: Element) -> list[Element]:
        data = _chosen(data, asked)
        if self._is_multipart:
            data = [self._with_part(each) if each.name == BODY else each for each in data]
        return [Element("AirSync:Class", text=class_name), Element("ItemOperations:Properties", *data)]

    async def _file(self, asked: Element) -> list[Element]:
        reference = asked.text_of("AirSyncBase:FileReference") or ""
        is_part = bool(asked.path("ItemOperations:Options", "ItemOperations:Range"))
        file = await self._whole_file(reference, is_part=is_part)
        size = file.content.size_bytes
        span = _range(asked, size)
        first, last = span or (0, size - 1)
        self.room -= last - first + 1
        measures = []
        if span is not None:
            measures = [
                Element("ItemOperations:Range", text=f"{first}-{last}"),
                Element("ItemOperations:Total", text=str(size)),
            ]
        kind = Element("AirSyncBase:ContentType", text=file.media_type)
        content = self._content(file.content, first, last - first + 1)
        return [Element("ItemOperations:Properties", *measures, kind, content)]

    async def _whole_file(self, reference: str, *, is_part: bool) -> File:
        """The file; one that is asked for part by part is fetched once."""
        kept, device_id = self.exchange.core.belonging(KeptFiles), self.exchange.device.id
        file = await file_referred(self.exchange, reference, lambda: kept.get(device_id, reference))
        if kept.get(device_id, reference) is not file:
            self.effort -= file.content.size_bytes
            if is_part:
                kept.keep(device_id, reference, file)
        return file

    @property
    def _is_multipart(self) -> bool:
        return self.exchange.query.accepts_multipart

    def _content(self, spool: Spool, first: int, count: int) -> Element:
        portion = Portion(spool, first, count, is_base64=not self._is_multipart)
        if self._is_multipart:
            return Element("ItemOperations:Part", text=str(self._part(portion)))
        return Element("ItemOperations:Data", text=self._standing_for(portion))

    def _standing_for(self, portion: Portion) -> str:
        """The text itself; of a large one, words in its place."""
        if portion.size_bytes <= HELD_BYTES:
            return b"".join(portion.pieces()).decode()
        words = token_hex(16)
        self.portions[words] = portion
        return words

    def _with_part(self, body: Element) -> Element:
        """A body whose text is a part of the answer."""
        children = [
            Element("ItemOperations:Part", text=str(self._part(self._text_of(child))))
            if child.name == "AirSyncBase:Data"
            else child
            for child in body.children
        ]
        return Element(body.name, *children)

    def _text_of(self, data: Element) -> bytes | Portion:
        text = data.text or ""
        return self.portions.pop(text, None) or text.encode()

    def _part(self, content: bytes | Portion) -> int:
        """The number of a new part; the element itself is 0."""
        self.parts.append(content)
        return len(self.parts)


def nothing_kept() -> File | None:
    """Of somebody who keeps no files."""
    return None


async def file_referred(exchange: Exchange, reference: str, kept: Callable[[], File | None] = nothing_kept) -> File:
    """The file that a FileReference means: `<ServerId>:<file>`, as the item said it; that of a message that is still there may be
    `kept` by the caller. CannotFetch."""
    named, _, number = reference.rpartition(":")
    folder = named.partition(":")[0]
    try:
        found = await exchange.core.read(lambda work: _stored_file(work, exchange, folder, named, number))
    except CannotFetch:
        found = None
    except NoSuchCollection:
        message = await message_named(exchange, read_name(named))
        found = kept() if message is not None else None
        if found is None and message is not None:
            found = await _or_status(mail_contents.file_of(exchange, message, number))
    if found is None:
        raise CannotFetch(ItemOperations.BAD_ATTACHMENT)
    return found


async def message_named(exchange: Exchange, name: Name | None) -> Message | None:
    """The message that a device means, if it is shown it and the message is still there. CannotFetch while the mailbox is away."""
    if name is None or exchange.core.mail is None:
        return None
    return (await _or_status(named_messages(exchange, [name]))).get(name)


async def _or_status(work: Awaitable[T]) -> T:
    """What is asked of the mail server; CannotFetch if that cannot be had now, or is too large."""
    try:
        return await work
    except AwayNow as error:
        raise CannotFetch(Common.MAILBOX_OFFLINE) from error
    except TooLarge as error:
        raise CannotFetch(ItemOperations.TOO_LARGE) from error
    except NoSuchCollection as error:
        raise CannotFetch(ItemOperations.NOT_FOUND) from error


@dataclass(frozen=True, slots=True)
class _Stored:
    """An item that lies here, in a collection that this device is shown."""

    view: View
    item: Item
    item_class: ItemClass


def stored(work: Work, exchange: Exchange, collection_id: str, named: str) -> _Stored:
    """The item that is meant. NoSuchCollection for what is no collection of items on this device; CannotFetch."""
    view = turn.open_view(work, exchange, collection_id)
    item_class = _class(view)
    item_id = item_of(named, view)
    item = view.items_by_id([item_id]).get(item_id) if item_id is not None else None
    if item is None or item.head.component != item_class.component:
        raise CannotFetch(ItemOperations.NOT_FOUND)
    return _Stored(view, item, item_class)


def _stored_file(work: Work, exchange: Exchange, collection_id: str, named: str, number: str) -> File | None:
    found = stored(work, exchange, collection_id, named)
    try:
        attachment = found.item_class.attachment(found.item.text, number)
    except BadText:
        return None
    if attachment is None:
        return None
    spool = Spool()
    spool.put(attachment[1])
    return File(attachment[0], spool)


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


def _status(status: ItemOperations | Common) -> Element:
    return Element("ItemOperations:Status", text=str(int(status)))
