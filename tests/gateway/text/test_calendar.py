"""Calendar objects: what is indexed, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.text.calendar import index_calendar, with_calendar_uid
from pimgate.text.component import BadText
from pimgate.text.errors import RecurrenceTooLarge
from pimgate.text.occurrences import occurrences


def component(*lines: str, kind: str = "VEVENT", uid: str | None = "1") -> str:
    return "\r\n".join((f"BEGIN:{kind}", *((f"UID:{uid}",) if uid is not None else ()), *lines, f"END:{kind}", ""))


def calendar(*parts: str, head: str = "VERSION:2.0\r\n") -> str:
    return f"BEGIN:VCALENDAR\r\n{head}{''.join(parts)}END:VCALENDAR\r\n"


START = "DTSTART:20260105T100000Z"


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


def test_an_event_is_indexed_in_utc() -> None:
    index = index_calendar(
        calendar(
            component(
                "DTSTART;TZID=Europe/Berlin:20260705T100000",
                "DURATION:PT90M",
                "SUMMARY:Über\\, uns",
                "CLASS:PRIVATE",
                "ORGANIZER;CN=Boss:MAILTO:Boss@Corp.example",
                'ATTENDEE;CN="Doe, Jané":mailto:jane@d.example',
                "ATTENDEE:mailto:jane@d.example",
                "LOCATION:Café",
            )
        )
    )
    assert (index.starts_at, index.ends_at) == (at(2026, 7, 5, 8), at(2026, 7, 5, 9, 30))
    assert (index.uid, index.component, index.summary) == ("1", "VEVENT", "Über, uns")
    assert (index.is_private, index.is_recurring, index.is_all_day, index.has_alarm) == (True, False, False, False)
    assert (index.organizer, index.attendees) == ("boss@corp.example", ("jane@d.example",))
    for word in ("uber, uns", "cafe", "doe, jane", "boss@corp.example"):
        assert word in index.search_text


@pytest.mark.parametrize(
    ("lines", "ends_at"),
    [
        ((START,), at(2026, 1, 5, 10)),
        (("DTSTART;VALUE=DATE:20260105",), at(2026, 1, 6)),
        (("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260108"), at(2026, 1, 8)),
        (("DTSTART;VALUE=DATE:20260105", "DURATION:P2D"), at(2026, 1, 7)),
        (("DTSTART:20260105T100000", "DTEND:20260105T110000"), at(2026, 1, 5, 11)),
        ((START, "RRULE:FREQ=DAILY;COUNT=3"), at(2026, 1, 7, 10)),
        ((START, "DURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTIL=20260119T100000Z"), at(2026, 1, 19, 11)),
        ((START, "RRULE:FREQ=DAILY"), None),
        ((START, "RRULE:FREQ=DAILY;UNTIL=99991231T000000Z"), None),
        ((START, "RRULE:FREQ=YEARLY;COUNT=1000"), None),
        ((START, "RDATE:20270105T100000Z"), at(2027, 1, 5, 10)),
    ],
)
def test_the_end_is_the_end_of_the_whole_series(lines: tuple[str, ...], ends_at: int | None) -> None:
    assert index_calendar(calendar(component(*lines))).ends_at == ends_at


def test_floating_times_are_taken_as_utc_and_said_to_be() -> None:
    index = index_calendar(calendar(component("DTSTART:20260105T100000")))
    assert (index.is_floating, index.starts_at) == (True, at(2026, 1, 5, 10))
    assert index_calendar(calendar(component(START))).is_floating is False


def test_a_task_without_dates_has_none() -> None:
    index = index_calendar(calendar(component("SUMMARY:x", kind="VTODO")))
    assert (index.component, index.starts_at, index.ends_at) == ("VTODO", None, None)


def test_what_other_servers_refuse_is_accepted() -> None:
    first, second = (f"RECURRENCE-ID:202601{day}T100000Z" for day in ("05", "06"))
    index = index_calendar(calendar(component(START, first), component(START, second)))
    assert index.is_recurring
    index_calendar(calendar(component(START, "RRULE:FREQ=DAILY;UNTIL=20250101T000000Z")))
    index_calendar(
        calendar(component(START, "RDATE;VALUE=PERIOD:20260107T100000Z/PT1H")),
    )
    index_calendar(calendar(component(START), head="METHOD:REQUEST\r\nVERSION:2.0\r\n"))
    index_calendar(calendar(component(START), head=""))
    index_calendar(calendar(component(START), component("DTSTART:x", kind="X-OTHER", uid="2")))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (calendar(), "no event"),
        (component(START), "not a calendar object"),
        (calendar(component(START), head="VERSION:1.0\r\n"), "version"),
        (calendar(component(START), component(kind="VTODO")), "mixes"),
        (calendar(component(START), component(START, "RECURRENCE-ID:20260105T100000Z", uid="2")), "more than one UID"),
        (calendar(component(START), component(START)), "twice"),
        (calendar(component(START, uid=None)), "no UID"),
        (calendar(component(START, uid="")), "no UID"),
        (calendar(component("SUMMARY:x")), "no start"),
        (calendar(component("SUMMARY:x", "RRULE:FREQ=DAILY", kind="VTODO")), "no start"),
        (calendar(component("DTSTART:2026-01-05")), "malformed"),
        (calendar(component("DTSTART:20260230")), "does not exist"),
        (calendar(component("DTSTART:20260105T250000Z")), "does not exist"),
        (calendar(component("DTSTART:00000101")), "does not exist"),
        (calendar(component(START, "DTEND:soon")), "malformed"),
        (calendar(component(START, "DURATION:1 hour")), "duration"),
        (calendar(component("DTSTART:99991231T000000Z", "DURATION:P9W")), "beyond"),
        (calendar(component(START, "RRULE:FREQ=SOMETIMES")), "frequency"),
        (calendar(component(START, "EXDATE:yesterday")), "malformed"),
        (calendar(component(START, "RDATE:yesterday")), "malformed"),
        (calendar(component(START, "RDATE:20260105T100000Z/soon")), "malformed"),
        (calendar(component(START, "RECURRENCE-ID:then")), "malformed"),
    ],
)
def test_what_cannot_be_understood_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadText, match=reason):
        index_calendar(text)


def test_bombs_are_refused_at_the_door() -> None:
    with pytest.raises(RecurrenceTooLarge):
        index_calendar(calendar(component(START, "RRULE:FREQ=SECONDLY")))


def test_a_uid_can_be_given_to_an_object_without_one() -> None:
    text = calendar(component(START, uid=None))
    assert index_calendar(with_calendar_uid(text, "new")).uid == "new"


VALUES = st.sampled_from(
    [
        *(
            "20260105T100000Z",
            "20260105",
            "00010101T000000",
            "99991231T235959Z",
            "20260230",
            "",
            "x",
            "P1D",
            "-P1D",
            "PT",
        ),
        *("FREQ=DAILY", "FREQ=YEARLY;UNTIL=20270101", "FREQ=WEEKLY;COUNT=3;BYDAY=MO", "FREQ=DAILY;UNTIL=00010101"),
        *("FREQ=HOURLY;COUNT=5", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "20260105T100000Z/PT1H", "20260105/20260107"),
    ]
)
NAMES = st.sampled_from(
    [
        *("DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "DTSTART;VALUE=DATE"),
        *("DTSTART;TZID=Europe/Berlin", "DTSTART;TZID=Nowhere", "RDATE;VALUE=PERIOD", "DTEND;TZID=Asia/Kolkata"),
        "RECURRENCE-ID;RANGE=THISANDFUTURE",
    ]
)
LINES = st.lists(st.builds("{}:{}".format, NAMES, VALUES), min_size=1, max_size=6)


@given(LINES, st.lists(LINES, max_size=2), st.sampled_from(["VEVENT", "VTODO", "VJOURNAL"]))
def test_what_is_indexed_can_always_be_expanded(first: list[str], others: list[list[str]], kind: str) -> None:
    text = calendar(*(component(*lines, kind=kind) for lines in (first, *others)))
    try:
        index = index_calendar(text)
    except BadText:
        return
    found = occurrences(text, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert all(start <= end for start, end in found.spans)
    assert index.starts_at is None or index.ends_at is None or index.starts_at <= index.ends_at


def test_series_that_overlaps_itself_without_end_is_refused_and_one_of_long_weeks_is_not() -> None:
    daily = calendar(component("DTSTART:19000101T100000Z", "DTEND:21990101T110000Z", *["RRULE:FREQ=DAILY"] * 4))
    with pytest.raises(RecurrenceTooLarge, match="too long each time"):
        index_calendar(daily)
    index_calendar(calendar(component("DTSTART:20200101T100000Z", "DTEND:20230101T110000Z", "RRULE:FREQ=DAILY")))
    index_calendar(calendar(component("DTSTART:19000101", "DTEND:21990101", "RRULE:FREQ=YEARLY")))


@pytest.mark.parametrize("name", ["DTSTART", "RECURRENCE-ID", "EXDATE", "RDATE"])
def test_times_that_utc_does_not_have_are_refused(name: str) -> None:
    there = [] if name == "DTSTART" else [START]
    with pytest.raises(BadText, match="beyond the years"):
        index_calendar(calendar(component(*there, f"{name};TZID=America/New_York:99991231T235959")))
