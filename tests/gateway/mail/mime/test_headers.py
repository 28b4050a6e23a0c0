"""What stands above a message, as people read it."""

from datetime import UTC, datetime

import pytest

from gateway.mail.mime.letters import sample
from pimgate.mail.mime.addresses import Address, addresses_in
from pimgate.mail.mime.fields import fields_of, value_and_params
from pimgate.mail.mime.headers import Importance, date_in, headers_of, headers_of_envelope
from pimgate.mail.mime.limits import LIMITS, Limits
from pimgate.mail.mime.words import header_text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"Lunch", "Lunch"),
        (b"=?utf-8?Q?Caf=C3=A9?=", "Café"),
        (b"=?utf-8?q?a_b?=  =?utf-8?Q?c?= d", "a bc d"),
        (b"=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "ü"),
        (b"=?utf-8?B?w7w?=", "ü"),
        (b"=?utf-8*de?B?w7w=?=", "ü"),
        (b"=?iso-2022-jp?B?GyRCMnE1RBsoQg==?=", "会議"),
        (b"=?gb2312?B?xOO6ww==?=", "你好"),
        (b"=?x-none?Q?=FC?=", "ü"),
        (b"gr\xfcn", "grün"),
        ("grün".encode(), "grün"),
        (b"=?utf-8?B?open", "=?utf-8?B?open"),
        (b"a =?utf-8?Q?b?= c", "a b c"),
        (b"nul\0 and\x1b[0m", "nul and[0m"),
        (b"=?utf-8?Q?line=0D=0ABcc:_x?=", "line Bcc: x"),
    ],
)
def test_words_of_a_header_are_decoded(raw: bytes, shown: str) -> None:
    assert header_text(raw) == shown


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("anna@example.org", [Address("", "anna@example.org")]),
        ("Anna <anna@example.org>, Ben <b@x>", [Address("Anna", "anna@example.org"), Address("Ben", "b@x")]),
        ('"Weiß, Anna" <a@x>', [Address("Weiß, Anna", "a@x")]),
        ('"a \\"b\\" c" <a@x>', [Address('a "b" c', "a@x")]),
        ("a@x (Anna (the first))", [Address("Anna (the first", "a@x")]),
        ("a@x (Anna)", [Address("Anna", "a@x")]),
        ("=?utf-8?Q?M=C3=BCller=2C_Anna?= <a@x>", [Address("Müller, Anna", "a@x")]),
        ("friends: a@x, b@x;", [Address("", "a@x"), Address("", "b@x")]),
        ("undisclosed-recipients:;", []),
        ("<@relay.example:a@x>", [Address("", "a@x")]),
        ('"Anna <a@x>', [Address("Anna", "a@x")]),
        ("Anna", [Address("Anna", "")]),
        ("a@x;b@x", [Address("", "a@x"), Address("", "b@x")]),
        (",,", []),
    ],
)
def test_addresses_are_read(text: str, found: list[Address]) -> None:
    shown = [Address("Anna (the first)", "a@x")] if "first" in text else found
    assert list(addresses_in(text)) == shown


def test_address_is_written_so_that_it_is_read_again() -> None:
    for each in (Address('a "b", \\c', "a@x"), Address("", "a@x"), Address("Anna Weiß", "a@x")):
        assert addresses_in(str(each)) == (each,)


def test_only_so_many_addresses_are_shown() -> None:
    header = b"To: " + b", ".join(b"p%d@example.org" % n for n in range(3_000)) + b"\r\n\r\n"
    assert len(headers_of(header).to) == LIMITS.addresses


def test_header_of_a_real_letter() -> None:
    found = headers_of(sample("newsletter.eml"))
    assert found.from_ == (Address("Café Müller", "news@example.com"),)
    assert [str(each) for each in found.to] == ['"Weiß, Anna" <anna@example.org>', "ben@example.org"]
    assert found.subject == "Frühstück für alle"
    assert found.date == datetime(2026, 1, 6, 8, 15, tzinfo=UTC)
    assert found.importance is Importance.HIGH
    assert found.message_id == "<n1@example.com>"


def test_broken_header_says_what_can_be_made_out() -> None:
    found = headers_of(sample("broken.eml"))
    assert found.subject == "Hello w�rld¤ =?utf-8?B?broken"
    assert found.date is None
    assert found.to == ()
    assert found.from_[0].email == "anna@example.org"


def test_undeclared_header_is_taken_for_what_it_looks_like() -> None:
    assert headers_of(b"Subject: \xcf\xf0\xe8\xe2\xe5\xf2, \xfd\xf2\xee \xef\xe8\xf1\xfc\xec\xee \xed\xe0\xef\xe8\xf1\xe0\xed\xee"
                      b" \xe1\xe5\xe7 \xea\xee\xe4\xe8\xf0\xee\xe2\xea\xe8\r\n\r\n").subject.startswith("Привет")  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mon, 5 Jan 2026 10:00:00 +0100", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("5 Jan 2026 10:00 GMT (comment)", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("Mon, 5 Jan 2026 10:00:00", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("31 Feb 2026 10:00:00 +0000", None),
        ("1 Jan 1900 00:00:00 +0000", None),
        ("1 Jan 99999 00:00:00 +0000", None),
        ("", None),
    ],
)
def test_dates_are_read_or_are_none(text: str, found: datetime | None) -> None:
    assert date_in(text) == found


def test_envelope_says_the_same_as_the_header() -> None:
    person = [[b"Anna", None, b"anna", b"example.org"]]
    group = [[None, None, b"friends", None], [b"Ben", None, b"ben", b"x"], [None, None, None, None]]
    found = headers_of_envelope(
        [
            b"Mon, 5 Jan 2026 10:00:00 +0100",
            b"=?utf-8?Q?Caf=C3=A9?=",
            person,
            person,
            None,
            group,
            None,
            None,
            b"<0@x>",
            b"<1@x>",
        ]
    )
    assert (found.subject, found.message_id, found.in_reply_to) == ("Café", "<1@x>", "<0@x>")
    assert found.from_ == (Address("Anna", "anna@example.org"),)
    assert found.to == (Address("Ben", "ben@x"),)
    assert found.date == datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize("envelope", [None, [], [1, 2, 3], [[[]] * 12] * 12, b"x"])
def test_envelope_that_makes_no_sense_says_nothing(envelope: object) -> None:
    assert headers_of_envelope(envelope).subject in ("", "x")


def test_header_beyond_the_limits_is_read_as_far_as_they_go() -> None:
    limits = Limits(header_block_bytes=1_000, header_bytes=50, headers=3)
    header = b"A: 1\r\nB: " + b"x" * 200 + b"\r\nC: 3\r\nD: 4\r\n\r\n"
    assert fields_of(header, limits) == (("a", b"1"), ("b", b"x" * 50), ("c", b"3"))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"text/plain; charset=utf-8", ("text/plain", {"charset": "utf-8"})),
        (b'Text/HTML; Charset="UTF-8"; name="a;b\\"c"', ("text/html", {"charset": "UTF-8", "name": 'a;b"c'})),
        (b"attachment; filename*=utf-8'en'%e2%82%ac.pdf", ("attachment", {"filename": "€.pdf"})),
        (b'attachment; filename*0="ab"; filename*1*=%63; filename=old', ("attachment", {"filename": "abc"})),
        (b"attachment; filename*1*=b; filename*0*=utf-8''%C3; filename*2=c", ("attachment", {"filename": "\ufffdbc"})),
        (b"text/plain charset=utf-8", ("text/plain charset=utf-8", {})),
        (b"text/plain;;; =x; a=1", ("text/plain", {"a": "1"})),
        (b'multipart/mixed; boundary=""; boundary=b', ("multipart/mixed", {"boundary": "b"})),
        (b'text/plain; name="open', ("text/plain", {"name": "open"})),
        (b"", ("", {})),
    ],
)
def test_parameters_are_read(value: bytes, found: object) -> None:
    assert value_and_params(value) == found
