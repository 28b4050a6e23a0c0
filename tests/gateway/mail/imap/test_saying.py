"""Commands as octets: what each word becomes, and what no command can hold."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.mail.imap.errors import Unsayable
from pimgate.mail.imap.hearing import heard
from pimgate.mail.imap.saying import Literal, day, flag, flags, joined, mailbox, moment, number, string
from pimgate.mail.imap.searching import DEEPEST, Criterion
from pimgate.mail.imap.sections import Section, heard_name, heard_origin


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", b'""'),
        ("a b", b'"a b"'),
        ('a"b\\c', b'"a\\"b\\\\c"'),
        ("{5}", b'"{5}"'),
        ("a\r\nb", Literal(b"a\r\nb")),
        ("a\tb\x7f", Literal(b"a\tb\x7f")),
        ("ü", Literal("ü".encode())),
        ("x" * 1001, Literal(b"x" * 1001)),
    ],
)
def test_string_is_quoted_where_that_can_hold_it(text: str, said: bytes | Literal) -> None:
    assert string(text) == said


@given(st.text())
def test_string_is_heard_as_it_was_said(text: str) -> None:
    try:
        said = string(text)
    except Unsayable:
        assert "\0" in text
        return
    pieces = [b"* X " + said] if isinstance(said, bytes) else [b"* X {%d}" % len(said.octets), said.octets, b""]
    assert heard(pieces).values == (text.encode(),)


UNSAYABLE: list[Callable[[], object]] = [
    lambda: string("a\0b"),
    lambda: string("\ud800"),
    lambda: mailbox(""),
    lambda: mailbox("a\r\nb"),
    lambda: mailbox("a\0"),
    lambda: mailbox("a\x85b"),
    lambda: mailbox("\ud800"),
    lambda: mailbox("x" * 1001),
    lambda: flag(""),
    lambda: flag("a b"),
    lambda: flag("\\Seen)"),
    lambda: flag("\\*"),
    lambda: flag("a\r\n"),
    lambda: flag("\\\\Seen"),
    lambda: flag("grün"),
    lambda: flag("{5}"),
    lambda: number(-1),
    lambda: number(2**63),
    lambda: moment(datetime(2026, 2, 7)),
    lambda: Section("1.0").name,
    lambda: Section("1\r\n").name,
    lambda: Section("", "MIME").name,
    lambda: Section("", "BODY").name,
    lambda: Section("", "HEADER.FIELDS").name,
    lambda: Section("", "HEADER", ("Date",)).name,
    lambda: Section("", "HEADER.FIELDS", ("a b",)).name,
    lambda: Section("", "HEADER.FIELDS", ("a)",)).name,
    lambda: Criterion.header("Sub ject", "x"),
    lambda: Criterion.flagged("\\Recent"),
    lambda: Criterion.flagged("a b"),
    lambda: Criterion.among([]),
    lambda: Criterion.text("x" * 1001),
    lambda: Criterion.larger_than(-1),
]


@pytest.mark.parametrize("say", UNSAYABLE)
def test_what_no_command_can_hold_is_not_said(say: Callable[[], object]) -> None:
    with pytest.raises(Unsayable):
        say()


def test_moments_and_days_are_written_in_english() -> None:
    assert day(date(2026, 2, 3)) == b"3-Feb-2026"
    at = datetime(2026, 2, 3, 4, 5, 6, tzinfo=timezone(-timedelta(hours=3, minutes=30)))
    assert moment(at) == b'" 3-Feb-2026 04:05:06 -0330"'
    assert moment(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)) == b'"31-Dec-2026 23:59:59 +0000"'


def test_flags_are_said_once() -> None:
    assert flags(["\\Seen", "$Label1", "\\Seen"]) == b"(\\Seen $Label1)"


def test_criteria_are_joined_and_turned_round() -> None:
    seen, text = Criterion.flagged("\\Seen"), Criterion.text("grün")
    assert joined((~(seen | text)).parts) == [
        b"NOT (ALL OR (ALL SEEN ALL) (ALL TEXT ",
        Literal("grün".encode()),
        b" ALL) ALL)",
    ]
    assert joined((seen & Criterion.header("X-Spam", "")).parts) == [b'SEEN HEADER X-Spam ""']
    assert (seen.is_ascii, text.is_ascii) == (True, False)


def test_criteria_within_criteria_come_to_an_end() -> None:
    deep = Criterion.everything()
    for _ in range(DEEPEST):
        deep = ~deep
    with pytest.raises(Unsayable):
        deep = ~deep


@pytest.mark.parametrize(
    ("word", "section", "origin"),
    [
        ("BODY[]", Section(), None),
        ("body[header.fields (Date \"From\")]", Section("", "HEADER.FIELDS", ("Date", "from")), None),
        ("BODY[HEADER.FIELDS(DATE)]", Section("", "HEADER.FIELDS", ("Date",)), None),
        ("BODY[1.2.MIME]<512>", Section("1.2", "MIME"), 512),
        ("BODY[TEXT]<0>", Section("", "TEXT"), 0),
    ],
)  # fmt: skip
def test_section_is_known_again_however_it_is_written(word: str, section: Section, origin: int | None) -> None:
    assert (heard_name(word), heard_origin(word)) == (section.name, origin)


def test_other_words_are_no_sections() -> None:
    assert [heard_name(each) for each in ("BODY", "BODYSTRUCTURE", "BODY[", "RFC822.SIZE")] == [None] * 4
