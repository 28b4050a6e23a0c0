"""Transfer encodings undone piece by piece give what they give as a whole."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pimgate.mail.mime.decoding import LONGEST_LINE, decoder_for
from pimgate.mail.mime.transfer import decoded

ENCODINGS = ("base64", "Quoted-Printable ", "x-uuencode", "8bit", "unknown", "")
ODD = st.lists(
    st.sampled_from([b"A", b"=", b"\r\n", b" ", b"=3", b"=3D", b"\n", b"_", b"QUJD", b"\xff", b"\t"]), max_size=60
)


def in_pieces(octets: bytes, encoding: str, sizes: list[int]) -> bytes:
    decoder, found, at = decoder_for(encoding), b"", 0
    for size in sizes:
        found += decoder.feed(octets[at : at + size])
        at += size
    return found + decoder.feed(octets[at:]) + decoder.end()


@settings(max_examples=40)
@given(st.binary(max_size=300), st.lists(st.integers(0, 90), max_size=12), st.sampled_from(ENCODINGS))
def test_pieces_make_the_whole(content: bytes, sizes: list[int], encoding: str) -> None:
    for octets in (base64.encodebytes(content), quopri.encodestring(content), content):
        assert in_pieces(octets, encoding, sizes) == decoded(octets, encoding)


@settings(max_examples=60)
@given(ODD, st.lists(st.integers(0, 9), max_size=20), st.sampled_from(ENCODINGS))
def test_what_was_encoded_badly_is_read_the_same(words: list[bytes], sizes: list[int], encoding: str) -> None:
    octets = b"".join(words)
    assert in_pieces(octets, encoding, sizes) == decoded(octets, encoding)


@pytest.mark.parametrize("end", [b"", b"=", b"=4", b"=41", b"\n"])
def test_a_line_without_end_is_not_kept_together(end: bytes) -> None:
    octets = b"x=3D" * LONGEST_LINE
    decoder = decoder_for("quoted-printable")
    first = decoder.feed(octets + end)
    assert len(first) > LONGEST_LINE
    assert first + decoder.end() == decoded(octets + end, "quoted-printable")
