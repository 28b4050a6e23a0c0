"""MoveItems: what moves is not told to its mover again, is not lost, and is not moved twice."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate import collections, sharing, subscriptions
from pimgate.items import keep
from pimgate.model.collections import Collection, CollectionId, CollectionKind, Grant, Right
from pimgate.text.vcard import new_card
from pimgate_eas.commands.moveitems import MOVES_AT_ONCE
from pimgate_eas.wbxml.codec import decode
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import (
    Wire,
    change,
    collection,
    commands_of,
    contact,
    folder_sync,
    key_of,
    status_of,
    sync,
    window,
)


def moving(*moves: tuple[str, str, str]) -> Element:
    """(item, from, to)."""
    tags = ("SrcMsgId", "SrcFldId", "DstFldId")
    return Element(
        "Move:MoveItems",
        *(
            Element("Move:Move", *(Element(f"Move:{tag}", text=text) for tag, text in zip(tags, move, strict=True)))
            for move in moves
        ),
    )


def outcome(answer: Element | None) -> list[tuple[str, str, str]]:
    """(item, status, new id) of each response."""
    assert answer is not None
    return [
        tuple(each.text_of(f"Move:{tag}") or "" for tag in ("SrcMsgId", "Status", "DstMsgId"))
        for each in answer.find_all("Move:Response")
    ]


def moved(wire: Wire, item: str, source: str, target: str) -> tuple[str, str]:
    """Status and new id of a single move."""
    [(named, status, new)] = outcome(wire.ask("MoveItems", moving((item, source, target))))
    assert named == item
    return status, new


def made_collection(
    wire: Wire, name: str, kind: CollectionKind = CollectionKind.BOOK, login: str = "anna@example.org"
) -> str:
    with wire.core.database.write() as work:
        person = work.people.by_login(login)
        assert person
        return collections.create(work, person.id, kind, name).id


def share(wire: Wire, collection_id: str, right: Right) -> None:
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna
        sharing.grant(work, Grant(CollectionId(collection_id), anna.id, right))
        subscriptions.subscribe(work, anna.id, CollectionId(collection_id))


def put(wire: Wire, collection_id: str, name: str, text: str) -> str:
    """Somebody else's edit; gives the item's id on phones."""
    with wire.core.database.write() as work:
        found = work.collections.by_id(CollectionId(collection_id))
        assert isinstance(found, Collection)
        head = work.items.by_name(found.id, name)
        return f"{collection_id}:{keep(work, wire.core.settings.limits, found, head or name, text).id}"


def card(wire: Wire, book: str, name: str) -> str:
    return put(wire, book, f"{name}.vcf", new_card(name, name))


def stored(wire: Wire, collection_id: str) -> dict[str, str]:
    """The texts by the ids that phones know."""
    with wire.core.database.read() as work:
        return {f"{collection_id}:{item.id}": item.text for item in work.items.all(CollectionId(collection_id))}


def fetched(wire: Wire, collection_id: str) -> str:
    """The key of a device that has the whole collection."""
    key = wire.begin(collection_id)
    part = wire.sync(collection(collection_id, key, window(512))).get(collection_id)
    return key if part is None else key_of(part)


def told(wire: Wire, collection_id: str, key: str) -> tuple[str, dict[str, list[str]]]:
    """The next key, and what Sync tells: ids by command."""
    part = wire.sync(collection(collection_id, key, window(512))).get(collection_id)
    if part is None:
        return key, {}
    assert status_of(part) == "1"
    commands = {
        kind: [each.text_of("AirSync:ServerId") or "" for each in commands_of(part, kind)]
        for kind in ("Add", "Change", "Delete", "SoftDelete")
    }
    return key_of(part), {kind: ids for kind, ids in commands.items() if ids}


@pytest.fixture
def books(wire: Wire) -> tuple[str, str]:
    """Two books that the phone sees."""
    other = made_collection(wire, "Work")
    return wire.folders()["Contacts"], other


def test_a_moved_card_is_in_the_other_book_with_the_same_text_and_a_new_id(wire, books):
    source, target = books
    item = card(wire, source, "Ann")
    [text] = stored(wire, source).values()
    status, new = moved(wire, item, source, target)
    assert status == "3"
    assert new.startswith(f"{target}:")
    assert (stored(wire, source), stored(wire, target)) == ({}, {new: text})


def test_the_mover_is_not_told_of_its_move_in_either_book_and_others_are(wire, books):
    source, target = books
    item = card(wire, source, "Ann")
    twin = wire.twin(device="Appl2")
    twin.folders()
    keys = {each: (fetched(wire, each), fetched(twin, each)) for each in books}
    _, new = moved(wire, item, source, target)
    assert told(wire, source, keys[source][0])[1] == {}
    assert told(wire, target, keys[target][0])[1] == {}
    assert told(twin, source, keys[source][1])[1] == {"Delete": [item]}
    assert told(twin, target, keys[target][1])[1] == {"Add": [new]}


def test_a_waiting_mover_is_not_woken_by_its_move(wire, books):
    source, target = books
    item = card(wire, source, "Ann")
    keys = [collection(each, fetched(wire, each)) for each in books]
    moved(wire, item, source, target)
    assert wire.octets("Sync", sync(*keys)) == b""


def test_later_changes_of_a_moved_card_are_told(wire, books):
    source, target = books
    item = card(wire, source, "Ann")
    source_key, target_key = fetched(wire, source), fetched(wire, target)
    _, new = moved(wire, item, source, target)
    put(wire, target, "Ann.vcf", new_card("Ann", "Ann the second"))
    other = card(wire, source, "Bob")
    assert told(wire, target, target_key)[1] == {"Change": [new]}
    assert told(wire, source, source_key)[1] == {"Add": [other]}


def test_a_phone_that_moved_an_old_version_gets_the_present_one(wire, books):
    source, target = books
    item = card(wire, source, "Ann")
    source_key, target_key = fetched(wire, source), fetched(wire, target)
    put(wire, source, "Ann.vcf", new_card("Ann", "Ann the second"))
    _, new = moved(wire, item, source, target)
    assert told(wire, source, source_key)[1] == {}
    following, changes = told(wire, target, target_key)
    assert changes == {"Change": [new]}
    assert told(wire, target, following)[1] == {}


def test_a_phone_that_edits_an_old_version_that_it_moved_reverts_nothing(wire: Wire) -> None:
    source, target = wire.folders()["Contacts"], made_collection(wire, "Friends")
    item = card(wire, source, "ann")
    fetched(wire, source)
    key = fetched(wire, target)
    put(wire, source, "ann.vcf", new_card("ann", "Somebody Else"))
    _, new = moved(wire, item, source, target)
    part = wire.sync(collection(target, key, commands=(change(new, *contact("Ann", "Alpha")),)))[target]
    assert [each.text_of("AirSync:Status") for each in part.path("AirSync:Responses", "AirSync:Change")] == ["7"]
    assert [each.text_of("AirSync:ServerId") for each in commands_of(part, "Change")] == [new]
    assert "FN:Somebody Else" in stored(wire, target)[new]


def test_a_card_that_moved_on_leaves_no_trace_on_the_way(wire, books):
    source, middle = books
    last = made_collection(wire, "Play")
    wire.folders()
    item = card(wire, source, "Ann")
    keys = {each: fetched(wire, each) for each in (source, middle, last)}
    _, first = moved(wire, item, source, middle)
    _, second = moved(wire, first, middle, last)
    assert [told(wire, each, key)[1] for each, key in keys.items()] == [{}, {}, {}]
    _, back = moved(wire, second, last, source)
    assert [told(wire, each, key)[1] for each, key in keys.items()] == [{}, {}, {}]
    assert list(stored(wire, source)) == [back]


def test_a_lost_answer_of_sync_and_then_a_move_tell_nothing_twice(wire, books):
    source, target = books
    item = card(wire, source, "Ann")
    source_key, target_key = fetched(wire, source), fetched(wire, target)
    other = card(wire, source, "Bob")
    wire.octets("Sync", sync(collection(source, source_key, window(512))))  # lost
    _, new = moved(wire, item, source, target)
    assert told(wire, source, source_key)[1] == {"Add": [other]}, "the same question again"
    edit = change(item, *contact("Ann", "Late"))
    again = wire.sync(collection(source, source_key, window(512), commands=(edit,)))[source]
    assert [each.text_of("AirSync:ServerId") for each in commands_of(again, "Add")] == [other]
    assert commands_of(again, "Delete") == []
    assert told(wire, target, target_key)[1] == {}
    assert list(stored(wire, target)) == [new]


def test_a_first_synchronisation_that_is_under_way_is_not_upset(wire, books):
    source, target = books
    items = [card(wire, source, f"Person {number}") for number in range(4)]
    key, target_key = wire.begin(source), fetched(wire, target)
    part = wire.sync(collection(source, key, window(2)))[source]
    _, new = moved(wire, items[0], source, target)
    _, changes = told(wire, source, key_of(part))
    assert changes == {"Add": items[2:]}
    assert told(wire, target, target_key)[1] == {}
    assert list(stored(wire, target)) == [new]


def test_a_move_into_a_book_that_was_never_synchronised_comes_with_the_first_synchronisation(wire, books):
    source, target = books
    item = card(wire, source, "Ann")
    fetched(wire, source)
    _, new = moved(wire, item, source, target)
    assert told(wire, target, wire.begin(target))[1] == {"Add": [new]}


OLD_EVENT = "\r\n".join(
    (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tests//EN",
        "BEGIN:VEVENT",
        "UID:old",
        "DTSTAMP:20200101T000000Z",
        "DTSTART:20200310T090000Z",
        "DTEND:20200310T100000Z",
        "SUMMARY:Long ago",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
)


def test_an_old_event_that_moves_where_the_phone_looks_back_less_far_leaves_it_again(wire):
    other = made_collection(wire, "Work", CollectionKind.CALENDAR)
    calendar = wire.folders()["Calendar"]
    item = put(wire, calendar, "old.ics", OLD_EVENT)
    short = Element("AirSync:Options", Element("AirSync:FilterType", text="4"))
    key = fetched(wire, calendar)
    other_key = key_of(wire.sync(collection(other, wire.begin(other), short))[other])
    status, new = moved(wire, item, calendar, other)
    assert status == "3"
    assert told(wire, calendar, key)[1] == {}
    following, changes = told(wire, other, other_key)
    assert changes == {"SoftDelete": [new]}
    assert told(wire, other, following)[1] == {}
    assert list(stored(wire, other)) == [new]


def test_a_repeated_move_is_answered_the_same_and_done_once(wire, books):
    source, target = books
    item = card(wire, source, "Ann")
    question = moving((item, source, target))
    first, after = wire.octets("MoveItems", question), stored(wire, target)
    assert wire.octets("MoveItems", question) == first
    assert outcome(wire.ask("MoveItems", moving((item, source, target), (item, source, target))))[0][1] == "3"
    assert stored(wire, target) == after


def test_a_move_that_was_done_and_is_asked_for_elsewhere_is_not_found(wire, books):
    source, target = books
    last = made_collection(wire, "Play")
    item = card(wire, source, "Ann")
    moved(wire, item, source, target)
    assert moved(wire, item, source, last) == ("1", "")
    assert moved(wire, item, last, target) == ("1", "")


def test_one_card_cannot_go_to_two_books(wire, books):
    source, target = books
    last = made_collection(wire, "Play")
    item = card(wire, source, "Ann")
    answer = wire.ask("MoveItems", moving((item, source, target), (item, source, last)))
    assert [status for _, status, _ in outcome(answer)] == ["3", "5"]
    assert (len(stored(wire, target)), len(stored(wire, last))) == (1, 0)


def test_what_cannot_be_moved_gets_its_status_and_stays(wire, books):
    source, target = books
    item = card(wire, source, "Ann")
    calendar, foreign = wire.folders()["Calendar"], made_collection(wire, "Bert's", login="bert@example.org")
    hidden = made_collection(wire, "Hidden")
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna
        subscriptions.turn(work, anna.id, CollectionId(hidden), is_on=False)
    inside_hidden, inside_foreign = card(wire, hidden, "Cleo"), card(wire, foreign, "Bert")
    nowhere = "c000000000000"
    for gone in (hidden, foreign, nowhere):
        assert moved(wire, item, source, gone) == ("2", "")
        assert moved(wire, item, gone, target) == ("1", "")
        assert moved(wire, item, gone, gone) == ("1", "")
    assert moved(wire, inside_hidden, hidden, target) == ("1", "")
    assert moved(wire, inside_foreign, source, target) == ("1", "")
    assert moved(wire, inside_foreign, foreign, target) == ("1", "")
    assert moved(wire, item, source, calendar) == ("2", "")
    assert moved(wire, item, source, source) == ("4", "")
    for unknown in (f"{source}:0", f"{source}:999999", f"{source}:x", source, f"{target}:1", "x", f"{source}:-1"):
        assert moved(wire, unknown, source, target) == ("1", "")
    assert list(stored(wire, source)) == [item]
    assert stored(wire, target) == {}


@pytest.mark.parametrize("is_source", [True, False])
def test_where_the_person_may_only_read_nothing_moves_and_nothing_is_lost(wire, books, is_source):
    mine, _ = books
    theirs = made_collection(wire, "Bert's", login="bert@example.org")
    share(wire, theirs, Right.READ)
    source, target = (theirs, mine) if is_source else (mine, theirs)
    item = card(wire, source, "Ann")
    wire.folders()
    keys = {each: fetched(wire, each) for each in (source, target)}
    assert moved(wire, item, source, target) == ("5", "")
    assert (list(stored(wire, source)), stored(wire, target)) == ([item], {})
    assert [told(wire, each, key)[1] for each, key in keys.items()] == [{}, {}]
    share(wire, theirs, Right.WRITE)
    assert moved(wire, item, source, target)[0] == "3"


def test_a_card_that_is_there_already_is_not_moved_over_it(wire, books):
    source, target = books
    item, present = card(wire, source, "Ann"), card(wire, target, "Ann")
    assert moved(wire, item, source, target) == ("5", "")
    assert (list(stored(wire, source)), list(stored(wire, target))) == ([item], [present])


def test_a_card_whose_file_name_is_taken_gets_another(wire, books):
    source, target = books
    item = card(wire, source, "Ann")
    put(wire, target, "Ann.vcf", new_card("Bob", "Bob"))
    assert moved(wire, item, source, target)[0] == "3"
    assert len(stored(wire, target)) == 2


def test_of_many_moves_each_has_its_own_answer(wire, books):
    source, target = books
    one, two = card(wire, source, "Ann"), card(wire, source, "Bob")
    answer = wire.ask(
        "MoveItems", moving((one, source, target), ("x", source, target), (two, source, source), (two, source, target))
    )
    assert [(item, status) for item, status, _ in outcome(answer)] == [(one, "3"), ("x", "1"), (two, "4"), (two, "3")]


@pytest.mark.parametrize(
    "question",
    [
        Element("Move:MoveItems"),
        folder_sync("0"),
        Element("Move:MoveItems", Element("Move:Move")),
        moving(("", "c1", "c2")),
        moving(("c1:1", "", "c2")),
        moving(("c1:1", "c1", "")),
        moving(("c1:1", "c1", "c2" * 100)),
        moving(*[("c1:1", "c1", "c2")] * 1001),
    ],
)
def test_a_question_that_is_not_one_is_refused_as_a_whole(wire, question):
    answer = wire.ask("MoveItems", question)
    assert answer is not None
    assert (answer.name, answer.text_of("Move:Status"), outcome(answer)) == ("Move:MoveItems", "103", [])


def test_the_oldest_dialect_says_it_by_http(wire):
    old = wire.twin(device="Old1", version="12.1")
    old.octets("MoveItems", Element("Move:MoveItems"))
    assert old.status == 400


def test_more_moves_than_one_unit_of_work_takes_are_done_and_remembered(wire, books):
    source, target = books
    count = 2 * MOVES_AT_ONCE + 10
    with wire.core.database.write() as work:
        found = work.collections.by_id(CollectionId(source))
        limits = wire.core.settings.limits
        ids = [keep(work, limits, found, f"{each}.vcf", new_card(f"u{each}", f"P {each}")).id for each in range(count)]
    keys = {each: fetched(wire, each) for each in books}
    first = (f"{source}:{ids[0]}", source)
    question = moving(*((f"{source}:{each}", source, target) for each in ids), (*first, made_collection(wire, "Play")))
    octets = wire.octets("MoveItems", question)
    statuses = [status for _, status, _ in outcome(decode(octets))]
    assert statuses == ["3"] * count + ["5"], "the last one asks for what the first one moved elsewhere"
    assert wire.octets("MoveItems", moving(*((f"{source}:{each}", source, target) for each in ids))) != b""
    assert (len(stored(wire, source)), len(stored(wire, target))) == (0, count)
    assert [told(wire, each, key)[1] for each, key in keys.items()] == [{}, {}]


def test_a_thousand_are_not_too_many(wire):
    assert len(outcome(wire.ask("MoveItems", moving(*[("c1:1", "c1", "c2")] * 1000)))) == 1000


def test_moves_and_syncs_of_one_phone_that_cross_tell_nothing_of_the_moves(wire, books):
    source, target = books
    items = [card(wire, source, f"Person {number}") for number in range(8)]
    keys = {each: fetched(wire, each) for each in books}
    twin = wire.twin()  # the same device on another line
    twin.client = type(wire.client)(base_url=wire.client.base_url, timeout=30)
    heard: list[dict[str, list[str]]] = []

    def listen() -> None:
        for _ in range(8):
            for each in books:
                keys[each], changes = told(twin, each, keys[each])
                heard.append(changes)

    listener = threading.Thread(target=listen)
    listener.start()
    statuses = [moved(wire, item, source, target)[0] for item in items]
    listener.join()
    twin.client.close()
    assert statuses == ["3"] * 8
    assert [each for each in heard if each] == []
    assert [told(wire, each, key)[1] for each, key in keys.items()] == [{}, {}]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 2)),
        st.tuples(st.just("again"), st.integers(0, 7), st.just(0)),
        st.tuples(st.just("sync"), st.integers(0, 2), st.integers(0, 1)),
        st.tuples(st.just("edit"), st.integers(0, 3), st.just(0)),
    ),
    max_size=14,
)


@given(steps=STEPS)
@settings(max_examples=examples(6, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_repeated_or_lost_the_phone_ends_with_what_the_server_has(wire, steps):
    """A small phone: its own copy of three books, moves of which any may be asked again, Syncs whose answers may be lost, and
    somebody else's edits in between."""
    books = [made_collection(wire, f"Book {number}") for number in range(3)]
    wire.folders()
    for number in range(4):
        card(wire, books[number % 3], f"{books[0]}-{number}")
    phone = {each: set(stored(wire, each)) for each in books}
    keys = {each: fetched(wire, each) for each in books}
    asked: list[tuple[Element, bytes]] = []
    for step, one, two in steps:
        everything = sorted(item for items in phone.values() for item in items)
        if step == "move":
            item = everything[one % len(everything)]
            source, target = item.partition(":")[0], books[two]
            question = moving((item, source, target))
            octets = wire.octets("MoveItems", question)
            asked.append((question, octets))
            [(_, status, new)] = outcome(wire.ask("MoveItems", question))
            if status == "3":
                phone[source].discard(item)
                phone[target].add(new)
        elif step == "again" and asked:
            question, octets = asked[one % len(asked)]
            [(_, status, _)] = outcome(wire.ask("MoveItems", question))
            assert wire.octets("MoveItems", question) == octets
        elif step == "sync":
            book = books[one]
            if two:
                wire.octets("Sync", sync(collection(book, keys[book], window(512))))
            keys[book], changes = told(wire, book, keys[book])
            assert set(changes) <= {"Change"}, "nothing came or went but by the phone's own moves"
            assert set(changes.get("Change", ())) <= phone[book]
        elif step == "edit":
            item = everything[one % len(everything)]
            with wire.core.database.read() as work:
                found = work.items.by_id(CollectionId(item.partition(":")[0]), int(item.partition(":")[2]))
            put(wire, item.partition(":")[0], found.name, new_card(found.uid, f"Edited {len(asked)}"))
    for book in books:
        _, changes = told(wire, book, keys[book])
        assert set(changes) <= {"Change"}
        assert phone[book] == set(stored(wire, book))
