"""What a device does to messages reaches a real mail server, then the index; and may be asked for again."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from gateway.mail.mailserver import MailServer
from gateway.mail.watched import House, house
from pimgate.core import Core
from pimgate.errors import AwayNow, NoSuchCollection
from pimgate.mail.acting import Acting
from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId, Op
from pimgate.model.mail import SpecialUse

DRAFT = b"From: anna@example.org\r\nSubject: Plan\r\nMessage-ID: <%s@example.org>\r\n\r\n%s\r\n"


@pytest.fixture(scope="module", params=["full", "bare"])
def server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    made = MailServer(request.param)
    made.start()
    yield made
    made.remove()


@pytest.fixture
def kind() -> str:
    return "sqlite"


Story = Callable[[House, Acting, CollectionId, dict[str, ItemId]], Coroutine[Any, Any, None]]


@pytest.fixture
def play(server: MailServer, make_core: Callable[..., Core], request: pytest.FixtureRequest) -> Callable[[Story], None]:
    """Play a story with a person whose inbox holds one, two and three, and who has the folders Trash and Work."""
    login = f"p{abs(hash(request.node.name)) % 10**12}@example.org"

    async def played(story: Story) -> None:
        async with house(make_core(mail=server.settings), server, login) as here:
            await here.program(
                lambda line: [
                    *(line.put(name) for name in ("one", "two", "three")),
                    line.create("Trash"),
                    line.create("Work"),
                ]
            )
            inbox = await here.ready()
            ids = {name: each.id for name, each in (await here.messages()).items()}
            await story(here, here.room.acting(here.identity, "dphone"), inbox.collection_id, ids)

    return lambda story: asyncio.run(played(story))


def test_flags_are_set_there_and_here(play: Callable[[Story], None]) -> None:
    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        for _ in range(2):
            now = await acting.set_flags(inbox, [ids["one"], ids["two"], ItemId(999)], add=["\\Seen", "\\Flagged"])
            assert now.keys() == {ids["one"], ids["two"]}
            assert all(message.flags == {"\\Seen", "\\Flagged"} for message in now.values())
        await acting.set_flags(inbox, [ids["one"]], remove=["\\Seen"])
        assert (await here.messages())["one"].flags == {"\\Flagged"}
        told = [each for each in await here.lines(inbox) if each[0] is Op.CHANGE]
        assert sorted(item or 0 for _, item in told) == sorted([ids["one"], ids["one"], ids["two"]])
        await here.room.ready(here.identity, [inbox], 0)
        assert (await here.messages())["one"].flags == {"\\Flagged"}

    play(story)


def test_moved_messages_have_an_id_where_they_are_now(play: Callable[[Story], None]) -> None:
    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        work = (await here.folders())["Work"].collection_id
        moved = await acting.move(inbox, [ids["one"], ids["two"], ItemId(999)], work)
        there = await here.messages("Work")
        assert moved == {ids["one"]: there["one"].id, ids["two"]: there["two"].id, ItemId(999): None}
        assert set(await here.messages()) == {"three"}
        assert await here.program(lambda line: (line.names(), line.names("Work"))) == ({"three"}, {"one", "two"})

    play(story)


def test_move_whose_answer_was_lost_is_found_done(play: Callable[[Story], None]) -> None:
    """The server moved the message, and we died before we wrote it down."""

    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        work = (await here.folders())["Work"].collection_id

        def elsewhere(line: Any) -> None:
            number = line.number_of("one")
            line.done(line.uid("COPY", number, "Work"))
            line.remove("one")

        await here.program(elsewhere)
        moved = await acting.move(inbox, [ids["one"]], work)
        assert moved == {ids["one"]: (await here.messages("Work"))["one"].id}
        assert set(await here.messages()) == {"two", "three"}

    play(story)


def test_deleted_messages_go_to_the_trash_and_from_there_for_good(play: Callable[[Story], None]) -> None:
    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        for _ in range(2):
            await acting.delete(inbox, [ids["one"]])
        await acting.delete(inbox, [ids["two"]], for_good=True)
        assert set(await here.messages()) == {"three"}
        trash = await here.ready("Trash")
        assert (trash.special_use, set(await here.messages("Trash"))) == (SpecialUse.TRASH, {"one"})
        await acting.delete(trash.collection_id, [(await here.messages("Trash"))["one"].id])
        assert await here.program(lambda line: (line.names(), line.names("Trash"))) == ({"three"}, set())
        await acting.empty(inbox)
        assert await here.messages() == {}

    play(story)


def test_message_that_is_put_somewhere_twice_lies_there_once(play: Callable[[Story], None]) -> None:
    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        work = (await here.folders())["Work"].collection_id
        first = await acting.append(work, DRAFT % (b"plan", b"Hello"), flags=["\\Seen"])
        assert await acting.append(work, DRAFT % (b"plan", b"Hello"), flags=["\\Seen"]) == first
        assert (await here.messages("Work"))["plan"].flags == {"\\Seen"}
        assert await here.program(lambda line: line.names("Work")) == {"Plan"}

    play(story)


@pytest.mark.parametrize("same_id", [True, False])
def test_draft_that_is_edited_stays_the_same_item(play: Callable[[Story], None], same_id: bool) -> None:
    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        work = (await here.folders())["Work"].collection_id
        draft = await acting.append(work, DRAFT % (b"plan", b"Hello"), flags=["\\Draft"])
        number = (await here.messages("Work"))["plan"].uid
        later = b"plan" if same_id else b"later"
        edited = await acting.append(work, DRAFT % (later, b"Hello, you"), flags=["\\Draft"], replaces=draft)
        (now,) = (await here.messages("Work")).values()
        assert (edited, now.id) == (draft, draft)
        assert now.uid != number
        await here.ready("Work")
        assert [each.id for each in (await here.messages("Work")).values()] == [draft]
        assert [op for op, _ in await here.lines(work)] == [Op.CREATE, Op.CHANGE]

    play(story)


def test_folder_of_nobody_and_server_that_is_away_are_errors(play: Callable[[Story], None], server: MailServer) -> None:
    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        with pytest.raises(NoSuchCollection):
            await acting.set_flags(CollectionId("cnobody"), [ids["one"]], add=["\\Seen"])
        server.stop()
        try:
            for deed in (
                acting.set_flags(inbox, [ids["one"]], add=["\\Seen"]),
                acting.delete(inbox, [ids["one"]]),
                acting.append(inbox, DRAFT % (b"plan", b"Hello")),
            ):
                with pytest.raises(AwayNow):
                    await deed
            assert set(await here.messages()) == {"one", "two", "three"}
        finally:
            server.start()

    play(story)
