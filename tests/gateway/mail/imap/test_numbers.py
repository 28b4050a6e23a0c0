"""Sets of UIDs: ranges, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.mail.imap.errors import BadAnswer, Unsayable
from pimgate.mail.imap.numbers import LONGEST_SET, MOST_UID, UidSet

UIDS = st.integers(1, MOST_UID)


def test_neighbours_become_ranges() -> None:
    assert UidSet.of([7, 3, 1, 2, 3]).batches() == [b"1:3,7"]
    assert UidSet.heard("7,3:1,2:5").ranges == ((1, 5), (7, 7))
    assert UidSet.of([]).batches() == []
    assert UidSet.from_uid(9).batches() == [b"9:4294967295"]


@pytest.mark.parametrize(
    "text", ["", "1:", ":1", "1,,2", "1:2:3", "*", "1:*", "0", "0:3", "4294967296", "a", "1 2", "12345678901"]
)
def test_what_is_no_set_is_refused(text: str) -> None:
    with pytest.raises(BadAnswer):
        UidSet.heard(text)


@pytest.mark.parametrize("uid", [0, -1, MOST_UID + 1])
def test_what_is_no_uid_is_not_said(uid: int) -> None:
    with pytest.raises(Unsayable):
        UidSet.of([uid])


def test_large_set_costs_nothing_until_it_is_walked() -> None:
    everything = UidSet.heard("1:4294967295")
    assert len(everything) == MOST_UID
    assert 4_000_000_000 in everything
    assert 0 not in everything


@given(st.sets(UIDS, max_size=50), st.sets(UIDS, max_size=50))
def test_set_holds_what_it_was_given(one: set[int], other: set[int]) -> None:
    both = UidSet.of(one) | UidSet.of(other)
    assert list(both) == sorted(one | other)
    assert len(both) == len(one | other)
    assert all((each in both) and (each + 1 in both) == (each + 1 in one | other) for each in one | other)


@given(st.sets(UIDS, min_size=1))
def test_set_that_is_said_is_the_one_that_is_heard(uids: set[int]) -> None:
    batches = UidSet.of(uids).batches()
    assert {uid for each in batches for uid in UidSet.heard(each.decode())} == uids


def test_long_set_is_said_in_pieces_that_fit_on_a_line() -> None:
    uids = range(1_000_000, 1_020_000, 2)
    batches = UidSet.of(uids).batches()
    assert max(map(len, batches)) <= LONGEST_SET
    assert [uid for each in batches for uid in UidSet.heard(each.decode())] == list(uids)
