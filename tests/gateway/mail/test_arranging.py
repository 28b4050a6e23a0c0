"""What a device does to mail folders reaches a real mail server, then the list of folders; and may be asked for again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from gateway.mail.mailserver import MailServer
from gateway.mail.watched import House, house
from pimgate.core import Core
from pimgate.errors import AwayNow, NoSuchCollection, PimgateError, Protected
from pimgate.mail.arranging import Arranging, BadName, BelowItself, FolderThere, NoRoomForFolder, NoSuchParent, leaf
from pimgate.mail.imap import Away, Connection, Known, Rejected, Selected
from pimgate.mail.postbox import Rearranging
from pimgate.model.collections import CollectionId
from pimgate.model.mail import Mailbox

Story = Callable[[House, Arranging], Coroutine[Any, Any, None]]
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.fixture(scope="module", params=["full", pytest.param("bare", marks=pytest.mark.slow)])
def server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    with MailServer(request.param) as made:
        yield made


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def play(server: MailServer, make_core: Callable[..., Core], request: pytest.FixtureRequest) -> Callable[[Story], None]:
    """Play a story with a person who has the folders Trash, Work, Work/2026 and Play, with a message called `one` in Work/2026."""
    login = f"p{abs(hash(request.node.name)) % 10**12}@example.org"

    async def played(story: Story) -> None:
        async with house(make_core(mail=server.settings), server, login) as here:
            await here.program(
                lambda line: [
                    *(line.done(line.create(each)) for each in ("Trash", "Work", "Work/2026", "Play")),
                    line.put("one", folder="Work/2026"),
                ]
            )
            await here.ready("Work/2026")
            await story(here, here.room.arranging(here.identity))

    return lambda story: asyncio.run(played(story))


async def paths(here: House) -> set[str]:
    """On the server."""

    def listed(line: Any) -> set[str]:
        found = [each.decode().rpartition(' "/" ')[2].strip('"') for each in line.done(line.list()) if each]
        return {each for each in found if each != "INBOX"}

    told: set[str] = await here.program(listed)
    return told


async def ids(here: House) -> dict[str, CollectionId]:
    return {path: each.collection_id for path, each in (await here.folders()).items()}


def test_new_folder_is_there_at_once_and_told_once(play: Callable[[Story], None]) -> None:
    async def story(here: House, arranging: Arranging) -> None:
        before = len(await here.lines(f"h:{here.account.id}"))
        work = (await ids(here))["Work"]
        made = await arranging.create("Gr\u00fcn & blau", work)
        found = (await here.folders())["Work/Gr\u00fcn & blau"]
        assert (found.collection_id, found.parent_id) == (made, work)
        assert "Work/Gr&APw-n &- blau" in await paths(here)
        assert len(await here.lines(f"h:{here.account.id}")) == before + 1
        with pytest.raises(FolderThere) as there:
            await arranging.create("GR\u00dcN & BLAU", work)
        assert there.value.collection_id == made
        await here.room.ready(here.identity, [], 0)
        assert len(await here.lines(f"h:{here.account.id}")) == before + 1
        subscribed = await here.program(lambda line: line.done(line.lsub()))
        assert any(b"Gr&APw-n" in each for each in subscribed)

    play(story)


def test_folder_keeps_its_id_and_what_is_in_it_under_another_name_and_elsewhere(play: Callable[[Story], None]) -> None:
    async def story(here: House, arranging: Arranging) -> None:
        before, [message] = await ids(here), (await here.messages("Work/2026")).values()
        await here.program(lambda line: line.done(line.subscribe("Work/2026")))
        for _ in range(2):
            await arranging.rename(before["Work"], "Office", before["Play"])
        assert await ids(here) == {
            "INBOX": before["INBOX"],
            "Trash": before["Trash"],
            "Play": before["Play"],
            "Play/Office": before["Work"],
            "Play/Office/2026": before["Work/2026"],
        }
        assert await paths(here) == {"Trash", "Play", "Play/Office", "Play/Office/2026"}
        await here.ready("Play/Office/2026")
        assert [each.id for each in (await here.messages("Play/Office/2026")).values()] == [message.id]
        [subscribed] = await here.program(lambda line: line.done(line.lsub()))
        assert subscribed.endswith(b"Play/Office/2026")
        with pytest.raises(BelowItself):
            await arranging.rename(before["Play"], "Play", before["Work/2026"])
        with pytest.raises(FolderThere):
            await arranging.rename(before["Work"], "TRASH")
        await arranging.rename(before["Work"], "office")
        assert "office/2026" in await paths(here)

    play(story)


def test_two_empty_folders_that_are_renamed_at_once_are_not_confused(play: Callable[[Story], None]) -> None:
    """Nothing but their names tells them apart."""

    async def story(here: House, arranging: Arranging) -> None:
        made = [await arranging.create(name) for name in ("a", "b")]
        await asyncio.gather(
            arranging.rename(made[0], "b2"), arranging.rename(made[1], "a2"), here.room.ready(here.identity, [], 0)
        )
        now = await ids(here)
        assert (now["b2"], now["a2"]) == tuple(made)

    play(story)


def test_removed_folder_takes_those_below_it_along(play: Callable[[Story], None]) -> None:
    async def story(here: House, arranging: Arranging) -> None:
        work = (await ids(here))["Work"]
        await here.program(lambda line: line.done(line.create("Work/only/above")))
        await arranging.delete(work)
        assert await paths(here) == {"Trash", "Play"} == set(await ids(here)) - {"INBOX"}
        with pytest.raises(NoSuchCollection):
            await arranging.delete(work)

    play(story)


def test_folders_that_serve_a_purpose_stay(play: Callable[[Story], None]) -> None:
    async def story(here: House, arranging: Arranging) -> None:
        await here.program(lambda line: [line.done(line.create(each)) for each in ("Old", "Old/x")])
        await here.room.ready(here.identity, [], 0)
        known, before = await ids(here), await paths(here)
        for path in ("INBOX", "Trash"):
            for deed in (arranging.rename(known[path], "Other"), arranging.delete(known[path])):
                with pytest.raises(Protected):
                    await deed
        assert await paths(here) == before

    play(story)


def test_what_another_program_did_meanwhile_is_seen_first(play: Callable[[Story], None]) -> None:
    """A folder is made below its parent, whatever that is called by now, and not below a new one of the old name."""

    async def story(here: House, arranging: Arranging) -> None:
        known = await ids(here)
        await here.program(lambda line: line.done(line.rename("Work", "Office")))
        made = await arranging.create("New", known["Work"])
        assert (await ids(here))["Office/New"] == made
        assert not {each for each in await paths(here) if each.startswith("Work")}
        await here.program(lambda line: line.done(line.rename("Office/2026", "Sooner")))
        await arranging.rename(known["Work/2026"], "Later", known["Work"])
        assert (await ids(here))["Office/Later"] == known["Work/2026"]
        await here.program(lambda line: line.done(line.delete("Play")))
        for deed, error in (
            (arranging.rename(known["Play"], "x"), NoSuchCollection),
            (arranging.rename(known["Work"], "x", known["Play"]), NoSuchParent),
            (arranging.create("x", known["Play"]), NoSuchParent),
        ):
            with pytest.raises(error):
                await deed

    play(story)


NAMES: list[tuple[str, str | type[PimgateError]]] = [
    ("A1\r\nB2 LOGOUT", "A1 B2 LOGOUT"),
    ("nul\0nul", "nul nul"),
    (" \t ", BadName),
    ("\u200d", BadName),
    ("..", BadName),
    (".", BadName),
    ("a/../b", BadName),
    ("a/b", BadName),
    ("v1.0", BadName),  # this server keeps folders as Maildir++
    ("~root", BadName),
    ("*", "*"),
    ("50 %", "50 %"),
    ('"quoted\\"', '"quoted\\"'),
    ("{5}", "{5}"),
    ("A&Jjo-B", "A&Jjo-B"),
    ("&-", "&-"),
    ("x" * 5_000, "x" * 254),
    ("\u00fc" * 5_000, BadName),
    (FAMILY, FAMILY),
    ("\u05e2\u05d1\u05e8\u05d9\u05ea\u202egpj", "\u05e2\u05d1\u05e8\u05d9\u05ea gpj"),
    ("e\u0301t\u00e9", "\u00e9t\u00e9"),
    ("inbox", FolderThere),
    ("\ud800", BadName),
]


def test_names_are_taken_as_they_are_or_refused(play: Callable[[Story], None]) -> None:
    async def story(here: House, arranging: Arranging) -> None:
        expected = await ids(here)
        for name, becomes in NAMES:
            if isinstance(becomes, str):
                expected[becomes] = await arranging.create(name)
            else:
                with pytest.raises(becomes):
                    await arranging.create(name)
        assert await ids(here) == expected
        await here.room.ready(here.identity, list(expected.values()), 0)

    play(story)


def test_server_that_is_away_keeps_everything_for_later(play: Callable[[Story], None], server: MailServer) -> None:
    async def story(here: House, arranging: Arranging) -> None:
        known = await ids(here)
        server.stop()
        try:
            for deed in (
                arranging.create("New"),
                arranging.rename(known["Work"], "Office"),
                arranging.delete(known["Work"]),
            ):
                with pytest.raises(AwayNow):
                    await deed
        finally:
            server.start()
        assert await ids(here) == known

    play(story)


def test_change_whose_answer_was_lost_is_found_done(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server did it, and the connection broke before it said so."""

    async def story(here: House, arranging: Arranging) -> None:
        known = await ids(here)
        for verb, deed, asks in (
            ("create", lambda: arranging.create("New"), FolderThere),
            ("rename", lambda: arranging.rename(known["Work"], "Office"), None),
            ("delete", lambda: arranging.delete(known["Work/2026"]), NoSuchCollection),
        ):
            whole = getattr(Connection, verb)

            async def broken(line: Connection, *names: str, whole: Any = whole) -> None:
                await whole(line, *names)
                line.close()
                raise AwayNow("the connection broke")

            with monkeypatch.context() as patched:
                patched.setattr(Connection, verb, broken)
                with pytest.raises(AwayNow):
                    await deed()
            if asks is None:
                await deed()
            else:
                with pytest.raises(asks):
                    await deed()
        assert await paths(here) == {"Trash", "Play", "Office", "New"}
        assert (await ids(here))["Office"] == known["Work"]

    play(story)


class Courier:
    """A server that keeps everything below the inbox, and says so."""

    def __init__(self, **refusals: str) -> None:
        self.refusals = refusals
        self.made: list[str] = []

    async def top(self) -> tuple[str, str]:
        return "INBOX.", "."

    async def create(self, name: str) -> None:
        if "create" in self.refusals:
            raise Rejected("NO", self.refusals["create"])
        self.made.append(name)

    async def subscribe(self, name: str, *, is_wanted: bool = True) -> None:
        raise Rejected("NO")


class Box:
    """A postbox that asks it."""

    def __init__(self, line: Courier) -> None:
        self.line = line
        self.known = [Mailbox(CollectionId("cinbox"), "INBOX", "."), Mailbox(CollectionId("cflat"), "INBOX.flat", "")]

    @asynccontextmanager
    async def rearranging(self) -> AsyncIterator[Rearranging]:
        yield Rearranging(self.line, await self.folders())  # type: ignore[arg-type]
        inbox = self.known[0]
        self.known += [replace(inbox, collection_id=CollectionId(f"c{each}"), path=each) for each in self.line.made]

    async def folders(self) -> dict[CollectionId, Mailbox]:
        return {each.collection_id: each for each in self.known}


def create(line: Courier, name: str, parent: str | None = None) -> str:
    arranging = Arranging(Box(line))  # type: ignore[arg-type]
    return asyncio.run(arranging.create(name, CollectionId(parent) if parent else None))


def test_folder_at_the_top_stands_where_the_server_keeps_a_persons_own() -> None:
    assert create(Courier(), "Work") == "cINBOX.Work"
    with pytest.raises(PimgateError, match="cflat"):
        create(Courier(), "Work", "cflat")


@pytest.mark.parametrize(
    ("code", "error", "public"),
    [
        ("OVERQUOTA", NoRoomForFolder, NoRoomForFolder.public),
        ("NOPERM", PimgateError, "The mail server does not allow this."),
        ("CANNOT", BadName, BadName.public),
        ("", BadName, BadName.public),
        ("INUSE", AwayNow, AwayNow.public),
        ("UNAVAILABLE", AwayNow, AwayNow.public),
    ],
)
def test_refusal_of_the_server_is_told_in_our_words(code: str, error: type[PimgateError], public: str) -> None:
    with pytest.raises(error) as told:
        create(Courier(create=code), "Work")
    assert told.value.public == public


def test_folder_that_was_set_aside_when_the_line_broke_is_removed_when_it_is_asked_for_again(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    select = Connection.select

    async def broken(
        self: Connection, name: str, *, is_read_only: bool = False, known: Known | None = None
    ) -> Selected:
        if name.startswith("Play "):
            raise Away("the line broke")
        return await select(self, name, is_read_only=is_read_only, known=known)

    async def story(here: House, arranging: Arranging) -> None:
        await here.program(lambda line: line.put("kept", folder="Play"))
        play_id = (await here.ready("Play")).collection_id
        with monkeypatch.context() as patched:
            patched.setattr(Connection, "select", broken)
            with pytest.raises(AwayNow):
                await arranging.delete_empty([play_id])
        (aside,) = {each for each in await paths(here) if each.startswith("Play")}
        assert aside != "Play"
        assert await here.program(lambda line: line.names(f'"{aside}"')) == {"kept"}
        await here.program(lambda line: line.remove("kept", f'"{aside}"'))
        await here.room.box(here.account).look_at_folders()
        assert await arranging.delete_empty([(await ids(here))[aside]])
        assert await paths(here) == {"Trash", "Work", "Work/2026"}

    play(story)


def test_only_what_is_empty_is_removed_where_that_is_asked_for(play: Callable[[Story], None]) -> None:
    async def story(here: House, arranging: Arranging) -> None:
        await here.program(lambda line: [line.done(line.create(each)) for each in ("Only/Above", "Play/Ground")])
        await here.room.box(here.account).look_at_folders()
        known = {path: each.collection_id for path, each in (await here.folders()).items()}
        asked = [each for path, each in known.items() if path not in ("INBOX", "Trash")]
        assert not await arranging.delete_empty(asked)
        assert await paths(here) == {"Trash", "Work", "Work/2026"}
        assert await here.program(lambda line: line.names("Work/2026")) == {"one"}
        assert (await here.folders())["Work/2026"].collection_id == known["Work/2026"]
        await here.program(lambda line: line.remove("one", "Work/2026"))
        assert await arranging.delete_empty(asked)
        assert await paths(here) == {"Trash"}
        with pytest.raises(Protected):
            await arranging.delete_empty([known["Trash"]])

    play(story)


def test_name_holds_what_languages_need_and_nothing_that_hides() -> None:
    assert (
        leaf("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645") == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )
    assert leaf("a\u202eb\x1b[2Jc\u2028d") == "a b [2Jc d"
