"""Whatever is sent, a person sees something, within bounds, and nothing fails."""

import time
import tracemalloc
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.mime.hostile import KINDS, SIZES
from gateway.mail.mime.letters import sample, samples
from pimgate.mail.mime.bodies import FetchedParts, html_body, plain_body
from pimgate.mail.mime.headers import headers_of
from pimgate.mail.mime.layout import layout_of
from pimgate.mail.mime.limits import LIMITS
from pimgate.mail.mime.original import original_text
from pimgate.mail.mime.parts import contents_of
from pimgate.mail.mime.pieces import Piece
from pimgate.mail.mime.words import readable

PATIENCE_SECONDS = 60.0
"""What takes a second here may take many on a slow machine; what grows faster than its input takes minutes."""


def read(octets: bytes) -> list[str]:
    """Everything that can be made of a message."""
    layout = layout_of(octets)
    root = layout.structure.root
    contents = contents_of(root)
    parts = [part for each in contents.shown for part in (each.plain, each.html) if part is not None]
    fetched = FetchedParts({part.section: layout.piece(Piece(part.section)) for part in parts})
    headers = headers_of(layout.piece(Piece("HEADER")))
    texts = [plain_body(contents, fetched).text, html_body(contents, fetched).text, original_text(octets)]
    texts += [headers.subject, headers.thread_topic, headers.message_id]
    for people in (headers.to, headers.cc, headers.from_, headers.reply_to):
        assert len(people) <= LIMITS.addresses
        texts += map(str, people)
    assert sum(1 for _ in root.walk()) <= LIMITS.parts
    return texts


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_message_is_read_in_time_that_grows_with_its_size(kind: str) -> None:
    for size in SIZES:
        octets = KINDS[kind](size)
        started = time.monotonic()
        texts = read(octets)
        assert time.monotonic() - started < PATIENCE_SECONDS
        assert all(readable(each) == each for each in texts)
        assert all(len(each) <= 40 * len(octets) + 2_000 for each in texts)


@pytest.mark.parametrize("kind", ["nested multiparts", "many parts", "stranded formatting", "many addresses"])
def test_hostile_message_takes_memory_that_grows_with_its_size(kind: str) -> None:
    octets = KINDS[kind](60_000)
    tracemalloc.start()
    try:
        read(octets)
        assert tracemalloc.get_traced_memory()[1] < 32 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_message_beyond_the_limits_says_which() -> None:
    assert layout_of(KINDS["nested multiparts"](60_000)).structure.breach == "Its parts are too deep within each other."
    assert (
        layout_of(KINDS["messages in messages"](60_000)).structure.breach == "Its parts are too deep within each other."
    )
    assert layout_of(KINDS["many parts"](60_000)).structure.breach == "It has too many parts."


@settings(deadline=None)
@given(st.binary(max_size=2_000))
def test_any_octets_are_read(octets: bytes) -> None:
    assert all(readable(each) == each for each in read(octets))


BITS = (b"--b", b"\r\n", b"\n", b"Content-Type: ", b"multipart/mixed; boundary=b", b"text/html", b"message/rfc822")
MORE_BITS = (
    b"=?utf-8?Q?",
    b"?=",
    b'"',
    b"<",
    b">",
    b";",
    b"charset=",
    b"utf-16",
    b"base64",
    b"\xc3",
    b"To: ",
    b" ",
    b"--",
)
ENCODED = (b"Content-Transfer-Encoding: quoted-printable", b"begin 644 a", b"<p>", b"&", b"Content-Disposition: inline")


@settings(deadline=None)
@given(st.lists(st.sampled_from((*BITS, *MORE_BITS, *ENCODED)), max_size=60).map(b"".join))
def test_any_pieces_of_messages_are_read(octets: bytes) -> None:
    assert all(readable(each) == each for each in read(octets))


@pytest.mark.parametrize("name", samples())
def test_message_that_breaks_off_anywhere_is_read(name: str) -> None:
    octets = sample(name)
    for end in range(0, len(octets), 7):
        read(octets[:end])


@settings(deadline=None)
@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2199, 1, 1)))
def test_any_date_that_a_program_writes_is_read(when: datetime) -> None:
    at = when.replace(tzinfo=UTC, microsecond=0)
    assert headers_of(b"Date: " + format_datetime(at).encode() + b"\r\n\r\n").date == at
