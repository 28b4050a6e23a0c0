"""Looking for messages on a real mail server: the latest first, within limits, and never less than is said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest

from gateway.mail.mailserver import MailServer
from gateway.mail.watched import House, house
from pimgate.core import Core
from pimgate.errors import AwayNow
from pimgate.mail import finding
from pimgate.mail.finding import Found, Wish
from pimgate.mail.imap import Connection, Criterion, UidSet, Unsayable
from pimgate.model.collections import CollectionId
from pimgate.model.mail import Mailbox, SpecialUse

NOW = int(time.time())
DAY = 86_400


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    """One that can do little; devices look for mail on one that can do all."""
    with MailServer("bare") as made:
        yield made


@pytest.fixture
def kind() -> str:
    return "sqlite"


async def look(here: House, wish: Wish, **more: object) -> Found:
    folders = {each.collection_id for each in (await here.folders()).values()}
    return await finding.find(here.room.box(here.account), wish, folders, **more)  # type: ignore[arg-type]


async def names(here: House, found: Found) -> list[str]:
    """The messages that were found, by name, in their order."""
    box = here.room.box(here.account)
    said = []
    for hit in found.hits:
        [message] = (await finding.messages_at(box, hit.collection_id, hit.uid_validity, [hit.uid])).values()
        assert (message.id > 0) == (hit.item_id is not None)
        said.append(message.message_id.strip("<>").partition("@")[0])
    return said


def test_messages_are_found_in_and_beyond_the_index(server: MailServer, make_core: Callable[..., Core]) -> None:
    async def story() -> None:
        async with house(make_core(mail=server.settings), server, "finder@example.org") as here:
            await here.program(
                lambda line: (
                    line.create("Work"),
                    line.put("old", at=NOW - 300 * DAY),
                    line.put("new", at=NOW - 3600),
                    line.put("work", folder="Work", at=NOW - DAY),
                )
            )
            await here.ready(since=NOW - 30 * DAY)
            everything = Wish(Criterion.everything())
            found = await look(here, everything)
            assert await names(here, found) == ["new", "work", "old"]
            assert [each.item_id is not None for each in found.hits] == [True, False, False]
            assert (found.total, found.is_complete) == (3, True)
            assert await names(here, await look(here, Wish(Criterion.envelope("subject", "OLD")))) == ["old"]
            edge = found.hits[1].arrived_at
            assert await names(here, await look(here, Wish(Criterion.everything(), since=edge))) == ["new", "work"]
            assert await names(here, await look(here, Wish(Criterion.everything(), before=edge))) == ["old"]
            few = await look(here, everything, most=1)
            assert (await names(here, few), few.total) == (["new"], 3)
            assert set(await here.messages()) == {"new"}  # nothing was taken into the index
            await renumbered(here, found)

    asyncio.run(story())


async def renumbered(here: House, found: Found) -> None:
    """A place means nothing any more when its folder is numbered anew."""
    box, old = here.room.box(here.account), found.hits[-1]
    assert await finding.messages_at(box, old.collection_id, old.uid_validity + 1, [old.uid]) == {}
    assert await finding.messages_at(box, old.collection_id, old.uid_validity, [old.uid + 999]) == {}
    assert await finding.messages_at(box, CollectionId("c000000000000"), old.uid_validity, [old.uid]) == {}


def test_time_that_is_up_is_said(
    server: MailServer, make_core: Callable[..., Core], monkeypatch: pytest.MonkeyPatch
) -> None:
    searched = []
    search = Connection.search

    async def slow(line: Connection, *criteria: Criterion) -> UidSet:
        searched.append(line.selected)
        if len(searched) == 2:
            raise TimeoutError  # as when the time is up
        if len(searched) > 2:
            await asyncio.sleep(60)
        return await search(line, *criteria)

    async def story() -> None:
        async with house(make_core(mail=server.settings), server, "slow@example.org") as here:
            await here.program(lambda line: (line.create("Work"), line.put("one"), line.put("two", folder="Work")))
            await here.room.ready(here.identity, [], 0)
            monkeypatch.setattr(Connection, "search", slow)
            found = await look(here, Wish(Criterion.everything()))
            assert (len(found.hits), found.is_complete) == (1, False)
            with pytest.raises(AwayNow):
                await look(here, Wish(Criterion.everything()), seconds=0.2)
            monkeypatch.undo()
            assert (await look(here, Wish(Criterion.everything()))).is_complete
            with pytest.raises(Unsayable):
                await look(here, Wish(Criterion.text("x" * 9_999)))
            server.stop()
            try:
                with pytest.raises(AwayNow):
                    await look(here, Wish(Criterion.everything()))
            finally:
                server.start()

    asyncio.run(story())


def folder(name: str, parent: str = "") -> Mailbox:
    return Mailbox(CollectionId(name), name, "/", CollectionId(parent) if parent else None, SpecialUse.NONE)


def test_folders_below_others_are_told_also_where_they_go_in_circles() -> None:
    folders = [folder("a"), folder("b", "a"), folder("c", "b"), folder("d"), folder("e", "f"), folder("f", "e")]
    assert finding.below(folders, [CollectionId("a")]) == {"a", "b", "c"}
    assert finding.below(folders, [CollectionId("e")]) == {"e", "f"}
    assert finding.below(folders, []) == set()
