"""What a command may answer, and its way to the wire: in the device's dialect, encoded, and compressed where that pays.

Source: MS-ASHTTP, "Response Headers", "Content-Encoding", "Content-Type".
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pimgate_eas import multipart
from pimgate_eas.dialect import Ending, spoken_in
from pimgate_eas.multipart import Multipart
from pimgate_eas.spool import Portion
from pimgate_eas.wbxml.codec import encode
from pimgate_eas.wbxml.element import Element

MEDIA_TYPE = "application/vnd.ms-sync.wbxml"
LEAST_COMPRESSED_BYTES = 1_400
"""What fits into one packet gains nothing from being smaller."""
COMPRESSION_LEVEL = 4
"""Of a book of 3000 people a third is left, in 18 ms for each megabyte; level 6 leaves 5 % less and takes three times as long."""
WEIGHTLESS = frozenset({"q=0", "q=0.0", "q=0.00", "q=0.000"})


@dataclass(frozen=True, slots=True)
class Octets:
    """An answer that is no element: the attachment that a 12.1 device asks for by GetAttachment."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer of which some is too large to be held at once; it is sent piece by piece, and never compressed."""

    parts: tuple[bytes | Portion, ...]
    media_type: str

    @property
    def size_bytes(self) -> int:
        return sum(multipart.size_of(each) for each in self.parts)

    def pieces(self) -> Iterator[bytes]:
        """The octets as they are sent. Reads files: for a worker thread."""
        for each in self.parts:
            if isinstance(each, Portion):
                yield from each.pieces()
            else:
                yield each


@dataclass(frozen=True, slots=True)
class Inlined:
    """An element in which some texts stand for large ones: words that stand nowhere else, by what is sent in their place."""

    element: Element
    portions: Mapping[str, Portion]


Answer = Element | Multipart | Inlined | Streamed | Octets | None
"""None is an empty body: nothing changed, or nothing to say but that it went well."""


def rendered(answer: Answer, version: str) -> Octets | Streamed | Ending:
    """The answer as it is sent to a device that speaks `version`; the Ending instead, where its dialect says this by HTTP alone."""
    if answer is None:
        return Octets(b"", "")
    if isinstance(answer, Octets | Streamed):
        return answer
    spoken = spoken_in(answer if isinstance(answer, Element) else answer.element, version)
    if isinstance(spoken, Ending):
        return spoken
    if isinstance(answer, Multipart):
        return _whole(multipart.to_pieces(Multipart(spoken, answer.parts)), multipart.MEDIA_TYPE)
    if isinstance(answer, Inlined):
        return _whole(_with_portions(encode(spoken), answer.portions), MEDIA_TYPE)
    return Octets(encode(spoken), MEDIA_TYPE)


def _with_portions(octets: bytes, portions: Mapping[str, Portion]) -> tuple[bytes | Portion, ...]:
    places = {word.encode("ascii"): portion for word, portion in portions.items()}
    found: list[bytes | Portion] = []
    for word in sorted((each for each in places if each in octets), key=octets.find):
        before, _, octets = octets.partition(word)
        found += [before, places[word]]
    return (*found, octets)


def _whole(parts: tuple[bytes | Portion, ...], media_type: str) -> Octets | Streamed:
    together = b"".join(each for each in parts if isinstance(each, bytes))
    is_held = all(isinstance(each, bytes) for each in parts)
    return Octets(together, media_type) if is_held else Streamed(parts, media_type)


def compressed(content: bytes) -> bytes:
    """The content for a client that reads gzip; the same content gives the same octets."""
    return gzip.compress(content, COMPRESSION_LEVEL, mtime=0)


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a client reads gzip, by its Accept-Encoding. One that gives it the weight 0 does not."""
    for each in accept_encoding.lower().split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() in ("gzip", "x-gzip", "*"):
            return weight.replace(" ", "") not in WEIGHTLESS
    return False
