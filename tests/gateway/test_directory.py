"""Search over everything subscribed: from a phone's contacts, and while composing mail."""

import base64
from collections.abc import Callable

import pytest

from gateway.seen import through
from gateway.texts import card, event
from pimgate import collections, directory, sharing, subscriptions
from pimgate.core import Core
from pimgate.model.collections import Collection, CollectionKind, Grant, Right
from pimgate.model.items import DirectoryEntry
from pimgate.model.people import Account


@pytest.fixture
def anna(person: Callable[[str], Account]) -> Account:
    return person("anna")


@pytest.fixture
def book(core: Core, anna: Account) -> Collection:
    """Anna's second book, switched off: not on her phone, and found from it all the same."""
    with core.database.write() as work:
        made = collections.create(work, anna.id, CollectionKind.BOOK, "Customers")
        subscriptions.turn(work, anna.id, made.id, is_on=False)
        view = core.catalogue.open_view(work, through(anna), made.id)
        view.put("z.vcf", card("z", "Zoë Müller", "zoe@customer.example", "ORG:Customer Ltd;Sales", "TITLE:Head",
                               "TEL;TYPE=CELL:+49 170 1234567", "TEL:030 999", "NICKNAME:Zo"))  # fmt: skip
        view.put("a.vcf", card("a", "Albert Customer", "albert@customer.example"))
        view.put("n.vcf", card("n", "No Address Customer"))
    return made


def search(core: Core, who: Account, query: str, kind: str = "eas-ios", limit: int = 10) -> list[DirectoryEntry]:
    with core.database.read() as work:
        return directory.search(core, work, through(who, kind), query, limit)


@pytest.mark.parametrize(
    "query", ["zoe", "MÜLLER", "muller", "zoe@customer", "sales", "1701234567", "  Zoë   Mü ", "zo"]
)
def test_person_is_found_by_name_address_organisation_and_number(
    core: Core, anna: Account, book: Collection, query: str
) -> None:
    found = search(core, anna, query)
    assert [entry.email for entry in found] == ["zoe@customer.example"]


def test_entry_carries_what_a_phone_shows(core: Core, anna: Account, book: Collection) -> None:
    (found,) = search(core, anna, "zoe")
    assert (found.name, found.source, found.collection_id) == ("Zoë Müller", "Customers", book.id)
    assert found.fields == {
        "family": "Müller",
        "given": "Zoë",
        "org": "Customer Ltd",
        "department": "Sales",
        "title": "Head",
        "tel-cell": "+49 170 1234567",
        "tel-work": "030 999",
        "nickname": "Zo",
    }


def test_everybody_of_the_organisation_is_found(core: Core, anna: Account) -> None:
    assert [entry.email for entry in search(core, anna, "bert@example")] == ["bert@example.org"]


def test_book_that_this_kind_of_client_may_not_search_gives_nothing(
    core: Core, anna: Account, book: Collection
) -> None:
    assert search(core, anna, "zoe", "dav") == []
    assert len(search(core, anna, "zoe", "thunderbird")) == 1


def test_unsubscribed_and_unreadable_books_give_nothing(
    core: Core, anna: Account, book: Collection, person: Callable[[str], Account]
) -> None:
    bert = person("bert")
    assert search(core, bert, "zoe") == []
    with core.database.write() as work:
        sharing.grant(work, Grant(book.id, bert.id, Right.READ))
    assert search(core, bert, "zoe") == []
    with core.database.write() as work:
        subscriptions.subscribe(work, bert.id, book.id)
    assert len(search(core, bert, "zoe")) == 1
    with core.database.write() as work:
        sharing.grant(work, Grant(book.id, bert.id, Right.NONE))
        subscriptions.unsubscribe(work, anna.id, book.id)
    assert search(core, bert, "zoe") == search(core, anna, "zoe") == []


def test_events_are_not_people(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        diary = collections.create(work, anna.id, CollectionKind.CALENDAR, "Diary")
        core.catalogue.open_view(work, through(anna), diary.id).put("a.ics", event("a", summary="Zoe comes"))
    assert search(core, anna, "zoe") == []


def test_same_address_from_two_books_is_one_entry(core: Core, anna: Account, book: Collection) -> None:
    with core.database.write() as work:
        other = collections.create(work, anna.id, CollectionKind.BOOK, "Old customers")
        core.catalogue.open_view(work, through(anna), other.id).put("z.vcf", card("z", "Zoe M", "ZOE@customer.example"))
    assert len(search(core, anna, "zoe")) == 1


@pytest.mark.parametrize(("limit", "most"), [(0, 0), (1, 1), (2, 2), (10_000, 3), (-1, 0)])
def test_no_more_entries_than_asked_for(core: Core, anna: Account, book: Collection, limit: int, most: int) -> None:
    assert len(search(core, anna, "customer", limit=limit)) == most


@pytest.mark.parametrize("query", ["", "   ", "%", "_", "\\", "x" * 200_000, "a\0b", "\ud800", "' OR 1=1 --"])
def test_odd_question_finds_nothing_and_is_no_fault(core: Core, anna: Account, query: str) -> None:
    assert search(core, anna, query) == []


def put(core: Core, who: Account, book: Collection, *cards: str) -> None:
    with core.database.write() as work:
        view = core.catalogue.open_view(work, through(who), book.id)
        for number, text in enumerate(cards):
            view.put(f"put{number}.vcf", text)


def names(found: list[DirectoryEntry]) -> list[str]:
    return [entry.name for entry in found]


def test_names_that_begin_so_come_first_then_other_words_then_the_rest(
    core: Core, anna: Account, book: Collection
) -> None:
    put(
        core,
        anna,
        book,
        card("1", "Aaron Lambert", "aaron@else.example"),
        card("2", "Ada Bertini", "ada@else.example"),
        card("3", "Abel Smith", "bertie@else.example"),
        card("4", "Bertram Able", "able@else.example"),
    )
    assert names(search(core, anna, "BERT")) == [
        *("bert", "Bertram Able"),
        *("Abel Smith", "Ada Bertini"),
        *("Aaron Lambert", "Albert Customer"),
    ]


def test_colleague_comes_before_others_of_the_same_place(core: Core, anna: Account, book: Collection) -> None:
    put(core, anna, book, card("1", "Ber", "ber@else.example"))
    assert names(search(core, anna, "ber"))[:2] == ["bert", "Ber"]


def test_best_are_shown_where_more_fit_than_are_shown(core: Core, anna: Account, book: Collection) -> None:
    others = [card(f"o{number}", f"Ada {number:03} Quark", f"o{number}@else.example") for number in range(120)]
    put(core, anna, book, *others, card("q", "Quark First", "zz@else.example"))
    with core.database.read() as work:
        found = directory.Directory(core, work, through(anna)).search("quark")
    assert (len(found.entries), found.total) == (directory.MOST, 121)
    assert found.entries[0].name == "Quark First"


def test_total_counts_somebody_found_twice_once(core: Core, anna: Account, book: Collection) -> None:
    put(core, anna, book, card("b", "Bert the Baker", "BERT@example.org"), card("c", "Bertha", "bertha@else.example"))
    with core.database.read() as work:
        found = directory.Directory(core, work, through(anna)).search("bert")
    assert (names(list(found.entries)), found.total) == (["bert", "Bertha", "Albert Customer"], 3)


def test_address_that_was_looked_for_is_the_one_that_is_shown(core: Core, anna: Account, book: Collection) -> None:
    put(core, anna, book, card("2", "Two Addresses", "two@work.example", "EMAIL:two@home.example"))
    assert [entry.email for entry in search(core, anna, "two addresses")] == ["two@work.example"]
    [found] = search(core, anna, "two@home")
    assert (found.email, found.addresses) == ("two@home.example", ("two@work.example", "two@home.example"))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("ZOE@customer.example", "Zoë Müller"),
        (" zoe@customer.example ", "Zoë Müller"),
        ("bert@example.org", "bert"),
        ("oe@customer.example", None),
        ("zoe@customer", None),
        ("", None),
    ],
)
def test_person_with_exactly_this_address(
    core: Core, anna: Account, book: Collection, address: str, name: str | None
) -> None:
    with core.database.read() as work:
        found = directory.Directory(core, work, through(anna)).by_address(address)
    assert (found.name if found else None) == name


def test_people_of_the_organisation_are_known_as_such(core: Core, anna: Account, book: Collection) -> None:
    assert [entry.is_of_organisation for entry in search(core, anna, "bert@example")] == [True]
    assert [entry.is_of_organisation for entry in search(core, anna, "zoe@")] == [False]


PHOTO = base64.b64encode(b"\xff\xd8\xff a photo").decode()


def test_photo_is_given_to_whoever_may_search_its_book(
    core: Core, anna: Account, book: Collection, person: Callable[[str], Account]
) -> None:
    put(core, anna, book, card("p", "Pia", "pia@else.example", f"PHOTO;ENCODING=b;TYPE=JPEG:{PHOTO}"))
    [pia] = search(core, anna, "pia")
    [zoe] = search(core, anna, "zoe@")
    from_elsewhere = DirectoryEntry("Lea", "lea@else.example", "LDAP", {}, photo=b"GIF89a")
    with core.database.read() as work:
        mine = directory.Directory(core, work, through(anna))
        assert [mine.photo(each) for each in (pia, zoe, from_elsewhere)] == [b"\xff\xd8\xff a photo", b"", b"GIF89a"]
        assert directory.Directory(core, work, through(person("bert"))).photo(pia) == b""


def test_members_of_a_group(core: Core, anna: Account, book: Collection, person: Callable[[str], Account]) -> None:
    members = ("MEMBER:urn:uuid:z", "MEMBER:mailto:Cleo@example.org", "MEMBER:urn:uuid:gone", "MEMBER:a")
    put(core, anna, book, card("g", "Group of three", "", "KIND:group", *members))
    [group] = search(core, anna, "group of")
    assert group.is_group
    with core.database.read() as work:
        mine = directory.Directory(core, work, through(anna))
        assert names(mine.members(group, 9)) == ["Zoë Müller", "Albert Customer", "Cleo@example.org"]
        assert names(mine.members(group, 1)) == ["Zoë Müller"]
        assert directory.Directory(core, work, through(person("bert"))).members(group, 9) == []
        assert mine.members(DirectoryEntry("Lea", "lea@else.example", "LDAP", {}), 9) == []


def test_cards_that_were_found_are_read_again_only_by_whoever_may_find_them(
    core: Core, anna: Account, book: Collection
) -> None:
    with core.database.read() as work:
        phone = directory.Directory(core, work, through(anna, "eas-ios"))
        (found,) = phone.search("zoe").entries
        assert found.item_id is not None
        assert [each.email for each in phone.with_ids([found.item_id, 2**40])] == ["zoe@customer.example"]
        assert "ORG:Customer Ltd;Sales" in phone.texts([found])[found.item_id]
        desk = directory.Directory(core, work, through(anna, "dav"))
        assert desk.with_ids([found.item_id]) == []
        assert desk.texts([found]) == {}
