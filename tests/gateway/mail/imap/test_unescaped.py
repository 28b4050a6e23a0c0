"""Nothing that came from outside ends a command or begins another: a server that keeps what it hears hears just the commands that
were meant, whatever the names, texts, flags and messages hold."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway.mail.imap.scripted import CAPABILITIES, talking
from pimgate.mail.imap import Connection, Criterion, FlagChange, Known, Rejected, Section, UidSet, Unsayable

HOSTILE = [
    "a\r\np99 DELETE INBOX",
    "a\np99 LOGOUT\n",
    "a\rb",
    "a\0b",
    '" "INBOX"\r\np99 LOGOUT',
    'quote " and \\ backslash',
    "{5}",
    "{5}\r\nhello",
    "{5+}\r\nhello p99 LOGOUT",
    "~{1}",
    "a) (b",
    "* % NIL",
    "NIL",
    "&AA0ACg-",
    "ü\u2028\u0085",
    "\ud800",
    "x" * 5000,
    "",
    " ",
]

Verb = Callable[[Connection, str], Awaitable[object]]

VERBS: dict[str, tuple[Verb, bytes]] = {
    "status": (lambda connection, text: connection.status(text), b"STATUS"),
    "select": (lambda connection, text: connection.select(text), b"SELECT"),
    "select since": (
        lambda connection, text: connection.select(text, known=Known(7, 9, UidSet.of([1, 5]))),
        b"SELECT",
    ),
    "examine": (lambda connection, text: connection.select(text, is_read_only=True), b"EXAMINE"),
    "create": (lambda connection, text: connection.create(text), b"CREATE"),
    "create for": (lambda connection, text: connection.create("x", special_use=text), b"CREATE"),
    "rename from": (lambda connection, text: connection.rename(text, "x"), b"RENAME"),
    "rename to": (lambda connection, text: connection.rename("x", text), b"RENAME"),
    "delete": (lambda connection, text: connection.delete(text), b"DELETE"),
    "subscribe": (lambda connection, text: connection.subscribe(text), b"SUBSCRIBE"),
    "unsubscribe": (lambda connection, text: connection.subscribe(text, is_wanted=False), b"UNSUBSCRIBE"),
    "copy": (lambda connection, text: connection.copy([1], text), b"UID COPY"),
    "move": (lambda connection, text: connection.move([1], text), b"UID MOVE"),
    "append to": (lambda connection, text: connection.append(text, b"Subject: x\r\n\r\n"), b"APPEND"),
    "append": (lambda connection, text: connection.append("x", text.encode("utf-8", "surrogatepass")), b"APPEND"),
    "append with": (lambda connection, text: connection.append("x", b"y", flag_names=[text]), b"APPEND"),
    "store": (lambda connection, text: connection.store([1], FlagChange.ADD, [text]), b"UID STORE"),
    "search text": (lambda connection, text: connection.search(Criterion.text(text)), b"UID SEARCH"),
    "search body": (lambda connection, text: connection.search(~Criterion.body(text)), b"UID SEARCH"),
    "search header": (lambda connection, text: connection.search(Criterion.header("Subject", text)), b"UID SEARCH"),
    "search field": (lambda connection, text: connection.search(Criterion.header(text, "x")), b"UID SEARCH"),
    "search flag": (lambda connection, text: connection.search(Criterion.flagged(text)), b"UID SEARCH"),
    "fetch part": (lambda connection, text: connection.fetch([1], [Section(text)]), b"UID FETCH"),
    "fetch what": (lambda connection, text: connection.fetch([1], [Section("1", text)]), b"UID FETCH"),
    "fetch fields": (
        lambda connection, text: connection.fetch([1], [Section("", "HEADER.FIELDS", (text,))]),
        b"UID FETCH",
    ),
}


def answers(command: bytes) -> bytes:
    if command.startswith((b"SELECT", b"EXAMINE")):
        return b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"
    if command.startswith(b"STATUS"):
        return b"* STATUS x ()\r\n"
    return b""


@pytest.mark.parametrize("literals", ["", "LITERAL+", "LITERAL-", "UTF8=ACCEPT QRESYNC CREATE-SPECIAL-USE"])
@pytest.mark.parametrize("verb", VERBS)
def test_server_hears_just_one_command(verb: str, literals: str) -> None:
    act, begins = VERBS[verb]

    async def work() -> None:
        async with talking(answers, f"{CAPABILITIES} {literals}") as (connection, server):
            for text in HOSTILE:
                before = len(server.said)
                try:
                    await act(connection, text)
                except Unsayable:
                    assert len(server.said) == before, f"{text!r} was said"
                    continue
                (said,) = server.said[before:]
                assert said.startswith(begins)
                assert whole(said).count(b"\r\n") == 0, f"{text!r} is said as {said!r}"
            await connection.noop()
            assert server.said[-1] == b"NOOP"

    asyncio.run(work())


def whole(command: bytes) -> bytes:
    """A command without the octets of its literals: what a server takes for words of the command."""
    words = b""
    while (start := command.find(b"}\r\n")) >= 0:
        opening = command.rindex(b"{", 0, start)
        length = int(command[opening + 1 : start].rstrip(b"+"))
        words += command[:opening]
        command = command[start + 3 + length :]
    return words + command


def test_text_arrives_as_it_was_meant() -> None:
    async def work() -> None:
        async with talking(answers) as (connection, server):
            await connection.status('Tom & "Jerry" \\o/')
            await connection.search(Criterion.header("Subject", "a\r\nb"))
            await connection.append("x", b"a\0b\r\np9 LOGOUT\r\n")
        assert server.said[:3] == [
            b'STATUS "Tom &- \\"Jerry\\" \\\\o/" (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)',
            b"UID SEARCH RETURN (ALL) ALL HEADER Subject {4}\r\na\r\nb",
            b'APPEND "x" {16}\r\na\0b\r\np9 LOGOUT\r\n',
        ]

    asyncio.run(work())


def test_refused_literal_is_not_sent() -> None:
    def too_large(command: bytes) -> bytes:
        return b"NO [TOOBIG] too large" if command.startswith(b"APPEND") else b""

    async def work() -> None:
        async with talking(too_large, wants_literals=False) as (connection, server):
            with pytest.raises(Rejected) as refused:
                await connection.append("x", b"a letter")
            assert refused.value.code == "TOOBIG"
            await connection.noop()
        assert server.said[:2] == [b'APPEND "x" {8}', b"NOOP"]

    asyncio.run(work())
