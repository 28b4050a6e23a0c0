"""Sync over the wire: keys, replays, edits, windows, conflicts, refusals."""

import pytest

from gateway.places import PASSWORD
from pimgate import sharing, subscriptions
from pimgate.items import keep
from pimgate.model.collections import Collection, CollectionId, Grant, Right
from pimgate.text.vcard import new_card
from pimgate_eas.settings import EasSettings
from pimgate_eas.wbxml.element import Element
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

pytestmark = pytest.mark.both_databases


def book_of(wire: Wire) -> str:
    return wire.folders()["Contacts"]


def stored(wire: Wire, book: str) -> dict[str, str]:
    """The names in a book, by the id that phones know."""
    with wire.core.database.read() as work:
        return {f"{book}:{item.id}": item.text for item in work.items.all(CollectionId(book))}


def write(wire: Wire, book: str, name: str, text: str) -> None:
    """Somebody else's edit."""
    with wire.core.database.write() as work:
        found = work.collections.by_id(CollectionId(book))
        assert isinstance(found, Collection)
        head = work.items.by_name(found.id, name)
        keep(work, wire.core.settings.limits, found, head or name, text)


def test_a_phone_gets_everything_in_windows_and_then_nothing(wire):
    book = book_of(wire)
    for number in range(5):
        write(wire, book, f"{number}.vcf", new_card(f"u{number}", f"Person {number}"))
    key, got = wire.begin(book), []
    for _ in range(5):
        part = wire.sync(collection(book, key, window(2))).get(book)
        if part is None:
            break
        key = key_of(part)
        got += [each.text_of("AirSync:ServerId") for each in commands_of(part, "Add")]
        assert part.has("AirSync:MoreAvailable") == (len(got) < 5)
    assert sorted(got) == sorted(stored(wire, book))
    assert wire.octets("Sync", sync(collection(book, key))) == b""


def test_more_available_comes_right_after_the_status(wire):
    book = book_of(wire)
    for number in range(3):
        write(wire, book, f"{number}.vcf", new_card(f"u{number}", f"Person {number}"))
    part = wire.sync(collection(book, wire.begin(book), window(1)))[book]
    names = [child.tag for child in part.children]
    assert names.index("MoreAvailable") == names.index("Status") + 1


def test_a_repeated_question_gets_the_same_bytes_and_has_no_second_effect(wire):
    book = book_of(wire)
    key = wire.begin(book)
    question = sync(collection(book, key, commands=(add("c1", *contact("Ann", "Alpha")),)))
    first = wire.octets("Sync", question)
    write(wire, book, "other.vcf", new_card("other", "Somebody else came meanwhile"))
    assert wire.octets("Sync", question) == first
    assert wire.octets("Sync", question) == first
    assert len(stored(wire, book)) == 2


def test_a_repeated_first_question_gets_the_same_key(wire):
    book = book_of(wire)
    question = sync(collection(book, "0"))
    assert wire.octets("Sync", question) == wire.octets("Sync", question)


def test_a_changed_question_after_a_lost_answer_adds_nothing_twice(wire):
    book = book_of(wire)
    key = wire.begin(book)
    first = add("c1", *contact("Ann", "Alpha"))
    lost = wire.sync(collection(book, key, commands=(first,)))[book]
    second = add("c2", *contact("Bob", "Beta"))
    part = wire.sync(collection(book, key, commands=(first, second)))[book]
    ids = [each.text_of("AirSync:ServerId") for each in responses_of(part, "Add")]
    assert ids[0] == responses_of(lost, "Add")[0].text_of("AirSync:ServerId")
    assert sorted(ids) == sorted(stored(wire, book))
    assert commands_of(part, "Add") == []


def test_a_changed_question_after_a_lost_answer_keeps_the_phones_later_edit(wire):
    book = book_of(wire)
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    [item] = stored(wire, book)
    wire.sync(collection(book, key, commands=(change(item, *contact("Ann", "First")),)))
    part = wire.sync(collection(book, key, commands=(change(item, *contact("Ann", "Second")),)))[book]
    assert responses_of(part, "Change") == []
    assert commands_of(part, "Change") == []
    assert "Second" in stored(wire, book)[item]


def test_a_new_item_edited_before_its_lost_answer_is_asked_for_again_is_kept_as_edited(wire):
    book = book_of(wire)
    key = wire.begin(book)
    wire.sync(collection(book, key, commands=(add("c1", *contact("Ann", "Before")),)))
    edited = add("c1", *contact("Ann", "After"))
    part = wire.sync(collection(book, key, commands=(edited,)))[book]
    [(item, text)] = stored(wire, book).items()
    assert "After" in text
    assert [each.text_of("AirSync:ServerId") for each in responses_of(part, "Add")] == [item]
    assert commands_of(part, "Add") == commands_of(part, "Change") == []


def test_a_new_item_that_somebody_else_edited_before_its_lost_answer_is_asked_for_again_stays_theirs(wire):
    book = book_of(wire)
    key = wire.begin(book)
    first = add("c1", *contact("Ann", "Before"))
    wire.sync(collection(book, key, commands=(first,)))
    [(item, text)] = stored(wire, book).items()
    with wire.core.database.read() as work:
        [head] = work.items.heads(CollectionId(book))
    write(wire, book, head.name, text.replace("Before", "Theirs"))
    part = wire.sync(collection(book, key, commands=(first, add("c2", *contact("Bob", "Beta")))))[book]
    assert "Theirs" in stored(wire, book)[item]
    assert [each.text_of("AirSync:ServerId") for each in commands_of(part, "Change")] == [item]


def test_a_deletion_whose_answer_was_lost_is_not_told_back(wire):
    book = book_of(wire)
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    [item] = stored(wire, book)
    wire.sync(collection(book, key, commands=(delete(item),)))
    part = wire.sync(collection(book, key, commands=(delete(item), add("c1", *contact("New", "One")))))[book]
    assert commands_of(part, "Delete") == []
    assert len(stored(wire, book)) == 1


def test_an_unknown_key_is_refused_for_this_collection_alone(wire):
    folders = wire.folders()
    book, calendar = folders["Contacts"], folders["Calendar"]
    key = wire.begin(calendar)
    parts = wire.sync(collection(book, "99"), collection(calendar, key))
    assert status_of(parts[book]) == "3"
    assert status_of(parts[calendar]) == "1"


def test_two_phones_of_one_person_see_each_others_edits(wire):
    book = book_of(wire)
    other = wire.twin(device="Appl2")
    other.folders()
    key, other_key = wire.begin(book), other.begin(book)
    other_key = key_of(other.sync(collection(book, other_key))[book])
    wire.sync(collection(book, key, commands=(add("c1", *contact("Ann", "Alpha")),)))
    part = other.sync(collection(book, other_key))[book]
    assert len(commands_of(part, "Add")) == 1


def test_when_both_sides_changed_an_item_the_server_wins_unless_the_phone_asked_otherwise(wire):
    book = book_of(wire)
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    [item] = stored(wire, book)
    write(wire, book, "a.vcf", new_card("a", "Server Side"))
    part = wire.sync(collection(book, key, commands=(change(item, *contact("Phone", "Side")),)))[book]
    assert [status_of(each) for each in responses_of(part, "Change")] == ["7"]
    assert len(commands_of(part, "Change")) == 1
    assert "Server Side" in stored(wire, book)[item]
    key = key_of(part)
    write(wire, book, "a.vcf", new_card("a", "Server Again"))
    options = Element("AirSync:Options", Element("AirSync:Conflict", text="0"))
    wire.sync(collection(book, key, options, commands=(change(item, *contact("Phone", "Wins")),)))
    assert "Wins" in stored(wire, book)[item]


def shared_book(wire: Wire, right: Right) -> str:
    """A book of bert's that anna may read or write and is subscribed to."""
    with wire.core.database.write() as work:
        anna, bert = (work.people.by_login(f"{each}@example.org") for each in ("anna", "bert"))
        assert anna and bert
        theirs = next(
            each.collection for each in work.collections.standings(bert.id) if each.collection.name == "Contacts"
        )
        sharing.grant(work, Grant(theirs.id, anna.id, right))
        subscriptions.subscribe(work, anna.id, theirs.id)
    write(wire, theirs.id, "b.vcf", new_card("b", "Bertha"))
    return theirs.id


def test_a_refused_edit_of_a_read_only_book_gives_the_phone_our_version_back(wire):
    book = shared_book(wire, Right.READ)
    wire.folders()
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    [item] = stored(wire, book)
    part = wire.sync(collection(book, key, commands=(change(item, *contact("Not", "Mine")),)))[book]
    assert [status_of(each) for each in responses_of(part, "Change")] == ["7"]
    assert [each.text_of("AirSync:ServerId") for each in commands_of(part, "Change")] == [item]
    part = wire.sync(collection(book, key_of(part), commands=(delete(item),)))[book]
    assert [each.text_of("AirSync:ServerId") for each in commands_of(part, "Add")] == [item]
    part = wire.sync(collection(book, key_of(part), commands=(add("c1", *contact("New", "One")),)))[book]
    [accepted] = responses_of(part, "Add")
    made_up = accepted.text_of("AirSync:ServerId")
    assert (status_of(accepted), part.has("AirSync:MoreAvailable"), commands_of(part, "Delete")) == ("1", True, [])
    again = wire.sync(collection(book, key_of(part)))[book]
    assert [each.text_of("AirSync:ServerId") for each in commands_of(again, "Delete")] == [made_up]
    assert list(stored(wire, book)) == [item]


def test_an_item_added_in_vain_has_the_same_id_however_often_its_answer_is_lost(wire):
    book = shared_book(wire, Right.READ)
    wire.folders()
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    tries = [wire.sync(collection(book, key, commands=(add("c1", *contact("New", name)),)))[book] for name in "AAB"]
    [made_up] = {responses_of(part, "Add")[0].text_of("AirSync:ServerId") for part in tries}
    last = wire.sync(collection(book, key_of(tries[-1])))[book]
    assert [each.text_of("AirSync:ServerId") for each in commands_of(last, "Delete")] == [made_up]
    assert not wire.sync(collection(book, key_of(last)))


def test_an_item_added_in_vain_is_kept_when_the_right_comes_before_the_answer(wire):
    book = shared_book(wire, Right.READ)
    wire.folders()
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    wire.sync(collection(book, key, commands=(add("c1", *contact("New", "One")),)))
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        sharing.grant(work, Grant(CollectionId(book), anna.id, Right.WRITE))
    part = wire.sync(collection(book, key, commands=(add("c1", *contact("New", "Two")),)))[book]
    [accepted] = responses_of(part, "Add")
    assert accepted.text_of("AirSync:ServerId") in stored(wire, book)


def test_a_collection_whose_right_was_lost_is_answered_like_one_that_never_was(wire):
    book = shared_book(wire, Right.READ)
    wire.folders()
    key = wire.begin(book)
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna
        sharing.grant(work, Grant(CollectionId(book), anna.id, Right.NONE))
    lost = wire.sync(collection(book, key))[book]
    never = wire.sync(collection("cnothing", key))["cnothing"]
    assert status_of(lost) == status_of(never) == "12"
    assert [child.name for child in lost.children] == [child.name for child in never.children]


def test_another_persons_item_cannot_be_fetched_through_ones_own_book(wire):
    book = book_of(wire)
    theirs = shared_book(wire, Right.READ)
    [foreign] = stored(wire, theirs)
    key = wire.begin(book)
    fetch = Element("AirSync:Fetch", Element("AirSync:ServerId", text=foreign))
    disguised = Element("AirSync:Fetch", Element("AirSync:ServerId", text=f"{book}:{foreign.partition(':')[2]}"))
    part = wire.sync(collection(book, key, commands=(fetch, disguised)))[book]
    assert [status_of(each) for each in responses_of(part, "Fetch")] == ["8", "8"]


def test_a_broken_item_is_refused_alone(wire):
    book = book_of(wire)
    key = wire.begin(book)
    broken = add("c1", Element("Contacts:Picture", text="A" * 80_000), *contact("Too", "Large"))
    part = wire.sync(collection(book, key, commands=(broken, add("c2", *contact("Good", "One")))))[book]
    statuses = {each.text_of("AirSync:ClientId"): status_of(each) for each in responses_of(part, "Add")}
    assert statuses == {"c1": "6", "c2": "1"}
    assert len(stored(wire, book)) == 1


def test_an_edit_that_cannot_be_understood_gives_the_phone_our_version_back(wire):
    book = book_of(wire)
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    [item] = stored(wire, book)
    broken = change(item, Element("Contacts:Picture", text="A" * 80_000), *contact("Too", "Large"))
    part = wire.sync(collection(book, key, commands=(broken,)))[book]
    assert [status_of(each) for each in responses_of(part, "Change")] == ["6"]
    assert [each.text_of("AirSync:ServerId") for each in commands_of(part, "Change")] == [item]
    assert wire.sync(collection(book, key_of(part))) == {}


def test_what_is_fetched_again_and_again_does_not_fill_the_memory(make_core):
    with Wire(make_core("eas", **{"plugins.eas": EasSettings(window_bytes=20_000)})) as wire:
        book = book_of(wire)
        card = new_card("a", "Ann").replace("END:VCARD", "NOTE:" + "x" * 9_000 + "\r\nEND:VCARD")
        write(wire, book, "a.vcf", card)
        key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
        [item] = stored(wire, book)
        fetch = Element("AirSync:Fetch", Element("AirSync:ServerId", text=item))
        part = wire.sync(collection(book, key, commands=(fetch,) * 5))[book]
        assert [status_of(each) for each in responses_of(part, "Fetch")] == ["1", "1", "1", "16", "16"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (Element("AirSync:Sync"), "13"),
        (Element("AirSync:Sync", Element("AirSync:Partial"), Element("AirSync:Wait", text="1")), "13"),
        (sync(collection("c", "1"), collection("c", "1")), "4"),
        (sync(Element("AirSync:Collection", Element("AirSync:CollectionId", text="c"))), "4"),
        (sync(collection("c", "0", commands=(add("c1"),))), "4"),
        (sync(collection("c", "1", commands=tuple(add(f"c{number}") for number in range(201)))), "4"),
        (sync(collection("c", "0", Element("AirSync:GetChanges"))), "4"),
        (sync(collection("c", "0", Element("AirSync:GetChanges", text="1"))), "4"),
        (sync(collection("c", "1"), Wait="1", HeartbeatInterval="100"), "4"),
        (sync(collection("c", "1"), Wait="60"), "14"),
        (sync(collection("c", "1"), HeartbeatInterval="59"), "14"),
        (sync(collection("c", "1"), HeartbeatInterval="soon"), "4"),
        (sync(*(collection(f"c{number}", "1") for number in range(101))), "15"),
    ],
)
def test_a_request_that_makes_no_sense_gets_its_status(wire, body, status):
    answer = wire.ask("Sync", body)
    assert answer is not None
    assert status_of(answer) == status
    if status == "14":
        assert answer.text_of("AirSync:Limit") in ("59", "60")


@pytest.mark.parametrize("version", ["12.1", "14.0", "16.1"])
def test_what_is_new_comes_unless_a_phone_says_that_it_does_not_want_it(wire, version):
    wire.version = version
    book = book_of(wire)
    key = wire.begin(book, Element("AirSync:GetChanges", text="0"))
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    assert wire.sync(collection(book, key, Element("AirSync:GetChanges", text="0"))) == {}
    assert len(commands_of(wire.sync(collection(book, key))[book], "Add")) == 1
    for wanted in ("", "1"):
        asked = Element("AirSync:GetChanges", text=wanted) if wanted else Element("AirSync:GetChanges")
        assert len(commands_of(wire.sync(collection(book, key, asked, window(9)))[book], "Add")) == 1


def test_elements_that_a_device_leaves_out_are_nothing_for_notes(wire):
    folders = wire.folders()
    named = Element("AirSync:Supported", Element("Contacts:FirstName"))
    parts = wire.sync(collection(folders["Notes"], "0", named), collection(folders["Contacts"], "0", named))
    assert {name: status_of(parts[folders[name]]) for name in ("Notes", "Contacts")} == {"Notes": "4", "Contacts": "1"}


def test_options_and_elements_that_nobody_asked_for_are_passed_over(wire):
    book = book_of(wire)
    strange = Element(
        "AirSync:Options",
        Element("AirSync:MIMETruncation", text="8"),
        Element("AirSync:FilterType", text="0"),
        Element("AirSyncBase:BodyPreference", Element("AirSyncBase:Type", text="1")),
    )
    made = add("c1", *contact("Ann", "Alpha"))
    made.children.insert(0, Element("AirSync:Class", text="Contacts"))
    key = wire.begin(book)
    part = wire.sync(collection(book, key, Element("AirSync:ConversationMode", text="1"), strange, commands=(made,)))[
        book
    ]
    assert [status_of(each) for each in responses_of(part, "Add")] == ["1"]


def test_an_empty_request_repeats_the_last_that_waited(wire):
    book = book_of(wire)
    answer = wire.ask("Sync")
    assert answer is not None
    assert status_of(answer) == "13"
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    write(wire, book, "a.vcf", new_card("a", "Ann"))
    first = wire.sync(collection(book, key), HeartbeatInterval="60")[book]
    assert len(commands_of(first, "Add")) == 1


def test_an_event_that_two_devices_accepted_is_one_event(wire):
    calendar = wire.folders()["Calendar"]
    event = (
        Element("Calendar:UID", text="meeting-1"),
        Element("Calendar:Subject", text="Meeting"),
        Element("Calendar:StartTime", text="20261201T100000Z"),
        Element("Calendar:EndTime", text="20261201T110000Z"),
    )
    old = wire.twin(version="14.1")
    key = old.begin(calendar)
    part = old.sync(collection(calendar, key, commands=(add("c1", *event),)))[calendar]
    other = wire.twin(device="Appl2", version="14.1")
    other.folders()
    again = other.sync(collection(calendar, other.begin(calendar), commands=(add("x9", *event),)))[calendar]
    ids = [responses_of(each, "Add")[0].text_of("AirSync:ServerId") for each in (part, again)]
    assert ids[0] == ids[1]
    assert len(stored(wire, calendar)) == 1


def test_an_event_whose_uid_is_the_name_of_another_item_is_kept_beside_it(wire):
    calendar = wire.folders()["Calendar"]
    lines = ("VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:another", "DTSTAMP:20260101T000000Z")
    text = "\r\n".join(("BEGIN:VCALENDAR", *lines, "DTSTART:20260101T000000Z", "END:VEVENT", "END:VCALENDAR", ""))
    write(wire, calendar, "meeting-1.ics", text)
    event = (
        Element("Calendar:UID", text="meeting-1"),
        Element("Calendar:Subject", text="Meeting"),
        Element("Calendar:StartTime", text="20261201T100000Z"),
        Element("Calendar:EndTime", text="20261201T110000Z"),
    )
    old = wire.twin(version="14.1")
    part = old.sync(collection(calendar, old.begin(calendar), commands=(add("c1", *event),)))[calendar]
    assert [status_of(each) for each in responses_of(part, "Add")] == ["1"]
    assert len(stored(wire, calendar)) == 2


def test_the_password_of_the_tests_is_not_in_any_answer(wire):
    book = book_of(wire)
    assert PASSWORD.encode() not in wire.octets("Sync", sync(collection(book, "0")))


def test_an_address_that_moves_up_into_a_freed_place_is_told_and_not_lost_with_the_next_edit(wire):
    book = book_of(wire)
    addresses = "".join(f"EMAIL:{each}@example.org\r\n" for each in "abcd")
    write(
        wire, book, "a.vcf", f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:a\r\nFN:Ann\r\nN:;Ann;;;\r\n{addresses}END:VCARD\r\n"
    )
    key = key_of(wire.sync(collection(book, wire.begin(book)))[book])
    [item] = stored(wire, book)
    two = [
        Element(f"Contacts:Email{number}Address", text=f"{each}@example.org") for number, each in ((1, "a"), (2, "b"))
    ]
    part = wire.sync(collection(book, key, commands=(change(item, Element("Contacts:FirstName", text="Ann"), *two),)))[
        book
    ]
    assert "EMAIL:c@" not in stored(wire, book)[item]
    [told] = commands_of(part, "Change")
    data = told.find("AirSync:ApplicationData")
    assert data is not None
    assert data.text_of("Contacts:Email3Address") == "d@example.org"
    wire.sync(collection(book, key_of(part), commands=(change(item, *data.children),)))
    assert "EMAIL:d@" in stored(wire, book)[item]
