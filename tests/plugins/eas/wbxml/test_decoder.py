"""What `decode` accepts from real clients, and what it refuses, with reason and place."""

import pytest

from pimgate_eas.wbxml.codec import Limits, WbxmlError, decode
from pimgate_eas.wbxml.element import Element
from plugins.eas.wbxml.notation import octets

SYNC_KEY = Element("AirSync:Sync", Element("AirSync:SyncKey", text="0"))


@pytest.mark.parametrize(
    "header",
    ["01 01 6A 00", "02 01 6A 00", "03 01 6A 00", "03 01 00 00"],
    ids=["WBXML 1.1", "WBXML 1.2", "WBXML 1.3", "character set unknown"],
)
def test_known_headers_are_accepted(header: str) -> None:
    assert decode(octets(header + ' 45 4B 03 "0" 00 01 01')) == SYNC_KEY


@pytest.mark.parametrize(
    "body",
    [
        '00 00 45 00 00 4B 03 "0" 00 01 01',
        '00 07 00 00 45 4B 03 "0" 00 01 01',
        '45 00 01 00 00 4B 03 "0" 00 00 05 01 01',
        '45 4B 03 00 03 "0" 00 03 00 01 01',
        "45 4B 02 30 01 01",
        '45 4B C3 01 "0" 01 01',
        '45 4B C3 00 03 "0" 00 01 01',
        '45 4B C3 80 01 "0" 01 01',
    ],
    ids=[
        "needless page switches",
        "two page switches in a row",
        "page switch before the end",
        "text in pieces",
        "a character by its number",
        "octets where text is customary",
        "octets and text",
        "a length longer than needed",
    ],
)
def test_the_same_document_may_be_written_differently(body: str) -> None:
    assert decode(octets("03 01 6A 00 " + body)) == SYNC_KEY


def test_content_bit_without_content_is_an_empty_element() -> None:
    element = decode(octets("03 01 6A 00 45 54 01 54 03 00 01 54 C3 00 01 14 01"))
    assert element == Element("AirSync:Sync", *(Element("AirSync:MoreAvailable") for _ in range(4)))
    assert [(child.text, child.opaque, child.children) for child in element.children] == [(None, None, [])] * 4


def test_a_character_may_be_cut_between_two_pieces() -> None:
    assert decode(octets("03 01 6A 00 4B 03 C3 00 03 BC 00 01")) == Element("AirSync:SyncKey", text="ü")


def test_text_where_octets_are_expected_becomes_octets() -> None:
    document = octets('03 01 6A 00 00 15 45 50 03 "To: x" 00 01 01')
    assert decode(document) == Element("ComposeMail:SendMail", Element("ComposeMail:Mime", opaque=b"To: x"))


@pytest.mark.parametrize("written", ["C3 02 FF FE", "C3 01 00"], ids=["not UTF-8", "U+0000"])
def test_octets_that_cannot_be_text_stay_octets(written: str) -> None:
    element = decode(octets(f"03 01 6A 00 00 11 4B {written} 01"))
    assert element.text is None
    assert element.opaque == octets(written)[2:]


@pytest.mark.parametrize(
    ("written", "reason", "offset"),
    [
        ("", "ends too early", 0),
        ("04 01 6A 00 05", "not WBXML", 0),
        ('"<?xml"', "not WBXML", 0),
        ("03 00 6A 00 05", "public identifier", 1),
        ("03 01 04 00 05", "character set", 2),
        ("03 01 6A 03 61 62 00 05", "string table", 3),
        ("03 01 6A 00", "ends too early", 4),
        ("03 01 6A 00 45", "ends too early", 5),
        ("03 01 6A 00 01", "end without a beginning", 4),
        ("03 01 6A 00 05 05", "more bytes after the end", 5),
        ("03 01 6A 00 45 01 00", "more bytes after the end", 6),
        ('03 01 6A 00 4B 03 "0" 00 01 01', "more bytes after the end", 9),
        ("03 01 6A 00 00 1A 05", "unknown code page, 26", 4),
        ("03 01 6A 00 00 FE 05", "unknown code page, 254", 4),
        ("03 01 6A 00 3F", "unknown element, 0x3F on page 0 (AirSync)", 4),
        ("03 01 6A 00 7F 01", "unknown element, 0x3F on page 0 (AirSync)", 4),
        ("03 01 6A 00 C5 01 01", "attributes", 4),
        ("03 01 6A 00 85 01", "attributes", 4),
        ("03 01 6A 00 45 83 00 01", "reference to the string table", 5),
        ("03 01 6A 00 44 00 01", "literal tag", 4),
        ("03 01 6A 00 04 00", "literal tag", 4),
        ("03 01 6A 00 43 00 01", "processing instruction", 4),
        ("03 01 6A 00 45 C0 01", "extension", 5),
        ("03 01 6A 00 45 80 00 01", "extension", 5),
        ("03 01 6A 00 45 40 00 01", "extension", 5),
        ('03 01 6A 00 03 "0" 00 05', "outside the root", 4),
        ("03 01 6A 00 4B 03 FF 00 01", "not UTF-8", 6),
        ('03 01 6A 00 4B 03 "ab" C0 80 00 01', "not UTF-8", 8),
        ("03 01 6A 00 4B 03 ED A0 80 00 01", "not UTF-8", 6),
        ("03 01 6A 00 4B 02 00 01", "no character", 6),
        ("03 01 6A 00 4B 02 83 B0 00 01", "no character", 6),
        ("03 01 6A 00 4B 02 C4 80 00 01", "no character", 6),
        ('03 01 6A 00 45 03 "0" 00 4B 01 01', "side by side", 8),
        ('03 01 6A 00 45 0B 03 "0" 00 01', "side by side", 6),
        ("03 01 6A 00 45 0B C3 00 01", "side by side", 6),
        ('03 01 6A 00 4B 03 "abc"', "text without an end", 6),
        ('03 01 6A 00 4B 03 "abc" 00', "ends too early", 10),
        ("03 01 6A 00 4B C3 04 61 62 63", "longer than the document", 6),
        ("03 01 6A 00 4B C3 8F FF FF FF 7F 61", "longer than the document", 6),
        ("03 01 6A 00 4B C3 80 80 80 80 80 01 61 01", "integer of more than 5 bytes", 6),
    ],
)
def test_a_mistake_is_named_and_located(written: str, reason: str, offset: int) -> None:
    with pytest.raises(WbxmlError) as caught:
        decode(octets(written))
    assert reason in caught.value.reason
    assert caught.value.offset == offset
    assert str(caught.value) == f"{caught.value.reason} (at byte {offset})"


FIVE_EMPTY = "03 01 6A 00 45 0B 0B 0B 0B 01"
THREE_DEEP = "03 01 6A 00 45 5C 4F 01 01 01"
TEN_LETTERS = '03 01 6A 00 4B 03 "abcdefghij" 00 01'
TEN_IN_TWO = '03 01 6A 00 4B 03 "abcde" 00 03 "fghij" 00 01'
TEN_OCTETS = '03 01 6A 00 4B C3 0A "abcdefghij" 01'
SWITCHES = "03 01 6A 00 00 00 00 00 00 00 05"
PIECES = "03 01 6A 00 4B 03 00 03 00 03 00 03 00 01"


@pytest.mark.parametrize(
    ("written", "enough", "too_little", "reason"),
    [
        (FIVE_EMPTY, Limits(nodes=5), Limits(nodes=4), "more than 4 elements"),
        (SWITCHES, Limits(nodes=3), Limits(nodes=2), "more than 2 page switches"),
        (PIECES, Limits(nodes=3), Limits(nodes=2), "more than 2 page switches and further texts"),
        (THREE_DEEP, Limits(depth=3), Limits(depth=2), "more than 2 levels"),
        (TEN_LETTERS, Limits(string_bytes=10), Limits(string_bytes=9), "more than 9 bytes in one element"),
        (TEN_IN_TWO, Limits(string_bytes=10), Limits(string_bytes=9), "more than 9 bytes in one element"),
        (TEN_OCTETS, Limits(string_bytes=10), Limits(string_bytes=9), "more than 9 bytes in one element"),
        (FIVE_EMPTY, Limits(size_bytes=10), Limits(size_bytes=9), "more than 9 bytes"),
        (TEN_OCTETS, Limits(integer_bytes=1), Limits(integer_bytes=0), "integer of more than 0 bytes"),
    ],
)
def test_each_limit_holds_exactly(written: str, enough: Limits, too_little: Limits, reason: str) -> None:
    decode(octets(written), enough)
    with pytest.raises(WbxmlError) as caught:
        decode(octets(written), too_little)
    assert reason in caught.value.reason


def test_a_reason_never_repeats_what_the_person_wrote() -> None:
    with pytest.raises(WbxmlError) as caught:
        decode(octets('03 01 6A 00 4B 03 "secret" FF 00 01'))
    assert "secret" not in str(caught.value)
