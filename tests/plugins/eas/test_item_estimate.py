"""GetItemEstimate: the number that a Sync then brings, and no number where none can be said."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate import collections, subscriptions
from pimgate.items import drop, keep
from pimgate.model.collections import CollectionId, CollectionKind
from pimgate.text.vcard import new_card
from pimgate_eas.commands.getitemestimate import MOST_WITHOUT_OPTIONS
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire, add, collection, commands_of, contact, key_of, sync, window


def estimate_of(collection_id: str, key: str | None, *more: Element) -> Element:
    parts = [] if key is None else [Element("AirSync:SyncKey", text=key)]
    return Element(
        "GetItemEstimate:Collection", *parts, Element("GetItemEstimate:CollectionId", text=collection_id), *more
    )


def asking(*collections: Element) -> Element:
    return Element("GetItemEstimate:GetItemEstimate", Element("GetItemEstimate:Collections", *collections))


def options(filter_type: str = "0") -> Element:
    return Element("AirSync:Options", Element("AirSync:FilterType", text=filter_type))


def estimates(wire: Wire, *collections: Element) -> list[tuple[str, str, str]]:
    """(status, collection, estimate) of each response."""
    answer = wire.ask("GetItemEstimate", asking(*collections))
    assert answer is not None
    found = []
    for response in answer.find_all("GetItemEstimate:Response"):
        [about] = response.find_all("GetItemEstimate:Collection")
        found.append(
            (
                response.text_of("GetItemEstimate:Status") or "",
                about.text_of("GetItemEstimate:CollectionId") or "",
                about.text_of("GetItemEstimate:Estimate") or "",
            )
        )
    return found


def estimate(wire: Wire, collection_id: str, key: str) -> int:
    [(status, _, count)] = estimates(wire, estimate_of(collection_id, key, options()))
    assert status == "1"
    return int(count)


def write(wire: Wire, book: str, *names: str, said: str = "") -> None:
    with wire.core.database.write() as work:
        found = work.collections.by_id(CollectionId(book))
        assert found
        for name in names:
            head = work.items.by_name(found.id, f"{name}.vcf")
            keep(work, wire.core.settings.limits, found, head or f"{name}.vcf", new_card(name, f"{name} {said}"))


def remove(wire: Wire, book: str, name: str) -> None:
    with wire.core.database.write() as work:
        head = work.items.by_name(CollectionId(book), f"{name}.vcf")
        if head is not None:
            drop(work, head)


def all_of(wire: Wire, book: str, key: str, size: int = 2) -> tuple[str, int]:
    """Sync until there is nothing more: the last key, and how many commands came."""
    count = 0
    while True:
        part = wire.sync(collection(book, key, window(size))).get(book)
        if part is None:
            return key, count
        key = key_of(part)
        count += sum(len(commands_of(part, kind)) for kind in ("Add", "Change", "Delete", "SoftDelete"))
        if not part.has("AirSync:MoreAvailable"):
            return key, count


def test_a_first_synchronisation_is_estimated_as_it_goes_on(wire):
    book = wire.folders()["Contacts"]
    write(wire, book, *"abcde")
    key = wire.begin(book)
    assert estimate(wire, book, key) == 5
    part = wire.sync(collection(book, key, window(2)))[book]
    assert estimate(wire, book, key_of(part)) == 3
    assert estimate(wire, book, key) == 5, "the answer may be lost"
    key, _ = all_of(wire, book, key_of(part))
    assert estimate(wire, book, key) == 0


def test_what_others_changed_is_counted_and_ones_own_edits_are_not(wire):
    book = wire.folders()["Contacts"]
    write(wire, book, *"abc")
    key, _ = all_of(wire, book, wire.begin(book))
    part = wire.sync(collection(book, key, commands=(add("c1", *contact("Ann", "Alpha")),)))[book]
    write(wire, book, "a", "d", said="again")
    remove(wire, book, "b")
    assert estimate(wire, book, key_of(part)) == 3


def test_an_estimate_changes_nothing(wire):
    book = wire.folders()["Contacts"]
    write(wire, book, *"abc")
    key = wire.begin(book)
    question = asking(estimate_of(book, key, options()))
    assert len({wire.octets("GetItemEstimate", question) for _ in range(3)}) == 1
    assert all_of(wire, book, key)[1] == 3


def test_without_options_no_more_is_counted_than_one_answer_can_carry(wire):
    book = wire.folders()["Contacts"]
    write(wire, book, *(str(number) for number in range(MOST_WITHOUT_OPTIONS + 3)))
    key = wire.begin(book)
    assert estimates(wire, estimate_of(book, key)) == [("1", book, str(MOST_WITHOUT_OPTIONS))]
    assert estimate(wire, book, key) == MOST_WITHOUT_OPTIONS + 3


def test_each_collection_gets_its_own_status(wire):
    folders = wire.folders()
    book, calendar = folders["Contacts"], folders["Calendar"]
    key = wire.begin(book)
    write(wire, book, "a")
    asked = [
        estimate_of(book, key, options()),
        estimate_of(calendar, "1234567891"),
        estimate_of(book, "4711"),
        estimate_of(book, "0"),
        estimate_of(book, ""),
        estimate_of(book, None),
        estimate_of("c000000000000", key),
        estimate_of("c" * 500, key),
        estimate_of("", key),
    ]
    found = estimates(wire, *asked)
    assert [status for status, _, _ in found] == ["1", "3", "4", "3", "3", "3", "2", "2", "2"]
    assert [count for _, _, count in found] == ["1", *[""] * 8]


def test_a_hidden_collection_is_answered_as_one_that_does_not_exist(wire):
    with wire.core.database.write() as work:
        anna, bert = work.people.by_login("anna@example.org"), work.people.by_login("bert@example.org")
        assert anna
        assert bert
        hidden = collections.create(work, anna.id, CollectionKind.BOOK, "Hidden").id
        subscriptions.turn(work, anna.id, hidden, is_on=False)
        foreign = collections.create(work, bert.id, CollectionKind.BOOK, "Foreign").id
    wire.folders()
    for each in (hidden, foreign):
        assert estimates(wire, estimate_of(each, "1234567891")) == [("2", each, "")]


def test_a_device_of_the_oldest_dialect_names_class_and_filter_beside_the_key(wire):
    old = wire.twin(device="Old1", version="12.1")
    book = old.folders()["Contacts"]
    write(wire, book, *"abc")
    key = key_of(old.sync(collection(book, "0"))[book])
    question = Element(
        "GetItemEstimate:Collection",
        Element("GetItemEstimate:Class", text="Contacts"),
        Element("GetItemEstimate:CollectionId", text=book),
        Element("AirSync:FilterType", text="0"),
        Element("AirSync:SyncKey", text=key),
    )
    assert estimates(old, question) == [("1", book, "3")]


@pytest.mark.parametrize(
    "question",
    [
        sync(),
        Element("GetItemEstimate:GetItemEstimate"),
        asking(),
        asking(*(estimate_of("c000000000000", "1") for _ in range(1001))),
    ],
)
def test_a_question_that_is_not_one_is_refused_as_a_whole(wire, question):
    answer = wire.ask("GetItemEstimate", question)
    assert answer is not None
    assert (answer.text_of("GetItemEstimate:Status"), len(answer.children)) == ("103", 1)


def event(uid: str, start: datetime) -> str:
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tests//EN", "BEGIN:VEVENT", f"UID:{uid}"),
        *("DTSTAMP:20200101T000000Z", f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{start:%Y%m%dT%H%M%SZ}"),
        *("SUMMARY:Once", "END:VEVENT", "END:VCALENDAR", ""),
    )
    return "\r\n".join(lines)


def test_as_far_as_a_phone_looks_back_as_much_is_counted(wire):
    calendar = wire.folders()["Calendar"]
    now = datetime.now(UTC)
    with wire.core.database.write() as work:
        found = work.collections.by_id(CollectionId(calendar))
        for number, days in enumerate((-400, -100, -20, -5, 5, 400)):
            text = event(f"e{number}", now + timedelta(days=days))
            keep(work, wire.core.settings.limits, found, f"e{number}.ics", text)
    key = wire.begin(calendar)
    for filter_type, expected in (("0", 6), ("4", 3), ("5", 4), ("6", 4), ("7", 5)):
        question = estimate_of(calendar, key, options(filter_type))
        assert estimates(wire, question) == [("1", calendar, str(expected))]
    part = wire.sync(collection(calendar, key, options("4")))[calendar]
    assert len(commands_of(part, "Add")) == 3
    key = key_of(part)
    assert estimates(wire, estimate_of(calendar, key)) == [("1", calendar, "0")], "what it said last holds"
    for filter_type in ("7", "4", "0"):
        [(_, _, count)] = estimates(wire, estimate_of(calendar, key, options(filter_type)))
        brought = 0
        while (part := wire.sync(collection(calendar, key, options(filter_type))).get(calendar)) is not None:
            key = key_of(part)
            brought += sum(len(commands_of(part, kind)) for kind in ("Add", "Change", "Delete", "SoftDelete"))
        assert brought == int(count)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "remove", "sync", "lost", "begin"]), st.sampled_from("abcdef"), st.integers(1, 3)
    ),
    max_size=12,
)


@given(steps=STEPS)
@settings(max_examples=examples(6, 36), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_estimate_is_what_sync_then_brings(wire, steps):
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna
        book = collections.create(work, anna.id, CollectionKind.BOOK, f"Book {len(work.collections.all())}").id
    wire.folders()
    key = wire.begin(book)
    for number, (step, name, size) in enumerate(steps):
        if step == "write":
            write(wire, book, name, said=str(number))
        elif step == "remove":
            remove(wire, book, name)
        elif step == "sync":
            part = wire.sync(collection(book, key, window(size))).get(book)
            key = key if part is None else key_of(part)
        elif step == "lost":
            wire.octets("Sync", sync(collection(book, key, window(size))))
        else:
            key = wire.begin(book)
        expected = estimate(wire, book, key)
    expected = estimate(wire, book, key)
    assert all_of(wire, book, key, 4)[1] == expected
