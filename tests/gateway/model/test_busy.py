"""Spans of busy time, laid together."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pimgate.model.busy import Busy, Span, laid_over, merged, without

HOURS = st.integers(-5, 30)
SPANS = st.lists(st.builds(Span, HOURS, HOURS, st.sampled_from(Busy)), max_size=12)


def at(spans: list[Span], moment: int) -> Busy:
    """What the spans say of one moment."""
    return max((each.status for each in spans if each.start <= moment < each.end), default=Busy.FREE)


def test_higher_one_counts_where_two_overlap() -> None:
    spans = [Span(0, 60, Busy.BUSY), Span(30, 90, Busy.TENTATIVE), Span(10, 20, Busy.UNAVAILABLE)]
    assert merged(spans, 0, 80) == [
        Span(0, 10, Busy.BUSY),
        Span(10, 20, Busy.UNAVAILABLE),
        Span(20, 60, Busy.BUSY),
        Span(60, 80, Busy.TENTATIVE),
    ]


def test_neighbours_are_joined_and_free_time_is_left_out() -> None:
    spans = [Span(0, 5, Busy.BUSY), Span(5, 9, Busy.BUSY), Span(20, 30, Busy.FREE), Span(12, 12, Busy.BUSY)]
    assert merged(spans, 0, 100) == [Span(0, 9, Busy.BUSY)]


@given(SPANS, HOURS, HOURS)
def test_every_moment_within_is_as_busy_as_the_spans_say(spans: list[Span], start: int, end: int) -> None:
    found = merged(spans, start, end)
    for moment in range(start, end):
        assert at(found, moment) is at(spans, moment)


@given(SPANS, HOURS, HOURS)
def test_what_comes_out_is_in_order_and_lies_within(spans: list[Span], start: int, end: int) -> None:
    found = merged(spans, start, end)
    assert all(start <= each.start < each.end <= end and each.status is not Busy.FREE for each in found)
    for one, other in pairwise(found):
        assert one.end < other.start or (one.end == other.start and one.status is not other.status)


@given(SPANS, SPANS, HOURS, HOURS)
def test_order_does_not_matter_and_twice_is_as_once(one: list[Span], two: list[Span], start: int, end: int) -> None:
    together = merged(one + two, start, end)
    assert together == merged(two + one, start, end) == merged(together, start, end)
    assert together == merged(merged(one, start, end) + two, start, end)


@given(SPANS, SPANS, HOURS, HOURS)
def test_holes_leave_what_lies_around_them(spans: list[Span], holes: list[Span], start: int, end: int) -> None:
    there = merged(spans, start, end)
    found = without(there, holes)
    assert found == merged(found, start, end)
    for moment in range(start, end):
        is_covered = any(hole.start <= moment < hole.end for hole in holes)
        assert at(found, moment) is (Busy.FREE if is_covered else at(there, moment))


@given(SPANS, SPANS, HOURS, HOURS)
def test_what_is_certain_hides_the_ground_and_nothing_else_does(
    above: list[Span], below: list[Span], start: int, end: int
) -> None:
    events, ground = merged(above, start, end), merged(below, start, end)
    found = laid_over(events, ground, start, end)
    for moment in range(start, end):
        event = at(events, moment)
        assert at(found, moment) is (event if event >= Busy.BUSY else max(event, at(ground, moment)))
