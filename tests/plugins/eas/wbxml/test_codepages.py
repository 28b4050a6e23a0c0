"""The tables: complete, without contradiction, each tag readable and (unless retired) writable."""

import pytest

from pimgate_eas.wbxml.codec import WbxmlError, decode, encode
from pimgate_eas.wbxml.codepages import LEGACY_ELEMENTS, NAMES, OPAQUE_ELEMENTS, PAGES, TOKENS, Page, introduced_in
from pimgate_eas.wbxml.element import Element

VERSIONS = ("2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1")

EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.namespace)


def document_of(page: Page, token: int, content: bytes = b"") -> bytes:
    """One element, written by hand."""
    if not content:
        return bytes((0x03, 0x01, 0x6A, 0x00, 0x00, page.number, token))
    return bytes((0x03, 0x01, 0x6A, 0x00, 0x00, page.number, token | 0x40)) + content + b"\x01"


def test_there_are_26_pages_in_order_with_all_their_tags() -> None:
    assert [page.number for page in PAGES] == list(range(26))
    assert len({page.namespace for page in PAGES}) == 26
    assert (len(TOKENS), len(LEGACY_ELEMENTS)) == (584, 70)


@EVERY_PAGE
def test_no_token_and_no_name_occurs_twice_on_a_page(page: Page) -> None:
    tokens = [token for token, _, _ in page.rows()] + [token for token, _ in page.legacy_rows()]
    names = [name for _, name, _ in page.rows()] + [name for _, name in page.legacy_rows()]
    assert len(tokens) == len(set(tokens))
    assert len(names) == len(set(names))
    assert all(0x05 <= token <= 0x3F for token in tokens)


@EVERY_PAGE
def test_versions_are_known_ones_and_none_is_older_than_its_page(page: Page) -> None:
    versions = [VERSIONS.index(version) for version in page.tags]
    assert versions == sorted(versions)
    assert all(version >= VERSIONS.index(page.since) for version in versions)


@EVERY_PAGE
def test_every_tag_is_written_and_read_empty_and_with_content(page: Page) -> None:
    for token, name, _ in page.rows():
        empty = Element(name)
        assert encode(empty) == (
            b"\x03\x01\x6a\x00" + bytes((token,)) if page.number == 0 else document_of(page, token)
        )
        assert decode(encode(empty)) == empty

        full = Element(name, opaque=b"\x00x") if name in OPAQUE_ELEMENTS else Element(name, text="x")
        assert decode(encode(full)) == full
        assert decode(document_of(page, token)).name == name


@EVERY_PAGE
def test_every_retired_tag_is_read_and_never_written(page: Page) -> None:
    for token, name in page.legacy_rows():
        assert decode(document_of(page, token, b"\x03x\x00")) == Element(name, text="x")
        with pytest.raises(ValueError, match="retired"):
            encode(Element(name))


@EVERY_PAGE
def test_every_hole_is_an_error_that_names_the_page(page: Page) -> None:
    holes = [token for token in range(0x05, 0x40) if NAMES[page.number][token] is None]
    for token in holes:
        for document in (document_of(page, token), document_of(page, token, b"\x03x\x00")):
            with pytest.raises(WbxmlError) as caught:
                decode(document)
            assert caught.value.reason == f"an unknown element, 0x{token:02X} on page {page.number} ({page.namespace})"
            assert caught.value.offset == 6


def test_octets_are_expected_in_known_elements_only() -> None:
    assert set(TOKENS) >= OPAQUE_ELEMENTS


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("AirSync:Sync", "2.5"),
        ("AirSync:Wait", "12.1"),
        ("AirSync:ConversationMode", "14.0"),
        ("AirSyncBase:Body", "12.0"),
        ("AirSyncBase:InstanceId", "16.0"),
        ("Calendar:ClientUid", "16.0"),
        ("Contacts:Body", "2.5"),
        ("ComposeMail:Type", "14.0"),
        ("MeetingResponse:ProposedStartTime", "16.1"),
        ("Provision:AccountOnlyRemoteWipe", "16.1"),
        ("Find:Find", "16.1"),
    ],
)
def test_an_encoder_can_ask_which_dialect_knows_an_element(name: str, version: str) -> None:
    assert introduced_in(name) == version


def test_a_name_on_no_page_has_no_version() -> None:
    with pytest.raises(KeyError):
        introduced_in("AirSync:Synchronise")
