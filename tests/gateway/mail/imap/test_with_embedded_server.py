"""The same verbs in front of the embedded mail server, as far as it goes: no QRESYNC, no NOTIFY, no OBJECTID."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pimgate.mail.imap import (
    BadLogin,
    Connection,
    Criterion,
    Exists,
    FlagChange,
    Item,
    Login,
    Place,
    Rejected,
    Section,
    UidSet,
    Way,
    connect,
)
from pimgate.settings import Security
from pimgate_mail.server import mail_server
from pimgate_mail.settings import MailSettings
from plugins.mail.village import PASSWORDS, Villagers

ALICE = "alice@example.org"
LETTER = b"Subject: Apfelkuchen\r\nMessage-ID: <one@example.org>\r\n\r\n" + b"Mehl, Eier\r\n" * 200

Verb = Callable[[Connection], Awaitable[None]]


def in_the_village(directory: Path, act: Verb, login: Login | None = None) -> None:
    """Let a connection of alice act, in front of a fresh server."""

    async def work() -> None:
        settings = MailSettings(imap_port=0, smtp_port=0, master_password="master key")
        async with mail_server(settings, directory / "mail", Villagers()) as server:
            async with logged_in(server.imap_port, login or Login(ALICE, PASSWORDS[ALICE])) as connection:
                await act(connection)
            await asyncio.sleep(0.02)  # Transports that are closing need their last turns.

    asyncio.run(work())


@asynccontextmanager
async def logged_in(port: int, login: Login) -> AsyncIterator[Connection]:
    connection = await connect(Place("127.0.0.1", port, Security.NONE), login)
    try:
        yield connection
    finally:
        await connection.log_out()


def test_mailboxes_are_listed_made_and_removed(tmp_path: Path) -> None:
    async def act(connection: Connection) -> None:
        found = {each.special_use: each for each in await connection.list_mailboxes(with_status=True)}
        assert {"\\sent", "\\trash", "\\drafts"} <= set(found)
        assert all(each.status is not None for each in found.values())
        await connection.create("Grüße/2026")
        await connection.rename("Grüße/2026", "Grüße/2027")
        await connection.subscribe("Grüße/2027")
        (mine,) = [each for each in await connection.list_mailboxes() if each.name == "Grüße/2027"]
        assert mine.is_subscribed
        await connection.delete("Grüße/2027")
        with pytest.raises(Rejected):
            await connection.status("Grüße/2027")

    in_the_village(tmp_path, act)


def test_messages_are_appended_described_flagged_moved_and_expunged(tmp_path: Path) -> None:
    async def act(connection: Connection) -> None:
        await connection.append("INBOX", LETTER, flag_names=["\\Seen", "$Forwarded"])
        await connection.append("INBOX", b"Subject: other\r\n\r\n")
        before = await connection.select("INBOX")
        assert before.exists == 2
        (found,) = await connection.fetch([1], [*Item, Section("", "HEADER.FIELDS", ("Subject",))])
        assert (found.flags, found.size_bytes, found.email_id) == ({"\\Seen", "$Forwarded"}, len(LETTER), None)
        assert found.part(Section("", "HEADER.FIELDS", ("Subject",))) == b"Subject: Apfelkuchen\r\n\r\n"
        assert b"".join([piece async for piece in connection.slices(1, Section(), slice_bytes=512)]) == LETTER
        assert list(await connection.search(Criterion.text("Eier") & Criterion.flagged("\\Seen"))) == [1]
        await connection.store([2], FlagChange.ADD, ["\\Flagged"])
        assert before.highest_modseq is not None
        changes = await connection.changes_since(before.highest_modseq, [Item.FLAGS])
        assert [(each.uid, each.flags) for each in changes.changed] == [(2, {"\\Flagged"})]
        stored = await connection.store([2], FlagChange.ADD, ["\\Seen"], unchanged_since=before.highest_modseq)
        assert stored.refused == UidSet.of([2])
        assert (await connection.copy([2], "Sent")).uids == {2: 1}
        assert (await connection.move([1], "Trash")).uids == {1: 1}
        await connection.expunge([2])
        assert list(await connection.search()) == []

    in_the_village(tmp_path, act)


def test_new_message_is_heard_while_waiting(tmp_path: Path) -> None:
    async def act(connection: Connection) -> None:
        await connection.select("INBOX")
        async with connection.idle() as idling:
            assert await idling.next(0.05) is None
        await connection.append("INBOX", LETTER)
        async with connection.idle() as idling:
            assert await idling.next(10) == Exists(1)
        with pytest.raises(Rejected):
            await connection.notify()

    in_the_village(tmp_path, act)


def test_master_comes_in_for_a_person(tmp_path: Path) -> None:
    async def act(connection: Connection) -> None:
        assert (await connection.status("INBOX")).messages == 0

    in_the_village(tmp_path, act, Login(ALICE, "master key", Way.MASTER, "pimgate"))


def test_wrong_password_is_a_wrong_login(tmp_path: Path) -> None:
    async def act(connection: Connection) -> None:
        """Nobody comes in."""

    with pytest.raises(BadLogin):
        in_the_village(tmp_path, act, Login(ALICE, "wrong"))
