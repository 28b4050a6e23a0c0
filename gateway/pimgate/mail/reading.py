"""Looking into a person's messages on the mail server: how they are built, and the octets of their parts.

Many messages are asked about at once, and of each only as much as is wanted; nothing on the server changes by it. Nothing here
runs within a unit of work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from pimgate.errors import AwayNow, NoSuchCollection
from pimgate.mail.imap import Connection, Item, Missing, Rejected, Section, Value
from pimgate.mail.mime.pieces import Piece
from pimgate.mail.postbox import Postbox
from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId
from pimgate.model.mail import Message

AT_ONCE_BYTES: Final = 256 * 1024
"""What is larger comes in slices, for one message after the other."""
TOGETHER_BYTES: Final = 8 * 1024 * 1024
"""Octets that may come in the answer to one command."""
LARGEST: Final = 64 * 1024 * 1024

_WHATS: Final = ("HEADER", "TEXT", "MIME")


@dataclass(frozen=True, slots=True)
class Sketch:
    """How one message is built: BODYSTRUCTURE as it was heard, for `mime.structure.structure_of`, and the pieces that were asked
    for along with it."""

    structure: Value
    pieces: Mapping[Piece, bytes] = field(default_factory=dict)


class Reading:
    """What one person's messages hold."""

    def __init__(self, box: Postbox) -> None:
        self._box = box

    @asynccontextmanager
    async def opened(self, folder: CollectionId) -> AsyncIterator[OpenFolder]:
        """The folder on a connection of its own, for as long as the block runs. NoSuchCollection for what is no folder of the
        person; AwayNow, also while the folder is being numbered anew; the errors of `Upstream.connection`."""
        found = (await self._box.folders()).get(folder)
        if found is None or not found.is_selectable:
            raise NoSuchCollection(f"{folder} of {self._box.account.id}")
        try:
            async with self._box.upstream.connection(self._box.account) as line:
                selected = await line.select(found.path, is_read_only=True)
                if selected.uid_validity != found.uid_validity and found.indexed_from is not None:
                    self._box.note(found.path)
                    raise AwayNow(f"{folder} was numbered anew")
                yield OpenFolder(line)
        except Rejected as error:
            self._box.note(found.path)
            raise AwayNow(f"the mail server does not hand out messages of {folder}: {error}") from error


class OpenFolder:
    """A folder whose messages are being read. Messages that are gone are left out of all answers."""

    def __init__(self, line: Connection) -> None:
        self._line = line

    async def sketches(self, messages: Collection[Message], along: Sequence[Piece] = ()) -> dict[ItemId, Sketch]:
        """How these messages are built, with the beginnings of the same pieces of each; none larger than AT_ONCE_BYTES."""
        numbers = {each.uid: each.id for each in messages if not each.is_set_aside}
        if not numbers:
            return {}
        wanted = {_section(each.section): _at_once(each) for each in along}
        fetched = await self._line.beginnings(numbers, wanted, (Item.STRUCTURE,))
        return {
            numbers[each.uid]: Sketch(
                each.structure, {piece: each.part(_section(piece.section)) or b"" for piece in along}
            )
            for each in fetched
            if each.uid is not None
        }

    async def pieces(
        self, messages: Mapping[ItemId, Message], wanted: Mapping[ItemId, Collection[Piece]]
    ) -> dict[ItemId, dict[Piece, bytes]]:
        """The octets of these pieces of each message; messages of which the same is wanted are asked about together. A piece that
        is not there is empty."""
        alike: defaultdict[frozenset[Piece], list[Message]] = defaultdict(list)
        for item_id, pieces in wanted.items():
            alike[frozenset(pieces)].append(messages[item_id])
        found: dict[ItemId, dict[Piece, bytes]] = {}
        for pieces, those in alike.items():
            for some in _together(those, pieces):
                found |= await self._pieces_of(some, pieces)
        return found

    async def whole(self, message: Message) -> bytes | None:
        """A message as it lies there; None if it is gone."""
        return await self.piece(message, Piece(""))

    async def piece(self, message: Message, piece: Piece) -> bytes | None:
        """One piece of one message, however large; None if it is not there."""
        try:
            octets = b"".join([each async for each in self.slices(message, piece)])
        except Missing:
            return None
        return octets if piece.octets is None else octets[: piece.octets]

    async def slices(self, message: Message, piece: Piece, *, start: int = 0) -> AsyncIterator[bytes]:
        """The octets of a piece from `start` on, a slice after the other: as many as it asks for, and no more than is in memory at
        once. `Missing` if it is not there."""
        most = LARGEST if piece.octets is None else min(piece.octets, LARGEST)
        if message.is_set_aside:
            raise Missing(piece.section)
        async for octets in self._line.slices(message.uid, _section(piece.section), start=start, most_bytes=LARGEST):
            yield octets
            start += len(octets)
            if start >= most:
                return

    async def _pieces_of(
        self, messages: Sequence[Message], pieces: Collection[Piece]
    ) -> dict[ItemId, dict[Piece, bytes]]:
        by_uid = {each.uid: each for each in messages if not each.is_set_aside}
        if not by_uid:
            return {}
        wanted = {_section(each.section): _at_once(each) for each in pieces}
        fetched = await self._line.beginnings(by_uid, wanted) if wanted else []
        found: dict[ItemId, dict[Piece, bytes]] = {} if wanted else {each.id: {} for each in messages}
        for each in fetched:
            if each.uid is not None:
                message = by_uid[each.uid]
                octets = {piece: each.part(_section(piece.section)) or b"" for piece in pieces}
                with suppress(Missing):  # it went before the rest of it came
                    found[message.id] = {piece: await self._all_of(message, piece, octets[piece]) for piece in pieces}
        return found

    async def _all_of(self, message: Message, piece: Piece, beginning: bytes) -> bytes:
        """The rest of what is larger than what comes at once."""
        if len(beginning) < AT_ONCE_BYTES or (piece.octets is not None and piece.octets <= AT_ONCE_BYTES):
            return beginning
        octets = bytearray(beginning)
        async for each in self.slices(message, piece, start=len(beginning)):
            octets += each
        return bytes(octets if piece.octets is None else octets[: piece.octets])


def _at_once(piece: Piece) -> int:
    return AT_ONCE_BYTES if piece.octets is None else min(piece.octets, AT_ONCE_BYTES)


def _together(messages: Sequence[Message], pieces: Collection[Piece]) -> Iterable[Sequence[Message]]:
    """The messages in portions whose pieces may come in one answer."""
    some: list[Message] = []
    size = 0
    for each in messages:
        own = sum(min(each.size_bytes, _at_once(piece)) for piece in pieces)
        if some and size + own > TOGETHER_BYTES:
            yield some
            some, size = [], 0
        some.append(each)
        size += own
    if some:
        yield some


def _section(name: str) -> Section:
    """What a piece is called when it is asked for: "HEADER", "1.2", "1.2.MIME", "" for the whole."""
    part, _, what = name.rpartition(".") if "." in name else ("", "", name)
    return Section(part, what) if what in _WHATS else Section(name)
