"""Requests of one device, or of several, at the same time; and a hand that is quicker than a request."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from pimgate import collections, sharing
from pimgate.items import View
from pimgate.model.collections import CollectionId, CollectionKind, Grant, Right
from pimgate.model.devices import DeviceState
from pimgate.model.items import ItemHead
from pimgate.text.vcard import new_card
from pimgate_eas.sync.engine import Step
from pimgate_eas.sync.texts import Texts
from pimgate_eas.wbxml.codec import decode
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_ping import ping
from plugins.eas.test_provision import policy_of, question
from plugins.eas.test_sync import book_of, shared_book, stored, write
from plugins.eas.wire import (
    Wire,
    add,
    change,
    collection,
    commands_of,
    contact,
    delete,
    folder_sync,
    key_of,
    responses_of,
    status_of,
    sync,
)

pytestmark = pytest.mark.both_databases


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What the calls give, all begun together."""
    start = threading.Barrier(len(calls))

    def begin(call: Callable[[], object]) -> object:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [each.result() for each in [threads.submit(begin, call) for call in calls]]


def asking(wire: Wire, command: str, body: Element) -> Callable[[], object]:
    """A question of another connection of the same device: status and octets."""

    def ask() -> tuple[int, bytes]:
        twin = wire.twin()
        octets = twin.octets(command, body)
        return twin.status, octets

    return ask


def test_the_same_sync_twice_at_once_adds_once_and_gets_the_same_bytes(wire):
    book = book_of(wire)
    question = sync(collection(book, wire.begin(book), commands=(add("c1", *contact("Ann", "Alpha")),)))
    answers = at_once(*[asking(wire, "Sync", question)] * 6)
    assert len(set(answers)) == 1
    assert answers[0][0] == 200
    assert len(stored(wire, book)) == 1


def test_two_different_syncs_with_one_key_at_once_lose_nothing_and_double_nothing(wire):
    book = book_of(wire)
    key = wire.begin(book)
    both = [sync(collection(book, key, commands=(add(f"c{n}", *contact("Number", f"No{n}")),))) for n in range(2)]
    for status, octets in at_once(*(asking(wire, "Sync", each) for each in both)):
        assert status == 200
        answer = decode(octets)
        [part] = answer.path("AirSync:Collections", "AirSync:Collection")
        assert status_of(part) == "1"
        assert [status_of(each) for each in responses_of(part, "Add")] == ["1"]
    assert len(stored(wire, book)) == 2


def test_the_first_pings_of_a_device_may_come_at_once(wire):
    book = book_of(wire)
    wire.sync(collection(book, wire.begin(book)))
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    for _ in range(4):
        with wire.core.database.write() as work:
            [device] = work.devices.all()
            work.shelf.remove(device.id, "eas/ping")
        asked = [asking(wire, "Ping", ping(book, seconds=str(60 + number))) for number in range(5)]
        assert {status for status, _ in at_once(*asked)} == {200}


def test_a_policy_acknowledged_twice_at_once_has_one_key(wire):
    offered = policy_of(wire.ask("Provision", question())).text_of("Provision:PolicyKey")
    answers = at_once(*[asking(wire, "Provision", question(offered))] * 4)
    assert len(set(answers)) == 1


def test_two_phones_that_edit_the_same_books_in_different_order_do_not_wait_for_each_other(wire):
    folders = wire.folders()
    names = [folders["Contacts"], folders["Collected"]]
    other = wire.twin(device="Appl2")
    other.folders()
    phones = (wire, other)
    keys = [{name: phone.begin(name) for name in names} for phone in phones]
    for turn_ in range(5):

        def edit(which: int, turn_: int = turn_) -> int:
            order = names if which == 0 else names[::-1]
            parts = [
                collection(name, keys[which][name], commands=(add(f"{turn_}", *contact(f"P{which}", f"T{turn_}")),))
                for name in order
            ]
            answered = phones[which].twin().sync(*parts)
            keys[which] = {name: key_of(answered[name]) for name in names}
            return len(answered)

        assert at_once(lambda edit=edit: edit(0), lambda edit=edit: edit(1)) == [2, 2]
    assert [len(stored(wire, name)) for name in names] == [10, 10]


def test_an_edit_that_comes_between_the_look_and_the_write_is_not_lost(wire, monkeypatch):
    book = book_of(wire)
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    [item] = stored(wire, book)
    somebody = threading.Thread(target=lambda: write(wire, book, "a.vcf", new_card("a", "Somebody Else")))
    read = View.text

    def slow(self: View, head: ItemHead) -> str:
        """The other edit has time to be done after the look, if nothing holds it."""
        text = read(self, head)
        if not somebody.ident:
            somebody.start()
            somebody.join(0.3)
        return text

    monkeypatch.setattr(View, "text", slow)
    part = wire.sync(collection(book, key, commands=(change(item, *contact("Phone", "Edit")),)))[book]
    somebody.join()
    later = wire.sync(collection(book, key_of(part)))[book]
    assert "Somebody Else" in stored(wire, book)[item], "who came last was written last"
    assert [each.text_of("AirSync:ServerId") for each in commands_of(later, "Change")] == [item]


def test_an_item_that_goes_while_an_answer_is_put_together_is_left_out_of_it(wire, monkeypatch):
    book = book_of(wire)
    for name in "ab":
        write(wire, book, f"{name}.vcf", new_card(name, name))
    key = wire.begin(book)
    commands, gone = Texts.commands, next(iter(stored(wire, book)))

    def late(self: Texts, steps: Sequence[Step]) -> list[Element]:
        self.opened.items_by_id, found = lambda ids: found(ids[1:]), self.opened.items_by_id
        return commands(self, steps)

    monkeypatch.setattr(Texts, "commands", late)
    part = wire.sync(collection(book, key))[book]
    assert [each.text_of("AirSync:ServerId") for each in commands_of(part, "Add")] == [
        item for item in stored(wire, book) if item != gone
    ]


def test_a_book_that_is_removed_while_a_phone_writes_to_it_never_fails_the_request(wire):
    folders = wire.folders()
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna
        made = [collections.create(work, anna.id, CollectionKind.BOOK, f"Book {n}") for n in range(5)]
    wire.folders()
    for book in made:
        key = wire.begin(book.id)
        body = sync(
            collection(book.id, key, commands=tuple(add(f"c{n}", *contact("N", f"{n}")) for n in range(20))),
            collection(folders["Contacts"], wire.begin(folders["Contacts"])),
        )

        def remove(book: CollectionId = book.id) -> None:
            with wire.core.database.write() as work:
                collections.remove(work, anna.id, book)

        (status, _), _ = at_once(asking(wire, "Sync", body), remove)
        assert status == 200


def test_a_right_that_is_withdrawn_while_a_phone_writes_is_kept_from_there_on(wire):
    book = shared_book(wire, Right.WRITE)
    wire.folders()
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    [item] = stored(wire, book)

    def withdraw() -> None:
        with wire.core.database.write() as work:
            anna = work.people.by_login("anna@example.org")
            assert anna
            sharing.grant(work, Grant(CollectionId(book), anna.id, Right.NONE))

    (status, _), _ = at_once(asking(wire, "Sync", sync(collection(book, key, commands=(delete(item),)))), withdraw)
    assert status == 200
    before = stored(wire, book)
    assert status_of(wire.sync(collection(book, key, commands=(delete(item),)))[book]) == "12"
    assert stored(wire, book) == before


def test_a_device_blocked_after_it_was_let_in_is_not_served_and_leaves_nothing(wire, monkeypatch):
    book = book_of(wire)
    key = wire.begin(book)
    admitted = wire.core.enter

    async def enter(*given):
        """The operator decides while the body of the request is still on its way."""
        found = await admitted(*given)
        with wire.core.database.write() as work:
            wire.core.devices.decide(work, found[1].id, DeviceState.BLOCKED)
        return found

    monkeypatch.setattr(wire.core, "enter", enter)
    wire.octets("Sync", sync(collection(book, key, commands=(add("c1", *contact("Too", "Late")),))))
    assert wire.status == 403
    wire.octets("FolderSync", folder_sync("0"))
    assert wire.status == 403
    assert stored(wire, book) == {}


def test_a_device_forgotten_after_it_was_let_in_leaves_nothing_behind(wire, monkeypatch):
    book_of(wire)
    admitted = wire.core.enter

    async def enter(*given):
        found = await admitted(*given)
        with wire.core.database.write() as work:
            wire.core.devices.forget(work, found[1].id)
        return found

    monkeypatch.setattr(wire.core, "enter", enter)
    with wire.core.database.read() as work:
        [device] = work.devices.all()
    wire.octets("FolderSync", folder_sync("0"))
    assert wire.status == 403
    with wire.core.database.read() as work:
        assert work.shelf.get_many(device.id, "eas/") == {}
