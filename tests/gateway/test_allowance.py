"""How much a person may keep: whose writes count against whom, and what always passes."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from gateway.seen import through
from gateway.texts import card
from pimgate import allowance, collections
from pimgate.core import Core
from pimgate.errors import NoRoom
from pimgate.items import View
from pimgate.model.collections import Collection, CollectionId, CollectionKind, Grant, Right
from pimgate.model.people import Account
from pimgate.settings import Limits
from pimgate.sharing import grant
from pimgate.store.work import Work
from pimgate.subscriptions import subscribe

BOOK = CollectionKind.BOOK
ON_SQLITE = pytest.mark.parametrize("kind", ["sqlite"])
"""For rules; what the database reckons is asked of both."""


def sized(uid: str, size_bytes: int) -> str:
    """A card of so many octets."""
    bare = len(card(uid, "Ada Lovelace", "", "NOTE:"))
    return card(uid, "Ada Lovelace", "", f"NOTE:{'x' * (size_bytes - bare)}")


@dataclass
class Home:
    """Two people, each with a book. `limits` may change from one write to the next, as an operator changes them."""

    make_core: Callable[..., Core]
    core: Core
    anna: Account
    bert: Account
    hers: Collection
    his: Collection

    def limit(self, bytes_per_person: int) -> None:
        self.core = self.make_core(limits=Limits(bytes_per_person=bytes_per_person))

    @contextmanager
    def opened(self, *which: Collection, by: Account | None = None) -> Iterator[list[View]]:
        with self.core.database.write() as work:
            viewer = through(by or self.anna)
            yield [self.core.catalogue.open_view(work, viewer, each.id) for each in which]

    def put(self, which: Collection, name: str, size_bytes: int, by: Account | None = None) -> None:
        with self.opened(which, by=by) as (view,):
            view.put(name, sized(name, size_bytes))

    def kept(self, owner: Account | None = None) -> allowance.Allowance:
        with self.core.database.read() as work:
            return allowance.of(work, self.core.settings.limits, (owner or self.anna).id)


@pytest.fixture
def home(make_core: Callable[..., Core], person: Callable[[str], Account]) -> Home:
    anna, bert = person("anna"), person("bert")
    core = make_core(limits=Limits(bytes_per_person=5_000))
    with core.database.write() as work:
        hers, his = (collections.create(work, each.id, BOOK, "Friends") for each in (anna, bert))
    return Home(make_core, core, anna, bert, hers, his)


def share(work: Work, found: Collection, reader: Account) -> None:
    grant(work, Grant(found.id, reader.id, Right.WRITE))
    subscribe(work, reader.id, found.id)


def test_person_fills_what_they_may_keep_to_the_last_octet(home: Home) -> None:
    home.put(home.hers, "a.vcf", 4_000)
    assert (home.kept().used_bytes, home.kept().left_bytes) == (4_000, 1_000)
    with pytest.raises(NoRoom):
        home.put(home.hers, "b.vcf", 1_001)
    home.put(home.hers, "b.vcf", 1_000)
    assert home.kept().left_bytes == 0
    with pytest.raises(NoRoom):
        home.put(home.hers, "a.vcf", 4_001)
    assert home.kept(home.bert).used_bytes == 0


@ON_SQLITE
def test_whoever_has_more_than_they_may_still_shrinks_keeps_moves_and_deletes(home: Home) -> None:
    with home.core.database.write() as work:
        other = collections.create(work, home.anna.id, BOOK, "Family")
    home.put(home.hers, "a.vcf", 3_000)
    home.put(other, "b.vcf", 2_000)
    home.limit(2_500)
    assert (home.kept().used_bytes, home.kept().left_bytes) == (5_000, 0)
    with pytest.raises(NoRoom):
        home.put(home.hers, "c.vcf", 200)
    with home.opened(home.hers, other) as (book, family):
        book.put("a.vcf", sized("a.vcf", 3_000).replace("Ada", "Bob"))
        book.put("a.vcf", sized("a.vcf", 2_900))
        book.move("a.vcf", book, "d.vcf")
        book.move("d.vcf", family, "b.vcf", overwrite=True)
    assert home.kept().used_bytes == 2_900
    with home.opened(other) as (family,):
        family.delete("b.vcf")
    home.put(home.hers, "c.vcf", 2_500)


@ON_SQLITE
def test_room_of_the_owner_counts_whoever_writes(home: Home) -> None:
    with home.core.database.write() as work:
        share(work, home.hers, home.bert)
    home.put(home.his, "full.vcf", 5_000, by=home.bert)
    home.put(home.hers, "a.vcf", 4_000, by=home.bert)
    with pytest.raises(NoRoom) as refused:
        home.put(home.hers, "b.vcf", 1_500, by=home.bert)
    assert not any(each.isdigit() for each in refused.value.public), "nobody learns what others keep"
    assert (home.kept().used_bytes, home.kept(home.bert).used_bytes) == (4_000, 5_000)


@ON_SQLITE
def test_what_moves_to_somebody_else_needs_their_room_and_stays_where_there_is_none(home: Home) -> None:
    with home.core.database.write() as work:
        share(work, home.hers, home.bert)
    home.put(home.hers, "old.vcf", 3_000)
    home.put(home.hers, "more.vcf", 1_000)
    home.put(home.his, "big.vcf", 1_500, by=home.bert)
    with home.opened(home.his, home.hers, by=home.bert) as (his, hers):
        with pytest.raises(NoRoom):
            his.move("big.vcf", hers, "big.vcf")
        assert his.head("big.vcf") is not None
        assert [head.name for head in hers.heads()] == ["old.vcf", "more.vcf"]
    home.limit(1_000)
    with home.opened(home.his, home.hers, by=home.bert) as (his, hers):
        his.move("big.vcf", hers, "old.vcf", overwrite=True)
    assert (home.kept().used_bytes, home.kept(home.bert).used_bytes) == (2_500, 0)


def test_neither_mail_nor_what_belongs_to_all_counts(home: Home) -> None:
    with home.core.database.write() as work:
        mail = replace(home.hers, id=CollectionId("cinbox"), kind=CollectionKind.MAILBOX)
        work.collections.add(mail)
        work.collections.grow(mail.id, 1, 9_000)
        common = collections.create(work, None, BOOK, "Customers")
        grant(work, Grant(common.id, None, Right.WRITE))
        subscribe(work, home.anna.id, common.id)
    home.put(common, "a.vcf", 6_000)
    home.put(home.hers, "b.vcf", 5_000)
    assert home.kept().used_bytes == 5_000
    with home.core.database.read() as work:
        assert work.collections.sizes_of_owners()[home.anna.id] == 5_000


@ON_SQLITE
def test_nothing_is_limited_where_the_operator_sets_no_limit(home: Home) -> None:
    home.limit(0)
    home.put(home.hers, "a.vcf", 50_000)
    assert (home.kept().used_bytes, home.kept().most_bytes, home.kept().left_bytes) == (50_000, None, None)


@ON_SQLITE
def test_what_is_said_to_be_left_is_what_fits(home: Home) -> None:
    """Any writes in any order: what fits into what is left passes, all else is refused, and the figures are those of the texts."""
    chance = random.Random(4331)
    with home.core.database.write() as work:
        family = collections.create(work, home.anna.id, BOOK, "Family")
        books = [home.core.catalogue.open_view(work, through(home.anna), each.id) for each in (home.hers, family)]
        for _ in range(80):
            name, book = f"{chance.randrange(6)}.vcf", chance.choice(books)
            there = book.head(name)
            left = allowance.of(work, home.core.settings.limits, home.anna.id).left_bytes
            assert left is not None
            match chance.choice(("put", "put", "put", "delete", "move")):
                case "put":
                    size = chance.randrange(200, 2_500)
                    more = size - (there.size_bytes if there else 0)
                    assert _fits(book, name, size) is (more <= left)
                case "delete" if there is not None:
                    book.delete(name)
                case "move" if there is not None:
                    book.move(name, books[book is books[0]], name, overwrite=True)
            kept = sum(head.size_bytes for each in books for head in each.heads())
            assert allowance.of(work, home.core.settings.limits, home.anna.id).used_bytes == kept <= 5_000


def _fits(book: View, name: str, size_bytes: int) -> bool:
    try:
        book.put(name, sized(name, size_bytes))
    except NoRoom:
        return False
    return True


def test_what_programs_keep_beside_an_item_counts_as_well(home: Home) -> None:
    home.put(home.hers, "a", 300)
    before = home.kept().used_bytes
    home.limit(before + 20)
    with home.opened(home.hers) as (view,):
        (head,) = view.heads()
        view.set_properties(head, {"{urn:x}n": "x" * 12})
        with pytest.raises(NoRoom):
            view.set_properties(head, {"{urn:x}n": "x" * 13})
        assert view.properties() == {head.id: {"{urn:x}n": "x" * 12}}
    assert home.kept().left_bytes == 0
    with home.opened(home.hers) as (view,):
        view.delete("a")
    assert home.kept().used_bytes == before - 300
