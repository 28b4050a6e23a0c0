"""What messages hold, however large: files and originals, brought from the mail server slice by slice and put down as they come.

Source: MS-ASAIRS, "FileReference", "Type (Body)"; MS-ASCMD, "Fetch (ItemOperations)".
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeVar

from anyio.to_thread import run_sync

from pimgate.api import Message
from pimgate.mail.imap import Missing
from pimgate.mail.mime.decoding import decoder_for
from pimgate.mail.mime.original import rewritten
from pimgate.mail.mime.parts import Contents, Seal, contents_of
from pimgate.mail.mime.pieces import WHOLE, Piece
from pimgate.mail.mime.structure import Structure, structure_of, untold
from pimgate.mail.mime.words import readable
from pimgate.mail.reading import LARGEST, OpenFolder
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail.messages import NOT_READABLE, WHAT_GOES_WRONG, post_room
from pimgate_eas.mapping.email import Options, file_named
from pimgate_eas.mapping.email.fetching import usable
from pimgate_eas.mapping.email.options import MIME, Preference
from pimgate_eas.spool import Spool

T = TypeVar("T")

LARGE_BYTES: Final = 1024 * 1024
"""Originals of smaller messages are rendered like any body."""
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}\Z")
OCTETS: Final = "application/octet-stream"


class TooLarge(Exception):
    """It is larger than anything that is brought to a device."""


class Originals:
    """Messages that are no text as they are have to be written anew, as a whole: one at a time in a gateway."""

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(1)


@dataclass(frozen=True, slots=True)
class File:
    media_type: str
    content: Spool


@dataclass(frozen=True, slots=True)
class Original:
    """A message as it is: its text, None for one that is sent whole or not at all; `size_bytes` is that of the whole."""

    text: Spool | None
    size_bytes: int
    is_cut: bool
    preview: int


async def file_of(exchange: Exchange, message: Message, section: str) -> File | None:
    """A file of a message, decoded; None if there is none, or the message is gone. TooLarge; AwayNow, and the errors of
    `Upstream.connection`."""
    async with post_room(exchange).reading(exchange.identity).opened(message.collection_id) as opened:
        structure = await _structure(opened, message)
        file = file_named(structure, section) if structure is not None else None
        if file is None:
            return None
        spool, decoder = Spool(), decoder_for(file.encoding)
        if not await _bring(opened, message, file.piece, lambda octets: spool.put(decoder.feed(octets))):
            return None
        await run_sync(lambda: spool.put(decoder.end()))
    media_type = file.media_type.lower()
    return File(media_type if _MEDIA_TYPE.match(media_type) else OCTETS, spool)


async def original_of(exchange: Exchange, message: Message, options: Options) -> Original | None:
    """The original of a large message where that is what the device wants for a body; None where `rendered` makes the body.
    TooLarge; AwayNow, and the errors of `Upstream.connection`."""
    if options.mime_support == 0 or message.size_bytes < LARGE_BYTES:
        return None
    async with post_room(exchange).reading(exchange.identity).opened(message.collection_id) as opened:
        structure = await _structure(opened, message)
        if structure is None:
            return None
        contents = contents_of(structure.root)
        chosen = usable(options, contents, is_opaque=bool(structure.breach))[0]
        if chosen.form != MIME or (chosen.most is not None and chosen.most < LARGE_BYTES):
            return None
        return await _original(exchange, opened, message, contents, chosen)


async def _original(
    exchange: Exchange, opened: OpenFolder, message: Message, contents: Contents, chosen: Preference
) -> Original | None:
    is_cut = chosen.most is not None and chosen.most < message.size_bytes
    if is_cut and (contents.seal is not Seal.NONE or chosen.all_or_none):
        return Original(None, message.size_bytes, is_cut=True, preview=chosen.preview)
    spool, fitness = Spool(), _Fitness()

    def put(octets: bytes) -> None:
        spool.put(octets)
        fitness.look_at(octets)

    if not await _bring(opened, message, Piece(WHOLE), put):
        return None
    if not fitness.holds():
        spool = await _written_anew(exchange, spool)
    whole = spool.size_bytes
    if chosen.most is not None and chosen.most < whole:
        await run_sync(_cut, spool, chosen.most)
    return Original(spool, whole, is_cut=spool.size_bytes < whole, preview=chosen.preview)


async def _structure(opened: OpenFolder, message: Message) -> Structure | None:
    """How a message is built; None if it is gone."""
    sketch = (await opened.sketches([message])).get(message.id)
    try:
        return structure_of(sketch.structure) if sketch is not None else None
    except WHAT_GOES_WRONG:
        return untold(NOT_READABLE)


async def _bring(opened: OpenFolder, message: Message, piece: Piece, take: Callable[[bytes], None]) -> bool:
    """Hand all octets of a piece to `take`, a slice at a time, in a worker thread; False if it is not there."""
    if message.size_bytes > LARGEST:
        raise TooLarge
    try:
        async with aclosing(opened.slices(message, piece)) as slices:  # type: ignore[type-var]
            async for octets in slices:
                await run_sync(take, octets)
    except Missing:
        return False
    return True


async def _written_anew(exchange: Exchange, spool: Spool) -> Spool:
    """A message that holds what no text can hold, as one that means the same."""
    async with exchange.core.belonging(Originals).turn:
        return await run_sync(_as_text, spool)


def _as_text(spool: Spool) -> Spool:
    written = Spool()
    for octets in rewritten(spool.read(0, spool.size_bytes)):
        written.put(octets)
    return written


def _cut(spool: Spool, octets: int) -> None:
    """Cut a text, not within a character."""
    end = spool.read(octets - 4, 5)
    while end and end[-1] & 0xC0 == 0x80:
        end, octets = end[:-1], octets - 1
    spool.cut(octets)


class _Fitness:
    """Whether octets are a text as they are, looked at piece by piece."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._is_fit = True

    def look_at(self, octets: bytes) -> None:
        self._is_fit = self._is_fit and self._can_read(octets)

    def holds(self) -> bool:
        return self._is_fit and self._can_read(b"", is_end=True)

    def _can_read(self, octets: bytes, *, is_end: bool = False) -> bool:
        try:
            text = self._decoder.decode(octets, is_end)
        except UnicodeError:
            return False
        return readable(text) == text
