"""Of whom a person may know: of those whom the organisation shows, and not of those whose address they guessed."""

from collections.abc import Callable

import pytest
from sqlalchemy import event

from gateway.seen import through
from gateway.texts import card
from pimgate import collections, sharing
from pimgate.colleagues import Colleagues
from pimgate.core import Core
from pimgate.items import drop
from pimgate.model.collections import Collection, CollectionKind, Grant, Right
from pimgate.model.people import Account, AccountId

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@pytest.fixture
def anna(person: Callable[[str], Account]) -> Account:
    return person("anna")


@pytest.fixture
def bert(core: Core, person: Callable[[str], Account]) -> Account:
    """He is here, and the directory does not say so."""
    bert = person("bert")
    with core.database.write() as work:
        head = next(each for each in work.items.heads(shown(core).id) if bert.id in each.uid)
        drop(work, head)
    return bert


def shown(core: Core) -> Collection:
    with core.database.read() as work:
        found = collections.directory(work)
    assert found is not None
    return found


def note(core: Core, who: Account, book: Collection, address: str) -> None:
    """A card with this address, written by a person into a book."""
    with core.database.write() as work:
        core.catalogue.open_view(work, through(who), book.id).put("guess.vcf", card("guess", "A Guess", address))


def knows(core: Core, who: Account, other: Account, kind: str = "thunderbird") -> list[bool]:
    """By id, by a search for the address, and when the address is typed."""
    with core.database.read() as work:
        people = Colleagues(core, work, through(who, kind))
        found = people.by_id(other.id), *people.search(other.login), people.by_typed_address(other.login)
    return [each is not None and each.id == other.id for each in found]


def test_card_of_ones_own_makes_nobody_known(core: Core, anna: Account, bert: Account) -> None:
    with core.database.write() as work:
        book = collections.create(work, anna.id, CollectionKind.BOOK, "Guesses")
    note(core, anna, book, bert.login)
    assert knows(core, anna, bert) == [False, False]


def test_book_of_the_organisation_makes_known_unless_one_writes_there_oneself(
    core: Core, anna: Account, bert: Account, person: Callable[[str], Account]
) -> None:
    cleo = person("cleo")
    with core.database.write() as work:
        book = collections.create_for_all(work, CollectionKind.BOOK, "Team")
        for each in (book, shown(core)):
            sharing.grant(work, Grant(each.id, anna.id, Right.WRITE))
    note(core, anna, book, bert.login)
    assert knows(core, anna, bert) == [False, False]
    assert knows(core, cleo, bert) == [True, True, True]
    assert knows(core, anna, cleo) == [True, True, True]  # by the card that everybody gets with their account


def test_who_is_not_known_takes_as_much_work_as_nobody(core: Core, anna: Account, bert: Account) -> None:
    def statements(ask: Callable[[Colleagues], Account | None], kind: str) -> list[str]:
        seen: list[str] = []
        with core.database.read() as work:
            people = Colleagues(core, work, through(anna, kind))
            event.listen(work.connection, "before_cursor_execute", lambda *given: seen.append(given[2]))
            assert ask(people) is None
        return seen

    for kind in ("thunderbird", "dav"):
        by_address = [
            statements(lambda people, one=one: people.by_typed_address(one), kind)
            for one in (bert.login, "nobody@example.org")
        ]
        by_id = [
            statements(lambda people, one=one: people.by_id(one), kind) for one in (bert.id, AccountId("pxxxxxxxxxxxx"))
        ]
        assert by_address[0] == by_address[1]
        assert by_id[0] == by_id[1]


def test_typed_address_of_somebody_in_the_directory_is_known_on_every_kind_of_client(
    core: Core, anna: Account, bert: Account, person: Callable[[str], Account]
) -> None:
    assert knows(core, anna, person("cleo"), "dav") == [False, True]
    assert knows(core, anna, bert, "dav") == [False, False]
