"""Input made to hurt: always a WbxmlError, soon, and without eating memory.

Times are bounds a hundred times above what is measured, to hold on a busy machine and still catch anything quadratic.
"""

import random
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate_eas.wbxml.codec import WbxmlError, decode, encode
from pimgate_eas.wbxml.element import Element
from plugins.eas.wbxml import samples

HEADER = b"\x03\x01\x6a\x00"
MIB = 1024 * 1024

# What follows the header: a beginning, and something many times over.
BOMBS = {
    "empty tags": (b"\x45", b"\x0b", 10 * MIB),
    "empty tags with content bit": (b"\x45", b"\x4b\x01", 5 * MIB),
    "one-letter texts": (b"\x45", b"\x4b\x03a\x00\x01", 2 * MIB),
    "levels": (b"", b"\x45", 10 * MIB),
    "page switches": (b"", b"\x00\x00", 5 * MIB),
    "pieces of text": (b"\x4b", b"\x03a\x00", 3 * MIB),
    "empty pieces of text": (b"\x4b", b"\x03\x00", 5 * MIB),
    "pieces of octets": (b"\x4b", b"\xc3\x01a", 3 * MIB),
    "characters by number": (b"\x4b", b"\x02\x41", 5 * MIB),
    "ends": (b"\x45", b"\x01", 10 * MIB),
    "continuation bytes in a length": (b"\x4b\xc3", b"\x80", 200_000),
    "continuation bytes in a character": (b"\x4b\x02", b"\xff", 200_000),
    "four gigabytes of octets": (b"\x4b\xc3\x8f\xff\xff\xff\x7f", b"x", 100),
    "a text that never ends": (b"\x4b\x03", b"x", 10 * MIB),
    "texts that never end": (b"\x45", b"\x4b\x03", 5 * MIB),
    "more than fits": (b"\x4b\x03", b"x", 64 * MIB),
}


def bomb(name: str) -> bytes:
    beginning, repeated, times = BOMBS[name]
    return HEADER + beginning + repeated * times


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_soon(name: str) -> None:
    data = bomb(name)
    started = time.thread_time()
    with pytest.raises(WbxmlError):
        decode(data)
    assert time.thread_time() - started < 10


def test_an_endless_integer_in_the_header_is_refused() -> None:
    with pytest.raises(WbxmlError, match="integer"):
        decode(b"\x03\x01" + b"\xff" * 200_000)


@pytest.mark.parametrize("name", ["empty tags", "one-letter texts", "levels", "pieces of text", "page switches"])
def test_a_bomb_costs_little_memory(name: str) -> None:
    data = bomb(name)
    tracemalloc.start()
    try:
        with pytest.raises(WbxmlError):
            decode(data)
        assert tracemalloc.get_traced_memory()[1] < 12 * MIB
    finally:
        tracemalloc.stop()


def captures() -> list[bytes]:
    return [encode(samples.contacts_sync(2)), encode(samples.mail_sync(2, body_size=80))]


@pytest.mark.parametrize("capture", captures(), ids=["contacts", "mail"])
def test_a_document_cut_at_any_byte_is_refused(capture: bytes) -> None:
    for length in range(len(capture)):
        with pytest.raises(WbxmlError) as caught:
            decode(capture[:length])
        assert caught.value.offset <= length


def decode_or_refuse(data: bytes) -> None:
    """Any other exception than WbxmlError fails the test; a tree must be one that can be walked."""
    try:
        element = decode(data)
    except WbxmlError as error:
        assert 0 <= error.offset <= len(data)
    else:
        assert isinstance(element, Element)
        assert element.to_debug_xml()


def mutated(capture: bytes, chance: random.Random) -> bytes:
    """One to six bytes changed, left out, put in or repeated."""
    data = bytearray(capture)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randint(1, 8)]
            case 2:
                data.insert(place, chance.choice(b"\x00\x01\x02\x03\x04\x43\x45\x80\x83\xc3\xc4\xff"))
            case _:
                data[place:place] = data[place : place + chance.randint(1, 40)]
    return bytes(data)


@pytest.mark.parametrize("capture", captures(), ids=["contacts", "mail"])
def test_ten_thousand_damaged_captures_are_read_or_refused(capture: bytes) -> None:
    chance = random.Random(20260203)
    for _ in range(5_000):
        decode_or_refuse(mutated(capture, chance))


@given(st.binary(max_size=400))
@settings(max_examples=examples(350, 3_000), deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    decode_or_refuse(body)
    decode_or_refuse(HEADER + body)


@given(st.lists(st.sampled_from(list(b"\x00\x01\x02\x03\x05\x0b\x11\x15\x45\x4b\x50\x56\xc3\x80a")), max_size=80))
@settings(max_examples=examples(700, 6_000), deadline=None)
def test_any_order_of_meaningful_bytes_is_read_or_refused(body: list[int]) -> None:
    decode_or_refuse(HEADER + bytes(body))
