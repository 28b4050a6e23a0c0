"""What `encode` refuses, because no client could read it, and how it saves bytes."""

import pytest

from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (Element("AirSync:Synchronise"), "on no code page"),
        (Element("AirSync:NotifyGUID"), "retired"),
        (Element("AirSync:SyncKey", text="secret\0"), "U+0000"),
        (Element("AirSync:SyncKey", text="secret\ud800"), "surrogate"),
        (Element("AirSync:SyncKey", opaque=b"secret"), "holds text"),
        (Element("AirSync:SyncKey", text="secret", opaque=b"secret"), "both text and octets"),
        (Element("ComposeMail:Mime", text="secret"), "holds octets"),
        (Element("ComposeMail:Mime", text="secret", opaque=b"secret"), "both text and octets"),
        (Element("AirSync:Sync", Element("AirSync:Status"), text="secret"), "content of its own and children"),
        (Element("AirSync:Sync", Element("AirSync:Status"), opaque=b"secret"), "content of its own and children"),
    ],
)
def test_what_no_client_could_read_is_refused_without_showing_it(element: Element, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        encode(Element("AirSync:Sync", element))
    assert reason in str(caught.value)
    assert "secret" not in str(caught.value)


def nested(levels: int) -> Element:
    element = Element("AirSync:Add")
    for _ in range(levels - 1):
        element = Element("AirSync:Add", element)
    return element


def test_32_levels_are_written_and_more_are_refused() -> None:
    assert decode(encode(nested(32))) == nested(32)
    with pytest.raises(ValueError, match="levels"):
        encode(nested(34))


def test_a_tree_that_contains_itself_is_refused() -> None:
    element = Element("AirSync:Add")
    element.append(element)
    with pytest.raises(ValueError, match="levels"):
        encode(element)


def test_empty_text_is_written_as_an_empty_element() -> None:
    assert encode(Element("AirSync:Sync", text="")) == encode(Element("AirSync:Sync")) == b"\x03\x01\x6a\x00\x05"


def test_the_page_is_switched_only_when_it_changes() -> None:
    document = Element("Ping:Ping", Element("Ping:Folders", Element("Ping:Folder")), Element("Ping:Status"))
    assert encode(document).count(b"\x00\x0d") == 1


@pytest.mark.parametrize(
    ("size", "length"),
    [(1, b"\x01"), (127, b"\x7f"), (128, b"\x81\x00"), (16_383, b"\xff\x7f"), (16_384, b"\x81\x80\x00")],
)
def test_the_length_of_octets_takes_as_few_bytes_as_it_can(size: int, length: bytes) -> None:
    written = encode(Element("ComposeMail:Mime", opaque=b"x" * size))
    assert written == b"\x03\x01\x6a\x00\x00\x15\x50\xc3" + length + b"x" * size + b"\x01"


def test_text_around_octets_stays_in_order() -> None:
    document = Element(
        "AirSync:ApplicationData",
        Element("Email:Subject", text="vorher ü"),
        Element("Email2:ConversationId", opaque=b"\xff\x00\x01"),
        Element("Email2:ConversationIndex", opaque=b"\x02"),
        Element("Email:Importance", text="1"),
    )
    assert decode(encode(document)) == document
