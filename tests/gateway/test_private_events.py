"""Private events in calendars of others: no way of reading tells more than when they take place, and nobody else edits them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from gateway.seen import through
from gateway.texts import event
from pimgate import collections, subscriptions
from pimgate.core import Core
from pimgate.errors import ReadOnly, WrongVersion
from pimgate.indexing import etag_of
from pimgate.items import View, Window
from pimgate.model.collections import Collection, CollectionKind, Grant, Right
from pimgate.model.items import ItemHead, ItemId
from pimgate.model.people import Account
from pimgate.sharing import grant
from pimgate.text.private import masked

SECRET = event("p", "20261121T090000Z", "Dentist", "CLASS:PRIVATE", "LOCATION:Molar Street 3", "SEQUENCE:1")
OPEN = event("o", "20261122T090000Z", "Dentist's party", "CLASS:PUBLIC")


@dataclass(frozen=True)
class Street:
    """Anna's diary, which Bert may write, and the organisation's calendar, which Bert may read and Anna write."""

    core: Core
    anna: Account
    bert: Account
    diary: Collection
    everybodys: Collection

    @contextmanager
    def opened(self, by: Account, which: Collection | None = None) -> Iterator[View]:
        with self.core.database.write() as work:
            yield self.core.catalogue.open_view(work, through(by), (which or self.diary).id)


@pytest.fixture
def street(core: Core, person: Callable[[str], Account]) -> Street:
    anna, bert = person("anna"), person("bert")
    with core.database.write() as work:
        diary = collections.create(work, anna.id, CollectionKind.CALENDAR, "Diary")
        everybodys = collections.create_for_all(work, CollectionKind.CALENDAR, "Everybody's")
        grant(work, Grant(diary.id, bert.id, Right.WRITE))
        grant(work, Grant(everybodys.id, anna.id, Right.WRITE))
        for collection in (diary, everybodys):
            subscriptions.subscribe(work, bert.id, collection.id)
    made = Street(core, anna, bert, diary, everybodys)
    for which in (diary, everybodys):
        with made.opened(anna, which) as view:
            view.put("p.ics", SECRET)
            view.put("o.ics", OPEN)
    return made


def every_reading(view: View) -> list[tuple[ItemHead, str]]:
    """The private item by each method of reading that there is."""
    head = view.head("p.ics")
    assert head is not None
    heads = [
        *(each for each in view.heads() if each.name == "p.ics"),
        view.heads_of([head.id])[head.id],
        view.head_by_id(head.id),
        view.head_by_uid("p"),
        *(each for each in view.heads_after(ItemId(head.id - 1), 1)),
    ]
    items = [
        *(each for each in view.items() if each.id == head.id),
        view.items_by_id([head.id])[head.id],
        view.items_by_name(["p.ics"])["p.ics"],
        *(each for each, _ in view.candidates_between(Window()) if each.id == head.id),
    ]
    found = [(each, view.text(each)) for each in heads if each is not None]
    assert len(found) == 5
    assert len(items) == 4
    return found + [(item.head, item.text) for item in items]


def test_every_way_of_reading_tells_others_only_when_it_takes_place(street: Street) -> None:
    with street.opened(street.bert) as view:
        for head, text in every_reading(view):
            assert text == masked(SECRET)
            assert (head.etag, head.size_bytes) == (etag_of(text), len(text.encode()))
        open_item = view.items_by_name(["o.ics"])["o.ics"]
        assert (open_item.text, open_item.head.etag) == (OPEN, etag_of(OPEN))


def test_owner_sees_the_very_octets(street: Street) -> None:
    with street.opened(street.anna) as view:
        for head, text in every_reading(view):
            assert (text, head.etag, head.size_bytes) == (SECRET, etag_of(SECRET), len(SECRET.encode()))


def test_event_of_the_organisation_is_told_to_those_who_may_write_there(street: Street) -> None:
    with street.opened(street.anna, street.everybodys) as view:
        assert {text for _, text in every_reading(view)} == {SECRET}
    with street.opened(street.bert, street.everybodys) as view:
        assert {text for _, text in every_reading(view)} == {masked(SECRET)}


def test_hidden_words_find_nothing(street: Street) -> None:
    with street.opened(street.bert) as view:
        assert [item.head.name for item in view.items_matching("dentist", 10)] == ["o.ics"]
        assert view.items_matching("molar", 10) == []
    with street.opened(street.anna) as view:
        assert len(view.items_matching("dentist", 10)) == 2


def test_others_neither_change_nor_delete_nor_move_it(street: Street) -> None:
    with street.opened(street.bert) as view:
        head = view.head("p.ics")
        assert head is not None
        for attempt in (
            lambda: view.put("p.ics", OPEN.replace("UID:o", "UID:p")),
            lambda: view.put_by_id(head.id, SECRET),
            lambda: view.delete("p.ics"),
            lambda: view.delete_by_id(head.id),
            lambda: view.move("p.ics", view, "q.ics"),
            lambda: view.move("o.ics", view, "p.ics", overwrite=True),
        ):
            with pytest.raises(ReadOnly, match="private"):
                attempt()
        assert view.put("p.ics", masked(SECRET)) == head
        with pytest.raises(WrongVersion):
            view.put("p.ics", OPEN, if_etag=etag_of(SECRET))
    with street.opened(street.anna) as view:
        assert view.text(view.heads()[0]) == SECRET


def test_it_cannot_be_carried_into_a_calendar_of_ones_own(street: Street) -> None:
    with street.core.database.write() as work:
        own = collections.create(work, street.bert.id, CollectionKind.CALENDAR, "Bert's")
        theirs, mine = (
            street.core.catalogue.open_view(work, through(street.bert), each.id) for each in (street.diary, own)
        )
        with pytest.raises(ReadOnly):
            theirs.move("p.ics", mine, "p.ics")
        assert mine.heads() == []


def test_nobody_adds_to_the_calendar_of_another_what_they_could_not_see_any_more(street: Street) -> None:
    text = SECRET.replace("UID:p", "UID:n")
    with street.core.database.write() as work:
        own = collections.create(work, street.bert.id, CollectionKind.CALENDAR, "Bert's")
        theirs, mine = (
            street.core.catalogue.open_view(work, through(street.bert), each.id) for each in (street.diary, own)
        )
        head = mine.put("n.ics", text)
        attempts: list[Callable[[], object]] = [
            lambda: theirs.put("n.ics", text),
            lambda: theirs.put("o.ics", OPEN.replace("CLASS:PUBLIC", "CLASS:PRIVATE")),
            lambda: mine.copy(head, theirs, "n.ics"),
            lambda: mine.move("n.ics", theirs, "n.ics"),
        ]
        for attempt in attempts:
            with pytest.raises(ReadOnly) as refused:
                attempt()
            assert "your own" in refused.value.public
        assert mine.text(head) == text
    with street.opened(street.anna) as view:
        assert [view.text(each) for each in view.heads()] == [SECRET, OPEN]
    with street.opened(street.anna, street.everybodys) as view:
        assert view.put("n.ics", text).is_private


def test_private_card_is_shown_as_it_is(core: Core, person: Callable[[str], Account]) -> None:
    anna, bert = person("anna"), person("bert")
    text = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nFN:Ada\r\nN:;Ada;;;\r\nCLASS:PRIVATE\r\nEND:VCARD\r\n"
    with core.database.write() as work:
        book = collections.create(work, anna.id, CollectionKind.BOOK, "Friends")
        grant(work, Grant(book.id, bert.id, Right.READ))
        subscriptions.subscribe(work, bert.id, book.id)
        core.catalogue.open_view(work, through(anna), book.id).put("c.vcf", text)
        assert core.catalogue.open_view(work, through(bert), book.id).items()[0].text == text
