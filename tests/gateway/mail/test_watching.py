"""The index follows a real mail server, whatever that server can tell; and says so when it cannot."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.effort import few
from gateway.mail.mailserver import OFFERS, MailServer
from gateway.mail.watched import House, house
from pimgate.core import Core
from pimgate.errors import AwayNow
from pimgate.model.items import Op
from pimgate.model.mail import Mailbox


@pytest.fixture(scope="module", params=list(OFFERS))
def server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    with MailServer(request.param) as made:
        yield made


@pytest.fixture
def kind() -> str:
    """What a mail server tells does not depend on the database: `test_index` asks both."""
    return "sqlite"


@pytest.fixture
def login(request: pytest.FixtureRequest) -> str:
    return f"p{abs(hash(request.node.name)) % 10**12}@example.org"


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


@pytest.mark.parametrize("server", few(["full", "plain"], OFFERS), indirect=True)
def test_mailbox_is_followed(server: MailServer, make_core: Callable[..., Core], login: str) -> None:
    """New mail, flags, deletions, moves, folders made, renamed and removed by another program: each reaches the index and the
    journal once, whatever the server can tell."""

    async def story() -> None:
        async with house(make_core(mail=server.settings), server, login) as here:
            await here.program(lambda line: [line.put("one"), line.put("two", flags="\\Seen"), line.create("Work")])
            inbox = await here.ready()
            assert set(await here.messages()) == {"one", "two"}
            assert (await here.messages())["two"].flags == {"\\Seen"}
            await here.ready("Work")
            with here.room.watch(here.identity):
                await here.program(lambda line: line.put("three"))
                await here.until(lambda: has(here, "INBOX", {"one", "two", "three"}))
                await here.program(lambda line: line.flag("one", "\\Flagged Later"))
                await here.until(lambda: is_flagged(here, "one", {"\\Flagged", "Later"}))
                await here.program(lambda line: line.remove("two"))
                await here.until(lambda: has(here, "INBOX", {"one", "three"}))
                await here.program(lambda line: line.put("four", folder="Work"))
                await here.until(lambda: has(here, "Work", {"four"}))
                await here.program(lambda line: line.flag("four", "\\Seen", "Work"))
                await here.until(lambda: is_flagged(here, "four", {"\\Seen"}, "Work"))
                work = (await here.folders())["Work"]
                four = (await here.messages("Work"))["four"]
                await here.program(lambda line: line.rename("Work", "Play"))
                await here.until(lambda: is_there(here, "Play", "Work"))
                assert (await here.folders())["Play"].collection_id == work.collection_id
                await here.ready("Play")
                assert (await here.messages("Play"))["four"].id == four.id
                await here.program(lambda line: line.delete("Play"))
                await here.until(lambda: is_there(here, "INBOX", "Play"))
            told = await here.lines(inbox.collection_id)
            by_name = {name: each.id for name, each in (await here.messages()).items()}
            counts = Counter(op for op, _ in told)
            assert (counts[Op.CREATE], counts[Op.DELETE]) == (3, 1)
            assert 1 <= counts[Op.CHANGE] <= 2, "a message that goes may be seen as marked before"
            assert (Op.CHANGE, by_name["one"]) in told

    run(story())


async def has(here: House, path: str, names: set[str]) -> bool:
    return set(await here.messages(path)) == names


async def is_flagged(here: House, name: str, flags: set[str], path: str = "INBOX") -> bool:
    return (await here.messages(path))[name].flags == flags


async def is_there(here: House, path: str, gone: str) -> bool:
    folders = await here.folders()
    return path in folders and gone not in folders


@pytest.mark.parametrize("server", few(["full", "plain"], OFFERS), indirect=True)
def test_window_is_indexed_and_widened_without_disturbing(
    server: MailServer, make_core: Callable[..., Core], login: str
) -> None:
    async def story() -> None:
        async with house(make_core(mail=server.settings), server, login) as here:
            now = time.time()
            days = {"today": 0, "week": 7, "month": 31, "year": 365}

            def fill(line: Any) -> None:
                for name, ago in reversed(days.items()):
                    line.put(name, at=now - ago * 86_400)

            await here.program(fill)
            await here.ready(since=int(now) - 10 * 86_400)
            before = await here.messages()
            assert set(before) == {"today", "week"}
            assert before["today"].id < before["week"].id, "the latest comes first"
            await here.ready(since=int(now) - 3 * 86_400)
            assert await here.messages() == before
            await here.ready(since=0)
            after = await here.messages()
            assert {name: after[name] for name in before} == before
            assert set(after) == set(days)
            assert [op for op, _ in await here.lines((await here.folders())["INBOX"].collection_id)] == [Op.CREATE] * 4

    run(story())


@pytest.mark.parametrize("server", few(["full", "plain"], OFFERS), indirect=True)
def test_ids_survive_another_numbering(server: MailServer, make_core: Callable[..., Core], login: str) -> None:
    async def story() -> None:
        async with house(make_core(mail=server.settings), server, login) as here:
            await here.program(lambda line: [line.put(name) for name in ("one", "two", "three")])
            inbox = await here.ready()
            before = await here.messages()
            await here.program(lambda line: line.remove("two"))
            await here.room.stop_watching(here.account)
            await asyncio.sleep(1.1)  # the next numbering begins with another second
            server.number_anew(login)
            await here.program(lambda line: line.put("four"))
            await here.until(lambda: is_renumbered(here, inbox))
            after = await here.messages()
            assert set(after) == {"one", "three", "four"}
            assert {name: after[name].id for name in ("one", "three")} == {
                name: before[name].id for name in ("one", "three")
            }
            told = await here.lines(inbox.collection_id)
            assert sorted(op for op, _ in told[3:]) == [Op.CREATE, Op.DELETE]

    run(story())


async def is_renumbered(here: House, before: Mailbox) -> bool:
    if await is_away(here):
        return False
    now = (await here.folders())["INBOX"]
    return now.uid_validity != before.uid_validity and "four" in await here.messages()


@pytest.mark.parametrize("server", few([], OFFERS), indirect=True)
def test_server_that_is_away_is_said_to_be_away_and_nothing_is_lost(
    server: MailServer, make_core: Callable[..., Core], login: str
) -> None:
    async def story() -> None:
        async with house(make_core(mail=server.settings), server, login) as here:
            await here.program(lambda line: line.put("one"))
            await here.ready()
            before = await here.messages()
            with here.room.watch(here.identity):
                server.stop()
                try:
                    await here.until(lambda: is_away(here))
                    assert (await here.messages(), set(await here.folders())) == (before, set(await here.folders()))
                finally:
                    server.start()
                await here.program(lambda line: line.put("two"))
                await here.until(lambda: has(here, "INBOX", {"one", "two"}))
            assert (await here.messages())["one"].id == before["one"].id

    run(story())


async def is_away(here: House) -> bool:
    try:
        await here.ready()
    except AwayNow:
        return True
    return False


@pytest.mark.parametrize("server", few(["full"], OFFERS), indirect=True)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_gateways_tell_everything_once(server: MailServer, make_core: Callable[..., Core], login: str) -> None:
    """Two processes over one database watch the same mailbox."""

    async def story() -> None:
        first, second = make_core(mail=server.settings), make_core(mail=server.settings)
        async with house(first, server, login) as here, second.running():
            assert second.mail is not None
            await here.program(lambda line: line.put("zero"))
            inbox = await here.ready()
            with here.room.watch(here.identity), second.mail.watch(here.identity):
                await second.mail.ready(here.identity, [inbox.collection_id], 0)
                for number in range(10):
                    await here.program(lambda line, number=number: line.put(f"m{number}"))
                await here.until(lambda: has(here, "INBOX", {"zero", *(f"m{number}" for number in range(10))}))
                await here.program(lambda line: [line.flag("m1", "\\Seen"), line.remove("m2")])
                await here.until(lambda: is_flagged(here, "m1", {"\\Seen"}))
                await here.until(lambda: has(here, "INBOX", {"zero", "m0", "m1", *(f"m{n}" for n in range(3, 10))}))
                await second.mail.ready(here.identity, [inbox.collection_id], 0)
            told = [op for op, _ in await here.lines(inbox.collection_id)]
            assert (told.count(Op.CREATE), told.count(Op.DELETE)) == (11, 1)
            assert 1 <= told.count(Op.CHANGE) <= 2, "a message that goes may be seen as marked before"

    run(story())


def test_new_mail_rings_the_bell_at_once_where_the_server_tells(
    server: MailServer, make_core: Callable[..., Core], login: str
) -> None:
    """Nobody polls here; a server that tells nothing leaves the phone to ask."""

    async def story() -> None:
        settings = replace(server.settings, poll_seconds=86_400)
        async with house(make_core(mail=settings), server, login) as here:
            inbox = await here.ready()
            with here.room.watch(here.identity):
                await asyncio.sleep(1)  # let it begin to listen
                await here.program(lambda line: line.put("one"))
                begun = time.monotonic()
                if "IDLE" not in server.offer and server.offer:
                    here.room.box(here.account).note_everything()
                    await here.ready()
                await here.until(lambda: has(here, "INBOX", {"one"}), inbox.collection_id)
                print(f"heard after {time.monotonic() - begun:.2f} s")

    run(story())


@pytest.mark.parametrize("server", few(["full", "plain"], OFFERS), indirect=True)
def test_watcher_begins_when_a_device_asks_and_ends_when_none_does(
    server: MailServer, make_core: Callable[..., Core], login: str
) -> None:
    async def story() -> None:
        async with house(make_core(mail=server.settings), server, login) as here:
            assert not here.room.is_watched(here.account)
            await here.ready()
            with here.room.watch(here.identity), here.room.watch(here.identity):
                assert here.room.is_watched(here.account)
            await here.room.stop_watching(here.account)
            assert not here.room.is_watched(here.account)
        assert not [each for each in asyncio.all_tasks() if each is not asyncio.current_task()], "nothing goes on"

    run(story())
