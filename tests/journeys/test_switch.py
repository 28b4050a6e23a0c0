"""A person turns a switch in the page: the phone hears of it at once, and whoever sees no difference notices nothing."""

import pytest

from gateway.places import PASSWORD
from journeys.clients import ANNA, Waiting, browser, collection_of, iphone, position_of, thunderbird, url_of
from journeys.texts import card
from pimgate import collections
from pimgate.core import Core
from pimgate.model.collections import Collection, CollectionKind
from pimgate.testing.desktop import DAVX5, Desktop
from pimgate.testing.running import Running

WITHIN_SECONDS = 1.0


@pytest.fixture
def rehearsals(gateway: Running) -> Collection:
    """A second calendar of Anna's."""
    return make(gateway.core, CollectionKind.CALENDAR, "Rehearsals")


@pytest.fixture
def choir(gateway: Running) -> Collection:
    """A second book of Anna's, with somebody in it."""
    made = make(gateway.core, CollectionKind.BOOK, "Choir")
    url = url_of(gateway.url, gateway.core, made)
    assert thunderbird(gateway.url).put(f"{url}oda.vcf", card("oda", "Oda", "Travelling"), is_new=True).status == 201
    return made


def make(core: Core, kind: CollectionKind, name: str) -> Collection:
    with core.database.write() as work:
        return collections.create(work, core.people.get(work, ANNA).id, kind, name)


def test_phone_that_waits_loses_the_calendar_at_once(gateway: Running, rehearsals: Collection) -> None:
    phone, pages = iphone(gateway.url), browser(gateway.url)
    assert rehearsals.id in phone.folders
    answer, seconds = Waiting(phone).after(lambda: pages.turn(rehearsals.id, is_on=False), 5)
    assert answer.status == 7
    assert seconds < WITHIN_SECONDS
    assert phone.sync_folders() == [("Delete", rehearsals.id)]
    assert rehearsals.id not in phone.items
    answer, _ = Waiting(phone).after(lambda: pages.turn(rehearsals.id, is_on=True), 5)
    assert answer.status == 7
    assert phone.sync_folders() == [("Add", rehearsals.id)]
    assert phone.complaints == []


def test_program_whose_view_did_not_change_notices_nothing(gateway: Running, choir: Collection) -> None:
    program = Desktop(gateway.url, ANNA, PASSWORD, DAVX5)
    calendar = collection_of(gateway.core, CollectionKind.CALENDAR)
    url = url_of(gateway.url, gateway.core, calendar)
    before = {service: program.listed(service) for service in ("carddav", "caldav")}
    token, _ = program.changes(url, service="caldav")
    position = position_of(gateway.core, calendar.id)
    browser(gateway.url).turn(calendar.id, is_on=False)
    browser(gateway.url).turn(choir.id, is_on=False)
    assert {service: program.listed(service) for service in ("carddav", "caldav")} == before
    assert program.changes(url, token, service="caldav") == (token, {})
    assert position_of(gateway.core, calendar.id) == position


def test_thunderbird_keeps_the_calendar_and_is_told_that_it_is_online_only(
    gateway: Running, rehearsals: Collection
) -> None:
    program = thunderbird(gateway.url)
    before = {each.url: each.exposure for each in program.listed("caldav")}
    browser(gateway.url).turn(rehearsals.id, is_on=False)
    url = url_of(gateway.url, gateway.core, rehearsals)
    assert {each.url: each.exposure for each in program.listed("caldav")} == before | {url: "online"}


def test_unsent_edit_in_a_lost_folder_does_not_stop_the_phone(gateway: Running, choir: Collection) -> None:
    phone = iphone(gateway.url)
    (server_id,) = phone.items[choir.id]
    edit = phone.change(choir.id, server_id, {"Contacts:JobTitle": "Alto"})
    browser(gateway.url).turn(choir.id, is_on=False)
    phone.sync()
    assert choir.id not in phone.folders
    assert not edit.is_accepted
    assert phone.complaints == []


def test_book_that_was_switched_off_is_found_by_search(gateway: Running, choir: Collection) -> None:
    phone = iphone(gateway.url)
    browser(gateway.url).turn(choir.id, is_on=False)
    phone.sync_folders()
    assert choir.id not in phone.folders
    assert [each["DisplayName"] for each in phone.search("Oda")] == ["Oda Travelling"]
