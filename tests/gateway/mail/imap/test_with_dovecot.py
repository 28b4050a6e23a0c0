"""Every verb, in front of a real Dovecot."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import uvloop

from gateway.mail.dovecot import Dovecot
from pimgate.mail.imap import (
    BadLogin,
    Connection,
    Criterion,
    Exists,
    Expunged,
    Fetched,
    FlagChange,
    Item,
    Known,
    Listed,
    Login,
    Missing,
    Place,
    Rejected,
    Section,
    Status,
    Streamed,
    UidSet,
    Unasked,
    Vanished,
    Way,
    connect,
)
from pimgate.mail.imap.conversation import Conversation
from pimgate.settings import Security

LETTER = (
    b"From: =?utf-8?q?Gr=C3=BCn?= <anna@example.org>\r\nTo: bert@example.org\r\nSubject: Apfelkuchen\r\n"
    b"Date: Sat, 7 Feb 2026 12:00:00 +0100\r\nMessage-ID: <one@example.org>\r\n\r\nMehl, Eier\r\n"
)
PARTS = (
    b"Subject: parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: image/png\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--x--\r\n"
)
SEEN, FLAGGED, DELETED = "\\Seen", "\\Flagged", "\\Deleted"
WAIT = 20.0


@pytest.fixture
def mailbox(dovecot: Dovecot, request: pytest.FixtureRequest) -> str:
    """A mailbox of this test alone."""
    return f"Fächer/{abs(hash(request.node.name))}"


def run(work: Coroutine[Any, Any, None], new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(work)


both_loops = pytest.mark.parametrize("new_loop", [None, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
"""The loops that a gateway may run on."""


def trusted(dovecot: Dovecot) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(dovecot.certificate))


@asynccontextmanager
async def logged_in(dovecot: Dovecot, *, without: tuple[str, ...] = ()) -> AsyncIterator[Connection]:
    """A connection of alice; `without` are capabilities that this server is to be thought not to have."""
    place = Place("127.0.0.1", dovecot.port, Security.NONE)
    connection = await connect(place, Login(dovecot.user, dovecot.password))
    connection.capabilities -= set(without)
    try:
        yield connection
    finally:
        await connection.log_out()


@asynccontextmanager
async def opened(
    dovecot: Dovecot, name: str, *letters: bytes, without: tuple[str, ...] = ()
) -> AsyncIterator[Connection]:
    """A connection on which a new mailbox with these letters is open."""
    async with logged_in(dovecot, without=without) as connection:
        await connection.create(name)
        for each in letters:
            await connection.append(name, each)
        await connection.select(name)
        yield connection


async def heard_until(connection: Connection, wanted: Callable[[Unasked], bool], act: Awaitable[object]) -> Unasked:
    """What is heard in IDLE after `act` and fits."""
    async with connection.idle() as idling:
        await act
        async with asyncio.timeout(WAIT):
            while True:
                heard = await idling.next(1)
                if heard is not None and wanted(heard):
                    return heard


# Coming in


@both_loops
@pytest.mark.parametrize("security", list(Security))
def test_gateway_comes_in_with_and_without_tls(dovecot: Dovecot, security: Security, new_loop: Any) -> None:
    async def work() -> None:
        port = dovecot.tls_port if security is Security.TLS else dovecot.port
        connection = await connect(
            Place("localhost", port, security, trusted(dovecot)), Login(dovecot.user, dovecot.password)
        )
        assert connection.enabled >= {"CONDSTORE", "QRESYNC"}
        assert connection.has("IDLE")
        await connection.log_out()

    run(work(), new_loop)


def test_master_comes_in_for_a_person(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox):
            login = Login(dovecot.user, dovecot.master_password, Way.MASTER, dovecot.master_login)
            connection = await connect(Place("127.0.0.1", dovecot.port, Security.NONE), login)
            assert mailbox in {each.name for each in await connection.list_mailboxes()}
            await connection.log_out()

    run(work())


@pytest.mark.parametrize(
    "login",
    [
        Login("alice", "wrong"),
        Login("nobody-at-all", "s3cret pass"),
        Login("alice", "s3cret pass", Way.MASTER, "gateway"),
        Login("alice", "a token", Way.TOKEN),
        Login("alice", "with\0nul"),
    ],
    ids=["wrong", "nobody", "not the master", "no tokens here", "nul"],
)
def test_wrong_login_is_told_from_a_server_that_is_away(dovecot: Dovecot, login: Login) -> None:
    async def work() -> None:
        with pytest.raises(BadLogin) as refused:
            await connect(Place("127.0.0.1", dovecot.port, Security.NONE), login)
        assert login.secret not in str(refused.value)

    run(work())


def test_password_with_umlauts_comes_in(dovecot: Dovecot) -> None:
    async def work() -> None:
        connection = await connect(Place("127.0.0.1", dovecot.port, Security.NONE), Login("unicode", "grün-geheim"))
        await connection.log_out()

    run(work())


# Mailboxes


@pytest.mark.parametrize("without", [(), ("LIST-STATUS",), ("LIST-EXTENDED",)], ids=["all", "no status", "plain"])
def test_mailboxes_are_listed_with_what_they_are_for(dovecot: Dovecot, mailbox: str, without: tuple[str, ...]) -> None:
    async def work() -> None:
        async with logged_in(dovecot, without=without) as connection:
            found = {each.name for each in await connection.list_mailboxes()}
            for name in {"Sent", mailbox} - found:
                await connection.create(name)
            await connection.subscribe(mailbox)
            await connection.append(mailbox, LETTER)
            found = {each.name: each for each in await connection.list_mailboxes(with_status=True)}
            assert found["Sent"].special_use == "\\sent"
            assert found["INBOX"].special_use is None
            mine = found[mailbox]
            assert (mine.delimiter, mine.is_subscribed, mine.can_select) == ("/", True, True)
            assert mine.status is not None
            assert (mine.status.messages, mine.status.unseen, mine.status.uid_next) == (1, 1, 2)
            assert mine.status == await connection.status(mailbox)
            await connection.subscribe(mailbox, is_wanted=False)
            await connection.delete(mailbox)
            assert mailbox not in {each.name for each in await connection.list_mailboxes()}

    run(work())


def test_mailbox_that_only_holds_others_cannot_be_opened(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with logged_in(dovecot) as connection:
            await connection.create(mailbox + "/below")
            found = {each.name: each for each in await connection.list_mailboxes(with_status=True)}
            assert not found[mailbox].can_select
            assert found[mailbox].status is None
            assert found[mailbox + "/below"].can_select

    run(work())


def test_renamed_mailbox_is_found_under_its_new_name(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, LETTER) as connection:
            await connection.rename(mailbox, mailbox + " & más")
            assert (await connection.select(mailbox + " & más")).exists == 1
            with pytest.raises(Rejected):
                await connection.select(mailbox)
            assert connection.selected is None

    run(work())


def test_name_that_is_taken_is_told(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox) as connection:
            with pytest.raises(Rejected) as refused:
                await connection.create(mailbox)
            assert refused.value.code == "ALREADYEXISTS"

    run(work())


def test_open_mailbox_tells_where_it_stands(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, LETTER, PARTS) as connection:
            found = await connection.select(mailbox)
            assert (found.name, found.exists, found.uid_next, found.is_read_only) == (mailbox, 2, 3, False)
            assert found.uid_validity > 0
            assert found.highest_modseq
            assert found.takes_keywords
            assert SEEN in found.permanent_flags
            assert (await connection.select(mailbox, is_read_only=True)).is_read_only
            await connection.unselect()
            assert connection.selected is None

    run(work())


def test_reopened_mailbox_tells_what_became_of_it(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, LETTER, PARTS, LETTER) as connection:
            before = await connection.select(mailbox)
            async with logged_in(dovecot) as other:
                await other.select(mailbox)
                await other.expunge([1])
                await other.store([2], FlagChange.ADD, [FLAGGED])
            assert before.highest_modseq is not None
            await connection.select("INBOX")
            known = Known(before.uid_validity, before.highest_modseq, UidSet.of([1, 2, 3]))
            after = await connection.select(mailbox, known=known)
            assert after.vanished == UidSet.of([1])
            assert [(each.uid, each.flags) for each in after.changed] == [(2, {FLAGGED})]
            changes = await connection.changes_since(before.highest_modseq, [Item.FLAGS])
            assert changes.vanished == UidSet.of([1])
            assert [each.uid for each in changes.changed] == [2]

    run(work())


# Looking at messages


def test_message_is_described(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox) as connection:
            at = datetime(2026, 2, 7, 23, 30, tzinfo=timezone(timedelta(hours=-8)))
            await connection.append(mailbox, LETTER, flag_names=[SEEN, "$Forwarded"], arrived_at=at)
            (found,) = await connection.fetch([1, 77], list(Item))
            assert (found.uid, found.flags, found.size_bytes) == (1, {SEEN, "$Forwarded"}, len(LETTER))
            assert found.arrived_at == at
            assert found.modseq
            envelope = found.envelope
            assert envelope is not None
            assert (envelope.subject, envelope.message_id) == (b"Apfelkuchen", b"<one@example.org>")
            (sender,) = envelope.from_
            assert (sender.name, sender.local, sender.domain) == (b"=?utf-8?q?Gr=C3=BCn?=", b"anna", b"example.org")
            assert isinstance(found.structure, list)
            assert found.structure[:2] == [b"text", b"plain"]

    run(work())


def test_parts_of_a_message_are_fetched_by_name(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, PARTS) as connection:
            sections = [
                Section(),
                Section("1"),
                Section("2", "MIME"),
                Section("", "HEADER.FIELDS", ("subject", "X-None")),
                Section("", "HEADER"),
                Section("9"),
            ]
            (found,) = await connection.fetch([1], sections)
            assert found.part(sections[0]) == PARTS
            assert found.part(sections[1]) == b"hello"
            assert b"image/png" in (found.part(sections[2]) or b"")
            assert found.part(sections[3]) == b"Subject: parts\r\n\r\n"
            assert found.part(sections[4]) == PARTS[: PARTS.index(b"--x")]
            assert found.part(sections[5]) in (None, b"")
            assert found.flags is None
            (again,) = await connection.fetch([1], [Item.FLAGS])
            assert again.flags == frozenset(), "looking is not reading"

    run(work())


@pytest.mark.parametrize("slice_bytes", [1000, 1024, 4_000_000])
def test_large_message_comes_in_slices(dovecot: Dovecot, mailbox: str, slice_bytes: int) -> None:
    letter = b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 284

    async def work() -> None:
        async with opened(dovecot, mailbox, letter) as connection:
            pieces = [piece async for piece in connection.slices(1, Section(), slice_bytes=slice_bytes)]
            assert b"".join(pieces) == letter
            assert max(map(len, pieces)) <= slice_bytes
            with pytest.raises(Missing):
                [piece async for piece in connection.slices(2, Section())]

    run(work())


def test_message_of_a_whole_number_of_slices_ends(dovecot: Dovecot, mailbox: str) -> None:
    letter = b"Subject: x\r\n\r\n".ljust(4096, b"y")

    async def work() -> None:
        async with opened(dovecot, mailbox, letter) as connection:
            assert [len(piece) async for piece in connection.slices(1, Section(), slice_bytes=1024)] == [1024] * 4

    run(work())


@both_loops
def test_message_of_25_megabytes_is_appended_and_taken_in_pieces(dovecot: Dovecot, mailbox: str, new_loop: Any) -> None:
    size, line = 25 * 1024 * 1024, b"Mehl und Eier " * 5 + b"\r\n"

    async def pieces() -> AsyncIterator[bytes]:
        head = b"Subject: large\r\n\r\n"
        yield head
        left = size - len(head)
        while left:
            piece = (line * 1000)[:left]
            left -= len(piece)
            yield piece

    async def work() -> None:
        async with opened(dovecot, mailbox) as connection:
            appended = await connection.append(mailbox, Streamed(size, pieces()))
            assert appended is not None
            assert appended.uid == 1
            assert sum([len(piece) async for piece in connection.slices(1, Section())]) == size

    run(work(), new_loop)


@pytest.mark.parametrize("without", [(), ("ESEARCH",)], ids=["esearch", "search"])
def test_messages_are_found(dovecot: Dovecot, mailbox: str, without: tuple[str, ...]) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, LETTER, PARTS, without=without) as connection:
            at = datetime(2020, 5, 17, 12, tzinfo=UTC)
            await connection.append(
                mailbox, "Subject: Äpfel {3}\r\n\r\nx\r\n".encode(), arrived_at=at, flag_names=["$Forwarded"]
            )
            await connection.store([2], FlagChange.ADD, [SEEN])

            async def found(*criteria: Criterion) -> list[int]:
                return list(await connection.search(*criteria))

            of = Criterion
            assert await found() == [1, 2, 3]
            assert await found(of.flagged(SEEN)) == [2]
            assert await found(of.flagged("$Forwarded")) == [3]
            assert await found(~of.flagged(SEEN), of.arrived_since(date(2020, 6, 1))) == [1]
            assert await found(of.arrived_before(date(2020, 6, 1))) == [3]
            assert await found(of.sent_since(date(2026, 2, 7)) & of.sent_before(date(2026, 2, 8))) == [1]
            assert await found(of.header("Subject", "apfel") | of.header("Subject", "parts")) == [1, 2]
            assert await found(of.header("Message-ID", "")) == [1]
            assert await found(of.text("Äpfel {3}")) == [3]
            assert await found(of.body("Mehl") | of.text("Äpfel")) == [1, 3]
            assert await found(~(of.text("Äpfel") | of.flagged(SEEN))) == [1]
            assert await found(of.among([2, 3]), of.smaller_than(100)) == [3]
            assert await found(of.larger_than(10_000)) == []

    run(work())


# Changing messages


def test_flags_are_set_and_taken_away(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, LETTER, PARTS) as connection:
            stored = await connection.store([1, 2], FlagChange.ADD, [SEEN, "$Label1"])
            assert set(stored.modseqs) == {1, 2}
            await connection.store([1], FlagChange.REMOVE, [SEEN])
            await connection.store([2], FlagChange.REPLACE, [FLAGGED])
            found = await connection.fetch([1, 2], [Item.FLAGS])
            assert [each.flags for each in found] == [{"$Label1"}, {FLAGGED}]

    run(work())


def test_message_that_changed_meanwhile_is_left_alone(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, LETTER, PARTS) as connection:
            before = (await connection.select(mailbox)).highest_modseq
            await connection.store([1], FlagChange.ADD, [FLAGGED])
            stored = await connection.store([1, 2], FlagChange.ADD, [SEEN], unchanged_since=before)
            assert stored.refused == UidSet.of([1])
            found = await connection.fetch([1, 2], [Item.FLAGS])
            assert [each.flags for each in found] == [{FLAGGED}, {SEEN}]

    run(work())


@pytest.mark.parametrize(
    "without", [(), ("MOVE",), ("MOVE", "UIDPLUS")], ids=["by move", "by copy and expunge", "without uidplus"]
)
def test_messages_move(dovecot: Dovecot, mailbox: str, without: tuple[str, ...]) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, LETTER, PARTS, LETTER, without=without) as connection:
            await connection.create(mailbox + "/elsewhere")
            copied = await connection.copy([2], mailbox + "/elsewhere")
            assert copied.uids == {2: 1}
            moved = await connection.move([1, 3], mailbox + "/elsewhere")
            assert moved.uids == {1: 2, 3: 3}
            assert moved.uid_validity == (await connection.status(mailbox + "/elsewhere")).uid_validity
            assert list(await connection.search()) == [2]
            with pytest.raises(Rejected) as refused:
                await connection.move([2], mailbox + "/nowhere")
            assert refused.value.code == "TRYCREATE"
            assert list(await connection.search(~Criterion.flagged(DELETED))) == [2]

    run(work())


def test_only_what_is_named_is_expunged(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, LETTER, PARTS) as connection:
            await connection.store([2], FlagChange.ADD, [DELETED])
            await connection.expunge([1])
            assert list(await connection.search()) == [2]

    run(work())


def test_nobody_elses_deleted_messages_are_expunged_where_uids_cannot_be_named(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, LETTER, PARTS, LETTER, without=("MOVE", "UIDPLUS")) as connection:
            await connection.store([2], FlagChange.ADD, [DELETED])
            await connection.expunge([1])
            await connection.move([3], "INBOX")
            assert list(await connection.search()) == [2]
            assert list(await connection.search(Criterion.flagged(DELETED))) == [2]
            await connection.expunge([2])
            assert list(await connection.search()) == []

    run(work())


@pytest.mark.parametrize("announced", [3, 5_000])
def test_message_that_is_not_as_long_as_was_said_is_not_kept(dovecot: Dovecot, mailbox: str, announced: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"Subject: x\r\n\r\n"

    async def work() -> None:
        async with opened(dovecot, mailbox) as connection:
            with pytest.raises(ValueError, match="not as long"):
                await connection.append(mailbox, Streamed(announced, pieces()))
            assert connection.is_closed
        async with logged_in(dovecot) as connection:
            assert (await connection.select(mailbox)).exists == 0

    run(work())


def test_message_for_a_mailbox_that_is_not_there_is_refused(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with logged_in(dovecot) as connection:
            for letter in (LETTER, b"Subject: long\r\n\r\n" + b"x" * 10_000):
                with pytest.raises(Rejected) as refused:
                    await connection.append(mailbox, letter)
                assert refused.value.code == "TRYCREATE"
            await connection.noop()

    run(work())


# Hearing what happens


def test_new_flagged_and_vanished_messages_are_heard(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox, LETTER) as connection, logged_in(dovecot) as other:
            await other.select(mailbox)
            await heard_until(connection, lambda heard: heard == Exists(2), other.append(mailbox, PARTS))
            flagged = await heard_until(
                connection,
                lambda heard: isinstance(heard, Fetched) and heard.flags is not None and FLAGGED in heard.flags,
                other.store([1], FlagChange.ADD, [FLAGGED]),
            )
            assert isinstance(flagged, Fetched)
            assert flagged.number == 1
            gone = await heard_until(
                connection, lambda heard: isinstance(heard, Vanished | Expunged), other.expunge([1])
            )
            assert gone == Vanished(UidSet.of([1]))
            await connection.noop()

    run(work())


def test_notify_tells_of_all_mailboxes(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox) as connection, logged_in(dovecot) as other:
            await connection.select("INBOX")
            await connection.notify()
            heard = await heard_until(
                connection,
                lambda heard: isinstance(heard, Status) and heard.name == mailbox,
                other.append(mailbox, LETTER),
            )
            assert isinstance(heard, Status)
            assert heard.messages == 1
            await heard_until(
                connection,
                lambda heard: isinstance(heard, Listed) and heard.name == mailbox + "/new",
                other.create(mailbox + "/new"),
            )
            await connection.notify_none()

    run(work())


def test_quiet_server_says_nothing(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox) as connection:
            async with connection.idle() as idling:
                assert await idling.next(0.05) is None
                assert await idling.next(0.05) is None
            await connection.noop()

    run(work())


def test_what_happens_beside_a_command_waits_to_be_heard(dovecot: Dovecot, mailbox: str) -> None:
    async def work() -> None:
        async with opened(dovecot, mailbox) as connection, logged_in(dovecot) as other:
            await other.append(mailbox, LETTER)
            await connection.noop()
            async with connection.idle() as idling:
                assert await idling.next(WAIT) == Exists(1)

    run(work())


def test_connection_is_one(dovecot: Dovecot) -> None:
    """Commands of several tasks stand in line."""

    async def work() -> None:
        async with logged_in(dovecot) as connection:
            assert isinstance(connection, Conversation)
            states = await asyncio.gather(*(connection.status("INBOX") for _ in range(10)))
            assert len({each.uid_validity for each in states}) == 1

    run(work())
