"""What a command may answer, and its way to the wire: in the device's dialect, encoded, and compressed where that pays.

Source: MS-ASHTTP, "Response Headers", "Content-Encoding", "Content-Type".
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass

from pimgate_eas import multipart
from pimgate_eas.dialect import Ending, spoken_in
from pimgate_eas.multipart import Multipart
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


Answer = Element | Multipart | Octets | None
"""None is an empty body: nothing changed, or nothing to say but that it went well."""


def rendered(answer: Answer, version: str) -> Octets | Ending:
    """The answer as it is sent to a device that speaks `version`; the Ending instead, where its dialect says this by HTTP alone."""
    if answer is None:
        return Octets(b"", "")
    if isinstance(answer, Octets):
        return answer
    spoken = spoken_in(answer.element if isinstance(answer, Multipart) else answer, version)
    if isinstance(spoken, Ending):
        return spoken
    if isinstance(answer, Multipart):
        return Octets(multipart.to_octets(Multipart(spoken, answer.parts)), multipart.MEDIA_TYPE)
    return Octets(encode(spoken), MEDIA_TYPE)


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
