"""Octets of an answer that are too many to be held at once: put down piece by piece, and given out piece by piece.

What is small stays in memory; the rest lies in a file without a name, in the directory for temporary files, that goes with the last
who speaks of it.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

IN_MEMORY: Final = 512 * 1024
PIECE_BYTES: Final = 192 * 1024
"""Divisible by three, so that pieces in base64 make the whole in base64."""


class Spool:
    """Takes octets one after the other, then gives any of them, to any thread."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._kept = bytearray()
        self._file: int | None = None

    def put(self, octets: bytes) -> None:
        """Add octets at the end. OSError when there is no room."""
        self.size_bytes += len(octets)
        self._kept += octets
        if self.size_bytes > IN_MEMORY:
            self._put_down()

    def read(self, start: int, count: int) -> bytes:
        if self._file is None:
            return bytes(self._kept[start : start + count])
        return os.pread(self._file, count, start)

    def cut(self, size_bytes: int) -> None:
        """Forget what is beyond this size."""
        if size_bytes >= self.size_bytes:
            return
        self.size_bytes = size_bytes
        if self._file is None:
            del self._kept[size_bytes:]
        else:
            os.ftruncate(self._file, size_bytes)

    def _put_down(self) -> None:
        if self._file is None:
            self._file, name = tempfile.mkstemp(prefix="pimgate-")
            weakref.finalize(self, os.close, self._file)
            Path(name).unlink()
        while self._kept:
            del self._kept[: os.write(self._file, self._kept)]


@dataclass(frozen=True, slots=True)
class Portion:
    """Octets of a spool as they stand in an answer: as they are, or in base64."""

    spool: Spool
    start: int
    count: int
    is_base64: bool = False

    @classmethod
    def whole(cls, spool: Spool, *, is_base64: bool = False) -> Portion:
        return cls(spool, 0, spool.size_bytes, is_base64)

    @property
    def size_bytes(self) -> int:
        """What it takes in the answer."""
        return (self.count + 2) // 3 * 4 if self.is_base64 else self.count

    def pieces(self) -> Iterator[bytes]:
        """The octets as they are sent, a little at a time. Reads a file: for a worker thread."""
        at, end = self.start, self.start + self.count
        while at < end:
            octets = self.spool.read(at, min(PIECE_BYTES, end - at))
            if not octets:
                raise OSError("a temporary file lost its end")
            at += len(octets)
            yield b64encode(octets) if self.is_base64 else octets
