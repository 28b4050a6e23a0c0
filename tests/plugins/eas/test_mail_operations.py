"""Emptying a mail folder and moving a conversation, on a real mail server."""

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest

from pimgate.mail.acting import Acting
from pimgate.mail.imap import Connection
from pimgate.model.collections import CollectionId
from pimgate_eas.mapping.email.conversation import begun_with
from pimgate_eas.wbxml.element import Element
from plugins.eas.mail_house import MailHouse, letter, mail_house, put
from plugins.eas.wire import Wire

FIRST = "<first@else.example>"


@pytest.fixture(scope="module")
def house(_templates: Callable[[str], str]) -> Iterator[MailHouse]:
    with mail_house(_templates) as made:
        with made.program() as line:
            for each in ("Trash", "Trash/Old", "Sent", "Work", "Work/2026", "Work/2026/May", "Team"):
                line.done(line.create(each))
        made.wire.folders()
        yield made


@pytest.fixture
def wire(house: MailHouse) -> Wire:
    house.wire.folders()
    return house.wire


def statuses(wire: Wire, *operations: Element) -> list[str]:
    answer = wire.ask("ItemOperations", Element("ItemOperations:ItemOperations", *operations))
    assert answer is not None
    [response] = answer.find_all("ItemOperations:Response")
    return [each.text_of("ItemOperations:Status") or "" for each in response.children]


def emptying(folder: str, *, with_folders: bool = False) -> Element:
    options = Element("ItemOperations:Options", Element("ItemOperations:DeleteSubFolders"))
    return Element(
        "ItemOperations:EmptyFolderContents",
        Element("AirSync:CollectionId", text=folder),
        *([options] if with_folders else []),
    )


def moving(target: str, conversation: bytes = begun_with(FIRST), *, always: bool = True) -> Element:
    options = Element("ItemOperations:Options", Element("ItemOperations:MoveAlways"))
    return Element(
        "ItemOperations:Move",
        Element("ItemOperations:ConversationId", opaque=conversation),
        Element("ItemOperations:DstFldId", text=target),
        *([options] if always else []),
    )


def names(house: MailHouse, *folders: str) -> list[set[str]]:
    with house.program() as line:
        return [line.names(each) for each in folders or ("INBOX",)]


def soon(look: Callable[[], list[set[str]]], wanted: list[set[str]]) -> list[set[str]]:
    """What is seen once it is as wanted: a mail server may be slow to show to one what another did."""
    until = time.monotonic() + 20
    while (seen := look()) != wanted and time.monotonic() < until:
        time.sleep(0.2)
    return seen


def test_folder_is_emptied_into_the_trash_and_the_trash_for_good(house: MailHouse, wire: Wire) -> None:
    with house.program() as line:
        for each in ("Work", "Work/2026", "Trash/Old"):
            line.put(each.replace("/", "-"), folder=each)
    work, trash = house.folder("Work"), house.folder("Trash")
    for _ in range(2):
        assert statuses(wire, emptying(work)) == ["1"]
    assert names(house, "Work", "Work/2026", "Trash") == [set(), {"Work-2026"}, {"Work"}]
    assert statuses(wire, emptying(work, with_folders=True)) == ["1"]
    assert names(house, "Trash") == [{"Work", "Work-2026"}]
    assert not [each for each in house.mailboxes() if each.path.startswith("Work/")]
    assert statuses(wire, emptying(trash)) == ["1"]
    assert names(house, "Trash", "Trash/Old") == [set(), {"Trash-Old"}]
    assert statuses(wire, emptying(house.folder("Trash/Old"))) == ["1"]
    assert names(house, "Trash", "Trash/Old") == [set(), set()]


@pytest.mark.parametrize("moment", ["it was emptied", "it was set aside"])
def test_what_arrives_in_a_folder_that_is_being_removed_stays(
    house: MailHouse, wire: Wire, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    top = f"Late-{moment.split()[-1]}"
    below = f"{top}/Sub"
    with house.program() as line:
        for each in (top, below, f"{below}/Deep"):
            line.done(line.create(each))
        line.put("early", folder=below)
    house.index(below)
    late, sub = house.folder(top), house.folder(below)
    empty, rename = Acting.empty, Connection.rename

    def arrive(path: str) -> None:
        with house.program() as line:
            line.put("late", folder=f'"{path}"')

    async def emptied(self: Acting, folder: CollectionId) -> None:
        await empty(self, folder)
        if folder == sub:
            await asyncio.to_thread(arrive, below)

    async def renamed(self: Connection, name: str, new_name: str) -> None:
        await rename(self, name, new_name)
        if name == below:
            await asyncio.to_thread(arrive, new_name)

    with monkeypatch.context() as patched:
        patched.setattr(
            *((Acting, "empty", emptied) if moment == "it was emptied" else (Connection, "rename", renamed))
        )
        assert statuses(wire, emptying(late, with_folders=True)) == ["3"]
    assert soon(lambda: names(house, below), [{"late"}]) == [{"late"}]
    assert [each.path for each in house.mailboxes() if each.path.startswith(top)] == [top, below]
    assert house.folder(below) == sub
    assert statuses(wire, emptying(late, with_folders=True)) == ["1"]
    assert [each.path for each in house.mailboxes() if each.path.startswith(top)] == [top]
    with house.program() as line:
        assert line.names("Trash") >= {"early", "late"}
        for each in ("early", "late"):
            line.remove(each, "Trash")
        line.done(line.delete(top))


def test_what_serves_a_purpose_is_not_removed_along(house: MailHouse, wire: Wire) -> None:
    with house.program() as line:
        line.done(line.create("INBOX/Junk"))
        line.put("kept")
    house.index()
    book = wire.folders()["Contacts"]
    asked = [emptying(house.folder(), with_folders=True), emptying(book), emptying("c000000000000"), emptying("")]
    assert statuses(wire, *asked) == ["16", "16", "6", "2"]
    assert names(house) == [{"kept"}]
    with house.program() as line:
        line.put("in the way", folder="INBOX/Junk")
        line.remove("kept")
    assert statuses(wire, emptying(house.folder("INBOX/Junk"))) == ["1"]
    assert names(house, "INBOX/Junk", "Trash") == [set(), set()]


def test_conversation_moves_once_and_what_was_sent_stays(house: MailHouse, wire: Wire) -> None:
    with house.program() as line:
        first = letter("plan")
        first.replace_header("Message-ID", FIRST)
        put(line, first)
        put(line, letter("Re: plan", References=FIRST), folder="Team")
        put(line, letter("AW: plan", In_Reply_To=FIRST))
        put(line, letter("sent", References=f"{FIRST} <other@else.example>"), folder="Sent")
        put(line, letter("not of it", References=f"<other@else.example> {FIRST}"))
    for each in ("INBOX", "Team", "Sent", "Work"):
        house.index(each)
    work = house.folder("Work")
    for _ in range(2):
        assert statuses(wire, moving(work)) == ["1"]
    expected = [{"plan", "Re: plan", "AW: plan"}, {"not of it"}, {"sent"}]
    assert names(house, "Work", "INBOX", "Sent") == expected
    with house.program() as line:
        line.done(line.select("Work"))
        [number] = line.done(line.uid("SEARCH", "HEADER", "MESSAGE-ID", FIRST))
        line.done(line.uid("STORE", number.decode(), "FLAGS", "(\\Deleted)"))
        line.done(line.expunge())
    house.index("Work")
    assert statuses(wire, moving(house.folder("Team"))) == ["1"], "also without the message that it began with"
    assert names(house, "Team", "Work") == [{"Re: plan", "AW: plan"}, set()]


def test_conversation_that_cannot_be_moved_gets_its_status(house: MailHouse, wire: Wire) -> None:
    work, book = house.folder("Work"), wire.folders()["Contacts"]
    assert statuses(
        wire,
        moving(work, b"nobody's"),
        moving(work, always=False),
        moving(work, b""),
        moving(book),
        moving("c000000000000"),
    ) == ["6", "155", "2", "156", "6"]


def test_server_that_is_away_is_said_to_be_away(house: MailHouse, wire: Wire) -> None:
    work = house.folder("Work")
    house.server.stop()
    try:
        for question in (emptying(work), moving(work)):
            wire.octets("ItemOperations", Element("ItemOperations:ItemOperations", question))
            assert wire.status == 503
    finally:
        house.server.start()
