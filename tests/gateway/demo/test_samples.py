"""The sample people and data: real enough to show, and told apart where the check must tell them apart."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pimgate.core import Core
from pimgate.demo.cards import BOOKS, cards_of
from pimgate.demo.events import CALENDARS, events_of
from pimgate.demo.household import MARKERS, SWITCHED_OFF, exhibits, furnish
from pimgate.demo.people import people_of
from pimgate.model.collections import CollectionKind, Ownership
from pimgate.text.calendar import index_calendar
from pimgate.text.vcard import index_card

DAYS = [date(2026, 11, 21), date(2027, 1, 1), date(2028, 2, 29)]


@pytest.fixture
def empty_core(make_core: Callable[..., Core]) -> Core:
    return make_core()


def test_passwords_are_made_once_and_kept_for_their_owner_alone(tmp_path: Path) -> None:
    people = people_of(tmp_path)
    assert people_of(tmp_path) == people
    assert len({each.password for each in people}) == 3
    assert [each.stat().st_mode & 0o077 for each in tmp_path.iterdir()] == [0]


@pytest.mark.parametrize("book", BOOKS)
def test_every_sample_contact_can_be_kept(book: str) -> None:
    for card in cards_of(book):
        index = index_card(card.text)
        assert index.uid is not None
        assert card.full_name in card.text


@pytest.mark.parametrize("today", DAYS)
@pytest.mark.parametrize("calendar", CALENDARS)
def test_every_sample_event_can_be_kept(calendar: str, today: date) -> None:
    for event in events_of(calendar, today):
        assert index_calendar(event.text).uid in event.name


def test_household_is_furnished_once(empty_core: Core, tmp_path: Path) -> None:
    people = people_of(tmp_path)
    assert furnish(empty_core, people, DAYS[0])
    assert not furnish(empty_core, people, DAYS[0])


def test_exhibits_cover_every_class_and_ownership(empty_core: Core, tmp_path: Path) -> None:
    alice = people_of(tmp_path)[0]
    furnish(empty_core, people_of(tmp_path), DAYS[0])
    found = exhibits(empty_core, alice)
    expected = {(class_, ownership) for class_ in ("book", "calendar") for ownership in Ownership}
    assert {(each.class_, each.ownership) for each in found} == expected
    assert len(found) == len(expected)


def test_marker_of_an_exhibit_is_found_there_and_nowhere_else(empty_core: Core, tmp_path: Path) -> None:
    furnish(empty_core, people_of(tmp_path), DAYS[0])
    with empty_core.database.read() as work:
        texts: dict[str, list[str]] = {}
        for person in work.people.all():
            for standing in work.collections.standings(person.id):
                found = standing.collection
                texts[found.id] = [item.text for item in work.items.all(found.id)]
    for exhibit in exhibits(empty_core, people_of(tmp_path)[0]):
        holding = [each for each, items in texts.items() if any(exhibit.marker in text for text in items)]
        assert holding == [exhibit.id]
        assert MARKERS[exhibit.name] == exhibit.marker


def test_some_switches_of_alice_are_off_and_bobs_collections_are_hers_to_write(
    empty_core: Core, tmp_path: Path
) -> None:
    people = people_of(tmp_path)
    furnish(empty_core, people, DAYS[0])
    with empty_core.database.read() as work:
        alice = empty_core.people.get(work, people[0].login)
        standings = work.collections.standings(alice.id)
    named = {each.collection.name: each for each in standings}
    switches = {name: each.subscription is not None and each.subscription.is_on for name, each in named.items()}
    assert all(not switches[name] for name in SWITCHED_OFF)
    assert switches["Suppliers"]
    assert switches["Holidays"]
    assert named["Suppliers"].right.word == named["Workshop"].right.word == "write"
    assert named["Workshop"].collection.kind is CollectionKind.CALENDAR
    assert alice.is_operator
