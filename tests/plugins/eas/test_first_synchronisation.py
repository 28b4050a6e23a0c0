"""The first synchronisation: begun late, begun twice, interrupted, and edited on both sides meanwhile."""

from pimgate.items import drop
from pimgate.model.collections import CollectionId
from pimgate.text.vcard import new_card
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_sync import book_of, stored, write
from plugins.eas.wire import (
    Wire,
    add,
    change,
    collection,
    commands_of,
    contact,
    delete,
    key_of,
    responses_of,
    status_of,
    sync,
    window,
)


def prune_everything(wire: Wire) -> None:
    """The journal as it is after so many days."""
    with wire.core.database.write() as work:
        while work.journal.prune(work.now + 1, 1000):
            pass


def ids(part: Element | None, kind: str) -> list[str]:
    return [each.text_of("AirSync:ServerId") or "" for each in commands_of(part, kind)]


def test_a_phone_that_comes_after_the_journal_was_pruned_gets_everything(wire):
    book = book_of(wire)
    for number in range(3):
        write(wire, book, f"{number}.vcf", new_card(f"u{number}", f"Person {number}"))
    prune_everything(wire)
    part = wire.sync(collection(book, wire.begin(book)))[book]
    assert status_of(part) == "1"
    assert sorted(ids(part, "Add")) == sorted(stored(wire, book))


def test_a_first_key_that_was_never_used_and_is_too_old_gives_way_to_another(wire):
    book = book_of(wire)
    old = wire.begin(book)
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    prune_everything(wire)
    assert status_of(wire.sync(collection(book, old))[book]) == "3"
    part = wire.sync(collection(book, wire.begin(book)))[book]
    assert ids(part, "Add") == list(stored(wire, book))


def test_edits_on_both_sides_of_an_interrupted_first_synchronisation_meet(wire):
    book = book_of(wire)
    for number in range(6):
        write(wire, book, f"{number}.vcf", new_card(f"u{number}", f"Person {number}"))
    everybody = list(stored(wire, book))
    part = wire.sync(collection(book, wire.begin(book), window(2)))[book]
    key = key_of(part)
    assert ids(part, "Add") == everybody[:2]
    with wire.core.database.write() as work:
        heads = {f"{book}:{head.id}": head for head in work.items.heads(CollectionId(book))}
        drop(work, heads[everybody[0]])
        drop(work, heads[everybody[4]])
    write(wire, book, "1.vcf", new_card("u1", "Changed Early"))
    write(wire, book, "5.vcf", new_card("u5", "Changed Late"))
    own = (add("c1", *contact("Own", "One")), change(everybody[3], *contact("Own", "Edit")))
    wire.sync(collection(book, key, window(2), commands=own))  # this answer is lost
    copy = set(everybody[:2])
    for _ in range(6):
        part = wire.sync(collection(book, key, window(2), commands=own)).get(book)
        if part is None:
            break
        key, own = key_of(part), ()
        assert not copy & set(ids(part, "Add")), "an item came twice"
        copy |= set(ids(part, "Add"))
        assert set(ids(part, "Change")) <= copy
        copy -= set(ids(part, "Delete"))
    now = stored(wire, book)
    [made] = [item for item, text in now.items() if "Own One" in text]
    assert copy | {made, everybody[3]} == set(now)
    assert "Own Edit" in now[everybody[3]]


def test_a_phone_that_begins_anew_with_an_edit_in_hand_gets_the_item_with_its_edit(wire):
    book = book_of(wire)
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    [ann] = stored(wire, book)
    part = wire.sync(collection(book, wire.begin(book), commands=(change(ann, *contact("Own", "Edit")),)))[book]
    assert responses_of(part, "Change") == []
    assert ids(part, "Add") == [ann]
    assert "Own Edit" in stored(wire, book)[ann]
    assert wire.sync(collection(book, key_of(part))) == {}


def test_a_phone_that_was_away_too_long_begins_anew_and_its_edit_is_not_done_twice(wire):
    book = book_of(wire)
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    write(wire, book, "b.vcf", new_card("b", "Bob"))
    [ann, bob] = stored(wire, book)
    prune_everything(wire)
    edits = (add("c1", *contact("New", "One")), delete(ann))
    part = wire.sync(collection(book, key, commands=edits))[book]
    assert status_of(part) == "3"
    assert list(stored(wire, book)) == [ann, bob]


def test_a_window_bounds_a_collection_and_zero_stands_for_the_largest(wire):
    book = book_of(wire)
    for number in range(120):
        write(wire, book, f"{number}.vcf", new_card(f"u{number}", f"Person {number}"))
    first = wire.begin(book)
    for asked, count in ((window(110), 110), (window(0), 120), (Element("AirSync:GetChanges"), 100)):
        assert len(ids(wire.sync(collection(book, first, asked))[book], "Add")) == count
    assert len(ids(wire.sync(collection(book, first, window(110)), WindowSize="30")[book], "Add")) == 30


def test_one_window_is_shared_by_all_collections_and_nothing_is_forgotten(wire):
    folders = wire.folders()
    book, other = folders["Contacts"], folders["Collected"]
    for name in (book, other):
        for number in range(3):
            write(wire, name, f"{number}.vcf", new_card(f"u{number}", f"Person {number}"))
    keys = {name: wire.begin(name) for name in (book, other)}
    got: dict[str, list[str]] = {book: [], other: []}
    for _ in range(6):
        parts = wire.sync(*(collection(name, key) for name, key in keys.items()), WindowSize="2")
        if not parts:
            break
        assert sum(len(commands_of(part, "Add")) for part in parts.values()) <= 2
        for name, part in parts.items():
            keys[name] = key_of(part)
            got[name] += ids(part, "Add")
    assert {name: sorted(each) for name, each in got.items()} == {
        name: sorted(stored(wire, name)) for name in (book, other)
    }
    assert wire.octets("Sync", sync(*(collection(name, key) for name, key in keys.items()))) == b""
