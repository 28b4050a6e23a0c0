"""One connection in fair and foul weather: what ends it, what does not, and what is never lost."""

import asyncio
import contextlib
import random
from collections.abc import Coroutine
from typing import Any

import pytest

from gateway.mail.imap.scripted import CAPABILITIES, talking
from pimgate.mail.imap import (
    Away,
    BadAnswer,
    Connection,
    Exists,
    Expunged,
    FlagChange,
    Item,
    Missing,
    Overflow,
    Rejected,
    Section,
    UidSet,
)
from pimgate.mail.imap.conversation import MOST_UNASKED


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def saying(said: bytes) -> Any:
    """A server that says this to every command but NOOP."""
    return lambda command: b"" if command == b"NOOP" else said


def test_refusal_leaves_the_connection_as_it_was() -> None:
    async def work() -> None:
        async with talking(saying(b"NO [OVERQUOTA] no room for the letter to bert")) as (connection, _):
            with pytest.raises(Rejected) as refused:
                await connection.create("x")
            assert (refused.value.code, refused.value.is_our_fault) == ("OVERQUOTA", False)
            assert "bert" not in str(refused.value)
            await connection.noop()

    run(work())


@pytest.mark.parametrize(
    "said",
    [
        b"* BYE\r\n",
        b"x9 OK\r\n",
        b"(\r\n",
        b"* 1 FETCH (UID x)\r\n",
        b"* STATUS\r\n",
        b"* 1 FETCH {999999999}\r\n",
        b"+ \r\n",
    ],
)
def test_connection_that_makes_no_sense_is_closed(said: bytes) -> None:
    async def work() -> None:
        async with talking(saying(said)) as (connection, _):
            with pytest.raises(Away):
                await connection.status("INBOX")
            assert connection.is_closed
            with pytest.raises(Away):
                await connection.noop()

    run(work())


def test_command_that_is_given_up_closes_the_connection() -> None:
    async def work() -> None:
        async with talking() as (connection, _):
            task = asyncio.create_task(connection.noop())
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert connection.is_closed

    run(work())


def test_wait_that_is_given_up_loses_nothing() -> None:
    """Half of an answer may have come when the time is up."""

    async def work() -> None:
        async with talking() as (connection, _), connection.idle() as idling:
            feed = connection._stream.data_received
            for piece in (
                b"* 1 FETCH (FLAGS () BODY[1] {1",
                b"0}\r\n01234",
                b"56789 UID 7",
                b")\r",
                b"\n* 2 EXISTS\r\n",
            ):
                assert await idling.next(0.01) is None
                feed(piece)
            first = await idling.next(1)
            assert getattr(first, "parts", None) == {"1": b"0123456789"}
            assert await idling.next(1) == Exists(2)
            connection.close()

    with pytest.raises(Away):
        run(work())


def test_trouble_while_waiting_closes_the_connection() -> None:
    async def work() -> None:
        async with talking() as (connection, _):
            with pytest.raises(KeyError):
                async with connection.idle():
                    raise KeyError
            assert connection.is_closed

    run(work())


def test_server_without_idle_refuses_it() -> None:
    def answers(command: bytes) -> bytes:
        return b"BAD what?" if command == b"IDLE" else b""

    async def work() -> None:
        async with talking(answers) as (connection, _):
            with pytest.raises(Rejected):
                async with connection.idle():
                    pass
            await connection.noop()

    run(work())


def test_what_is_said_beside_commands_is_kept_up_to_a_limit() -> None:
    async def work() -> None:
        async with talking(saying(b"* 5 EXISTS\r\n* 2 EXPUNGE\r\n* OK [ALERT] hear hear\r\n* 4 EXISTS\r\n")) as (
            connection,
            _,
        ):
            await connection.subscribe("x")
            assert connection.take_unasked() == [Exists(5), Expunged(2), Exists(4)]
            assert connection.take_unasked() == []
        async with talking(saying(b"* 1 EXISTS\r\n" * (MOST_UNASKED + 2))) as (connection, _):
            await connection.subscribe("x")
            assert connection.take_unasked() == [Overflow(), Exists(1)]

    run(work())


def test_messages_that_were_not_asked_for_are_not_given() -> None:
    said = (
        b"* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 7 FLAGS ())\r\n* 3 FETCH (UID 9 RFC822.SIZE 5)\r\n"
        b"* 2 FETCH (UID 7 RFC822.SIZE 12)\r\n"
    )

    async def work() -> None:
        async with talking(saying(said)) as (connection, _):
            (found,) = await connection.fetch([7], [Item.FLAGS, Item.SIZE])
            assert (found.uid, found.flags, found.size_bytes) == (7, frozenset(), 12)
            assert [getattr(each, "number", 0) for each in connection.take_unasked()] == [1, 3]

    run(work())


def test_nothing_is_asked_about_no_messages() -> None:
    async def work() -> None:
        async with talking() as (connection, server):
            assert await connection.fetch([], [Item.FLAGS]) == []
            assert (await connection.store([], FlagChange.ADD, ["\\Seen"])).refused == UidSet()
            assert (await connection.move([], "x")).uids == {}
            await connection.expunge([])
            assert server.said == []

    run(work())


def test_many_messages_are_asked_about_in_several_commands() -> None:
    async def work() -> None:
        async with talking() as (connection, server):
            await connection.store(range(1_000_000, 1_004_000, 2), FlagChange.ADD, ["\\Seen"])
            assert len(server.said) == 3
            assert max(map(len, server.said)) < 8192

    run(work())


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", Missing),
        (b"* 1 FETCH (UID 7 BODY[1]<0> NIL)\r\n", Missing),
        (b'* 1 FETCH (UID 8 BODY[1]<0> "x")\r\n', Missing),
        (b'* 1 FETCH (UID 7 BODY[1]<9> "x")\r\n', BadAnswer),
        (b'* 1 FETCH (UID 7 BODY[1]<0> "12345")\r\n', BadAnswer),
    ],
)
def test_slice_that_is_not_what_was_asked_for_is_not_given(said: bytes, error: type[Exception]) -> None:
    async def work() -> None:
        async with talking(saying(said)) as (connection, _):
            with pytest.raises(error):
                [piece async for piece in connection.slices(7, Section("1"), slice_bytes=4)]

    run(work())


def test_endless_message_comes_to_an_end() -> None:
    def answers(command: bytes) -> bytes:
        at = command.rpartition(b"<")[2].partition(b".")[0]
        return b'* 1 FETCH (UID 7 BODY[1]<%s> "abcd")\r\n' % at

    async def work() -> None:
        async with talking(answers) as (connection, _):
            with pytest.raises(BadAnswer):
                [piece async for piece in connection.slices(7, Section("1"), slice_bytes=4, most_bytes=1000)]

    run(work())


def test_search_is_understood_from_old_and_new_servers() -> None:
    for said, found in (
        (b"* SEARCH 2 84 3\r\n", [2, 3, 84]),
        (b"* SEARCH\r\n", []),
        (b"* SEARCH 2 (MODSEQ 9)\r\n", [2]),
        (b'* ESEARCH (TAG "p3") UID ALL 2:4,7\r\n', [2, 3, 4, 7]),
        (b'* ESEARCH (TAG "p3") UID\r\n', []),
    ):

        async def work(said: bytes = said, found: list[int] = found) -> None:
            async with talking(saying(said)) as (connection, _):
                assert list(await connection.search()) == found

        run(work())


@pytest.mark.parametrize(
    "said", [b"* ESEARCH UID ALL 1:4294967295\r\n", b"* SEARCH 0\r\n", b"* SEARCH x\r\n", b"* ESEARCH ALL x\r\n"]
)
def test_search_that_finds_what_cannot_be_is_not_believed(said: bytes) -> None:
    async def work() -> None:
        async with talking(saying(said)) as (connection, _):
            with pytest.raises(BadAnswer):
                await connection.search()

    run(work())


@pytest.mark.parametrize(
    "code",
    [b"7 1:3 4:5", b"7 1:4294967295 1:4294967295", b"x 1 1", b"7 1 *"],
    ids=["fewer", "endless", "no number", "star"],
)
def test_copies_that_cannot_be_are_not_believed(code: bytes) -> None:
    async def work() -> None:
        async with talking(saying(b"OK [COPYUID " + code + b"] done")) as (connection, _):
            with pytest.raises(BadAnswer):
                await connection.copy([1], "x")

    run(work())


def test_copies_are_told_in_the_order_of_their_originals() -> None:
    async def work() -> None:
        async with talking(saying(b"OK [COPYUID 7 5:3,9 10,11:13] done")) as (connection, _):
            assert (await connection.copy([3, 4, 5, 9], "x")).uids == {5: 10, 4: 11, 3: 12, 9: 13}

    run(work())


def test_mailbox_that_was_open_before_says_nothing_about_the_next() -> None:
    said = (
        b"* VANISHED 3\r\n* 1 FETCH (UID 4 FLAGS ())\r\n* OK [CLOSED] bye\r\n* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n"
        b"* VANISHED (EARLIER) 1:2\r\nOK [READ-WRITE] done"
    )

    async def work() -> None:
        async with talking(saying(said)) as (connection, _):
            found = await connection.select("x")
            assert (found.vanished, found.changed) == (UidSet.of([1, 2]), ())

    run(work())


def test_any_octets_end_in_a_known_way() -> None:
    """A server that says anything at all: each verb gives an answer or one of the errors that are named, and never hangs."""
    dice = random.Random(5)
    words = [
        b"* ",
        b"1 ",
        b"FETCH ",
        b"(",
        b")",
        b"UID ",
        b"7 ",
        b"{3}\r\n",
        b"\r\n",
        b'"',
        b"abc",
        b"BODY[1]<0> ",
        b"OK ",
        b"NO ",
    ]
    words += [
        b"[",
        b"]",
        b"UIDVALIDITY ",
        b"EXISTS",
        b"+ ",
        b"p3 ",
        b"p4 ",
        b"BYE",
        b"LIST ",
        b"STATUS ",
        b"\\Seen ",
        b"\0",
        b"\xff",
    ]

    async def attempt(connection: Connection) -> None:
        await connection.select("x")
        await connection.fetch([7], [*Item, Section("1")])
        await connection.list_mailboxes(with_status=True)
        await connection.search()

    async def work() -> None:
        for _ in range(150):
            said = b"".join(dice.choice(words) for _ in range(dice.randrange(1, 40)))

            def answers(command: bytes, said: bytes = said) -> bytes:
                ok = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n" if dice.random() < 0.7 else b""
                return ok + said.removesuffix(b"\r\n") + b"\r\n"

            async with talking(answers, CAPABILITIES + " LIST-EXTENDED LIST-STATUS QRESYNC") as (connection, _):
                connection._stream.patience_seconds = 0.05
                with contextlib.suppress(Away, Rejected, Missing):
                    await attempt(connection)

    run(work())
