"""Octets of an answer that are put down and given out piece by piece."""

from __future__ import annotations

import base64
from pathlib import Path
from random import Random

import pytest

from pimgate_eas.answer import MEDIA_TYPE, Inlined, Streamed, rendered
from pimgate_eas.spool import IN_MEMORY, PIECE_BYTES, Portion, Spool
from pimgate_eas.wbxml.codec import decode
from pimgate_eas.wbxml.element import Element


def spool_of(octets: bytes, piece: int = 100_000) -> Spool:
    spool = Spool()
    for at in range(0, len(octets), piece):
        spool.put(octets[at : at + piece])
    return spool


@pytest.mark.parametrize("size", [0, 1, 1_000, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY + 7])
def test_what_was_put_down_is_given_out(size: int) -> None:
    octets = Random(size).randbytes(size)
    spool = spool_of(octets)
    assert (spool.size_bytes, spool.read(0, size + 9)) == (size, octets)
    whole, part = Portion.whole(spool, is_base64=True), Portion(spool, size // 3, size // 2)
    assert b"".join(whole.pieces()) == base64.b64encode(octets)
    assert whole.size_bytes == len(base64.b64encode(octets))
    assert b"".join(part.pieces()) == octets[size // 3 : size // 3 + size // 2]
    assert all(len(each) <= PIECE_BYTES * 4 // 3 for each in whole.pieces())
    spool.cut(size // 2)
    assert spool.read(0, size + 9) == octets[: size // 2]


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_file_goes_with_the_last_who_speaks_of_it() -> None:
    before = open_files()
    portion = Portion.whole(spool_of(bytes(2 * IN_MEMORY)))
    assert open_files() == before + 1
    del portion
    assert open_files() == before


def test_words_in_an_answer_give_way_to_what_they_stand_for() -> None:
    octets = Random(1).randbytes(1_000)
    portions = {name: Portion.whole(spool_of(octets), is_base64=True) for name in ("second0", "first00", "nowhere")}
    item = Element(
        "ItemOperations:Properties",
        *(Element("ItemOperations:Data", text=each) for each in ("first00", "as it is", "second0")),
    )
    said = rendered(Inlined(item, portions), "16.1")
    assert isinstance(said, Streamed)
    whole = b"".join(said.pieces())
    assert (said.media_type, said.size_bytes) == (MEDIA_TYPE, len(whole))
    text = base64.b64encode(octets).decode()
    assert [each.text for each in decode(whole).children] == [text, "as it is", text]
