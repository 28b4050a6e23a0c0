"""Working hours, read as the times in which somebody is not available."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.model.busy import Busy, Span
from pimgate.text.availability import MOST_PARTS, Window, read_availability
from pimgate.text.errors import BadText, RecurrenceTooLarge, TextTooLarge
from pimgate.text.occurrences import occurrences

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
U, B, T, F = Busy.UNAVAILABLE, Busy.BUSY, Busy.TENTATIVE, Busy.FREE
NINE_TO_FIVE = ("DTSTART:20260105T090000Z", "DTEND:20260105T170000Z")


def part(name: str, *lines: str) -> str:
    return "\r\n".join([f"BEGIN:{name}", *lines, f"END:{name}"])


def available(*lines: str) -> str:
    return part("AVAILABLE", *lines)


def calendar(*parts: str) -> str:
    return part("VCALENDAR", "VERSION:2.0", *parts) + "\r\n"


def stretch(*lines: str) -> str:
    """An availability that speaks of all times, unless it says otherwise."""
    return calendar(part("VAVAILABILITY", "UID:a", *lines))


def hours_of(text: str, start: datetime = MONDAY, days: int = 1, home: ZoneInfo = BERLIN) -> list[str]:
    """When somebody is available: from hour to hour, counted from the start."""
    away = read_availability(text).unavailable(Window(start, start + timedelta(days=days), home))
    begin, end = int(start.timestamp()), int((start + timedelta(days=days)).timestamp())
    edges = [begin, *(edge for span in away for edge in (span.start, span.end)), end]
    free = [(one, other) for one, other in zip(edges[::2], edges[1::2], strict=True) if one < other]
    return [f"{(one - begin) / 3600:g}-{(other - begin) / 3600:g}" for one, other in free]


MONTREAL_AND_DENVER = calendar(
    *(
        part(
            "VAVAILABILITY",
            *bounds,
            available(
                f"DTSTART;TZID=America/{city}:{first}T090000",
                f"DTEND;TZID=America/{city}:{first}T170000",
                "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            ),
        )
        for city, first, bounds in (
            ("Montreal", "20111002", ("DTSTART;TZID=America/Montreal:20111002T000000", "DTEND:20111023T070000Z")),
            ("Denver", "20111023", ("DTSTART:20111023T060000Z", "DTEND;TZID=America/Denver:20111030T000000")),
            ("Montreal", "20111030", ("DTSTART;TZID=America/Montreal:20111030T030000",)),
        )
    )
)
"""The example of RFC 7953, "VAVAILABILITY Component": three weeks here, one there, and then here for ever."""


@pytest.mark.parametrize(
    ("day", "free"),
    [
        ("2011-10-01", ["0-24"]),  # before anything is said
        ("2011-10-02", ["0-4"]),  # a Sunday, on which the series begins but does not take place
        ("2011-10-03", ["13-21"]),
        ("2011-10-24", ["15-23"]),
        ("2011-10-31", ["13-21"]),
        ("2011-11-07", ["14-22"]),  # clocks have changed
        ("2031-11-08", []),  # a Saturday
    ],
)
def test_example_of_the_rfc(day: str, free: list[str]) -> None:
    assert hours_of(MONTREAL_AND_DENVER, datetime.fromisoformat(day).replace(tzinfo=UTC)) == free


@pytest.mark.parametrize(
    ("lines", "free"),
    [
        ((), []),
        ((available(*NINE_TO_FIVE, "RRULE:FREQ=DAILY"),), ["9-17"]),
        ((available(NINE_TO_FIVE[0], "DURATION:PT2H", "RRULE:FREQ=DAILY;UNTIL=20261123"),), ["9-11"]),
        ((available(*NINE_TO_FIVE, "RRULE:FREQ=DAILY;UNTIL=20261122"),), []),
        ((available(*NINE_TO_FIVE, "RRULE:FREQ=DAILY", "EXDATE:20261123T090000Z"),), []),
        ((available(*NINE_TO_FIVE, "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261123"),), []),
        ((available(*NINE_TO_FIVE, "RDATE:20261123T100000Z"),), ["10-18"]),
        ((available(*NINE_TO_FIVE, "RDATE;VALUE=PERIOD:20261123T100000Z/PT1H"),), ["10-11"]),
        ((available(*NINE_TO_FIVE, "RRULE:FREQ=YEARLY;BYMONTH=11", "RRULE:FREQ=DAILY"),), ["9-17"]),
        # Whoever crosses midnight is there on both days.
        ((available("DTSTART:20260105T220000Z", "DURATION:PT8H", "RRULE:FREQ=DAILY"),), ["0-6", "22-24"]),
        # Floating times and whole days are meant at home.
        ((available("DTSTART:20260105T090000", "DTEND:20260105T170000", "RRULE:FREQ=DAILY"),), ["8-16"]),
        ((available("DTSTART;VALUE=DATE:20261123"),), ["0-23"]),
        # One that was changed speaks for itself.
        (
            (
                available("UID:1", *NINE_TO_FIVE, "RRULE:FREQ=DAILY"),
                available("UID:1", "RECURRENCE-ID:20261123T090000Z", "DTSTART:20261123T120000Z", "DURATION:PT1H"),
            ),
            ["12-13"],
        ),
        (
            (
                available("UID:1", "DTSTART:20261123T090000Z", "DURATION:PT1H"),
                available("UID:1", "RECURRENCE-ID:20261123T090000Z", "DTSTART:20261123T120000Z", "DURATION:PT1H"),
            ),
            ["12-13"],
        ),
        # Nothing is said outside of the bounds, and nothing is available there that would lie beyond.
        (("DTSTART:20261123T080000Z", available(*NINE_TO_FIVE, "RRULE:FREQ=DAILY")), ["0-8", "9-17"]),
        (("DTEND:20261123T100000Z", available(*NINE_TO_FIVE, "RRULE:FREQ=DAILY")), ["9-24"]),
        (("DTSTART:20261123T080000Z", "DURATION:PT2H"), ["0-8", "10-24"]),
        (("DTSTART:20261124T080000Z",), ["0-24"]),
        (("DTEND:20261120T080000Z",), ["0-24"]),
    ],
)
def test_what_an_availability_says_of_a_day(lines: tuple[str, ...], free: list[str]) -> None:
    assert hours_of(stretch(*lines)) == free


@pytest.mark.parametrize(
    ("word", "status"), [("", U), ("BUSYTYPE:BUSY", B), ("BUSYTYPE:busy-tentative", T), ("BUSYTYPE:X-GONE", U)]
)
def test_type_of_a_busy_time_is_what_it_says(word: str, status: Busy) -> None:
    found = read_availability(stretch(*filter(None, [word]))).unavailable(
        Window(MONDAY, MONDAY + timedelta(hours=1), BERLIN)
    )
    assert [each.status for each in found] == [status]


HOURS = st.integers(0, 24)
SOME_TIME = st.tuples(HOURS, HOURS).filter(lambda pair: pair[0] < pair[1])
STRETCHES = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 5, 9]),
        st.sampled_from([U, B, T]),
        st.none() | HOURS,
        st.none() | HOURS,
        st.lists(SOME_TIME, max_size=2),
    ).filter(lambda each: each[2] is None or each[3] is None or each[2] < each[3]),
    max_size=4,
    min_size=1,
)
Said = tuple[int, Busy, int | None, int | None, Sequence[tuple[int, int]]]


@given(STRETCHES)
def test_highest_priority_decides_hour_by_hour(said: list[Said]) -> None:
    found = read_availability(calendar(*map(written, said))).unavailable(
        Window(MONDAY, MONDAY + timedelta(days=1), BERLIN)
    )
    assert [at(found, hour) for hour in range(24)] == [naive(said, hour) for hour in range(24)]


def naive(said: Iterable[Said], hour: int) -> Busy:
    """One hour after the other, as one would decide it by hand."""
    here = [each for each in said if (each[2] is None or each[2] <= hour) and (each[3] is None or hour < each[3])]
    highest = min((each[0] or 10 for each in here), default=0)
    deciding = [each for each in here if (each[0] or 10) == highest]
    if any(start <= hour < end for each in deciding for start, end in each[4]):
        return F
    return max((each[1] for each in deciding), default=F)


def written(said: Said) -> str:
    priority, status, start, end, free = said
    words = {U: "BUSY-UNAVAILABLE", B: "BUSY", T: "BUSY-TENTATIVE"}
    lines = [f"PRIORITY:{priority}", f"BUSYTYPE:{words[status]}"]
    lines += [f"{name}:{moment(hour)}" for name, hour in (("DTSTART", start), ("DTEND", end)) if hour is not None]
    parts = [available(f"DTSTART:{moment(one)}", f"DTEND:{moment(other)}") for one, other in free]
    return part("VAVAILABILITY", *lines, *parts)


def moment(hour: int) -> str:
    return f"{MONDAY + timedelta(hours=hour):%Y%m%dT%H%M%SZ}"


def at(spans: Iterable[Span], hour: int) -> Busy:
    when = MONDAY.timestamp() + hour * 3600 + 1
    return next((each.status for each in spans if each.start <= when < each.end), F)


RULES = (
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3;COUNT=300",
    "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20260630T120000Z",
    "FREQ=MONTHLY;BYDAY=1MO",
    "FREQ=MONTHLY;BYMONTHDAY=5,-1;UNTIL=20261001",
    "FREQ=YEARLY;BYMONTH=1,6;BYDAY=MO",
)


@pytest.mark.parametrize("rule", RULES)
def test_series_come_round_as_those_of_events_do(rule: str) -> None:
    lines = ("UID:a", "DTSTART;TZID=Europe/Berlin:20260105T090000", "DURATION:PT2H", f"RRULE:{rule}")
    lines = (*lines, "EXDATE;TZID=Europe/Berlin:20260112T090000", "RDATE;TZID=Europe/Berlin:20260403T183000")
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    away = read_availability(stretch(available(*lines))).unavailable(Window(start, end, BERLIN))
    free = [(one.end, other.start) for one, other in pairwise(away)]
    assert free == list(occurrences(calendar(part("VEVENT", *lines)), start, end).spans)


BAD = {
    "": BadText,
    "BEGIN:VCALENDAR": BadText,
    part("VCARD", "FN:a"): BadText,
    calendar(): BadText,
    calendar(part("VAVAILABILITY"), part("VEVENT", "UID:e", "DTSTART:20261123T090000Z")): BadText,
    stretch("PRIORITY:10"): BadText,
    stretch("PRIORITY:high"): BadText,
    stretch("DURATION:PT1H"): BadText,
    stretch("DTSTART:20261123T090000Z", "DTEND:20261123T090000Z"): BadText,
    stretch("DTSTART:tomorrow"): BadText,
    stretch(available("DTEND:20261123T090000Z")): BadText,
    stretch(available("DTSTART:20261123T090000Z")): BadText,
    stretch(available("DTSTART:00010101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")): BadText,
    stretch(available("DTSTART:99990601T000000Z", "DURATION:P100W", "RRULE:FREQ=DAILY")): BadText,
    stretch(available(*NINE_TO_FIVE, "RRULE:FREQ=NEVER")): BadText,
    stretch(available(*NINE_TO_FIVE, "RRULE:RSCALE=HEBREW;FREQ=YEARLY")): BadText,
    stretch(available(*NINE_TO_FIVE, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260105T090000Z")): BadText,
    stretch(available(*NINE_TO_FIVE, "RRULE:FREQ=HOURLY;COUNT=9")): RecurrenceTooLarge,
    stretch(available(*NINE_TO_FIVE, "RRULE:FREQ=DAILY;BYHOUR=9,14")): RecurrenceTooLarge,
    stretch(available(*NINE_TO_FIVE, "RRULE:FREQ=SECONDLY;COUNT=1000")): RecurrenceTooLarge,
    stretch(available(*NINE_TO_FIVE, "RRULE:FREQ=DAILY;COUNT=10001")): RecurrenceTooLarge,
    stretch(available("DTSTART:20000101T000000Z", "DURATION:P60W", "RRULE:FREQ=DAILY")): RecurrenceTooLarge,
    stretch(*[available(*NINE_TO_FIVE)] * MOST_PARTS): TextTooLarge,
    stretch(f"SUMMARY:{'x' * 33_000}"): TextTooLarge,
    stretch(*[f"COMMENT:{'x' * 1_000}"] * 70): TextTooLarge,
    calendar(
        part("VTIMEZONE", "TZID:odd", *[part("STANDARD", "RRULE:FREQ=YEARLY")] * 21), part("VAVAILABILITY")
    ): TextTooLarge,
}


@pytest.mark.parametrize(("text", "error"), BAD.items(), ids=range(len(BAD)))
def test_what_cannot_be_understood_or_costs_too_much_is_refused(text: str, error: type[BadText]) -> None:
    with pytest.raises(BadText) as caught:
        read_availability(text)
    assert caught.type is error


def test_too_much_to_look_at_is_said_and_not_taken_for_free() -> None:
    never = [
        available("DTSTART:19500101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=9999;BYMONTH=2;BYMONTHDAY=30")
    ]
    found = read_availability(stretch(*never * 9))
    with pytest.raises(RecurrenceTooLarge):
        found.unavailable(Window(MONDAY, MONDAY + timedelta(days=1), BERLIN))
    with pytest.raises(RecurrenceTooLarge):
        read_availability(stretch(*[available(*NINE_TO_FIVE, "RRULE:FREQ=DAILY")] * 40)).unavailable(
            Window(MONDAY, MONDAY + timedelta(days=400), BERLIN)
        )


EARLY, LATE = ("00010101T000000", "19691231T235959"), ("99991231T235959", "99991231")
SOMETIME = ("20261123T090000", "20261123", "10000101T000000")
ZONES = st.sampled_from(["", "Z", "Pacific/Kiritimati", "America/Los_Angeles", "nowhere", "odd"])
ODD_ZONE = part(
    "VTIMEZONE",
    "TZID:odd",
    part("STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:-2359", "TZOFFSETTO:+2359", "RRULE:FREQ=YEARLY"),
)


def line_of(name: str, time: str, zone: str) -> str:
    if zone == "Z":
        return f"{name}:{time}{zone if 'T' in time else ''}"
    return f"{name};TZID={zone}:{time}" if zone else f"{name}:{time}"


def lines_of(name: str, *times: str) -> st.SearchStrategy[str]:
    return st.builds(line_of, st.just(name), st.sampled_from(times), ZONES)


@given(
    st.tuples(lines_of("DTSTART", *EARLY), lines_of("DTEND", *LATE)),
    lines_of("DTSTART", *SOMETIME),
    st.tuples(lines_of("RDATE", *EARLY, *SOMETIME, *LATE), lines_of("EXDATE", *EARLY, *SOMETIME, *LATE)),
    st.sampled_from([*RULES, "FREQ=DAILY;UNTIL=00010101", "FREQ=DAILY;UNTIL=99991231T235959Z"]),
)
def test_times_at_the_ends_of_the_calendar_do_no_harm(
    bounds: tuple[str, str], start: str, dates: tuple[str, str], rule: str
) -> None:
    text = calendar(ODD_ZONE, part("VAVAILABILITY", *bounds, available(start, "DURATION:P1D", *dates, f"RRULE:{rule}")))
    found = read_availability(text).unavailable(Window(MONDAY, MONDAY + timedelta(days=9), BERLIN))
    assert all(each.start < each.end for each in found)
