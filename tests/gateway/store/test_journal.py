"""Positions, bookmarks, expiry and pruning of the journal, on both databases."""

import threading
from collections.abc import Callable

import pytest

from pimgate.core import Core
from pimgate.errors import BookmarkExpired
from pimgate.journal import SECONDS_A_DAY, hierarchy_of, prune, touch_hierarchy
from pimgate.model.items import Bookmark, Change, ItemId, Op
from pimgate.model.people import Account

STREAM = "cjournal"
NOW = 1_800_000_000.0


@pytest.fixture
def journal(core: Core) -> Core:
    """A gateway with an empty stream, whose clock stands still."""
    core.database.clock = lambda: NOW
    with core.database.write() as work:
        work.journal.open(STREAM)
    return core


def write_lines(core: Core, count: int, stream: str = STREAM) -> None:
    with core.database.write() as work:
        for number in range(count):
            work.journal.append(stream, Op.CREATE, item_id=ItemId(number), item=f"{number}.vcf", origin="dphone")


def read_lines(core: Core, bookmark: int, limit: int = 100) -> tuple[list[int], int, bool]:
    with core.database.read() as work:
        found = work.journal.since(STREAM, Bookmark(bookmark), limit)
    return [change.seq for change in found.changes], found.upto, found.has_more


def test_lines_come_back_as_they_were_written_and_in_order(journal: Core) -> None:
    with journal.database.write() as work:
        assert work.journal.append(STREAM, Op.CREATE, item_id=ItemId(7), item="a.vcf", origin="d1") == 1
        assert work.journal.append(STREAM, Op.CHANGE, item_id=ItemId(7), item="a.vcf") == 2
        assert work.journal.append(STREAM, Op.DELETE, item_id=ItemId(7), item="a.vcf") == 3
    with journal.database.read() as work:
        found = work.journal.since(STREAM, Bookmark(0), 10)
    assert found.changes == (
        Change(STREAM, 1, Op.CREATE, ItemId(7), "a.vcf", "d1"),
        Change(STREAM, 2, Op.CHANGE, ItemId(7), "a.vcf", ""),
        Change(STREAM, 3, Op.DELETE, ItemId(7), "a.vcf", ""),
    )
    assert (found.upto, found.has_more) == (3, False)


def test_long_answer_is_cut_and_continues_where_it_ended(journal: Core) -> None:
    write_lines(journal, 5)
    assert read_lines(journal, 0, 2) == ([1, 2], 2, True)
    assert read_lines(journal, 2, 2) == ([3, 4], 4, True)
    assert read_lines(journal, 4, 2) == ([5], 5, False)
    assert read_lines(journal, 5, 2) == ([], 5, False)


def test_answer_that_just_fits_has_no_more(journal: Core) -> None:
    write_lines(journal, 2)
    assert read_lines(journal, 0, 2) == ([1, 2], 2, False)


@pytest.mark.parametrize("bookmark", [6, 1_000_000, -1])
def test_bookmark_from_another_life_is_expired(journal: Core, bookmark: int) -> None:
    write_lines(journal, 5)
    with pytest.raises(BookmarkExpired):
        read_lines(journal, bookmark)


def test_bookmark_of_a_stream_that_is_gone_is_expired(journal: Core) -> None:
    write_lines(journal, 1)
    with journal.database.write() as work:
        work.journal.close(STREAM)
    with pytest.raises(BookmarkExpired):
        read_lines(journal, 0)
    with journal.database.read() as work:
        assert work.journal.head(STREAM) == 0


def test_pruning_forgets_what_is_old_and_only_that(journal: Core) -> None:
    write_lines(journal, 3)
    journal.database.clock = lambda: NOW + 50 * SECONDS_A_DAY
    write_lines(journal, 2)
    journal.database.clock = lambda: NOW + 91 * SECONDS_A_DAY
    with journal.database.write() as work:
        assert prune(work, 90) >= 3
    for bookmark in (0, 1, 2):
        with pytest.raises(BookmarkExpired):
            read_lines(journal, bookmark)
    assert read_lines(journal, 3) == ([4, 5], 5, False)
    with journal.database.write() as work:
        assert prune(work, 90) == 0


def test_pruning_in_pieces_ends(journal: Core) -> None:
    write_lines(journal, 7)
    with journal.database.write() as work:
        assert work.journal.prune(NOW + 1, 5) == 5
        rounds = 1
        while work.journal.prune(NOW + 1, 5):
            rounds += 1
    assert rounds < 20
    assert read_lines(journal, 7) == ([], 7, False)
    with pytest.raises(BookmarkExpired):
        read_lines(journal, 6)


def test_stream_goes_on_counting_after_everything_in_it_was_pruned(journal: Core) -> None:
    write_lines(journal, 3)
    with journal.database.write() as work:
        while work.journal.prune(NOW + 1, 100):
            pass
    write_lines(journal, 1)
    assert read_lines(journal, 3) == ([4], 4, False)


def test_unit_of_work_that_fails_leaves_no_line_and_tells_nobody(journal: Core) -> None:
    told: list[list[Change]] = []
    journal.database.committed = told.append
    with pytest.raises(RuntimeError), journal.database.write() as work:
        work.journal.append(STREAM, Op.CREATE, item="a.vcf")
        raise RuntimeError
    assert told == []
    assert read_lines(journal, 0) == ([], 0, False)
    write_lines(journal, 1)
    assert read_lines(journal, 0) == ([1], 1, False)


def test_nobody_is_told_before_the_change_can_be_read(journal: Core) -> None:
    read: list[list[int]] = []
    journal.database.committed = lambda changes: read.append(read_lines(journal, 0)[0])
    with journal.database.write() as work:
        work.journal.append(STREAM, Op.CREATE, item="a.vcf")
        assert read == []
    assert read == [[1]]


def test_unit_of_work_without_changes_tells_nobody(journal: Core) -> None:
    told: list[list[Change]] = []
    journal.database.committed = told.append
    with journal.database.write() as work:
        work.journal.open("cother")
    assert told == []


def test_position_taken_and_not_written_is_no_hole_for_readers(journal: Core) -> None:
    write_lines(journal, 1)
    with journal.database.write() as work:
        work.journal.take_position(STREAM)
    assert read_lines(journal, 1) == ([], 2, False)
    write_lines(journal, 1)
    assert read_lines(journal, 1) == ([3], 3, False)


def test_streams_after_a_line_are_those_that_grew(journal: Core) -> None:
    with journal.database.write() as work:
        work.journal.open("cother")
    write_lines(journal, 1)
    with journal.database.read() as work:
        line = work.journal.latest_line()
        assert work.journal.streams_after(line) == (set(), line)
    write_lines(journal, 2, "cother")
    with journal.database.read() as work:
        assert work.journal.streams_after(line) == ({"cother"}, line + 2)


def test_heads_are_given_for_the_streams_that_exist(journal: Core) -> None:
    write_lines(journal, 4)
    with journal.database.read() as work:
        assert work.journal.heads([STREAM, "cnone"]) == {STREAM: 4}
        assert work.journal.heads([]) == {}


def test_touch_of_a_hierarchy_is_one_line_for_each_person(core: Core, person: Callable[[str], Account]) -> None:
    anna, bert = person("anna"), person("bert")
    with core.database.write() as work:
        before = work.journal.heads([hierarchy_of(anna.id), hierarchy_of(bert.id)])
        touch_hierarchy(work, [bert.id, anna.id, bert.id], "c123")
    with core.database.read() as work:
        after = work.journal.heads([hierarchy_of(anna.id), hierarchy_of(bert.id)])
    assert {name: head - before[name] for name, head in after.items()} == dict.fromkeys(before, 1)


def test_parallel_writers_commit_their_positions_in_order(make_core: Callable[..., Core]) -> None:
    """A reader that follows the journal while six threads of two gateways write must meet every line, once, in order."""
    one, other = make_core(), make_core()
    with one.database.write() as work:
        work.journal.open(STREAM)
    writers = [threading.Thread(target=_write_often, args=(core,)) for core in (one, other) * 3]
    seen: list[int] = []
    bookmark = Bookmark(0)
    for each in writers:
        each.start()
    while len(seen) < 6 * 15 and (any(each.is_alive() for each in writers) or bookmark < 6 * 15):
        with one.database.read() as work:
            found = work.journal.since(STREAM, bookmark, 7)
        seen += [change.seq for change in found.changes]
        bookmark = found.upto
    for each in writers:
        each.join()
    assert seen == list(range(1, 6 * 15 + 1))


def _write_often(core: Core) -> None:
    for _ in range(15):
        write_lines(core, 1)
