"""What a person wrote stays text, and what a server says stays within limits."""

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.imap.scripted import listening
from pimgate.mail.imap import Away, BadAnswer, BadLogin, Login, Place, Rejected
from pimgate.mail.sieve import connect, scripts
from pimgate.mail.sieve.hearing import announced, heard
from pimgate.model.absence import Audience, OutOfOffice, Reply
from pimgate.settings import Security

EXTENSIONS = {"vacation", "envelope", "date", "relational", "include"}
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


@given(st.text())
def test_no_text_ends_its_string(text: str) -> None:
    found = STRING.fullmatch(scripts.quoted(text))
    assert found is not None
    said = re.sub(r"\\(.)", r"\1", found.group(1), flags=re.DOTALL)
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", said)
    if text.isprintable():
        assert said == text


@given(st.text(), st.booleans())
def test_script_asks_for_nothing_that_its_words_could_use(text: str, is_html: bool) -> None:
    absence = OutOfOffice(True, replies={Audience.INTERNAL: Reply(True, text, is_html)})
    made = scripts.script_of(absence, "a@example.org", ["example.org"], EXTENSIONS)
    code = STRING.sub('""', made.partition(";")[2])
    assert set(re.findall(r"[a-z]+", code)) <= {"if", "envelope", "domain", "is", "else", "keep", "vacation", "days",
                                                "addresses", "mime"}  # fmt: skip


def test_server_that_lacks_something_is_not_asked_for_half_of_it() -> None:
    absence = OutOfOffice(True, 1e9, 2e9, {Audience.INTERNAL: Reply(True, "Away")})
    for each in ("vacation", "envelope", "date", "relational"):
        with pytest.raises(scripts.Lacking, match=each):
            scripts.script_of(absence, "a@example.org", ["example.org"], EXTENSIONS - {each})


@given(st.binary(max_size=200))
def test_any_line_is_values_or_nonsense(octets: bytes) -> None:
    try:
        line = heard([octets.replace(b"\r\n", b"")])
    except BadAnswer:
        return
    assert len(line.values) <= 50


def test_literals_and_codes_are_read() -> None:
    assert heard([b'"a \\"b\\"" ACTIVE']).values == ('a "b"',)
    assert heard([b"{3}", b"x\r\n", b""]).values == ("x\r\n",)
    assert heard([b'NO (QUOTA/MAXSIZE) "too big {3}"']).code == "QUOTA/MAXSIZE"
    with pytest.raises(BadAnswer):
        announced(b"{99999999}")


def conversation(*answers: bytes) -> list[bytes]:
    """What a server hears that says these things one after the other."""
    said: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answers[0])
        for answer in answers[1:]:
            line = await reader.readline()
            if found := re.search(rb"\{(\d+)\+\}\r\n\Z", line):
                line += await reader.readexactly(int(found.group(1)) + 2)
            said.append(line)
            writer.write(answer)
            await writer.drain()

    async def go() -> None:
        async with (
            listening(serve) as port,
            connect(Place("127.0.0.1", port, Security.NONE, None, 5), Login("anna", "secret")) as line,
        ):
            await line.scripts()

    asyncio.run(go())
    return said


HELLO = b'"SASL" "PLAIN"\r\n"SIEVE" "vacation"\r\nOK\r\n'


def test_conversation_is_held_in_the_words_of_the_protocol() -> None:
    heard_there = conversation(HELLO, b"OK\r\n", HELLO, b'"mine" ACTIVE\r\nOK\r\n', b"OK\r\n")
    assert heard_there[0] == b'AUTHENTICATE "PLAIN" {16+}\r\nAGFubmEAc2VjcmV0\r\n'
    assert heard_there[1:] == [b"CAPABILITY\r\n", b"LISTSCRIPTS\r\n", b"LOGOUT\r\n"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((b"",), Away),
        ((b'BYE "go away"\r\n',), Away),
        ((b'"x"\r\n' * 3_000,), BadAnswer),
        ((b'"' + b"x" * 20_000 + b'"\r\n',), BadAnswer),
        ((b'"SIEVE" "vacation"\r\nOK\r\n',), BadLogin),
        ((HELLO, b'NO "wrong"\r\n'), BadLogin),
        ((HELLO, b'NO (TRYLATER) "later"\r\n'), Away),
        ((HELLO, b"OK\r\n", HELLO, b'NO "no"\r\n'), Rejected),
    ],
)
def test_server_that_misbehaves_is_told_from_one_that_refuses(
    answers: tuple[bytes, ...], expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        conversation(*answers)
