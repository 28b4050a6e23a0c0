"""A message with other fields or another content; the rest stays as it came."""

import pytest

from gateway.mail.mime.letters import letter, sample, samples
from pimgate.mail.mime.headers import headers_of
from pimgate.mail.mime.layout import layout_of
from pimgate.mail.mime.pieces import Piece
from pimgate.mail.mime.rewriting import with_content, with_crlf, with_fields


@pytest.mark.parametrize("name", samples())
def test_nothing_to_change_changes_nothing_that_is_a_field(name: str) -> None:
    if name == "broken.eml":  # a line that is no field is not kept
        return
    assert with_fields(sample(name), {}) == sample(name)


def test_field_is_replaced_wherever_it_stands() -> None:
    octets = b"Subject: one\r\n two\r\nTo: a@x\r\nSUBJECT : three\r\n\r\nbody"
    assert with_fields(octets, {"Subject": "Grüße"}) == b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nTo: a@x\r\n\r\nbody"
    assert with_fields(octets, {"Subject": None, "To": None}) == b"\r\nbody"


@pytest.mark.parametrize("octets", [b"", b"\r\n", b"To: a@x", b"To: a@x\r\n", b"no header", b"\r\nbody"])
def test_message_without_header_or_body_gets_fields_too(octets: bytes) -> None:
    assert headers_of(with_fields(octets, {"Subject": "new"})).subject == "new"


def test_field_never_becomes_two() -> None:
    octets = with_fields(b"\r\nbody", {"Subject": "x\r\nBcc: spy@example.org\r\n\r\nmore"})
    assert layout_of(octets).piece(Piece("HEADER")).count(b"\r\n") == 2


def test_long_field_is_folded() -> None:
    people = ", ".join(f'"Person {n}" <person{n}@example.org>' for n in range(100))
    octets = with_fields(b"\r\n", {"To": people})
    assert max(map(len, octets.split(b"\r\n"))) < 100
    assert len(headers_of(octets).to) == 100


def test_content_of_another_message_is_taken_with_what_it_is() -> None:
    other = letter("Other", html="<p>x</p>").as_bytes()
    octets = with_content(sample("signed.eml"), other)
    assert headers_of(octets).subject == "Signed"
    assert layout_of(octets).structure.root.media_type == "multipart/alternative"
    assert layout_of(octets).piece(Piece("TEXT")) == layout_of(other).piece(Piece("TEXT"))


def test_line_ends_are_those_of_mail() -> None:
    assert with_crlf(b"a\nb\r\nc\rd") == b"a\r\nb\r\nc\r\nd"
