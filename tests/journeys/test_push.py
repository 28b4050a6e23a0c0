"""Thunderbird writes a card or an event: the phones that wait are woken and get it."""

import pytest

from journeys.clients import Waiting, collection_of, iphone, thunderbird, url_of
from journeys.texts import card, event
from pimgate.model.collections import CollectionKind
from pimgate.testing.phone_comparison import facts_told
from pimgate.testing.running import Running

WITHIN_SECONDS = 1.0
WRITTEN = {
    CollectionKind.BOOK: ("oda.vcf", card("oda", "Oda", "Travelling"), "Oda Travelling"),
    CollectionKind.CALENDAR: ("regatta.ics", event("regatta", "Regatta"), "Regatta"),
}


@pytest.mark.parametrize("shown", WRITTEN)
def test_card_or_event_from_thunderbird_wakes_a_waiting_phone(gateway: Running, shown: CollectionKind) -> None:
    phone, program = iphone(gateway.url), thunderbird(gateway.url)
    found = collection_of(gateway.core, shown)
    url = url_of(gateway.url, gateway.core, found)
    name, text, told = WRITTEN[shown]

    def write() -> None:
        assert program.put(f"{url}{name}", text, is_new=True).status == 201

    answer, seconds = Waiting(phone).after(write, 5)
    assert (answer.status, answer.folders) == (2, (found.id,))
    assert seconds < WITHIN_SECONDS
    phone.sync(found.id)
    assert [facts_told(each)[0] for each in phone.items[found.id].values()] == [told]
    assert program.get(f"{url}{name}")[0] == text
    assert phone.complaints == []


def test_phone_is_not_woken_by_its_own_edits(gateway: Running) -> None:
    phone = iphone(gateway.url)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    program, url = thunderbird(gateway.url), url_of(gateway.url, gateway.core, book)
    program.put(f"{url}oda.vcf", card("oda", "Oda", "Travelling"), is_new=True)
    phone.sync(book.id)
    (server_id,) = phone.items[book.id]
    phone.change(book.id, server_id, {"Contacts:JobTitle": "Pilot"})
    phone.sync(book.id)
    waiting = Waiting(phone)
    answer, _ = waiting.after(lambda: program.delete(f"{url}oda.vcf"), 5)
    assert answer.status == 2


def test_change_between_two_pings_is_not_lost(gateway: Running) -> None:
    phone, program = iphone(gateway.url), thunderbird(gateway.url)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    url = url_of(gateway.url, gateway.core, book)
    program.put(f"{url}oda.vcf", card("oda", "Oda", "Travelling"), is_new=True)
    answer = phone.ping(60)
    assert (answer.status, answer.folders) == (2, (book.id,))
    assert answer.seconds < WITHIN_SECONDS


def test_second_ping_of_a_phone_takes_the_place_of_the_first(gateway: Running) -> None:
    phone, again = iphone(gateway.url), iphone(gateway.url)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    phone.sync()
    first = Waiting(phone)
    second = Waiting(again)
    assert first.answer is not None
    assert first.answer.status == 0
    url = url_of(gateway.url, gateway.core, book)
    write = lambda: thunderbird(gateway.url).put(f"{url}oda.vcf", card("oda", "Oda", "T"), is_new=True)  # noqa: E731
    answer, _ = second.after(write, 5)
    assert answer.status == 2
