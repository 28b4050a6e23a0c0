"""A mail server that answers by halves: nothing is forgotten for that, and nobody is told that anything is empty."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pytest

from gateway.mail.letters import NOON
from pimgate.core import Core
from pimgate.errors import AwayNow
from pimgate.mail import listing
from pimgate.mail.describing import described, header
from pimgate.mail.imap import Changes, Fetched, Known, Listed, Rejected, Selected, Status, UidSet
from pimgate.mail.refreshing import refresh
from pimgate.model.mail import Mailbox
from pimgate.model.people import Account


@dataclass
class Line:
    """A connection to a server that says just this. `there` are the numbers of messages, `found` what a search gives of them."""

    folders: list[str] = field(default_factory=lambda: ["INBOX", "Work"])
    there: list[int] = field(default_factory=lambda: [1, 2, 3])
    found: list[int] | None = None
    status_says: str = ""
    is_closed: bool = False
    selected: Selected | None = None
    enabled: frozenset[str] = frozenset()
    fetches: int = 0
    breaks_after: int = 10**9

    async def unselect(self) -> None:
        self.selected = None

    async def list_mailboxes(self, *, with_status: bool = False) -> list[Listed]:
        return [Listed(each, "/", status=Status(each, uid_validity=7, uid_next=9)) for each in self.folders]

    async def status(self, name: str) -> Status:
        if self.status_says:
            raise Rejected("NO", self.status_says)
        return Status(name)

    async def select(self, name: str, *, known: Known | None = None, is_read_only: bool = False) -> Selected:
        self.selected = Selected(name, len(self.there), 7, max(self.there, default=0) + 1)
        return self.selected

    async def search(self, *criteria: object) -> UidSet:
        return UidSet.of(self.there if self.found is None else self.found)

    async def fetch(self, uids: Collection[int], items: object) -> list[Fetched]:
        self.fetches += 1
        if self.fetches > self.breaks_after:
            raise AwayNow("the connection ended")
        return [Fetched(1, each, frozenset(), arrived_at=None, size_bytes=5) for each in uids if each in self.there]

    async def changes_since(self, modseq: int, items: object) -> Changes:
        raise AssertionError("this server counts no changes")


@pytest.fixture
def anna(person: Callable[[str], Account]) -> Account:
    return person("anna")


def folders(core: Core, owner: Account) -> dict[str, Mailbox]:
    with core.database.read() as work:
        return {each.path: each for each in work.mail.mailboxes(owner.id)}


def look(core: Core, owner: Account, line: Line, done: listing.Deeds | None = None) -> None:
    asyncio.run(_closing(core, listing.look(core, line, owner.id, done)))  # type: ignore[arg-type]


def bring(core: Core, found: Mailbox, line: Line, *, is_thorough: bool = False) -> None:
    asyncio.run(_closing(core, refresh(core, line, found.collection_id, 0, is_thorough=is_thorough)))  # type: ignore[arg-type]


async def _closing(core: Core, work: object) -> None:
    core._threads = None  # it belongs to one event loop
    await work  # type: ignore[misc]


def numbers(core: Core, found: Mailbox) -> list[int]:
    with core.database.read() as work:
        return sorted(each.uid for each in work.mail.messages(found.collection_id))


def test_list_without_an_inbox_removes_nothing(core: Core, anna: Account) -> None:
    look(core, anna, Line())
    before = folders(core, anna)
    for listed in ([], ["Work"]):
        with pytest.raises(AwayNow):
            look(core, anna, Line(listed))
    assert folders(core, anna) == before


def test_folder_that_was_left_out_of_the_list_is_kept_while_the_server_knows_it(core: Core, anna: Account) -> None:
    look(core, anna, Line())
    look(core, anna, Line(["INBOX"]))
    assert set(folders(core, anna)) == {"INBOX", "Work"}
    look(core, anna, Line(["INBOX"], status_says="UNAVAILABLE"))
    assert set(folders(core, anna)) == {"INBOX", "Work"}
    look(core, anna, Line(["INBOX"], status_says="NONEXISTENT"))
    assert set(folders(core, anna)) == {"INBOX"}


def test_folder_that_was_just_made_is_there_although_it_is_not_listed_yet(core: Core, anna: Account) -> None:
    look(core, anna, Line())
    look(core, anna, Line(), listing.Deeds(made=["New"], renamed={"Work": "Office"}))
    assert set(folders(core, anna)) == {"INBOX", "Work", "New", "Office"}
    look(core, anna, Line(["INBOX"]), listing.Deeds(made=["Newer"]))
    assert set(folders(core, anna)) == {"INBOX", "Work", "New", "Office", "Newer"}
    look(core, anna, Line(["INBOX"], status_says="NONEXISTENT"), listing.Deeds(made=["Newest"]))
    assert set(folders(core, anna)) == {"INBOX"}


def test_search_that_finds_less_than_there_is_forgets_nothing(core: Core, anna: Account) -> None:
    look(core, anna, Line())
    inbox = folders(core, anna)["INBOX"]
    bring(core, inbox, Line())
    with pytest.raises(AwayNow):
        bring(core, inbox, Line(found=[]), is_thorough=True)
    assert numbers(core, inbox) == [1, 2, 3]
    bring(core, inbox, Line(there=[3]), is_thorough=True)
    assert numbers(core, inbox) == [3]


def test_first_look_that_broke_off_covers_nothing_and_goes_on_where_it_was(core: Core, anna: Account) -> None:
    look(core, anna, Line())
    inbox, there = folders(core, anna)["INBOX"], list(range(1, 1_801))
    with pytest.raises(AwayNow):
        bring(core, inbox, Line(there=there, breaks_after=3))
    assert not folders(core, anna)["INBOX"].covers(NOON)
    kept = numbers(core, inbox)
    assert kept == there[-len(kept) :] != there
    bring(core, inbox, Line(there=there))
    assert folders(core, anna)["INBOX"].covers(0)
    with core.database.read() as work:
        assert numbers(core, inbox) == there
        assert work.journal.head(inbox.collection_id) == len(there)


@pytest.mark.parametrize(
    ("octets", "message_id", "sent_at"),
    [
        (b"Message-ID: <a@b>\r\nDate: Sat, 7 Feb 2026 12:00:00 +0100\r\n\r\n", "<a@b>", 1_770_462_000),
        (b"message-id:\r\n <a@b>\r\n\r\n", "<a@b>", None),
        (b"Date: yesterday\r\n", "", None),
        (b"Date: Sat, 99 Feb 99999999 12:00:00 +9999999\r\n", "", None),
        (b"Message-ID: <a\x00\xff@b>\r\n", "<a@b>", None),
        (b"Message-ID: <" + b"x" * 9_000 + b"\r\n", "<" + "x" * 249, None),
        (b"", "", None),
    ],
)
def test_header_of_a_message_is_read_as_far_as_it_makes_sense(
    octets: bytes, message_id: str, sent_at: int | None
) -> None:
    found = header(octets)
    assert (found[0].replace("\ufffd", ""), found[1]) == (message_id, sent_at)


def test_message_without_an_arrival_counts_from_its_date() -> None:
    parts = {"HEADER.FIELDS (MESSAGE-ID DATE)": b"Date: Sat, 7 Feb 2026 12:00:00 +0100\r\n"}
    assert described(Fetched(1, 5, frozenset({"\\seen", "$Later"}), parts=parts)).arrived_at == 1_770_462_000
    assert described(Fetched(1, 5, frozenset({"\\seen", "$Later"}))).flags == {"\\Seen", "$Later"}
