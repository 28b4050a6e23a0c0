"""Names of mailboxes, as people read them and as a server says them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.mail.imap.names import from_server, to_server

SAMPLES = [
    ("INBOX", b"INBOX"),
    ("Entwürfe", b"Entw&APw-rfe"),
    ("Tom & Jerry", b"Tom &- Jerry"),
    ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
    ("Gesendet/2026 📎", b"Gesendet/2026 &2D3czg-"),
    ("&", b"&-"),
    ("a\\b\"c", b'a\\b"c'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "octets"), SAMPLES)
def test_name_travels_as_modified_utf7(name: str, octets: bytes) -> None:
    assert to_server(name) == octets
    assert from_server(octets) == name


@pytest.mark.parametrize(("name", "octets"), SAMPLES)
def test_name_travels_as_it_is_once_that_is_agreed(name: str, octets: bytes) -> None:
    assert to_server(name, is_utf8=True) == name.encode()
    assert from_server(name.encode(), is_utf8=True) == name


@pytest.mark.parametrize("octets", [b"a&b", b"&", b"&AGE-", b"&APw", b"&!-", b"&2D0-", b"&A-"])
def test_what_is_no_proper_name_is_shown_as_it_stands(octets: bytes) -> None:
    assert from_server(octets) == octets.decode()


@given(st.text(max_size=30))
def test_every_name_comes_back(name: str) -> None:
    octets = to_server(name)
    assert octets.isascii()
    assert not any(each < 32 or each == 127 for each in octets)
    assert from_server(octets) == name


@given(st.binary(max_size=30))
def test_any_octets_are_some_name(octets: bytes) -> None:
    assert isinstance(from_server(octets), str)
    assert isinstance(from_server(octets, is_utf8=True), str)
