"""Free/busy as phones read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.api import Busy, Span
from pimgate_eas.availability import BadWindow, Window, merged_free_busy, of_a_group, window_of
from pimgate_eas.wbxml.element import Element

EIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)
MORNING = Window(EIGHT, EIGHT + timedelta(hours=3))


def at(minutes: float) -> int:
    return int((EIGHT + timedelta(minutes=minutes)).timestamp())


def asked(start: str | None, end: str | None = None) -> Element:
    times = (("StartTime", start), ("EndTime", end))
    return Element(
        "ResolveRecipients:Availability",
        *(Element(f"ResolveRecipients:{tag}", text=text) for tag, text in times if text is not None),
    )


@pytest.mark.parametrize(
    ("spans", "digits"),
    [
        (None, "444444"),
        ([], "000000"),
        ([Span(at(60), at(120), Busy.BUSY)], "002200"),
        ([Span(at(55), at(61), Busy.TENTATIVE)], "011000"),
        ([Span(at(29), at(30), Busy.UNAVAILABLE)], "300000"),
        ([Span(at(0), at(180), Busy.TENTATIVE)], "111111"),
        ([Span(at(0), at(5), Busy.TENTATIVE), Span(at(10), at(20), Busy.BUSY)], "200000"),
        ([Span(at(-60), at(10), Busy.BUSY), Span(at(170), at(600), Busy.BUSY)], "200002"),
    ],
)
def test_a_digit_for_each_half_hour(spans: list[Span] | None, digits: str) -> None:
    assert merged_free_busy(spans, MORNING) == digits


def test_last_digit_may_stand_for_less_than_half_an_hour() -> None:
    window = Window(EIGHT, EIGHT + timedelta(minutes=40))
    assert merged_free_busy([Span(at(35), at(60), Busy.BUSY)], window) == "02"


@given(
    st.lists(
        st.builds(
            lambda start, length, status: Span(at(start), at(start + length), status),
            st.integers(-60, 240),
            st.integers(1, 90),
            st.sampled_from((Busy.TENTATIVE, Busy.BUSY, Busy.UNAVAILABLE)),
        ),
        max_size=8,
    )
)
def test_each_half_hour_has_the_highest_of_what_happens_in_it(spans: list[Span]) -> None:
    for slot, digit in enumerate(merged_free_busy(spans, MORNING)):
        begin, end = at(30 * slot), at(30 * slot + 30)
        inside = [int(each.status) for each in spans if each.start < end and each.end > begin]
        assert int(digit) == max(inside, default=0)


@pytest.mark.parametrize(
    ("members", "digits"),
    [
        ((), "444444"),
        (("000000",), "000000"),
        (("002200", "010103", "000000"), "012203"),
        (("444444", "002200"), "002200"),
        (("444444", "444444"), "444444"),
    ],
)
def test_group_is_as_busy_as_its_busiest_member(members: tuple[str, ...], digits: str) -> None:
    assert of_a_group(members, MORNING) == digits


@pytest.mark.parametrize("start", ["2026-11-23T08:00:00.000Z", "2026-11-23T08:00:00Z", "20261123T080000Z"])
def test_times_as_devices_write_them(start: str) -> None:
    assert window_of(asked(start, "2026-11-23T11:00:00.000Z")) == MORNING


def test_a_week_if_no_end_is_said() -> None:
    assert window_of(asked("2026-11-23T08:00:00.000Z")) == Window(EIGHT, EIGHT + timedelta(days=7))


@pytest.mark.parametrize(
    ("start", "end", "slots"),
    [
        ("2026-11-23T08:00:00.000Z", "2026-11-23T08:30:00.000Z", 1),
        ("2026-11-23T00:20:00.000Z", "2026-11-23T01:00:00.000Z", 2),
        ("2026-11-23T08:00:00.000Z", "2027-01-04T08:00:00.000Z", 2016),
    ],
)
def test_times_that_may_be_asked_about(start: str, end: str, slots: int) -> None:
    window = window_of(asked(start, end))
    assert window.slots == slots == len(merged_free_busy([], window)) == len(merged_free_busy(None, window))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, None),
        (None, "2026-11-23T08:00:00.000Z"),
        ("", None),
        ("tomorrow", None),
        ("2026-11-23T08:00:00.000Z", ""),
        ("2026-11-23T08:00:00.000Z", "later"),
        ("2026-11-23T08:00:00.000Z", "2026-11-23T08:29:59.000Z"),
        ("2026-11-23T08:00:00.000Z", "2026-11-22T08:00:00.000Z"),
        ("2026-11-23T08:00:00.000Z", "2027-01-04T08:00:01.000Z"),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:00:00Z", None),
    ],
)
def test_times_that_nobody_can_be_asked_about(start: str | None, end: str | None) -> None:
    with pytest.raises(BadWindow):
        window_of(asked(start, end))
