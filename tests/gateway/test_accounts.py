"""What people always have; and what those of an earlier release get."""

from collections.abc import Callable

from pimgate.core import Core
from pimgate.journal import hierarchy_of
from pimgate.model.collections import Collection, CollectionKind, Ownership, Role
from pimgate.model.people import Account, AccountId


def collections_of(core: Core, person: AccountId) -> dict[CollectionKind, Collection]:
    """Their defaults by kind."""
    with core.database.read() as work:
        standings = work.collections.standings(person)
    return {each.collection.kind: each.collection for each in standings if each.ownership is Ownership.DEFAULT}


def without_notes(core: Core, person: AccountId) -> None:
    """As an earlier release made them."""
    notes = collections_of(core, person)[CollectionKind.NOTES]
    with core.database.write() as work:
        work.journal.close(notes.id)
        work.collections.remove(notes.id)


def test_people_of_an_earlier_release_get_their_notes_at_the_next_start_and_nothing_else_changes(
    make_core: Callable[..., Core],
) -> None:
    earlier = make_core()
    with earlier.database.read() as work:
        people: list[Account] = work.people.all()
    for person in people[1:]:
        without_notes(earlier, person.id)
    before = {person.id: collections_of(earlier, person.id) for person in people}
    with earlier.database.read() as work:
        told = {person.id: work.journal.head(hierarchy_of(person.id)) for person in people}
    later = make_core()
    for person in people:
        found = collections_of(later, person.id)
        notes = found[CollectionKind.NOTES]
        assert (notes.name, notes.role, notes.owner) == ("Notes", Role.DEFAULT, person.id)
        assert found == before[person.id] | {CollectionKind.NOTES: notes}
    with later.database.read() as work:
        subscriptions = {
            person.id: [each.subscription for each in work.collections.standings(person.id)] for person in people
        }
        heads = {person.id: work.journal.head(hierarchy_of(person.id)) for person in people}
    assert all(each is not None for found in subscriptions.values() for each in found)
    assert heads[people[0].id] == told[people[0].id]
    assert all(heads[person.id] > told[person.id] for person in people[1:])
