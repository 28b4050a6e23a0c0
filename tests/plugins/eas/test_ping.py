"""Ping: what it answers at once, what wakes it, and what ends it."""

import threading
import time
from collections.abc import Callable

import pytest

from pimgate import subscriptions
from pimgate.items import keep
from pimgate.model.collections import CollectionId
from pimgate.model.devices import DeviceState
from pimgate.model.people import AccountState
from pimgate.text.vcard import new_card
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire, collection, key_of

pytestmark = pytest.mark.both_databases


def ping(*folders: str, seconds: str | None = "60") -> Element:
    body = Element("Ping:Ping")
    if seconds is not None:
        body.append(Element("Ping:HeartbeatInterval", text=seconds))
    if folders:
        named = (
            Element("Ping:Folder", Element("Ping:Id", text=each), Element("Ping:Class", text="Contacts"))
            for each in folders
        )
        body.append(Element("Ping:Folders", *named))
    return body


def status(answer: Element | None) -> str:
    assert answer is not None
    return answer.text_of("Ping:Status") or ""


def ready(wire: Wire) -> str:
    """The default book, synchronised."""
    book = wire.folders()["Contacts"]
    part = wire.sync(collection(book, wire.begin(book)))[book]
    assert key_of(part)
    return book


def while_waiting(wire: Wire, body: Element, act: Callable[[], None]) -> tuple[Element | None, float]:
    """The answer of a Ping during which `act` happens, and the seconds from then to the answer."""
    answers: list[Element | None] = []
    thread = threading.Thread(target=lambda: answers.append(wire.ask("Ping", body)))
    thread.start()
    time.sleep(0.4)
    assert thread.is_alive(), "the Ping was answered before anything happened"
    begun = time.monotonic()
    act()
    thread.join(10)
    assert answers, "the Ping was not answered"
    return answers[0], time.monotonic() - begun


def write(wire: Wire, book: str) -> None:
    with wire.core.database.write() as work:
        found = work.collections.by_id(CollectionId(book))
        assert found
        keep(work, wire.core.settings.limits, found, "new.vcf", new_card("new", "New One"))


def test_a_new_contact_wakes_the_phone_and_names_the_folder(wire):
    book = ready(wire)
    answer, seconds = while_waiting(wire, ping(book), lambda: write(wire, book))
    assert status(answer) == "2"
    assert answer is not None
    assert [each.text for each in answer.path("Ping:Folders", "Ping:Folder")] == [book]
    assert seconds < 1


def test_what_came_before_the_ping_is_answered_at_once(wire):
    book = ready(wire)
    write(wire, book)
    assert status(wire.ask("Ping", ping(book))) == "2"


def test_the_phones_own_edit_does_not_wake_it(wire):
    from plugins.eas.wire import add, contact

    book = ready(wire)
    key = wire.begin(book)
    wire.sync(collection(book, key, commands=(add("c1", *contact("Ann", "Alpha")),)))
    part = wire.sync(
        collection(
            book, key_of(wire.sync(collection(book, key, commands=(add("c1", *contact("Ann", "Alpha")),)))[book])
        )
    )
    assert part == {}
    answer, _ = while_waiting(wire, ping(book), lambda: write(wire, book))
    assert status(answer) == "2"


def test_a_switch_turned_in_the_page_wakes_the_phone_with_status_7(wire):
    book = ready(wire)
    collected = wire.folders()["Collected"]

    def turn() -> None:
        with wire.core.database.write() as work:
            anna = work.people.by_login("anna@example.org")
            assert anna
            subscriptions.turn(work, anna.id, CollectionId(collected), is_on=False)

    answer, seconds = while_waiting(wire, ping(book), turn)
    assert status(answer) == "7"
    assert seconds < 1


def test_a_decision_of_the_operator_ends_the_wait_and_the_next_request_is_refused(wire):
    book = ready(wire)

    def block() -> None:
        with wire.core.database.write() as work:
            [device] = work.devices.all()
            wire.core.devices.decide(work, device.id, DeviceState.BLOCKED)

    answer, seconds = while_waiting(wire, ping(book), block)
    assert answer is None
    assert seconds < 1
    wire.octets("Ping", ping(book))
    assert wire.status == 403


def test_a_disabled_account_ends_the_wait(wire, monkeypatch):
    book = ready(wire)

    def disable() -> None:
        with wire.core.database.write() as work:
            anna = work.people.by_login("anna@example.org")
            assert anna
            wire.core.people.set_state(work, anna.id, AccountState.DISABLED)

    answer, seconds = while_waiting(wire, ping(book), disable)
    assert answer is None
    assert seconds < 1


def test_a_newer_ping_of_the_same_device_supersedes_the_older(wire):
    book = ready(wire)
    answers = []
    older = threading.Thread(target=lambda: answers.append(wire.octets("Ping", ping(book))))
    older.start()
    time.sleep(0.3)
    newer = threading.Thread(target=lambda: wire.twin().ask("Ping", ping(book)))
    newer.start()
    older.join(5)
    assert answers == [b""]
    write(wire, book)
    newer.join(5)
    assert not newer.is_alive()


def test_an_empty_ping_repeats_the_last_and_a_partial_one_replaces_what_it_names(wire):
    book = ready(wire)
    assert status(wire.ask("Ping")) == "3"
    answer, _ = while_waiting(wire, ping(book), lambda: write(wire, book))
    assert status(answer) == "2"
    assert status(wire.ask("Ping")) == "2"
    assert status(wire.ask("Ping", ping(seconds="120"))) == "2"


def test_a_heartbeat_out_of_range_names_the_bound(wire):
    book = ready(wire)
    for seconds, bound in (("1", "60"), ("99999", "1680")):
        answer = wire.ask("Ping", ping(book, seconds=seconds))
        assert status(answer) == "5"
        assert answer is not None
        assert answer.text_of("Ping:HeartbeatInterval") == bound
    assert status(wire.ask("Ping", ping(book, seconds="soon"))) == "4"


def test_too_many_folders_are_refused(wire):
    ready(wire)
    answer = wire.ask("Ping", ping(*(f"c{number}" for number in range(201))))
    assert status(answer) == "6"


def test_a_folder_named_twice_is_told_once(wire):
    book = ready(wire)
    write(wire, book)
    answer = wire.ask("Ping", ping(book, book))
    assert answer is not None
    assert [each.text for each in answer.path("Ping:Folders", "Ping:Folder")] == [book]


def test_a_phone_that_names_only_strange_folders_waits(wire):
    book = ready(wire)
    answer, _ = while_waiting(wire, ping("outbox", book), lambda: write(wire, book))
    assert status(answer) == "2"


def test_a_wait_that_is_woken_for_nothing_goes_on(wire):
    book = ready(wire)

    def ring_and_write() -> None:
        wire.core.bell.ring_all()
        time.sleep(0.3)
        write(wire, book)

    answer, _ = while_waiting(wire, ping(book), ring_and_write)
    assert status(answer) == "2"


def test_what_changes_in_a_folder_that_is_not_watched_wakes_nobody(wire):
    book = ready(wire)
    collected = wire.folders()["Collected"]
    wire.sync(collection(collected, wire.begin(collected)))

    def write_both() -> None:
        write(wire, collected)
        time.sleep(0.3)
        write(wire, book)

    answer, _ = while_waiting(wire, ping(book), write_both)
    assert answer is not None
    assert [each.text for each in answer.path("Ping:Folders", "Ping:Folder")] == [book]


def test_a_phone_that_never_fetched_its_folders_is_sent_to_do_so(wire):
    assert status(wire.ask("Ping", ping("c1"))) == "7"


def test_a_folder_that_was_never_synchronised_does_not_answer_in_a_loop(wire):
    book = ready(wire)
    collected = wire.folders()["Collected"]
    answer, _ = while_waiting(wire, ping(collected, book), lambda: write(wire, book))
    assert status(answer) == "2"
