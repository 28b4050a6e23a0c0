"""A Sync that hangs: what it is told, what ends it, and what an empty one repeats."""

import threading
import time
from collections.abc import Callable

import pytest

from pimgate import collections, sharing, subscriptions
from pimgate.model.collections import CollectionId, CollectionKind, Grant, Right
from pimgate.model.people import AccountId
from pimgate.text.vcard import new_card
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_sync import book_of, shared_book, write
from plugins.eas.wire import Wire, add, collection, commands_of, contact, key_of, status_of, sync, window

pytestmark = pytest.mark.both_databases


def waiting(*parts: Element) -> Element:
    return sync(*parts, HeartbeatInterval="60")


def while_waiting(wire: Wire, body: Element | None, act: Callable[[], None]) -> tuple[Element | None, float]:
    """The answer of a Sync during which `act` happens, and the seconds from then to the answer."""
    answers: list[Element | None] = []
    thread = threading.Thread(target=lambda: answers.append(wire.ask("Sync", body)))
    thread.start()
    time.sleep(0.4)
    assert thread.is_alive(), "the Sync was answered before anything happened"
    begun = time.monotonic()
    act()
    thread.join(10)
    assert answers, "the Sync was not answered"
    return answers[0], time.monotonic() - begun


def ready(wire: Wire) -> tuple[str, str]:
    """The default book, synchronised, and its key."""
    book = book_of(wire)
    return book, key_of(wire.sync(collection(book, wire.begin(book)))[book])


def anna(wire: Wire) -> AccountId:
    with wire.core.database.read() as work:
        found = work.people.by_login("anna@example.org")
        assert found
        return found.id


def make_calendar(wire: Wire, name: str) -> None:
    owner = anna(wire)
    with wire.core.database.write() as work:
        collections.create(work, owner, CollectionKind.CALENDAR, name)


def test_a_new_contact_ends_the_wait(wire):
    book, key = ready(wire)
    body = waiting(collection(book, key))
    answer, seconds = while_waiting(wire, body, lambda: write(wire, book, "a.vcf", new_card("a", "Ann")))
    assert answer is not None
    assert seconds < 1
    [part] = answer.path("AirSync:Collections", "AirSync:Collection")
    assert len(commands_of(part, "Add")) == 1


def test_a_new_calendar_is_told_to_a_phone_that_waits_in_sync_and_only_once(wire):
    book, key = ready(wire)
    body = waiting(collection(book, key))
    answer, seconds = while_waiting(wire, body, lambda: make_calendar(wire, "Second"))
    assert answer is not None
    assert status_of(answer) == "12"
    assert seconds < 1
    answer, _ = while_waiting(wire, body, lambda: make_calendar(wire, "Third"))
    assert answer is not None
    assert status_of(answer) == "12", "another change is told again"
    wire.folders()
    answer, _ = while_waiting(wire, body, lambda: write(wire, book, "a.vcf", new_card("a", "Ann")))
    assert answer is not None
    assert not answer.has("AirSync:Status")


def test_a_calendar_that_came_while_the_phone_was_off_is_told_at_once(wire):
    book, key = ready(wire)
    make_calendar(wire, "Second")
    answer = wire.ask("Sync", waiting(collection(book, key)))
    assert answer is not None
    assert status_of(answer) == "12"


def test_a_lost_right_ends_the_wait_at_once(wire):
    book = shared_book(wire, Right.READ)
    wire.folders()
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    owner = anna(wire)

    def withdraw() -> None:
        with wire.core.database.write() as work:
            sharing.grant(work, Grant(CollectionId(book), owner, Right.NONE))

    answer, seconds = while_waiting(wire, waiting(collection(book, key)), withdraw)
    assert answer is not None
    [part] = answer.path("AirSync:Collections", "AirSync:Collection")
    assert status_of(part) == "12"
    assert commands_of(part, "Delete") == []
    assert seconds < 1


def test_a_request_without_collections_waits_too(wire):
    ready(wire)
    answer, _ = while_waiting(wire, waiting(), lambda: make_calendar(wire, "Second"))
    assert answer is not None
    assert status_of(answer) == "12"


def test_an_empty_request_after_an_answer_is_asked_for_in_full(wire):
    book, key = ready(wire)
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    told = wire.octets("Sync", sync(collection(book, key)))
    answer = wire.ask("Sync")
    assert answer is not None
    assert status_of(answer) == "13"
    assert wire.octets("Sync", sync(collection(book, key))) == told


def test_an_empty_request_after_an_edit_is_asked_for_in_full_and_begins_nothing_anew(wire):
    book, key = ready(wire)
    key = key_of(wire.sync(collection(book, key, commands=(add("c1", *contact("Ann", "Alpha")),)))[book])
    answer = wire.ask("Sync")
    assert answer is not None
    assert status_of(answer) == "13"
    assert wire.sync(collection(book, key)) == {}


def test_an_empty_request_without_news_is_answered_with_nothing_though_none_waited(wire):
    book, key = ready(wire)
    assert wire.octets("Sync", sync(collection(book, key))) == b""
    assert wire.octets("Sync") == b""
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    answer = wire.ask("Sync")
    assert answer is not None
    [part] = answer.path("AirSync:Collections", "AirSync:Collection")
    assert len(commands_of(part, "Add")) == 1


def test_an_empty_request_never_begins_a_collection_anew(wire):
    book, _ = ready(wire)
    first = key_of(wire.sync(collection(book, "0", Element("AirSync:DeletesAsMoves")), HeartbeatInterval="60")[book])
    answer = wire.ask("Sync")
    assert answer is not None
    assert status_of(answer) == "13"
    key = key_of(wire.sync(collection(book, first))[book])
    assert wire.sync(collection(book, key)) == {}


def partial(*parts: Element, **more: str) -> Element:
    body = sync(*parts, **more)
    return Element(
        "AirSync:Sync", Element("AirSync:Partial"), *(each for each in body.children if each.children or each.text)
    )


def test_a_partial_request_names_what_changed_and_asks_for_the_rest_as_before(wire):
    folders = wire.folders()
    book, other = folders["Contacts"], folders["Collected"]
    keys = {name: key_of(wire.sync(collection(name, wire.begin(name)))[name]) for name in (book, other)}
    assert wire.sync(*(collection(name, key) for name, key in keys.items())) == {}
    write(wire, other, "a.vcf", new_card("a", "Ann"))
    answer = wire.ask("Sync", partial(collection(book, keys[book], window(5))))
    assert answer is not None
    [part] = answer.path("AirSync:Collections", "AirSync:Collection")
    assert part.text_of("AirSync:CollectionId") == other
    assert len(commands_of(part, "Add")) == 1


def test_a_partial_request_after_an_answer_goes_on_from_there(wire):
    folders = wire.folders()
    book, other = folders["Contacts"], folders["Collected"]
    keys = {name: key_of(wire.sync(collection(name, wire.begin(name)))[name]) for name in (book, other)}
    for name in (book, other):
        write(wire, name, "a.vcf", new_card("a", "Ann"))
    told = wire.sync(*(collection(name, key) for name, key in keys.items()))
    write(wire, other, "b.vcf", new_card("b", "Bob"))
    answer = wire.ask("Sync", partial(collection(book, key_of(told[book]))))
    assert answer is not None
    [part] = answer.path("AirSync:Collections", "AirSync:Collection")
    assert part.text_of("AirSync:CollectionId") == other
    assert len(commands_of(part, "Add")) == 1


def test_a_partial_request_that_says_nothing_else_makes_no_sense(wire):
    ready(wire)
    answer = wire.ask("Sync", Element("AirSync:Sync", Element("AirSync:Partial")))
    assert answer is not None
    assert status_of(answer) == "4"


def test_a_phone_that_waits_for_its_own_outbox_too_is_not_told_of_it(wire):
    book, key = ready(wire)
    body = waiting(collection("outbox", "1"), collection(book, key))
    answer, _ = while_waiting(wire, body, lambda: write(wire, book, "a.vcf", new_card("a", "Ann")))
    assert answer is not None
    assert [
        each.text_of("AirSync:CollectionId") for each in answer.path("AirSync:Collections", "AirSync:Collection")
    ] == [book]


def test_a_switch_turned_off_ends_the_wait(wire):
    folders = wire.folders()
    book = folders["Collected"]
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    owner = anna(wire)

    def turn() -> None:
        with wire.core.database.write() as work:
            subscriptions.turn(work, owner, CollectionId(book), is_on=False)

    answer, seconds = while_waiting(wire, waiting(collection(book, key)), turn)
    assert answer is not None
    [part] = answer.path("AirSync:Collections", "AirSync:Collection")
    assert status_of(part) == "12"
    assert seconds < 1
