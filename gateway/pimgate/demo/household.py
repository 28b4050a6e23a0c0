"""Alice's household: people, collections, shares and switches, put into a new gateway; and where its parts are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pimgate import collections, sharing, subscriptions
from pimgate.core import Core
from pimgate.demo.cards import BOOKS, cards_of
from pimgate.demo.events import events_of
from pimgate.demo.jottings import notes_of, tasks_of
from pimgate.demo.people import OPERATOR, Person
from pimgate.items import keep
from pimgate.model.collections import Collection, CollectionKind, Grant, Ownership, Right, Role
from pimgate.model.people import Account
from pimgate.store.work import Work

FURTHER = (
    ("alice", CollectionKind.BOOK, "Choir"),
    ("alice", CollectionKind.CALENDAR, "Rehearsals"),
    ("bob", CollectionKind.BOOK, "Suppliers"),
    ("bob", CollectionKind.CALENDAR, "Workshop"),
)
"""Collections besides those that everybody has: owner, kind, name. Bob's are shared with Alice, who may write there."""

SWITCHED_OFF = ("Choir", "Workshop")
"""Alice's switches that stand at off when everything is new."""

JOTTINGS = {CollectionKind.TASKS: tasks_of, CollectionKind.NOTES: notes_of}
"""What fills the default collections of these kinds."""

HOLIDAYS = "Holidays"
MARKERS = {
    "Contacts": "Haruto Mori",
    "Choir": "Katarina Zetterlund",
    "Suppliers": "Nadia Haddad",
    "Directory": "Carol Okafor",
    "Calendar": "Flight to New York",
    "Rehearsals": "Summer concert",
    "Workshop": "Oak arrives",
    "Holidays": "Midsummer",
}
"""What is found in one collection and nowhere else: by it a client recognises what it sees."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A collection that the check looks at: its id, what it is to Alice, and what it alone contains."""

    id: str
    name: str
    class_: str
    ownership: Ownership
    marker: str


def furnish(core: Core, people: Sequence[Person], today: date) -> bool:
    """Bring everything into a gateway that has none of it; gives whether it had none. A gateway that has Alice already is left
    as it is."""
    with core.database.write() as work:
        if work.people.by_login(people[0].login) is not None:
            return False
        accounts = {
            each.first: core.people.create(
                work, each.login, each.password, name=each.name, is_operator=each.first == OPERATOR
            )
            for each in people
        }
        for found in _collections(work, accounts):
            _fill(core, work, found, today)
        return True


def _collections(work: Work, accounts: dict[str, Account]) -> list[Collection]:
    """The collections that want samples: made, shared and switched."""
    alice = accounts["alice"].id
    made = [collections.create(work, accounts[owner].id, kind, name) for owner, kind, name in FURTHER]
    for each in made:
        if each.owner != alice:
            sharing.grant(work, Grant(each.id, alice, Right.WRITE))
            subscriptions.subscribe(work, alice, each.id)
        if each.name in SWITCHED_OFF:
            subscriptions.turn(work, alice, each.id, is_on=False)
    holidays = collections.create_for_all(work, CollectionKind.CALENDAR, HOLIDAYS, is_on=True)
    standings = work.collections.standings(alice)
    defaults = [each.collection for each in standings if each.ownership is Ownership.DEFAULT]
    return [*made, holidays, *defaults]


def _fill(core: Core, work: Work, found: Collection, today: date) -> None:
    limits = core.settings.limits
    if found.kind is CollectionKind.BOOK and found.name in BOOKS:
        for card in cards_of(found.name):
            keep(work, limits, found, card.name, card.text)
    if found.kind is CollectionKind.CALENDAR:
        for event in events_of(found.name, today):
            keep(work, limits, found, event.name, event.text)
    if found.kind in JOTTINGS:
        for each in JOTTINGS[found.kind](today):
            keep(work, limits, found, each.name, each.text)


def exhibits(core: Core, person: Person) -> list[Exhibit]:
    """One collection of each class and ownership, as this person has it."""
    with core.database.read() as work:
        account = core.people.get(work, person.login)
        standings = work.collections.standings(account.id)
    found_ones = [
        Exhibit(found.id, found.name, found.kind.value, standing.ownership, MARKERS[found.name])
        for standing in standings
        if (found := standing.collection).name in MARKERS
        and found.role is not Role.COLLECTED
        and found.kind in (CollectionKind.BOOK, CollectionKind.CALENDAR)
    ]
    return sorted(found_ones, key=lambda each: (each.class_, list(Ownership).index(each.ownership)))


def default_of(core: Core, person: Person, kind: CollectionKind) -> tuple[str, str]:
    """The ids of a person and of their default collection of this kind."""
    with core.database.read() as work:
        account = core.people.get(work, person.login)
        standings = work.collections.standings(account.id)
    found = next(each for each in standings if each.ownership is Ownership.DEFAULT and each.collection.kind is kind)
    return account.id, found.collection.id
