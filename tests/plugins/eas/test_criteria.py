"""What somebody looks for in their mail, in the words of IMAP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pimgate.mail.imap import Unsayable
from pimgate.mail.imap.saying import Literal, joined
from pimgate_eas.mail.searching.criteria import wish_of
from pimgate_eas.mail.searching.kql import BadKql, parse_kql

NOW = datetime(2026, 3, 31, 15, 30, tzinfo=UTC)


def said(text: str) -> bytes:
    """The words of the command, a literal as its octets in braces."""
    parts = joined(wish_of(parse_kql(text), NOW).for_server.parts)
    return b"".join(b"{%s}" % each.octets if isinstance(each, Literal) else bytes(each) for each in parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("from:anna", b'ALL FROM "anna"'),
        ('subject:"a b"', b'ALL SUBJECT "a b"'),
        ("subject:grüße", b"ALL SUBJECT {gr\xc3\xbc\xc3\x9fe}"),
        ('body:a\\b"', b'ALL BODY "a\\\\b"'),
        ("isread:no", b"ALL NOT (ALL SEEN ALL)"),
        ("isread<>no", b"ALL NOT (ALL NOT (ALL SEEN ALL) ALL)"),
        ("size>2kb", b"ALL LARGER 2048"),
        ("category:Work", b"ALL KEYWORD $label2"),
        ("kind:email", b"ALL ALL"),
        ("from:a OR from:b", b'ALL OR (ALL FROM "a" ALL) (ALL FROM "b" ALL)'),
        ("sent:2026-01-05", b"ALL SENTSINCE 4-Jan-2026 SENTBEFORE 8-Jan-2026"),
        ("received:2026-01-05", b"BEFORE 8-Jan-2026 SINCE 3-Jan-2026 ALL"),
        ("NOT received:2026-01-05", b"ALL NOT (ALL SINCE 6-Jan-2026 BEFORE 5-Jan-2026 ALL)"),
    ],
)
def test_query_and_the_words_of_the_command(text: str, command: bytes) -> None:
    assert said(text) == command


def test_arrival_is_taken_to_the_second_where_all_of_it_must_hold() -> None:
    wish = wish_of(parse_kql("from:anna received>=2026-01-05 received<2026-01-07 received<=2026-01-05T12:00:00Z"), NOW)
    assert wish.since == datetime(2026, 1, 5, tzinfo=UTC).timestamp()
    assert wish.before == datetime(2026, 1, 5, 12, 0, 1, tzinfo=UTC).timestamp()
    assert wish_of(parse_kql("from:anna OR received:today"), NOW).since is None


@pytest.mark.parametrize("text", ["received:soon", "size:many", "isread:so", "importance:odd", "from>anna", "sent>x"])
def test_value_that_a_property_cannot_have_is_refused(text: str) -> None:
    with pytest.raises(BadKql):
        wish_of(parse_kql(text), NOW)


@pytest.mark.parametrize("text", ["a\0b", "x" * 1_001, "\ud800"])
def test_words_that_no_server_can_be_asked_are_refused(text: str) -> None:
    with pytest.raises(Unsayable):
        wish_of(parse_kql(text), NOW)


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_query_breaks_out_of_its_command(text: str) -> None:
    try:
        parts = wish_of(parse_kql(text), NOW).for_server.parts
    except (BadKql, Unsayable):
        return
    for each in parts:
        if isinstance(each, bytes):
            assert not set(each) & {0, 10, 13}
            assert each.count(b'"') - 2 * each.count(b"\\\\") - each.count(b'\\"') in (0, 2) or b"\\" in each
