"""What a device does to messages reaches a real mail server, then the index; and may be asked for again."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from gateway.mail.letters import NOON
from gateway.mail.mailserver import MailServer
from gateway.mail.watched import House, house
from pimgate.core import Core
from pimgate.errors import AwayNow, NoSuchCollection
from pimgate.mail import index
from pimgate.mail.acting import Acting
from pimgate.mail.imap import Connection
from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId, Op
from pimgate.model.mail import SpecialUse

DRAFT = b"From: anna@example.org\r\nSubject: Plan\r\nMessage-ID: <%s@example.org>\r\n\r\n%s\r\n"


@pytest.fixture(scope="module", params=["full", "bare"])
def server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    with MailServer(request.param) as made:
        yield made


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
        work, found = (await here.folders())["Work"].collection_id, (await here.folders())["INBOX"]
        one = (await here.messages())["one"]
        await here.core.write(lambda work: index.note_follow_up(work, found, one, {"Status": "2"}))
        moved = await acting.move(inbox, [ids["one"], ids["two"], ItemId(999)], work)
        there = await here.messages("Work")
        assert moved == {ids["one"]: there["one"].id, ids["two"]: there["two"].id, ItemId(999): None}
        assert (there["one"].follow_up, there["two"].follow_up) == ({"Status": "2"}, None)
        assert set(await here.messages()) == {"three"}
        assert await here.program(lambda line: (line.names(), line.names("Work"))) == ({"three"}, {"one", "two"})

    play(story)


def test_folder_that_something_old_goes_to_is_not_indexed_for_its_sake(
    play: Callable[[Story], None], server: MailServer
) -> None:
    """A server that does not tell where messages went is asked for all that is as old."""
    indexed = {"old", "older"} if server.offer else {"old"}

    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        await here.program(
            lambda line: [line.put("old", at=NOON - 10**8), line.put("older", folder="Work", at=NOON - 10**7)]
        )
        await here.room.box(here.account).look_at(inbox, 0)
        old, work = (await here.messages())["old"], (await here.ready("Work", NOON)).collection_id
        moved = await acting.move(inbox, [old.id], work)
        assert set(await here.messages("Work")) == indexed
        await here.room.box(here.account).look_at(work, NOON)
        assert set(await here.messages("Work")) == indexed
        await here.room.box(here.account).look_at(work, 0)
        assert set(await here.messages("Work")) == {"old", "older"}
        assert (await here.messages("Work"))["old"].id == moved[old.id]

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


def test_move_that_broke_off_in_the_middle_leaves_one_message(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch, server: MailServer
) -> None:
    """The server moved the message, or copied it where it cannot move, and the connection broke."""
    verb = "copy" if server.offer else "move"
    whole = getattr(Connection, verb)

    async def broken(line: Connection, *words: Any) -> None:
        await whole(line, *words)
        line.close()
        raise AwayNow("the connection broke")

    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        work = (await here.folders())["Work"].collection_id
        with monkeypatch.context() as patched:
            patched.setattr(Connection, verb, broken)
            with pytest.raises(AwayNow):
                await acting.move(inbox, [ids["one"], ids["two"]], work)
        moved = await acting.move(inbox, [ids["one"], ids["two"]], work)
        there = await here.messages("Work")
        assert moved == {ids[name]: there[name].id for name in ("one", "two")}
        assert len(there) == 2
        assert await here.program(lambda line: (line.names(), line.count("Work"))) == ({"three"}, 2)

    play(story)


def test_twins_that_move_stay_two(play: Callable[[Story], None]) -> None:
    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        await here.program(lambda line: [line.put("twin", at=NOON) for _ in range(2)])
        await here.room.box(here.account).look_at(inbox, 0)
        found = await here.core.read(lambda work: work.mail.messages(inbox))
        twins = [each.id for each in found if each.message_id.startswith("<twin@")]
        work = (await here.folders())["Work"].collection_id
        moved = await acting.move(inbox, twins, work)
        assert len({*moved.values()} - {None}) == len(twins) == 2
        assert await here.program(lambda line: line.count("Work")) == 2

    play(story)


def test_what_others_marked_as_deleted_stays_until_they_expunge_it(play: Callable[[Story], None]) -> None:
    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        await here.program(lambda line: line.flag("three", "\\Deleted"))
        await acting.move(inbox, [ids["one"]], (await here.folders())["Work"].collection_id)
        await acting.delete(inbox, [ids["two"]])
        assert await here.program(lambda line: line.names()) == {"three"}
        await here.program(lambda line: [line.select(), line.done(line.expunge())])
        assert await here.program(lambda line: line.names()) == set()

    play(story)


def test_message_does_not_go_to_a_folder_that_took_the_name_of_another(play: Callable[[Story], None]) -> None:
    """Somebody renames the target, and makes a new folder of the old name."""

    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        work = (await here.ready("Work")).collection_id
        await here.program(lambda line: line.done(line.rename("Work", "Office")))
        await here.program(lambda line: line.done(line.create("Work")))
        moved = await acting.move(inbox, [ids["one"]], work)
        assert moved == {ids["one"]: (await here.messages("Office"))["one"].id}

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


def test_message_with_the_id_of_another_is_put_beside_it(play: Callable[[Story], None]) -> None:
    """Whoever knows a Message-ID could else keep a copy out of a folder by being there first."""

    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        work = (await here.folders())["Work"].collection_id
        forged = await acting.append(work, DRAFT % (b"copy", b"Something else"))
        copies = [await acting.append(work, DRAFT % (b"copy", b"Hello")) for _ in range(2)]
        assert (len({forged, *copies}), copies[0]) == (2, copies[1])
        assert await here.program(lambda line: line.count("Work")) == 2

    play(story)


def test_message_whose_id_is_a_part_of_anothers_is_none_of_theirs(play: Callable[[Story], None]) -> None:
    async def story(here: House, acting: Acting, inbox: CollectionId, ids: dict[str, ItemId]) -> None:
        odd = b"From: anna@example.org\r\nSubject: %s\r\nMessage-ID: example.org\r\n\r\nHello\r\n"
        other = await acting.append(inbox, DRAFT % (b"other", b"Hello"))
        draft = await acting.append(inbox, odd % b"first", flags=["\\Draft"])
        assert draft not in (other, *ids.values())
        assert await acting.append(inbox, odd % b"first", flags=["\\Draft"]) == draft
        assert await acting.append(inbox, odd % b"second", flags=["\\Draft"], replaces=draft) == draft
        subjects = await here.program(lambda line: line.names("INBOX"))
        assert {"second", "Plan", *ids} == subjects

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
