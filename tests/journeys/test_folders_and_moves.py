"""A phone makes, renames and deletes folders and moves items between them, over a network that loses answers."""

import pytest

from journeys.clients import collection_of, iphone, texts_in
from pimgate.model.collections import CollectionKind
from pimgate.testing.network import ANSWER_LOST, HUNG_UP, REPEATED, REQUEST_LOST, Fate, Network
from pimgate.testing.phone import Phone
from pimgate.testing.phone_comparison import compare
from pimgate.testing.phone_forms import contact
from pimgate.testing.running import Running

BOOK = "14"
FATES = {
    "lost": ANSWER_LOST,
    "cut": Fate(answer_share=0.5),
    "not waited for": HUNG_UP,
    "asked twice": REPEATED,
    "never asked": REQUEST_LOST,
}


def texts_of(gateway: Running, phone: Phone) -> dict[str, list[str]]:
    """The texts on the server, of every folder that the phone has."""
    with gateway.core.database.read() as work:
        found = [work.collections.by_id(each) for each in phone.folders]
        return {each.id: [item.text for item in work.items.all(each.id)] for each in found if each is not None}


@pytest.mark.parametrize("fate", FATES)
def test_each_step_has_one_effect_whatever_happens_to_its_answer(gateway: Running, fate: str) -> None:
    network = Network()
    phone = iphone(gateway.url, network=network)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    phone.add(book.id, contact("Rosa", "Travelling", "rosa@example.com"))
    phone.sync()
    [rosa] = phone.items[book.id]

    network.send_next(FATES[fate])
    assert phone.create_folder("Work", BOOK) == "1"
    work_book = phone.folder_named("Work", "Contacts")
    phone.sync()
    network.send_next(FATES[fate])
    assert phone.move([rosa], book.id, work_book) == {rosa: "3"}
    network.send_next(FATES[fate])
    assert phone.rename_folder(work_book, "Office") == "1"
    phone.sync()

    assert (texts_in(gateway.core, book), len(phone.items[work_book])) == ([], 1)
    assert compare(phone, texts_of(gateway, phone)).differences == ()
    assert phone.sync_folders() == []

    network.send_next(FATES[fate])
    assert phone.delete_folder(work_book) == "1"
    assert phone.sync_folders() == []
    assert "Office" not in {folder.name for folder in phone.folders.values()}
    assert phone.complaints == []


@pytest.mark.parametrize("seed", range(3))
def test_moving_to_and_fro_over_a_bad_network_loses_and_doubles_nothing(gateway: Running, seed: int) -> None:
    phone = iphone(gateway.url, network=Network.lossy(seed))
    phone.sync_folders()
    first = collection_of(gateway.core, CollectionKind.BOOK).id
    assert phone.create_folder("Work", BOOK) == "1"
    second = phone.folder_named("Work", "Contacts")
    for number in range(6):
        phone.add(first, contact("Person", f"Number {number}", f"p{number}@example.com"))
    phone.sync()
    for _ in range(4):
        for source, target in ((first, second), (second, first)):
            items = sorted(phone.items[source])[::2]
            assert set(phone.move(items, source, target).values()) <= {"3"}
        phone.sync()
    assert sum(len(phone.items[each]) for each in (first, second)) == 6
    assert compare(phone, texts_of(gateway, phone)).differences == ()
    assert phone.complaints == []


def test_another_phone_and_a_fetch_and_an_estimate_agree_with_what_was_moved(gateway: Running) -> None:
    phone, other = iphone(gateway.url), iphone(gateway.url, "ApplF1ANNA")
    book = collection_of(gateway.core, CollectionKind.BOOK).id
    phone.sync_folders()
    assert phone.create_folder("Work", BOOK) == "1"
    work_book = phone.folder_named("Work", "Contacts")
    phone.add(book, contact("Rosa", "Travelling", "rosa@example.com"))
    for each in (phone, other):
        each.sync_folders()
        each.sync()
    [rosa] = phone.items[book]
    phone.move([rosa], book, work_book)
    [moved] = phone.items[work_book]
    assert phone.estimate(work_book) == 0
    assert (other.estimate(book), other.estimate(work_book)) == (1, 1)
    assert phone.fetch(book, rosa) is None
    found = phone.fetch(work_book, moved)
    assert found is not None
    assert found.text_of("Contacts:LastName") == "Travelling"
    other.sync()
    assert (list(other.items[book]), list(other.items[work_book])) == ([], [moved])
    assert phone.fetch_file(f"{moved}:1") is None
    assert phone.validate([b"nothing"]) == ["3"]
    assert phone.complaints == other.complaints == []
