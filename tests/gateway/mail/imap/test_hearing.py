"""Answers of servers: the forms of the RFCs, those that real servers use, and anything at all."""

import contextlib
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.mail.imap.errors import BadAnswer
from pimgate.mail.imap.hearing import DEEPEST, Answer, Value, announced, heard
from pimgate.mail.imap.understanding import fetched, listed, status, unasked, vanished


def values(line: bytes, *literals: bytes) -> list[Value]:
    pieces = [b"* X " + line]
    for each in literals:
        pieces += [each, b""]
    return list(heard(pieces).values)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"* 23 EXISTS", Answer("*", "EXISTS", 23)),
        (b"* 0 exists", Answer("*", "EXISTS", 0)),
        (b"+ go on", Answer("+", "")),
        (b"+", Answer("+", "")),
        (b"p7 OK [READ-WRITE] done", Answer("p7", "OK", code=("READ-WRITE",))),
        (b"* OK [UIDVALIDITY 3857529045] UIDs valid", Answer("*", "OK", code=("UIDVALIDITY", 3857529045))),
        (
            b"* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited",
            Answer("*", "OK", code=("PERMANENTFLAGS", ["\\Deleted", "\\Seen", "\\*"])),
        ),
        (b"* NO [ALERT] (half a sentence", Answer("*", "NO", code=("ALERT",))),
        (b"* OK [half a code", Answer("*", "OK")),
        (b'* OK ["] and so on', Answer("*", "OK")),
        (b"* BYE", Answer("*", "BYE")),
        (b"* CAPABILITY IMAP4rev1 STATUS=SIZE", Answer("*", "CAPABILITY", values=("IMAP4rev1", "STATUS=SIZE"))),
        (b'* LIST (\\HasNoChildren) "/" INBOX', Answer("*", "LIST", values=(["\\HasNoChildren"], b"/", "INBOX"))),
        (b"* SEARCH", Answer("*", "SEARCH")),
        (b"* SEARCH 2 84 (MODSEQ 917162500)", Answer("*", "SEARCH", values=(2, 84, ["MODSEQ", 917162500]))),
    ],
)
def test_line_is_understood(line: bytes, found: Answer) -> None:
    assert heard([line]) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b'"" "a b" "a\\"b\\\\c" "it\\s"', [b"", b"a b", b'a"b\\c', b"its"]),
        (b"NIL nil (NIL)", [None, None, [None]]),
        (b"0 7 007 18446744073709551615 123456789012345678901", [0, 7, "007", 2**64 - 1, "123456789012345678901"]),
        (b"((a)(b))() c", [[["a"], ["b"]], [], "c"]),
        (b"BODY[HEADER.FIELDS (DATE FROM)]<12> BODY[]", ["BODY[HEADER.FIELDS (DATE FROM)]<12>", "BODY[]"]),
        ("grün \"grün\"".encode(), ["grün", "grün".encode()]),
    ],
)  # fmt: skip
def test_values_are_read(line: bytes, found: list[Value]) -> None:
    assert values(line) == found


def test_literals_are_values_like_others() -> None:
    pieces = [b"* 1 FETCH (BODY[] {6}", b"a)\r\n\0b", b" UID 7 BODY[1] ~{0}", b"", b")"]
    assert heard(pieces).values == (["BODY[]", b"a)\r\n\0b", "UID", 7, "BODY[1]", b""],)


@pytest.mark.parametrize(
    ("line", "length"),
    [
        (b"* 1 FETCH (BODY[] {310}", 310),
        (b"* 1 FETCH (BINARY[1] ~{310}", 310),
        (b"* 1 FETCH (BODY[] {310+}", 310),
        (b"* 1 FETCH (BODY[] {310} ", None),
        (b"* OK your limit is {310}", None),
        (b"p1 NO no more than {310}", None),
        (b"+ {310}", None),
        (b"* 1 FETCH (BODY[] {x}", None),
        (b"", None),
    ],
)
def test_literal_is_announced_at_the_end_of_a_line(line: bytes, length: int | None) -> None:
    assert announced(line) == length


@pytest.mark.parametrize("line", [b"{4194305}", b"{9999999999}", b"* 1 FETCH (BODY[] ~{99999999}"])
def test_literal_that_is_too_large_is_refused(line: bytes) -> None:
    with pytest.raises(BadAnswer):
        announced(line)


@pytest.mark.parametrize(
    "line",
    [
        b"(a", b"a)", b'"a', b'"a\\"', b"{5}", b"{x {5}", b"a\0b", b"(\x01)",
        b"(" * (DEEPEST + 2) + b")" * (DEEPEST + 2), b"(" * 100_000,
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(line: bytes) -> None:
    with pytest.raises(BadAnswer):
        values(line)


def test_line_without_a_tag_is_refused() -> None:
    for line in (b"", b" OK", "ü OK".encode(), b"x" * 100 + b" OK"):
        with pytest.raises(BadAnswer):
            heard([line])


def written(value: Value, pieces: list[bytes], random_: random.Random) -> None:
    """A value as some server may write it, onto the last piece."""
    if isinstance(value, list):
        pieces[-1] += b"("
        for number, each in enumerate(value):
            pieces[-1] += b" " if number else b""
            written(each, pieces, random_)
        pieces[-1] += b")"
    elif isinstance(value, bytes):
        is_quotable = not any(each in b"\r\n\0" for each in value)
        if is_quotable and random_.random() < 0.5:
            pieces[-1] += b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        else:
            pieces[-1] += b"{%d}" % len(value)
            pieces += [value, b""]
    else:
        pieces[-1] += b"NIL" if value is None else str(value).encode()


ATOMS = st.from_regex(r"[A-Za-z\\$][A-Za-z0-9$._-]{0,10}", fullmatch=True).filter(lambda text: text.upper() != "NIL")
LEAVES = st.none() | st.integers(0, 2**64 - 1) | st.binary(max_size=30) | ATOMS
VALUES: st.SearchStrategy[Any] = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=6), max_leaves=30)


@given(st.lists(VALUES, max_size=8), st.randoms(use_true_random=False))
def test_what_a_server_writes_is_what_is_heard(given_: list[Any], random_: random.Random) -> None:
    pieces = [b"* X "]
    for number, each in enumerate(given_):
        pieces[-1] += b" " if number else b""
        written(each, pieces, random_)
    assert list(heard(pieces).values) == given_


OCTETS = st.binary(max_size=60) | st.text(
    alphabet='()[]{}"\\ *+~<>.,:0159ABODYUIFLGSNENVELOPE\r\n\0é', max_size=60
).map(str.encode)


@given(st.lists(OCTETS, min_size=1, max_size=5))
def test_any_octets_are_values_or_no_sense(pieces: list[bytes]) -> None:
    try:
        heard(pieces)
        announced(pieces[0])
    except BadAnswer:
        pass


KINDS = st.sampled_from([b"FETCH", b"LIST", b"STATUS", b"VANISHED", b"ESEARCH", b"EXISTS", b"OK", b"FLAGS"])
WORDS = st.sampled_from(
    ["UID", "FLAGS", "MODSEQ", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "EMAILID", "THREADID", "BODYSTRUCTURE", "BODY[1]<0>",
     "BODY[", "MESSAGES", "UIDNEXT", "MAILBOXID", "(EARLIER)", "1:3,7", "3:1", "0", "4294967296", "*", "BODY[]<99999999999>"]
)  # fmt: skip


@given(KINDS, st.lists(WORDS | VALUES, max_size=6), st.booleans(), st.randoms(use_true_random=False))
def test_any_values_are_an_answer_or_no_sense(
    kind: bytes, given_: list[Any], is_nested: bool, random_: random.Random
) -> None:
    pieces = [b"* 1 " + kind + b" "]
    written(given_, pieces, random_)
    if not is_nested:
        pieces[0], pieces[-1] = pieces[0].replace(b"(", b"", 1), pieces[-1].removesuffix(b")")
    for reader in (unasked, fetched, listed, status, vanished):
        with contextlib.suppress(BadAnswer):
            reader(heard(pieces))


def test_long_and_crooked_answers_take_no_time() -> None:
    """What doubles in length takes about twice as long, not four times: checked by size alone, on inputs that would take hours."""
    for line in (
        b'"' + b"\\" * 2_000_000,
        b'"' + b"a\\" * 1_000_000,
        b"BODY[" * 400_000,
        b"{" * 100,
        b"(" * DEEPEST + b'"' + b"x" * 2_000_000,
        b"a{" * 1_000_000,
    ):
        with contextlib.suppress(BadAnswer):
            values(line)


def test_envelope_that_makes_no_sense_does_not_close_the_mailbox() -> None:
    for words in (
        b"NIL",
        b"(1 2 3)",
        b'("d" "s" (x) NIL NIL NIL NIL NIL NIL NIL)',
        b'("d" "s" ((1)) NIL NIL NIL NIL NIL NIL NIL)',
    ):
        found = fetched(heard([b"* 1 FETCH (UID 7 ENVELOPE " + words + b")"]))
        assert (found.uid, found.envelope) == (7, None)


@pytest.mark.parametrize(
    "said", [b'"17-Jul-1996"', b"NIL", b"7", b'"99-Jul-1996 02:44:25 -0700"', b'"1-Foo-1996 02:44:25 -0700"']
)
def test_date_that_makes_no_sense_is_none(said: bytes) -> None:
    found = fetched(heard([b"* 1 FETCH (INTERNALDATE " + said + b")"]))
    assert found.arrived_at is None


def test_date_is_read_with_its_zone() -> None:
    found = fetched(heard([b'* 1 FETCH (INTERNALDATE " 7-Feb-2026 02:44:25 -0730")']))
    assert found.arrived_at is not None
    assert found.arrived_at.isoformat() == "2026-02-07T02:44:25-07:30"


def test_group_of_people_is_left_out_of_an_envelope() -> None:
    nobody = b"NIL " * 4
    found = fetched(
        heard(
            [
                b'* 1 FETCH (ENVELOPE ("d" NIL ((NIL NIL "all" NIL)("A" NIL a "x.org")(NIL NIL NIL NIL)) NIL '
                + nobody.strip()
                + b' NIL "<m@x>"))'
            ]
        )
    )
    assert found.envelope is not None
    assert [(each.name, each.local, each.domain) for each in found.envelope.from_] == [(b"A", b"a", b"x.org")]


def test_ids_are_kept_as_they_are() -> None:
    found = fetched(heard([b"* 1 FETCH (EMAILID (0042) THREADID (17))"]))
    assert (found.email_id, found.thread_id) == ("0042", "17")
    assert fetched(heard([b"* 1 FETCH (THREADID NIL)"])).thread_id is None


def test_names_of_mailboxes_are_read() -> None:
    assert listed(heard([b'* LIST () "/" "Entw&APw-rfe"'])).name == "Entwürfe"
    assert listed(heard([b"* LIST () NIL inbox"])).name == "INBOX"
    assert listed(heard([b'* LIST () "/" {5}', b"a b\\c", b""])).name == "a b\\c"
    assert listed(heard([b"* LIST () NIL NIL"])).name == "NIL"
    assert listed(heard([b'* LIST () "/" 2026'])).name == "2026"


def test_mailbox_whose_name_cannot_be_said_back_is_not_opened() -> None:
    found = listed(heard([b'* LIST () "/" "a&b"']))
    assert (found.name, found.can_select) == ("a&b", False)
    raw = listed(heard(['* LIST () "/" "grün"'.encode()]))
    assert (raw.name, raw.can_select) == ("grün", False)
    assert listed(heard(['* LIST () "/" "grün"'.encode()]), is_utf8=True).can_select
