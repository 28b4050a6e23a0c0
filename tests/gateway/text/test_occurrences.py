"""Occurrences: the same as recurring-ical-events alone gives, within bounds that it does not have."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import recurring_ical_events
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text import occurrences as module
from pimgate.text.occurrences import occurrences

JANUARY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def event(*lines: str, more: str = "") -> str:
    body = "\r\n".join(("BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}\r\n{more}END:VCALENDAR\r\n"


def override(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT", ""))


def by_the_library_alone(text: str, begin: datetime, end: datetime) -> list[tuple[int, int]]:
    calendar = icalendar.Calendar.from_ical(text)
    found = recurring_ical_events.of(calendar).between(begin, end)
    return sorted((int(one["DTSTART"].dt.timestamp()), int(one["DTEND"].dt.timestamp())) for one in found)


RULES = st.builds(
    "FREQ={};INTERVAL={}{}{}".format,
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 3),
    st.sampled_from(["", ";BYDAY=MO,WE", ";BYMONTHDAY=5,-1", ";BYMONTH=1,3,10"]),
    st.sampled_from(["", ";COUNT=40", ";UNTIL=20270115T120000Z"]),
)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata"])


@settings(max_examples=examples(40, 360), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RULES, ZONES, st.integers(0, 23), st.integers(0, 700), st.integers(1, 200))
def test_the_library_alone_gives_the_same_occurrences(rule: str, zone: str, hour: int, day: int, length: int) -> None:
    # What the rule gives at hour 2 on a day of a change of clocks may not exist; both must agree all the same.
    lines = [f"DTSTART;TZID={zone}:20250106T{hour:02}3000", "DURATION:PT45M", f"RRULE:{rule}"]
    text = event(*lines, f"EXDATE;TZID={zone}:20260105T{hour:02}3000")
    begin = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day)
    end = begin + timedelta(days=length)
    assert [(a, b) for a, b in occurrences(text, begin, end).spans if b > a] == [
        (a, b) for a, b in by_the_library_alone(text, begin, end) if b > a
    ]


def starts(text: str, window: tuple[datetime, datetime] = JANUARY) -> list[str]:
    return [f"{datetime.fromtimestamp(start, UTC):%m%dT%H%M}" for start, _ in occurrences(text, *window).spans]


def test_an_occurrence_moved_out_of_the_window_is_not_in_it() -> None:
    moved = override("RECURRENCE-ID:20260110T090000Z", "DTSTART:20260310T090000Z", "DTEND:20260310T100000Z")
    text = event("DTSTART:20260109T090000Z", "RRULE:FREQ=DAILY;COUNT=3", more=moved)
    assert starts(text) == ["0109T0900", "0111T0900"]
    assert occurrences(text, *JANUARY).is_open
    assert starts(text, (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))) == ["0310T0900"]


def test_a_long_occurrence_that_began_before_the_window_is_in_it() -> None:
    text = event("DTSTART:20201201T000000Z", "DURATION:P40D", "RRULE:FREQ=YEARLY")
    assert starts(text) == ["1201T0000"]


def test_what_follows_a_change_is_moved_into_the_window_from_far_before_it() -> None:
    moved = override("RECURRENCE-ID;RANGE=THISANDFUTURE:20251110T090000Z", "DTSTART:20251220T090000Z")
    text = event("DTSTART:20251103T090000Z", "RRULE:FREQ=WEEKLY;COUNT=6", more=moved)
    assert starts(text) == ["0103T0900", "0110T0900", "0117T0900"]


def test_the_limit_keeps_the_first_and_says_that_there_are_more() -> None:
    text = event("DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY")
    found = occurrences(text, *JANUARY, limit=10)
    assert (len(found.spans), found.is_open, found.is_partial) == (10, True, False)
    assert starts(text)[:10] == [f"01{day:02}T0000" for day in range(1, 11)]


def test_occurrences_before_the_window_do_not_count_for_the_limit() -> None:
    text = event("DTSTART:20200101T000000Z", "DURATION:P3D", "RRULE:FREQ=DAILY")
    assert len(occurrences(text, *JANUARY, limit=1).spans) == 1
    often = occurrences(text, *JANUARY, limit=20)
    assert (len(often.spans), often.is_cut) == (20, True)


def test_a_series_that_ends_in_the_window_is_closed() -> None:
    assert not occurrences(event("DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY;COUNT=5"), *JANUARY).is_open
    assert occurrences(event("DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY;COUNT=50"), *JANUARY).is_open
    assert occurrences(event("DTSTART:20260301T000000Z"), *JANUARY).is_open
    assert not occurrences(event("DTSTART:20250301T000000Z"), *JANUARY).is_open


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
        ("DTSTART:20260101T000000Z", "RRULE:FREQ=SECONDLY;COUNT=1000;BYMONTH=2;BYMONTHDAY=30"),
        ("DTSTART:20260101T000000Z", "RRULE:FREQ=MINUTELY;COUNT=1000;BYDAY=MO;BYHOUR=3;BYMINUTE=1"),
        ("DTSTART:00010101T000000Z", "RRULE:FREQ=DAILY"),
        ("DTSTART:00010101T000000Z", "RRULE:FREQ=DAILY;COUNT=10000"),
        ("DTSTART:19000101T000000Z", "RRULE:FREQ=YEARLY;BYYEARDAY=366;INTERVAL=3"),
        ("DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20"),
        ("DTSTART:20260101T000000Z", "DURATION:P999999D", "RRULE:FREQ=DAILY"),
        ("DTSTART:20260101T000000Z", "RDATE:" + ",".join(f"2026010{n % 9 + 1}T{n % 24:02}0000Z" for n in range(1000))),
        ("DTSTART;TZID=Europe/Berlin:99991231T235959", "RRULE:FREQ=DAILY"),
    ],
    ids=range(10),
)
def test_what_is_let_in_is_expanded_in_bounded_time(lines: tuple[str, ...]) -> None:
    began = time.thread_time()
    found = occurrences(event(*lines), JANUARY[0], JANUARY[0] + timedelta(days=4 * 365))
    assert time.thread_time() - began < 15
    assert len(found.spans) <= 5000


def test_a_rule_that_never_matches_leaves_the_event_itself() -> None:
    assert starts(event("DTSTART:20260103T000000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")) == ["0103T0000"]


def test_when_the_library_fails_the_events_own_times_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr(module, "CalendarQuery", fail)
    found = occurrences(event("DTSTART:20260103T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"), *JANUARY)
    assert found.is_partial
    assert [(end - start) for start, end in found.spans] == [3600]


def test_all_rules_of_a_series_share_one_effort_and_what_it_leaves_out_is_not_claimed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at: list[datetime] = []
    plain = module.expand  # type: ignore[attr-defined]

    def counted(*args: object) -> Iterator[datetime]:
        for each in plain(*args):  # type: ignore[arg-type]
            looked_at.append(each)
            yield each

    monkeypatch.setattr(module, "expand", counted)
    hours = ",".join(str(hour) for hour in range(24))
    lines = ["DTSTART:18500101T100000Z", "DTEND:20300101T110000Z", *["RRULE:FREQ=DAILY"] * 3]
    found = occurrences(event(*lines, f"RRULE:FREQ=DAILY;BYHOUR={hours}"), *JANUARY)
    assert found.is_partial and found.is_cut
    assert len(looked_at) < module.MOST_EFFORT / 4 + 10
