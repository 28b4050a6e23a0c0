"""What a View gives and takes: every function, every error."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from gateway.seen import through
from gateway.texts import calendar, card, card_without_uid, event, task
from pimgate import collections
from pimgate.core import Core
from pimgate.errors import (
    AlreadyThere,
    BadItem,
    ItemTooLarge,
    NoRoom,
    NoSuchCollection,
    NoSuchItem,
    ReadOnly,
    Refused,
    UidTaken,
    WrongVersion,
)
from pimgate.indexing import etag_of
from pimgate.items import View, Window
from pimgate.model.collections import Collection, CollectionKind, Grant, Right
from pimgate.model.items import Bookmark, ItemId, Op
from pimgate.model.people import Account
from pimgate.settings import Limits
from pimgate.sharing import grant
from pimgate.store.tables import item_property
from pimgate.subscriptions import subscribe

BEGIN = Bookmark(0)


@dataclass(frozen=True)
class Library:
    """Anna's collections, and how they are opened."""

    core: Core
    anna: Account
    book: Collection
    other: Collection
    diary: Collection

    @contextmanager
    def opened(self, which: Collection | None = None, *, by: Account | None = None) -> Iterator[View]:
        with self.core.database.write() as work:
            viewer = through(by or self.anna)
            yield self.core.catalogue.open_view(work, viewer, (which or self.book).id)

    @contextmanager
    def both(self) -> Iterator[tuple[View, View]]:
        with self.core.database.write() as work:
            opened = (
                self.core.catalogue.open_view(work, through(self.anna), each.id) for each in (self.book, self.other)
            )
            yield tuple(opened)  # type: ignore[misc]

    def figures(self, which: Collection) -> tuple[int, int]:
        with self.core.database.read() as work:
            found = work.collections.by_id(which.id)
            assert found is not None
            assert (found.item_count, found.size_bytes) == work.items.size(which.id)
            return found.item_count, found.size_bytes


@pytest.fixture
def library(core: Core, person: Callable[[str], Account]) -> Library:
    anna = person("anna")
    with core.database.write() as work:
        made = [
            collections.create(work, anna.id, kind, name)
            for kind, name in (
                (CollectionKind.BOOK, "Friends"),
                (CollectionKind.BOOK, "Family"),
                (CollectionKind.CALENDAR, "Diary"),
            )
        ]
    return Library(core, anna, *made)


def test_what_was_put_comes_back_octet_for_octet(library: Library) -> None:
    text = card("a", "Zoë Müller", "zoe@example.org", 'X-ODD;Y="1":kept  as it is', "NOTE:line one\r\n  folded")
    with library.opened() as view:
        head = view.put("a.vcf", text)
    with library.opened() as view:
        assert view.text(head) == text
        assert view.items()[0].text == text
        assert view.head("a.vcf") == head == view.head_by_id(head.id) == view.head_by_uid("a")
    assert (head.name, head.uid, head.component, head.etag) == ("a.vcf", "a", "VCARD", etag_of(text))
    assert head.size_bytes == len(text.encode())
    assert head.collection_id == library.book.id


def test_every_way_of_reading_finds_the_same_items(library: Library) -> None:
    with library.opened() as view:
        heads = [view.put(f"{each}.vcf", card(each)) for each in "abc"]
        ids = [head.id for head in heads]
        assert view.heads() == heads
        assert list(view.heads_of([ids[1], ItemId(999_999)]).values()) == [heads[1]]
        assert [item.head for item in view.items()] == heads
        assert {key: item.head for key, item in view.items_by_id(ids[:2]).items()} == dict(
            zip(ids, heads[:2], strict=False)
        )
        assert list(view.items_by_name(["c.vcf", "none.vcf"])) == ["c.vcf"]
        assert view.heads_after(ItemId(0), 2) == heads[:2]
        assert view.heads_after(ids[1], 2) == heads[2:]
        assert (view.head("none.vcf"), view.head_by_id(ItemId(999_999)), view.head_by_uid("none")) == (None, None, None)


def test_more_names_and_ids_than_fit_one_statement_are_all_found(library: Library) -> None:
    with library.opened() as view:
        head = view.put("a.vcf", card("a"))
        names = [f"none{number}.vcf" for number in range(1200)]
        assert list(view.items_by_name([*names, "a.vcf"])) == ["a.vcf"]
        ids = [ItemId(number) for number in range(10_000, 11_200)]
        assert list(view.items_by_id([*ids, head.id])) == list(view.heads_of([*ids, head.id])) == [head.id]


def test_item_of_another_collection_is_not_found_here(library: Library) -> None:
    with library.both() as (here, there):
        head = there.put("a.vcf", card("a"))
        assert here.head_by_id(head.id) is None
        assert here.items_by_id([head.id]) == {}
        assert here.heads_of([head.id]) == {}
        with pytest.raises(NoSuchItem):
            here.delete_by_id(head.id)
        with pytest.raises(NoSuchItem):
            here.put_by_id(head.id, card("a", "Mallory Evil"))


def test_changes_tell_what_happened_and_by_which_device(library: Library) -> None:
    with library.opened() as view:
        start = view.bookmark()
        head = view.put("a.vcf", card("a"))
        view.put("a.vcf", card("a", "Augusta Ada"))
        view.delete("a.vcf")
        found = view.changes_since(start, 10)
        assert [(each.op, each.item_id, each.name, each.origin) for each in found.changes] == [
            (op, head.id, "a.vcf", "dweb") for op in (Op.CREATE, Op.CHANGE, Op.DELETE)
        ]
        assert found.upto == view.bookmark()


def test_positions_of_an_item_are_those_of_its_lines(library: Library) -> None:
    with library.opened() as view:
        first = view.put("a.vcf", card("a"))
        view.put("b.vcf", card("b"))
        second = view.put("a.vcf", card("a", "Augusta Ada"))
    assert (first.created_seq, first.seq) == (1, 1)
    assert (second.created_seq, second.seq) == (1, 3)
    assert second.id == first.id


def test_same_text_again_changes_nothing(library: Library) -> None:
    with library.opened() as view:
        head = view.put("a.vcf", card("a"))
        assert view.put("a.vcf", card("a")) == head
        assert view.bookmark() == 1


def test_condition_on_the_version_is_kept(library: Library) -> None:
    with library.opened() as view:
        with pytest.raises(WrongVersion):
            view.put("a.vcf", card("a"), if_etag="of something that is not there")
        head = view.put("a.vcf", card("a"), must_be_new=True)
        for condition in ({"must_be_new": True}, {"if_etag": "another"}):
            with pytest.raises(WrongVersion):
                view.put("a.vcf", card("a", "Augusta Ada"), **condition)
        with pytest.raises(WrongVersion):
            view.delete("a.vcf", if_etag="another")
        newer = view.put_by_id(head.id, card("a", "Augusta Ada"), if_etag=head.etag)
        view.delete("a.vcf", if_etag=newer.etag)
        assert view.heads() == []


def test_uid_belongs_to_one_item_of_a_collection_and_the_other_is_named(library: Library) -> None:
    with library.both() as (here, there):
        here.put("a.vcf", card("a"))
        with pytest.raises(UidTaken) as taken:
            here.put("b.vcf", card("a", "Somebody Else"))
        assert taken.value.name == "a.vcf"
        here.put("b.vcf", card("b"))
        with pytest.raises(UidTaken):
            here.put("b.vcf", card("a"))
        there.put("a.vcf", card("a"))


def test_uid_may_change_with_the_next_version(library: Library) -> None:
    with library.opened() as view:
        head = view.put("a.vcf", card("a"))
        assert view.put("a.vcf", card("b")).id == head.id
        assert view.head_by_uid("a") is None


def test_cards_without_a_uid_live_side_by_side(library: Library) -> None:
    with library.opened() as view:
        uids = {view.put(f"{each}.vcf", card_without_uid()).uid for each in "ab"}
        assert len(uids) == 2
        view.put("a.vcf", card_without_uid("Somebody"))


@pytest.mark.parametrize(
    "text",
    ["", "hello", "BEGIN:VCARD\r\nVERSION:3.0\r\n", card("a") + card("b"), event("a"), card("a", "A\0da Love")],
    ids=["nothing", "no card", "not ended", "two cards", "an event", "NUL"],
)
def test_what_is_no_card_is_refused_by_a_book_with_a_reason(library: Library, text: str) -> None:
    with library.opened() as view:
        with pytest.raises(BadItem) as refused:
            view.put("a.vcf", text)
        assert refused.value.public
        assert view.heads() == []
        assert view.bookmark() == 0


def test_lone_surrogate_is_refused(library: Library) -> None:
    with library.opened() as view, pytest.raises(BadItem):
        view.put("a.vcf", card("a", "A\ud800da Love"))


@pytest.mark.parametrize("text", [card("a"), task("a"), calendar("VEVENT", ["DTSTART:20261121T090000Z"])])
def test_what_is_no_event_is_refused_by_a_calendar(library: Library, text: str) -> None:
    with library.opened(library.diary) as view, pytest.raises(BadItem):
        view.put("a.ics", text)


def test_calendar_made_for_tasks_and_events_takes_both(library: Library) -> None:
    with library.core.database.write() as work:
        mixed = collections.create(work, library.anna.id, CollectionKind.CALENDAR, "Both", components="VEVENT,VTODO")
    with library.opened(mixed) as view:
        view.put("a.ics", event("a"))
        view.put("b.ics", task("b"))
        assert [head.component for head in view.heads()] == ["VEVENT", "VTODO"]


@pytest.mark.parametrize("uid", ["u" * 600, "ü" * 512], ids=["long", "long in octets"])
def test_overlong_uid_is_kept_or_refused_alike_on_every_database(library: Library, uid: str) -> None:
    with library.opened() as view:
        if len(uid) > 512:
            with pytest.raises(BadItem):
                view.put("a.vcf", card(uid))
        else:
            assert view.put("a.vcf", card(uid)).uid == uid


def test_overlong_title_is_no_obstacle(library: Library) -> None:
    with library.opened() as view:
        view.put("a.vcf", card("a", "Ada " + "x" * 5000))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b", "a\nb", "x" * 255, "a\ud800"])
def test_name_that_cannot_be_an_address_is_refused(library: Library, name: str) -> None:
    with library.opened() as view, pytest.raises(BadItem):
        view.put(name, card("a"))


def test_item_beyond_the_limit_is_too_large(make_core: Callable[..., Core], library: Library) -> None:
    core = make_core(limits=Limits(item_bytes=1024))
    with core.database.write() as work:
        view = core.catalogue.open_view(work, through(library.anna), library.book.id)
        with pytest.raises(ItemTooLarge) as refused:
            view.put("a.vcf", card("a", "Ada Love", "", "NOTE:" + "x" * 1024))
        assert "1024" in refused.value.public
        view.put("a.vcf", card("a", "Ada Love", "", "NOTE:" + "x" * 800))


def test_full_collection_takes_changes_and_no_more_items(make_core: Callable[..., Core], library: Library) -> None:
    core = make_core(limits=Limits(items_per_collection=2))
    with core.database.write() as work:
        view = core.catalogue.open_view(work, through(library.anna), library.book.id)
        view.put("a.vcf", card("a"))
        view.put("b.vcf", card("b"))
        with pytest.raises(Refused) as refused:
            view.put("c.vcf", card("c"))
        assert "2" in refused.value.public
        view.put("b.vcf", card("b", "Augusta Ada"))
        view.delete("a.vcf")
        view.put("c.vcf", card("c"))
        assert view.bookmark() == 5


def test_whoever_may_only_read_changes_nothing(library: Library, person: Callable[[str], Account]) -> None:
    bert = person("bert")
    with library.opened() as view:
        view.put("a.vcf", card("a"))
    with library.core.database.write() as work:
        grant(work, Grant(library.book.id, bert.id, Right.READ))
        subscribe(work, bert.id, library.book.id)
    with library.opened(by=bert) as view:
        assert not view.may_write
        for attempt in (
            lambda: view.put("a.vcf", card("a", "Mallory Evil")),
            lambda: view.put("b.vcf", card("b")),
            lambda: view.delete("a.vcf"),
            lambda: view.move("a.vcf", view, "b.vcf"),
        ):
            with pytest.raises(ReadOnly):
                attempt()
        assert len(view.items()) == 1


def test_deleting_what_is_not_there_says_so(library: Library) -> None:
    with library.opened() as view:
        for name in ("a.vcf", "a\0", "\ud800", "x" * 100_000, ""):
            with pytest.raises(NoSuchItem):
                view.delete(name)
            assert view.items_by_name([name]) == {}
        with pytest.raises(NoSuchItem):
            view.delete_by_id(ItemId(1))


def test_deleted_item_is_gone_with_its_text_and_its_id_does_not_return(library: Library) -> None:
    with library.opened() as view:
        head = view.put("a.vcf", card("a"))
        view.delete_by_id(head.id)
        assert view.items() == []
        assert view.text(head) == ""
        again = view.put("a.vcf", card("a"))
        assert again.id > head.id


def test_moved_item_is_a_new_one_there_and_gone_here(library: Library) -> None:
    with library.both() as (here, there):
        head = here.put("a.vcf", card("a"))
        moved = here.move("a.vcf", there, "b.vcf")
        assert (moved.collection_id, moved.name, moved.uid) == (library.other.id, "b.vcf", "a")
        assert moved.id != head.id
        assert here.heads() == []
        assert [each.op for each in here.changes_since(BEGIN, 9).changes] == [Op.CREATE, Op.DELETE]
        assert [each.op for each in there.changes_since(BEGIN, 9).changes] == [Op.CREATE]
    assert library.figures(library.book) == (0, 0)
    assert library.figures(library.other) == (1, len(card("a")))


def test_item_can_be_renamed_within_its_collection(library: Library) -> None:
    with library.opened() as view:
        view.put("a.vcf", card("a"))
        assert view.move("a.vcf", view, "a.vcf").name == "a.vcf"
        assert view.bookmark() == 1
        view.move("a.vcf", view, "b.vcf")
        assert [head.name for head in view.heads()] == ["b.vcf"]


def test_move_onto_another_item_needs_to_be_told_to_overwrite(library: Library) -> None:
    with library.both() as (here, there):
        here.put("a.vcf", card("a"))
        there.put("b.vcf", card("b"))
        with pytest.raises(AlreadyThere):
            here.move("a.vcf", there, "b.vcf")
        here.move("a.vcf", there, "b.vcf", overwrite=True)
        assert [head.uid for head in there.heads()] == ["a"]
        with pytest.raises(NoSuchItem):
            here.move("a.vcf", there, "c.vcf")


def test_item_that_cannot_be_kept_there_stays_here_even_if_the_unit_goes_on(library: Library) -> None:
    """A phone moves several items at once: one that is refused is answered so, and the others are kept."""
    with library.both() as (here, there):
        for each in "ab":
            here.put(f"{each}.vcf", card(each))
        there.put("taken.vcf", card("a"))
        there.put("in the way.vcf", card("z"))
        with pytest.raises(UidTaken):
            here.move("a.vcf", there, "in the way.vcf", overwrite=True)
        with pytest.raises(BadItem):
            here.move("b.vcf", there, "no/name.vcf")
        here.move("b.vcf", there, "b.vcf")
    with library.both() as (here, there):
        assert [head.name for head in here.heads()] == ["a.vcf"]
        assert [head.name for head in there.heads()] == ["taken.vcf", "in the way.vcf", "b.vcf"]
        assert [each.op for each in here.changes_since(BEGIN, 9).changes] == [Op.CREATE, Op.CREATE, Op.DELETE]
    assert library.figures(library.book)[0] == 1
    assert library.figures(library.other)[0] == 3


def test_what_programs_keep_with_an_item_lives_and_goes_with_it(library: Library) -> None:
    with library.both() as (here, there):
        first, second = (here.put(f"{each}.vcf", card(each)) for each in "ab")
        here.set_properties(first, {"{urn:x}n": "1", "{}é": "\U0001f4a9"})
        here.set_properties(second, {"{urn:x}n": "2"})
        here.put("a.vcf", card("a", "Renamed"))
        assert here.properties([first.id, second.id]) == here.properties()
        assert here.properties([first.id]) == {first.id: {"{urn:x}n": "1", "{}é": "\U0001f4a9"}}
        assert here.bookmark() == 3, "a property is no line of the journal"
        moved = here.move("a.vcf", there, "a.vcf")
        copied = here.copy(second, there, "b.vcf")
        assert there.properties() == {moved.id: {"{urn:x}n": "1", "{}é": "\U0001f4a9"}, copied.id: {"{urn:x}n": "2"}}
        assert list(here.properties()) == [second.id]
        here.set_properties(second, {})
        for too_much in ({"{}n": "x" * 70_000}, {f"{{}}n{each}": "" for each in range(300)}):
            with pytest.raises(NoRoom):
                there.set_properties(moved, too_much)
        there.delete("a.vcf")
    with library.core.database.write() as work:
        assert list(work.item_properties.of(library.book.id)) == []
        assert list(work.item_properties.of(library.other.id)) == [copied.id]
    assert library.figures(library.book) == (1, len(card("b")))
    assert library.figures(library.other) == (1, len(card("b")) + len("{urn:x}n2"))
    with library.core.database.write() as work:
        collections.remove(work, library.anna.id, library.other.id)
        assert work.connection.execute(select(func.count()).select_from(item_property)).scalar() == 0


def test_refused_put_leaves_the_unit_of_work_usable(library: Library) -> None:
    with library.opened() as view:
        view.put("a.vcf", card("a"))
        for name, text in (("b.vcf", card("a")), ("b.vcf", "no card"), ("/", card("b"))):
            with pytest.raises(Refused):
                view.put(name, text)
        view.put("b.vcf", card("b"))
    with library.opened() as view:
        assert len(view.heads()) == 2
        assert [each.seq for each in view.changes_since(BEGIN, 9).changes] == [1, 2]


def test_search_finds_words_without_accents_and_case_and_takes_signs_literally(library: Library) -> None:
    with library.opened() as view:
        view.put("a.vcf", card("a", "Zoë Müller", "zoe@example.org"))
        view.put("b.vcf", card("b", "Bob Percent", "bob_100%@example.org"))
        assert [item.head.uid for item in view.items_matching("zoe muller", 9)] == ["a"]
        assert [item.head.uid for item in view.items_matching("100%", 9)] == ["b"]
        assert view.items_matching("bob%100", 9) == []
        assert len(view.items_matching("example", 1)) == 1
        assert view.items_matching("x" * 100_000, 9) == []


NINE = 1_795_251_600  # 2026-11-21 09:00 UTC
HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (NINE, NINE + HOUR, ["once", "daily"]),
        (NINE + HOUR, NINE + 2 * HOUR, []),
        (NINE - HOUR, NINE, []),
        (NINE + DAY, NINE + DAY + 1, ["daily"]),
        (NINE + 3 * DAY - HOUR, NINE + 9 * DAY, []),
        (None, NINE + 1, ["once", "daily"]),
        (NINE + 2 * DAY, None, ["daily"]),
        (None, None, ["once", "daily"]),
    ],
)
def test_window_of_time_holds_what_happens_in_it(
    library: Library, start: int | None, end: int | None, found: list[str]
) -> None:
    with library.opened(library.diary) as view:
        view.put("once.ics", event("once"))
        view.put("daily.ics", event("daily", "20261121T090000Z", "Walk", "RRULE:FREQ=DAILY;COUNT=3"))
        assert [item.head.uid for item, _ in view.candidates_between(Window(start, end))] == found


def test_series_without_end_may_happen_at_any_later_time(library: Library) -> None:
    with library.opened(library.diary) as view:
        view.put("a.ics", event("a", "20261121T090000Z", "Walk", "RRULE:FREQ=DAILY"))
        far = NINE + 20 * 365 * DAY
        assert len(view.candidates_between(Window(far, far + DAY))) == 1
        view.put("a.ics", event("a"))
        assert view.candidates_between(Window(far, far + DAY)) == []
        assert view.candidates_between(Window(NINE + DAY, NINE + 2 * DAY)) == []


def test_two_writers_with_the_same_version_in_hand_cannot_both_win(
    make_core: Callable[..., Core], library: Library
) -> None:
    """Both read the item, both say If-Match: one is kept, the other is told, and nothing is overwritten unseen."""
    with library.opened() as view:
        head = view.put("a.vcf", card("a"))
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def write(core: Core, name: str) -> None:
        with core.database.read():
            ready.wait()
        try:
            with core.database.write() as work:
                view = core.catalogue.open_view(work, through(library.anna), library.book.id)
                view.put("a.vcf", card("a", name), if_etag=head.etag)
            outcomes.append("kept")
        except WrongVersion:
            outcomes.append("told")

    for _ in range(5):
        outcomes.clear()
        threads = [threading.Thread(target=write, args=(make_core(), f"Writer {each}")) for each in "XY"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["kept", "told"]
        with library.opened() as view:
            head = view.put("a.vcf", card("a", "Fresh Start"))
    library.figures(library.book)


def test_collection_removed_since_it_was_opened_is_gone_to_its_writer(
    make_core: Callable[..., Core], library: Library
) -> None:
    other = make_core()

    def remove() -> None:
        with other.database.write() as work:
            collections.remove(work, library.anna.id, library.book.id)

    removing = threading.Thread(target=remove)
    with library.opened() as view:
        removing.start()
        removing.join(0.3)
        if removing.is_alive():  # it waits for us, where there is one writer at a time
            view.put("a.vcf", card("a"))
        else:
            with pytest.raises(NoSuchCollection):
                view.put("a.vcf", card("a"))
    removing.join()
    with pytest.raises(NoSuchCollection), library.opened():
        pass


def test_two_writers_of_one_uid_make_one_item(make_core: Callable[..., Core], library: Library) -> None:
    cores = [make_core(), make_core()]
    outcomes: list[str] = []

    def write(core: Core, name: str, uid: str) -> None:
        try:
            with core.database.write() as work:
                view = core.catalogue.open_view(work, through(library.anna), library.book.id)
                view.put(name, card(uid))
            outcomes.append("kept")
        except UidTaken:
            outcomes.append("taken")

    for number in range(8):
        threads = [
            threading.Thread(target=write, args=(core, f"{number}{side}.vcf", f"u{number}"))
            for core, side in zip(cores, "ab", strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["kept"] * 8 + ["taken"] * 8
    assert library.figures(library.book)[0] == 8
