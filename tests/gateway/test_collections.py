"""Making, changing, sharing, wanting and removing collections; who is shown what, and who is told nothing."""

import threading
from collections.abc import Callable

import pytest

from gateway.seen import through
from gateway.texts import card
from pimgate import collections, sharing, subscriptions
from pimgate.core import Core
from pimgate.errors import (
    CollectionHidden,
    NoSuchAccount,
    NoSuchCollection,
    NotThere,
    PimgateError,
    Protected,
    ReadOnly,
    Refused,
)
from pimgate.journal import hierarchy_of
from pimgate.model.clients import Exposure
from pimgate.model.collections import (
    Collection,
    CollectionId,
    CollectionKind,
    Grant,
    Ownership,
    Right,
    Role,
    Standing,
)
from pimgate.model.devices import DeviceFacts
from pimgate.model.items import Bookmark
from pimgate.model.people import Account, AccountId, Identity
from pimgate.settings import Limits, Visibility
from pimgate.store.work import Work
from pimgate.visibility import Preset

NOBODYS = CollectionId("cnobodys00000")
BOOK, CALENDAR = CollectionKind.BOOK, CollectionKind.CALENDAR


@pytest.fixture
def anna(person: Callable[[str], Account]) -> Account:
    return person("anna")


@pytest.fixture
def bert(person: Callable[[str], Account]) -> Account:
    return person("bert")


@pytest.fixture
def book(core: Core, anna: Account) -> Collection:
    with core.database.write() as work:
        return collections.create(work, anna.id, BOOK, "Friends")


def standing(core: Core, who: Account, which: CollectionId) -> Standing:
    with core.database.read() as work:
        return core.catalogue.standing(work, who.id, which)


def names(core: Core, who: Account, kind: str = "web", *, always_show_default: bool = False) -> list[str]:
    with core.database.read() as work:
        sights = core.catalogue.visible_to(work, through(who, kind, always_show_default=always_show_default))
        return [sight.standing.collection.name for sight in sights]


def test_person_has_two_books_a_calendar_tasks_notes_and_the_directory_from_the_first_day(
    core: Core, anna: Account
) -> None:
    with core.database.read() as work:
        found = work.collections.standings(anna.id)
    assert {(each.collection.kind, each.collection.role, each.ownership) for each in found} == {
        (BOOK, Role.DEFAULT, Ownership.DEFAULT),
        (BOOK, Role.COLLECTED, Ownership.OWN),
        (CALENDAR, Role.DEFAULT, Ownership.DEFAULT),
        (CollectionKind.TASKS, Role.DEFAULT, Ownership.DEFAULT),
        (CollectionKind.NOTES, Role.DEFAULT, Ownership.DEFAULT),
        (BOOK, Role.DIRECTORY, Ownership.DOMAIN),
    }
    switches = {each.collection.role: each.subscription for each in found}
    directory = switches.pop(Role.DIRECTORY)
    assert directory is not None and not directory.is_on
    assert all(each is not None and each.is_on for each in switches.values())


def test_own_collections_come_before_other_peoples_and_defaults_first(core: Core, anna: Account, bert: Account) -> None:
    with core.database.write() as work:
        shared = collections.create(work, bert.id, BOOK, "Aardvarks")
        sharing.grant(work, Grant(shared.id, anna.id, Right.READ))
        subscriptions.subscribe(work, anna.id, shared.id)
        collections.create(work, anna.id, BOOK, "AAA")
        found = work.collections.standings(anna.id)
    assert [each.collection.owner == anna.id for each in found] == [True] * 6 + [False] * 2
    assert [each.ownership is Ownership.DEFAULT for each in found[:6]] == [True] * 4 + [False] * 2
    assert found[4].collection.name == "AAA"


def test_collection_that_a_person_makes_is_subscribed_with_its_switch_on(
    core: Core, anna: Account, book: Collection
) -> None:
    found = standing(core, anna, book.id)
    assert found.right is Right.MANAGE
    assert found.subscription is not None
    assert found.subscription.is_on
    assert "Friends" in names(core, anna)


def test_name_is_cleaned_and_an_empty_one_is_refused(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        assert collections.create(work, anna.id, BOOK, "  Old\0\n\u202e friends ").name == "Old friends"
        assert len(collections.create(work, anna.id, BOOK, "x" * 1000).name) == 254
        for name in ("", " \n ", "\0"):
            with pytest.raises(Refused):
                collections.create(work, anna.id, BOOK, name)


def test_person_owns_no_more_collections_than_the_limit(core: Core, anna: Account) -> None:
    limits = Limits(collections_per_person=7)
    with core.database.write() as work:
        for number in range(2):
            collections.create(work, anna.id, BOOK, f"Book {number}", limits=limits)
        with pytest.raises(Refused, match=anna.id):
            collections.create(work, anna.id, BOOK, "One too many", limits=limits)


def test_owner_renames_recolours_and_describes(core: Core, anna: Account, book: Collection) -> None:
    with core.database.write() as work:
        collections.change(
            work, anna.id, book.id, name="Good friends", colour="#ff0000", description="All of them",
            properties={"{urn:x}order": "1", "{urn:x}gone": "2"},
        )  # fmt: skip
        collections.change(work, anna.id, book.id, properties={"{urn:x}gone": None})
    found = standing(core, anna, book.id).collection
    assert (found.name, found.colour, found.description) == ("Good friends", "#ff0000", "All of them")
    assert found.properties == {"{urn:x}order": "1"}


def test_overlong_details_are_cut_or_refused_and_never_a_fault(core: Core, anna: Account, book: Collection) -> None:
    with core.database.write() as work:
        collections.change(work, anna.id, book.id, colour="#" * 500, description="d" * 50_000, name="n" * 500)
        with pytest.raises(Refused):
            collections.change(work, anna.id, book.id, properties={"p": "x" * 70_000})
        collections.create(work, anna.id, BOOK, "B", colour="#" * 500, description="d" * 50_000)
    assert len(standing(core, anna, book.id).collection.colour) <= 32


def test_change_of_nothing_is_no_line_in_anybodys_hierarchy(core: Core, anna: Account, book: Collection) -> None:
    with core.database.write() as work:
        collections.change(work, anna.id, book.id)
        assert work.changes == []


@pytest.mark.parametrize("role", ["default", "collected", "directory"])
def test_what_a_person_always_has_is_neither_removed_nor_unsubscribed(core: Core, anna: Account, role: str) -> None:
    with core.database.write() as work:
        always = [each for each in work.collections.standings(anna.id) if each.collection.role == role]
        assert always
        for each in always:
            with pytest.raises(Protected):
                subscriptions.unsubscribe(work, anna.id, each.collection.id)
            with pytest.raises((Protected, ReadOnly)):
                collections.remove(work, anna.id, each.collection.id)
            with pytest.raises(Protected):
                collections.remove_as_operator(work, each.collection.id)
        assert work.changes == []


def test_removed_collection_is_gone_with_all_in_it(core: Core, anna: Account, bert: Account, book: Collection) -> None:
    with core.database.write() as work:
        sharing.grant(work, Grant(book.id, bert.id, Right.WRITE))
        subscriptions.subscribe(work, bert.id, book.id)
        core.catalogue.open_view(work, through(anna), book.id).put("a.vcf", card("a"))
        before = work.journal.head(hierarchy_of(bert.id))
        collections.remove(work, anna.id, book.id)
        assert work.journal.head(hierarchy_of(bert.id)) == before + 1
        assert work.items.size(book.id) == (0, 0)
        assert work.journal.heads([book.id]) == {}
        assert sharing.grants(work, book.id) == []
    for who in (anna, bert):
        with pytest.raises(NoSuchCollection):
            standing(core, who, book.id)
        assert "Friends" not in names(core, who)


def test_operator_renames_and_removes_what_is_anybodys(core: Core, anna: Account, book: Collection) -> None:
    with core.database.write() as work:
        collections.rename_as_operator(work, book.id, "Foes")
        assert work.changes
    assert standing(core, anna, book.id).collection.name == "Foes"
    with core.database.write() as work:
        collections.remove_as_operator(work, book.id)
        for attempt in (collections.remove_as_operator, lambda w, c: collections.rename_as_operator(w, c, "x")):
            with pytest.raises(NoSuchCollection):
                attempt(work, book.id)


def test_collection_of_the_organisation_is_read_by_everybody_and_theirs_from_the_first_day(
    core: Core, anna: Account
) -> None:
    with core.database.write() as work:
        rooms = collections.create_for_all(work, CALENDAR, "Rooms", is_on=True)
        dora = core.people.create(work, "dora@example.org", None)
    for who, is_on in ((anna, True), (dora, False)):
        found = standing(core, who, rooms.id)
        assert (found.right, found.ownership) == (Right.READ, Ownership.DOMAIN)
        assert found.subscription is not None
        assert found.subscription.is_on is is_on
    with core.database.write() as work:
        with pytest.raises(ReadOnly):
            collections.change(work, anna.id, rooms.id, name="Mine")
        subscriptions.unsubscribe(work, anna.id, rooms.id)
    assert "Rooms" not in names(core, anna)


# Sharing


@pytest.mark.parametrize("right", [Right.READ, Right.WRITE, Right.MANAGE])
def test_granted_right_is_held_and_subscribes_nobody(
    core: Core, anna: Account, bert: Account, book: Collection, right: Right
) -> None:
    with core.database.write() as work:
        sharing.grant_by(work, anna.id, Grant(book.id, bert.id, right))
    found = standing(core, bert, book.id)
    assert (found.right, found.subscription, found.ownership) == (right, None, Ownership.SHARED)
    assert "Friends" not in names(core, bert)
    with core.database.write() as work:
        subscriptions.subscribe(work, bert.id, book.id)
        view = core.catalogue.open_view(work, through(bert), book.id)
        assert view.may_write is (right >= Right.WRITE)
    assert "Friends" in names(core, bert)


def test_higher_of_ones_own_right_and_everybodys_counts(
    core: Core, anna: Account, bert: Account, book: Collection
) -> None:
    for own, everybodys in ((Right.READ, Right.WRITE), (Right.MANAGE, Right.READ)):
        with core.database.write() as work:
            sharing.grant(work, Grant(book.id, bert.id, own))
            sharing.grant(work, Grant(book.id, None, everybodys))
            assert set(sharing.grants(work, book.id)) == {
                Grant(book.id, bert.id, own),
                Grant(book.id, None, everybodys),
            }
        assert standing(core, bert, book.id).right is max(own, everybodys)
        assert standing(core, anna, book.id).right is Right.MANAGE


def test_lost_right_hides_the_collection_at_the_next_look_and_its_return_brings_it_back(
    core: Core, anna: Account, bert: Account, book: Collection
) -> None:
    with core.database.write() as work:
        sharing.grant(work, Grant(book.id, bert.id, Right.READ))
        subscriptions.subscribe(work, bert.id, book.id)
    assert "Friends" in names(core, bert)
    with core.database.write() as work:
        sharing.grant(work, Grant(book.id, bert.id, Right.NONE))
        assert sharing.grants(work, book.id) == []
    assert "Friends" not in names(core, bert)
    with core.database.read() as work, pytest.raises(NoSuchCollection):
        core.catalogue.open_view(work, through(bert), book.id, even_if_unlisted=True)
    with core.database.write() as work:
        sharing.grant(work, Grant(book.id, bert.id, Right.READ))
    assert "Friends" in names(core, bert)


def test_only_whoever_manages_may_share(core: Core, anna: Account, bert: Account, book: Collection) -> None:
    with core.database.write() as work:
        sharing.grant(work, Grant(book.id, bert.id, Right.WRITE))
        with pytest.raises(ReadOnly):
            sharing.grant_by(work, bert.id, Grant(book.id, bert.id, Right.MANAGE))
        sharing.grant(work, Grant(book.id, bert.id, Right.MANAGE))
        sharing.grant_by(work, bert.id, Grant(book.id, None, Right.READ))


def test_grant_to_nobody_and_of_nothing_is_refused(core: Core, anna: Account, book: Collection) -> None:
    with core.database.write() as work:
        with pytest.raises(NoSuchAccount):
            sharing.grant(work, Grant(book.id, AccountId("pnobody"), Right.READ))
        with pytest.raises(NoSuchCollection):
            sharing.grant(work, Grant(NOBODYS, anna.id, Right.READ))
        assert work.changes == []


def test_removed_person_is_no_obstacle_to_those_who_shared_with_them(
    core: Core, anna: Account, bert: Account, book: Collection
) -> None:
    with core.database.write() as work:
        sharing.grant(work, Grant(book.id, bert.id, Right.WRITE))
        subscriptions.subscribe(work, bert.id, book.id)
    with core.database.write() as work:
        core.people.remove(work, bert.id)
    with core.database.write() as work:
        assert sharing.grants(work, book.id) == []
        collections.change(work, anna.id, book.id, name="Fewer friends")
        collections.remove(work, anna.id, book.id)


# What a person may not read


def test_what_a_person_may_not_read_cannot_be_told_from_what_does_not_exist(
    core: Core, bert: Account, book: Collection
) -> None:
    """Every function that takes a collection's id answers both with one type and one sentence."""
    viewer = through(bert)
    attempts: list[Callable[[Work, CollectionId], object]] = [
        lambda work, id_: core.catalogue.open_view(work, viewer, id_),
        lambda work, id_: core.catalogue.open_view(work, viewer, id_, even_if_unlisted=True),
        lambda work, id_: core.catalogue.standing(work, bert.id, id_),
        lambda work, id_: subscriptions.subscribe(work, bert.id, id_),
        lambda work, id_: subscriptions.unsubscribe(work, bert.id, id_),
        lambda work, id_: subscriptions.turn(work, bert.id, id_, is_on=True),
        lambda work, id_: collections.change(work, bert.id, id_, name="Mine"),
        lambda work, id_: collections.remove(work, bert.id, id_),
        lambda work, id_: sharing.grant_by(work, bert.id, Grant(id_, bert.id, Right.MANAGE)),
    ]
    for attempt in attempts:
        answers = []
        for id_ in (book.id, NOBODYS):
            with core.database.write() as work, pytest.raises(PimgateError) as refused:
                attempt(work, id_)
            answers.append((type(refused.value), refused.value.public))
        assert answers[0] == answers[1]
        assert issubclass(answers[0][0], NotThere)


def test_hidden_collection_is_answered_in_the_words_of_one_that_is_not_there(
    core: Core, anna: Account, book: Collection
) -> None:
    with core.database.read() as work:
        with pytest.raises(CollectionHidden) as hidden:
            core.catalogue.open_view(work, through(anna, "dav"), book.id)
        with pytest.raises(NoSuchCollection) as none:
            core.catalogue.open_view(work, through(anna, "dav"), NOBODYS)
    assert hidden.value.public == none.value.public


def test_unlisted_collection_may_be_reached_where_a_client_would_lose_its_edits_otherwise(
    core: Core, anna: Account, book: Collection
) -> None:
    with core.database.write() as work:
        view = core.catalogue.open_view(work, through(anna, "dav"), book.id, even_if_unlisted=True)
        view.put("a.vcf", card("a"))
        assert view.sight.verdict.exposure is Exposure.HIDDEN


# The catalogue


def test_each_kind_of_client_lists_what_the_table_says(core: Core, anna: Account, book: Collection) -> None:
    assert names(core, anna, "dav") == ["Calendar", "Contacts", "Notes", "Tasks"]
    assert "Friends" in names(core, anna, "thunderbird")
    with core.database.write() as work:
        assert subscriptions.turn(work, anna.id, book.id, is_on=False) is True
        assert subscriptions.turn(work, anna.id, book.id, is_on=False) is False
    assert "Friends" in names(core, anna, "thunderbird")
    assert "Friends" not in names(core, anna, "eas-ios")


def test_client_is_shown_no_collection_of_a_kind_it_has_no_place_for(
    make_core: Callable[..., Core], anna: Account, book: Collection
) -> None:
    """Not even when the operator opens everything, and not by asking for it directly."""
    core = make_core(visibility=Visibility(preset=Preset.OPEN))
    viewer = through(anna, "dav", shows=frozenset({CALENDAR}))
    with core.database.read() as work:
        sights = core.catalogue.sights(work, viewer)
        assert {sight.standing.collection.kind for sight in sights} == {CALENDAR}
        with pytest.raises(CollectionHidden):
            core.catalogue.open_view(work, viewer, book.id)


def test_phone_that_breaks_without_its_folders_keeps_them(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        for each in work.collections.standings(anna.id):
            if each.collection.owner == anna.id:
                subscriptions.turn(work, anna.id, each.collection.id, is_on=False)
    assert names(core, anna, "eas-ios") == []
    assert names(core, anna, "eas-ios", always_show_default=True) == ["Calendar", "Contacts", "Notes", "Tasks"]


# Subscriptions


def test_switch_of_what_is_not_subscribed_cannot_be_turned(core: Core, bert: Account, book: Collection) -> None:
    with core.database.write() as work:
        sharing.grant(work, Grant(book.id, bert.id, Right.READ))
        with pytest.raises(NoSuchCollection):
            subscriptions.turn(work, bert.id, book.id, is_on=True)


def test_unsubscribed_collection_leaves_the_lists_and_can_come_back(
    core: Core, anna: Account, book: Collection
) -> None:
    with core.database.write() as work:
        subscriptions.unsubscribe(work, anna.id, book.id)
    assert "Friends" not in names(core, anna)
    assert standing(core, anna, book.id).right is Right.MANAGE
    with core.database.write() as work:
        subscriptions.subscribe(work, anna.id, book.id, is_on=False)
        subscriptions.subscribe(work, anna.id, book.id)
    found = standing(core, anna, book.id).subscription
    assert found is not None
    assert found.is_on


def test_volume_names_number_bytes_and_phones_and_warns_only_above_the_limit(
    core: Core, anna: Account, book: Collection
) -> None:
    limits = Limits(contacts_warning=1)
    with core.database.write() as work:
        core.devices.admit(work, Identity(anna), DeviceFacts("eas", "A1", "iPhone"))
        core.devices.admit(work, Identity(anna), DeviceFacts("dav", "tb"))
        view = core.catalogue.open_view(work, through(anna), book.id)
        for uid, is_large in (("a", False), ("b", True)):
            view.put(f"{uid}.vcf", card(uid))
            figures = subscriptions.volume(work, core.catalogue.standing(work, anna.id, book.id), limits)
            assert figures.is_large is is_large
    assert (figures.items, figures.size_bytes) == (2, 2 * len(card("a")))
    assert figures.devices == ("iPhone",)
    assert figures.warns_above == 1


def test_same_wish_from_two_clients_at_once_is_one_subscription(
    make_core: Callable[..., Core], anna: Account, bert: Account, book: Collection
) -> None:
    cores = [make_core(), make_core()]
    with cores[0].database.write() as work:
        sharing.grant(work, Grant(book.id, bert.id, Right.READ))
    faults: list[BaseException] = []

    def want(core: Core) -> None:
        try:
            for is_on in (True, False) * 5:
                with core.database.write() as work:
                    subscriptions.subscribe(work, bert.id, book.id, is_on=is_on)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            faults.append(error)

    threads = [threading.Thread(target=want, args=(core,)) for core in cores * 2]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert faults == []


def test_same_grant_by_two_hands_at_once_is_one_grant(
    make_core: Callable[..., Core], bert: Account, book: Collection
) -> None:
    core = make_core()
    faults: list[BaseException] = []

    def give() -> None:
        try:
            for right in (Right.READ, Right.WRITE) * 5:
                with core.database.write() as work:
                    sharing.grant(work, Grant(book.id, bert.id, right))
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            faults.append(error)

    threads = [threading.Thread(target=give) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert faults == []


def test_hierarchy_line_names_what_changed(core: Core, anna: Account, book: Collection) -> None:
    with core.database.write() as work:
        before = work.journal.head(hierarchy_of(anna.id))
        subscriptions.turn(work, anna.id, book.id, is_on=False)
        (line,) = work.journal.since(hierarchy_of(anna.id), Bookmark(before), 9).changes
    assert line.name == book.id
