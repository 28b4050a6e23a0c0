"""A search for people finds those with whom one wrote: one's own, the latest first, and nobody from the junk."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pimgate_mail.correspondents import MAX_ADDRESSES, MAX_NAME_CHARACTERS, Correspondent, correspondents_in
from pimgate_mail.flags import DELETED
from pimgate_mail.post import FILE_NAME
from pimgate_mail.records import FlagChange
from pimgate_mail.store import Store
from plugins.mail.conversation import Conversation
from plugins.mail.village import Village

ALICE, BOB = "alice@example.org", "bob@example.org"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / FILE_NAME)) as store:
        for login in (ALICE, BOB):
            store.furnish(login)
        yield store


def letter(sender: str, to: str = ALICE, text: str = "Hello.") -> bytes:
    return f"From: {sender}\r\nTo: {to}\r\nSubject: mueller\r\n\r\n{text}\r\n".encode()


def receive(store: Store, login: str, octets: bytes, at: int, mailbox: str = "INBOX") -> int:
    return store.append(store.mailbox(login, mailbox).id, octets, (), at)


def found(store: Store, login: str, query: str, limit: int = 10) -> list[str]:
    return [each.address for each in store.correspondents(login, query, limit)]


def test_names_are_found_whatever_their_accents_and_addresses_by_any_part(store: Store) -> None:
    receive(store, ALICE, letter('"Jörg Müller" <joerg@example.net>'), 1)
    for query in ("muller", "MÜLLER", "jorg  mu", "joerg@", "example.net"):
        assert store.correspondents(ALICE, query, 10) == [Correspondent("Jörg Müller", "joerg@example.net")]
    assert found(store, ALICE, "hello") == []
    assert found(store, ALICE, "mueller") == []


def test_correspondents_of_others_are_not_shown(store: Store) -> None:
    receive(store, ALICE, letter("Doctor <doctor@example.net>"), 1)
    assert found(store, ALICE, "doctor") == ["doctor@example.net"]
    assert found(store, BOB, "doctor") == []
    assert found(store, ALICE, ALICE) == []


def test_latest_comes_first_and_each_address_once_with_its_latest_name(store: Store) -> None:
    receive(store, ALICE, letter("Old Name <carla@example.net>"), 1)
    receive(store, ALICE, letter("Dora <dora@example.net>"), 2)
    receive(store, ALICE, letter("New Name <Carla@Example.net>"), 3)
    receive(store, ALICE, letter(ALICE, "carla@example.net, dora@example.net"), 4, "Sent")
    receive(store, ALICE, letter("Dora <dora@example.net>"), 5)
    assert store.correspondents(ALICE, "example.net", 10) == [
        Correspondent("Dora", "dora@example.net"),
        Correspondent("New Name", "carla@example.net"),
    ]
    assert found(store, ALICE, "example.net", 1) == ["dora@example.net"]
    assert found(store, ALICE, "example.net", 0) == []


def test_junk_and_what_was_deleted_is_not_proposed(store: Store) -> None:
    receive(store, ALICE, letter("Prince <prince@example.com>"), 1, "Junk")
    receive(store, ALICE, letter("Boring <boring@example.com>"), 2, "Trash")
    uid = receive(store, ALICE, letter("Former <former@example.com>"), 3)
    assert found(store, ALICE, "example.com") == ["former@example.com"]
    inbox = store.mailbox(ALICE, "INBOX").id
    store.change_flags(inbox, [uid], FlagChange.ADD, frozenset({DELETED}))
    store.expunge(inbox)
    assert found(store, ALICE, "example.com") == []


def test_moving_and_copying_changes_nothing(store: Store) -> None:
    uid = receive(store, ALICE, letter("Carla <carla@example.net>"), 1)
    inbox, archive = store.mailbox(ALICE, "INBOX").id, store.mailbox(ALICE, "Archive").id
    store.copy(inbox, [uid], archive)
    store.move(inbox, [uid], archive)
    assert found(store, ALICE, "carla") == ["carla@example.net"]


def test_mail_from_before_is_found_as_well(store: Store, tmp_path: Path) -> None:
    receive(store, ALICE, letter("Carla <carla@example.net>"), 1)
    receive(store, ALICE, b"Subject: nobody\r\n\r\n", 2)
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as before:
        before.execute("DROP TABLE correspondent")
    with closing(Store(tmp_path / FILE_NAME)) as again:
        assert found(again, ALICE, "carla") == ["carla@example.net"]


def test_only_the_newest_messages_are_searched(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pimgate_mail.correspondents.NEWEST", 2)
    for number in range(1, 4):
        receive(store, ALICE, letter(f"c{number}@example.net"), number)
    assert found(store, ALICE, "example.net") == ["c3@example.net", "c2@example.net"]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (b"From: =?utf-8?q?J=C3=B6rg?= =?utf-8?q?_M=C3=BCller?= <j@x.org>", [("Jörg Müller", "j@x.org")]),
        (b"To: A <a@x.org>,\r\n B <b@x.org>, a@X.org", [("A", "a@x.org"), ("B", "b@x.org")]),
        (b"To: Friends: a@x.org, b@x.org;", [("", "a@x.org"), ("", "b@x.org")]),
        (b"From: =?utf-8?q?two=0D=0Alines=1B=5B31m?= <a@x.org>", [("two lines [31m", "a@x.org")]),
        (b"From: =?no-such?q?J=F6rg?= <a@x.org>", [("=?no-such?q?J=F6rg?=", "a@x.org")]),
        (b"From: J\xf6rg <a@x.org>", [("J\ufffdrg", "a@x.org")]),
        (b"From: " + b"x" * 5000 + b" <a@x.org>", [("x" * MAX_NAME_CHARACTERS, "a@x.org")]),
        (b"From: =?unicode_escape?q?x=5Cud800?= <a@x.org>", [("x?", "a@x.org")]),
        (b"From: =?idna?q?xn--=FF?= <a@x.org>", [("=?idna?q?xn--=FF?=", "a@x.org")]),
        (b"From: not an address", []),
        (b"From: undisclosed-recipients:;", []),
        (b"From: <" + b"a" * 300 + b"@x.org>", []),
        (b"From: " + b"(" * 60000, []),
        (b"From: " + b"a:" * 30000, []),
        (b"Reply-To: a@x.org\r\nCc: b@x.org\r\nBcc: c@x.org", []),
    ],
)
def test_header_gives_people_and_never_trouble(field: bytes, expected: list[tuple[str, str]]) -> None:
    assert [(each.name, each.address) for each in correspondents_in(field + b"\r\n\r\n")] == expected


def test_crowd_in_one_message_is_cut_short() -> None:
    crowd = ", ".join(f"c{number}@example.net" for number in range(500))
    assert len(correspondents_in(letter("a@example.net", crowd))) == MAX_ADDRESSES


@pytest.mark.parametrize("field", ["(" * 60000, "a:" * 30000])
def test_nested_addresses_neither_stop_delivery_nor_the_list_of_messages(home: Village, field: str) -> None:
    home.deliver(ALICE, letter(field))
    with Conversation(home.server.imap_port) as talk:
        talk.ask("SELECT INBOX")
        lines = talk.ask("FETCH 1 (ENVELOPE)")
        assert lines[-1].startswith("OK")
        assert 'NIL "mueller" NIL NIL NIL' in lines[0]
