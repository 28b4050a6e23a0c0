"""The index of a mail folder in the store: written in pieces, told in the journal, read as a folder. On both databases."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.mail.letters import NOON, described, listed
from pimgate.catalogue import Catalogue
from pimgate.core import Core
from pimgate.errors import NoSuchCollection, NoSuchItem
from pimgate.journal import hierarchy_of
from pimgate.mail import folder_list, index
from pimgate.mail.arrangement import Listed, arrange
from pimgate.mail.folder import MailFolder
from pimgate.mail.imap.numbers import UidSet
from pimgate.mail.index import Outdated, Position
from pimgate.mail.reconcile import Said, compare, complete
from pimgate.model.clients import ClientKind, Profile, Viewer
from pimgate.model.items import Bookmark, Cut, ItemId, Op
from pimgate.model.mail import Described, Mailbox
from pimgate.model.people import Account
from pimgate.store.work import Work
from pimgate.visibility import Policy

Person = Callable[[str], Account]
PHONE = ClientKind("eas-ios", "iPhone")


@pytest.fixture
def anna(person: Person) -> Account:
    return person("anna")


def arrange_folders(core: Core, owner: Account, *folders: Listed) -> int:
    """The server lists these; gives how many folders changed for the person."""
    with core.database.write() as work:
        known, position = folder_list.known(work, owner.id)
        return folder_list.keep(work, owner.id, arrange(known, folders), position)


def mailboxes(core: Core, owner: Account) -> dict[str, Mailbox]:
    with core.database.read() as work:
        return {each.path: each for each in work.mail.mailboxes(owner.id)}


def mailbox(core: Core, owner: Account, path: str = "INBOX") -> Mailbox:
    found = mailboxes(core, owner)
    if path not in found:
        arrange_folders(core, owner, *[listed(each) for each in (*found, path)])
    return mailboxes(core, owner)[path]


def open_folder(core: Core, work: Work, owner: Account, found: Mailbox) -> MailFolder:
    catalogue = Catalogue(Policy(), core.settings.limits, has_mail=True)
    return catalogue.open_folder(work, Viewer(owner, PHONE, Profile("", "eas-ios")), found.collection_id)


def take(core: Core, found: Mailbox, said: Said, *news: Described, since: int = 0, validity: int = 7) -> Mailbox:
    """Bring the index to what the server said."""
    with core.database.read() as work:
        known = work.mail.messages(found.collection_id)
    whole = complete(compare(known, said), news, since)
    position = Position(validity, 100, 5, len(news), since)
    with core.database.write() as work:
        return index.write(work, found, whole, position)


def lines(core: Core, stream: str, after: int = 0) -> list[tuple[Op, int | None]]:
    with core.database.read() as work:
        found = work.journal.since(stream, Bookmark(after), 1_000)
    return [(each.op, each.item_id) for each in found.changes]


def ids(core: Core, found: Mailbox) -> dict[int, int]:
    """The id of each message by its number."""
    with core.database.read() as work:
        return {each.uid: each.id for each in work.mail.messages(found.collection_id)}


def test_messages_are_read_as_items_that_end_when_they_arrived(core: Core, anna: Account) -> None:
    found = take(core, mailbox(core, anna), Said(present=[1, 2]), described(1), described(2, "\\Seen", at=NOON + 60))
    with core.database.read() as work:
        folder = open_folder(core, work, anna, found)
        latest, first = folder.heads_after(ItemId(0), 10)
        assert (latest.component, latest.starts_at, latest.ends_at, latest.lasts_until) == ("MESSAGE", *[NOON + 60] * 3)
        assert folder.heads_of([first.id, ItemId(999)]) == {first.id: first}
        assert folder.heads_ending(Cut(NOON), Cut(NOON + 60), "MESSAGE", 10) == [latest]
        assert folder.heads_ending(Cut(0), Cut(NOON + 60), "MESSAGE", 10) == [first, latest]
        assert folder.heads_ending(Cut(0), Cut(NOON + 60), "MESSAGE", 1, last_first=True) == [latest]
        assert (folder.next_end(NOON, "MESSAGE"), folder.next_end(NOON + 60, "MESSAGE")) == (NOON + 60, None)
        assert folder.message(latest.id).flags == {"\\Seen"}
        assert (folder.collection.item_count, folder.collection.size_bytes) == (2, 2_000)
        with pytest.raises(NoSuchItem):
            folder.message(ItemId(999))
    assert lines(core, found.collection_id) == [(Op.CREATE, latest.id), (Op.CREATE, first.id)]


def test_changes_are_told_line_by_line_and_figures_follow(core: Core, anna: Account) -> None:
    found = take(core, mailbox(core, anna), Said(present=[1, 2, 3]), *[described(each) for each in (1, 2, 3)])
    by_uid = ids(core, found)
    found = take(core, found, Said({2: frozenset({"\\Seen"})}, vanished=UidSet.of([3])))
    assert lines(core, found.collection_id, 3) == [(Op.DELETE, by_uid[3]), (Op.CHANGE, by_uid[2])]
    with core.database.read() as work:
        folder = open_folder(core, work, anna, found)
        assert (folder.collection.item_count, folder.collection.size_bytes) == work.mail.figures(found.collection_id)
        assert folder.message(ItemId(by_uid[2])).flags == {"\\Seen"}
        gone = folder.changes_since(Bookmark(3), 10).changes[0]
        assert gone.lasted_until == NOON


def test_what_changes_nothing_is_not_told_and_does_not_outdate_anybody(core: Core, anna: Account) -> None:
    found = take(core, mailbox(core, anna), Said(present=[1]), described(1))
    assert take(core, found, Said({1: frozenset()}), described(1)) == found
    assert len(lines(core, found.collection_id)) == 1


def test_who_comes_too_late_writes_nothing(core: Core, anna: Account) -> None:
    """Two processes saw the same new message: it is added, and told, once."""
    found = mailbox(core, anna)
    take(core, found, Said(present=[1]), described(1))
    with pytest.raises(Outdated):
        take(core, found, Said(present=[1]), described(1))
    with pytest.raises(Outdated), core.database.write() as work:
        index.set_aside(work, found, 8)
    assert len(lines(core, found.collection_id)) == 1


def test_ids_survive_another_numbering_and_nobody_is_told(core: Core, anna: Account) -> None:
    found = take(core, mailbox(core, anna), Said(present=[1, 2]), described(1), described(2, "\\Seen"))
    before = ids(core, found)
    with core.database.write() as work:
        found = index.set_aside(work, found, 8)
        found = index.set_aside(work, found, 9)  # and once more, before anything was found again
    renumbered = [replace(described(1), uid=52), replace(described(2), uid=51)]
    take(core, found, Said(present=[51, 52]), *renumbered, validity=9)
    assert ids(core, found) == {52: before[1], 51: before[2]}
    assert lines(core, found.collection_id, 2) == [(Op.CHANGE, before[2])], "one looks different now"
    assert mailbox(core, anna).uid_validity == 9


def test_id_of_a_message_is_never_used_again(core: Core, anna: Account) -> None:
    found = take(core, mailbox(core, anna), Said(present=[1]), described(1))
    (first,) = ids(core, found).values()
    found = take(core, found, Said(present=[]))
    found = take(core, found, Said(present=[2]), described(2))
    assert min(ids(core, found).values()) > first


def test_edited_draft_stays_the_same_item(core: Core, anna: Account) -> None:
    found = take(core, mailbox(core, anna, "Drafts"), Said(present=[1]), described(1, "\\Draft"))
    (draft,) = ids(core, found).values()
    with core.database.write() as work:
        kept = index.take_over(work, found, ItemId(draft), described(2, "\\Draft", at=NOON + 9, size=1_500))
    assert (kept, ids(core, found)) == (draft, {2: draft})
    assert lines(core, found.collection_id, 1) == [(Op.CHANGE, draft)]
    with core.database.read() as work:
        folder = open_folder(core, work, anna, found)
        assert (folder.collection.item_count, folder.collection.size_bytes) == (1, 1_500)
        assert folder.heads_of([ItemId(draft)])[ItemId(draft)].lasts_until == NOON + 9


def test_edited_draft_that_was_seen_as_a_new_message_takes_its_place(core: Core, anna: Account) -> None:
    found = take(core, mailbox(core, anna, "Drafts"), Said(present=[1]), described(1, "\\Draft"))
    found = take(core, found, Said({2: frozenset()}), described(2, "\\Draft"))
    by_uid = ids(core, found)
    with core.database.write() as work:
        assert index.take_over(work, found, ItemId(by_uid[1]), described(2, "\\Draft")) == by_uid[1]
    assert ids(core, found) == {2: by_uid[1]}
    assert lines(core, found.collection_id, 2) == [(Op.DELETE, by_uid[2]), (Op.CHANGE, by_uid[1])]


def test_edited_draft_that_is_already_forgotten_comes_as_a_new_message(core: Core, anna: Account) -> None:
    found = take(core, mailbox(core, anna, "Drafts"), Said(present=[1]), described(1, "\\Draft"))
    (draft,) = ids(core, found).values()
    found = take(core, found, Said(present=[]))
    with core.database.write() as work:
        kept = index.take_over(work, found, ItemId(draft), described(2, "\\Draft"))
    assert kept > draft
    assert ids(core, found) == {2: kept}


def test_message_of_an_interrupted_write_is_not_told_twice(core: Core, anna: Account) -> None:
    """The first piece was kept, the position was not: the next look finds the rest alone."""
    found, said = mailbox(core, anna), Said(present=range(1, 8))
    whole = complete(compare([], said), [described(each) for each in range(1, 8)], 0)
    with core.database.write() as work:
        found = index.write(work, found, next(whole.pieces(4)))
    assert not found.covers(NOON)
    found = take(core, found, said, *[described(each) for each in range(1, 8)])
    assert found.covers(NOON)
    assert len(lines(core, found.collection_id)) == len(ids(core, found)) == 7


def test_folders_are_made_renamed_and_removed_and_the_person_is_told(core: Core, anna: Account) -> None:
    stream = hierarchy_of(anna.id)
    with core.database.read() as work:
        before = work.journal.head(stream)
    assert arrange_folders(core, anna, listed("INBOX"), listed("Work"), listed("Work/May")) == 3
    assert arrange_folders(core, anna, listed("INBOX"), listed("Work"), listed("Work/May")) == 0
    first = mailboxes(core, anna)
    assert first["Work/May"].parent_id == first["Work"].collection_id
    take(core, first["Work"], Said(present=[1]), described(1))
    with core.database.write() as work:
        known, position = folder_list.known(work, anna.id)
        arrangement = arrange(known, [listed("INBOX"), listed("Play"), listed("Play/May")])
        renamed = [
            (each, place)
            for each in arrangement.removed
            for place in arrangement.created
            if each.path.replace("Work", "Play") == place.listed.path
        ]
        assert folder_list.keep(work, anna.id, arrangement.with_renamed(renamed), position) == 1
    now = mailboxes(core, anna)
    assert {path: each.collection_id for path, each in now.items()} == {
        path.replace("Work", "Play"): each.collection_id for path, each in first.items()
    }
    assert arrange_folders(core, anna, listed("INBOX")) == 2
    with core.database.read() as work:
        assert work.mail.messages(first["Work"].collection_id) == []
        assert work.journal.head(stream) == before + 6
        names = [
            each.collection.name for each in work.collections.standings(anna.id) if each.collection.kind == "mailbox"
        ]
    assert names == ["Inbox"]


def test_list_that_was_read_before_another_one_was_written_is_refused(core: Core, anna: Account) -> None:
    with core.database.read() as work:
        known, position = folder_list.known(work, anna.id)
    arrange_folders(core, anna, listed("INBOX"))
    with pytest.raises(Outdated), core.database.write() as work:
        folder_list.keep(work, anna.id, arrange(known, [listed("INBOX")]), position)


def test_removed_person_takes_their_mail_folders_with_them(core: Core, anna: Account) -> None:
    found = take(core, mailbox(core, anna), Said(present=[1]), described(1))
    with core.database.write() as work:
        core.people.remove(work, anna.id)
    with core.database.read() as work:
        assert (work.mail.mailbox(found.collection_id), work.mail.messages(found.collection_id)) == (None, [])
        with pytest.raises(NoSuchCollection):
            open_folder(core, work, anna, found)
