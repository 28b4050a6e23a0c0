"""What phones do to mail folders, on a real mail server: made, renamed, moved, removed; once, however often it is asked."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pimgate.errors import AwayNow
from pimgate.mail.imap import Connection
from plugins.eas.mail_house import MailHouse, mail_house
from plugins.eas.test_folder_changes import creation, deletion, key_of, renaming, said, told
from plugins.eas.wire import Wire, collection, folder_sync, status_of

MAIL, GENERIC, CALENDAR = "12", "1", "13"


@pytest.fixture(scope="module")
def house(_templates: Callable[[str], str]) -> Iterator[MailHouse]:
    with mail_house(_templates) as made:
        with made.program() as line:
            for each in ("Trash", "Sent", "Drafts"):
                line.done(line.create(each))
        yield made


@pytest.fixture
def wire(house: MailHouse, request: pytest.FixtureRequest) -> Wire:
    """A phone of this test."""
    return house.wire.twin(device=f"Appl{sum(request.function.__name__.encode()) % 5}")


def placed(wire: Wire, key: str) -> dict[str, tuple[str, str, str]]:
    """What FolderSync tells: command, parent and type by name."""
    answer = wire.ask("FolderSync", folder_sync(key))
    assert answer is not None
    changes = [each for group in answer.path("FolderHierarchy:Changes") for each in group.children]
    return {
        each.text_of("FolderHierarchy:DisplayName") or "": (
            each.tag,
            each.text_of("FolderHierarchy:ParentId") or "",
            each.text_of("FolderHierarchy:Type") or "",
        )
        for each in changes
        if each.tag in ("Add", "Update")
    }


def on_server(house: MailHouse) -> set[str]:
    with house.program() as line:
        found = [each.decode().rpartition(' "/" ')[2].strip('"') for each in line.done(line.list()) if each]
        return {each for each in found if each != "INBOX"}


def made(wire: Wire, name: str, parent: str = "0", type_: str = MAIL) -> tuple[str, str]:
    """Key and ServerId of a new folder."""
    status, key, server_id = said(wire, creation(key_of(wire), name, type_, parent))
    assert status == "1"
    return key, server_id


def test_folder_from_a_phone_is_on_the_server_and_told_to_other_devices_alone(house: MailHouse, wire: Wire) -> None:
    twin = house.wire.twin(device="Appltwin1")
    others_key = key_of(twin)
    key, projects = made(wire, "Projekte für Grün", type_=GENERIC)
    assert "Projekte f&APw-r Gr&APw-n" in on_server(house)
    status, key, inside = said(wire, creation(key, "2026", MAIL, projects))
    assert status == "1"
    assert placed(wire, key) == {}
    assert placed(twin, others_key) == {
        "Projekte für Grün": ("Add", "0", MAIL),
        "2026": ("Add", projects, MAIL),
    }
    assert status_of(wire.sync(collection(inside, "0"))[inside]) == "1"


def test_repeated_question_gets_the_same_bytes_and_changes_the_server_once(
    house: MailHouse, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for verb in ("create", "rename", "delete"):
        whole = getattr(Connection, verb)

        async def counted(line: Connection, *names: str, whole: Any = whole, verb: str = verb) -> Any:
            asked.append(verb)
            return await whole(line, *names)

        monkeypatch.setattr(Connection, verb, counted)
    question = creation(key_of(wire), "Once", MAIL)
    first = wire.octets("FolderCreate", question)
    assert [wire.octets("FolderCreate", question) for _ in range(2)] == [first, first]
    key, folder = key_of(wire), house.folder("Once")
    for command, question in (
        ("FolderUpdate", renaming(key, folder, "Twice")),
        ("FolderDelete", deletion("NEXT", folder)),
    ):
        if command == "FolderDelete":
            question = deletion(key_of(wire), folder)
        first = wire.octets(command, question)
        assert wire.octets(command, question) == first
    assert asked == ["create", "rename", "delete"]
    assert not on_server(house) & {"Once", "Twice"}


@pytest.mark.parametrize(
    "verb", ["create", pytest.param("rename", marks=pytest.mark.slow), pytest.param("delete", marks=pytest.mark.slow)]
)
def test_what_the_server_did_without_saying_so_is_found_done(
    house: MailHouse, wire: Wire, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    key, folder = made(wire, f"Before {verb}")
    question = {
        "create": creation(key, "New after all", MAIL),
        "rename": renaming(key, folder, "Renamed after all"),
        "delete": deletion(key, folder),
    }[verb]
    whole = getattr(Connection, verb)

    async def broken(line: Connection, *names: str) -> None:
        await whole(line, *names)
        line.close()
        raise AwayNow("the connection broke")

    with monkeypatch.context() as patched:
        patched.setattr(Connection, verb, broken)
        wire.octets(question.tag, question)
        assert wire.status == 503
    status, key, _ = said(wire, question)
    assert status == "1"
    assert told(wire, key) == []
    there = {each.path: each.collection_id for each in house.mailboxes()}
    assert "New after all" in there or verb != "create"
    expected = {"create": (f"Before {verb}", folder), "rename": ("Renamed after all", folder), "delete": ("", None)}[
        verb
    ]
    assert there.get(expected[0]) == expected[1]
    assert (f"Before {verb}" in there) == (verb == "create")


def test_renamed_and_moved_folder_keeps_its_id_and_what_stands_in_it(house: MailHouse, wire: Wire) -> None:
    _, office = made(wire, "Office")
    _, inside = made(wire, "Letters", office)
    key, shelf = made(wire, "Shelf")
    twin = house.wire.twin(device="Appltwin2")
    others_key = key_of(twin)
    status, key, _ = said(wire, renaming(key, office, "Bureau", shelf))
    assert status == "1"
    assert {"Shelf/Bureau", "Shelf/Bureau/Letters"} <= on_server(house)
    assert placed(wire, key) == {}
    assert placed(twin, others_key) == {"Bureau": ("Update", shelf, MAIL)}
    assert (house.folder("Shelf/Bureau"), house.folder("Shelf/Bureau/Letters")) == (office, inside)
    for question, expected in (
        (renaming(key, shelf, "Shelf", inside), "5"),
        (renaming(key, shelf, "Shelf", "c000000000000"), "5"),
        (renaming(key, inside, "Letters", wire.folders()["Contacts"]), "5"),
        (renaming(key, office, "sHELF"), "2"),
        (renaming(key, office, "a/b"), "10"),
    ):
        assert said(wire, renaming(key_of(wire), *_words(question)))[0] == expected


def _words(question: Any) -> tuple[str, str, str]:
    server_id, name, parent = (
        question.text_of(f"FolderHierarchy:{each}") or "" for each in ("ServerId", "DisplayName", "ParentId")
    )
    return server_id, name, parent


def test_removed_folder_goes_with_what_stands_in_it_and_the_phone_is_told_of_that(house: MailHouse, wire: Wire) -> None:
    _, old = made(wire, "Old")
    _, older = made(wire, "Older", old)
    key, oldest = made(wire, "Oldest", older)
    status, key, _ = said(wire, deletion(key, old))
    assert status == "1"
    assert not any(each.startswith("Old") for each in on_server(house))
    assert told(wire, key) == [("Delete", oldest), ("Delete", older)]
    assert said(wire, deletion(key_of(wire), older))[0] == "4"
    assert status_of(wire.sync(collection(older, "0"))[older]) == "12"


def test_folders_that_serve_a_purpose_are_special(house: MailHouse, wire: Wire) -> None:
    folders, key = wire.folders(), key_of(wire)
    for name in ("Inbox", "Trash", "Sent", "Drafts"):
        assert said(wire, renaming(key, folders[name], "Other"))[0] == "2"
        assert said(wire, deletion(key, folders[name]))[0] == "3"
    assert {"Trash", "Sent", "Drafts"} <= on_server(house)
    assert told(wire, key) == []


REFUSED = (
    ("inbox", MAIL, "0", "2"),
    ("TRASH", MAIL, "0", "2"),
    ("a/b", MAIL, "0", "10"),
    ("..", MAIL, "0", "10"),
    ("", MAIL, "0", "10"),
    (" \t\r\n", MAIL, "0", "10"),
    ("Dr. Miller", MAIL, "0", "10"),  # this server keeps folders as Maildir++
    ("Work", MAIL, "c000000000000", "5"),
    ("Work", MAIL, "", "5"),
    ("Work", MAIL, "x" * 5_000, "5"),
    ("Work", "2", "0", "10"),
    ("Work", "16", "0", "3"),
    ("Work", CALENDAR, "INBOX", "5"),
)


def test_question_that_cannot_be_answered_gets_its_status_and_changes_nothing(house: MailHouse, wire: Wire) -> None:
    key, before = key_of(wire), on_server(house)
    for name, type_, parent, status in REFUSED:
        parent = house.folder() if parent == "INBOX" else parent
        assert said(wire, creation(key, name, type_, parent)) == (status, "", ""), (name, type_, parent)
        assert said(wire, creation("4711", name or "x", type_, parent))[0] == "9"
    assert on_server(house) == before
    assert told(wire, key) == []


def test_name_is_kept_as_it_can_be_and_the_phone_is_told_what_became_of_it(house: MailHouse, wire: Wire) -> None:
    key, _ = made(wire, "  A1\r\nB2 DELETE INBOX\t%*  ")
    assert "A1 B2 DELETE INBOX %*" in on_server(house)
    assert told(wire, key) == [("Update", "A1 B2 DELETE INBOX %*")]


def test_what_a_mail_program_renames_while_the_phone_edits_is_meant(house: MailHouse, wire: Wire) -> None:
    key, folder = made(wire, "Before")
    with house.program() as line:
        line.done(line.rename("Before", "Between"))
    status, key, inside = said(wire, creation(key, "Inside", MAIL, folder))
    assert status == "1"
    assert house.folder("Between/Inside") == inside
    assert told(wire, key) == [("Update", "Between")]
    assert "Before" not in on_server(house)


def test_two_phones_that_want_the_same_folder_have_one(house: MailHouse, wire: Wire) -> None:
    twin = house.wire.twin(device="Appltwin3")
    keys = key_of(wire), key_of(twin)
    first, second = (said(each, creation(key, "Both", MAIL)) for each, key in zip((wire, twin), keys, strict=True))
    assert (first[0], second[0]) == ("1", "1")
    assert first[2] == second[2] == house.folder("Both")
    assert said(wire, creation(first[1], "Both", MAIL))[0] == "2"
    assert said(wire, deletion(first[1], first[2]))[0] == "1"
    assert said(twin, deletion(second[1], second[2]))[0] == "1", "it is gone as it should be"
    assert said(twin, deletion(key_of(twin), second[2]))[0] == "4"


def test_oldest_dialect_makes_folders_as_well(house: MailHouse, wire: Wire) -> None:
    old = wire.twin(device="Old1", version="12.1")
    _, folder = made(old, "Of old")
    assert house.folder("Of old") == folder


def test_mail_server_that_is_away_loses_nothing(house: MailHouse, wire: Wire) -> None:
    key, folder = made(wire, "Stays")
    house.server.stop()
    try:
        for question in (creation(key, "New", MAIL), renaming(key, folder, "Other"), deletion(key, folder)):
            wire.octets(question.tag, question)
            assert wire.status == 503
            assert "retry-after" in wire.headers
    finally:
        house.server.start()
    assert house.folder("Stays") == folder
