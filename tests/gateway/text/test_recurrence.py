"""Recurrence rules: the same dates as dateutil gives, in bounded time, and bombs are refused."""

from __future__ import annotations

import datetime as datetime_module
import time
from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text.component import parse
from pimgate.text.errors import BadText, RecurrenceTooLarge
from pimgate.text.expansion import Effort, expand
from pimgate.text.recurrence import check_recurrence
from pimgate.text.rule import parse_rule

FIRST = datetime(2026, 1, 31, 9, 30)
END = datetime(2034, 1, 1)


def series(*lines: str) -> str:
    body = "\r\n".join(("UID:1", "DTSTART:20260131T093000Z", *lines))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{body}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def numbers(lowest: int, highest: int, from_end: bool = False) -> st.SearchStrategy[str]:
    number = st.integers(lowest, highest)
    if from_end:
        number = number | st.integers(-highest, -lowest)
    return st.lists(number, min_size=1, max_size=3, unique=True).map(lambda found: ",".join(map(str, found)))


DAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
PLAIN_DAYS = st.lists(DAYS, min_size=1, max_size=3, unique=True).map(",".join)
NTH_DAYS = st.builds("{}{}".format, st.sampled_from([1, 2, 4, 5, -1, -2]), DAYS)


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    choices: dict[str, st.SearchStrategy[str]] = {
        "BYMONTH": numbers(1, 12),
        "BYMONTHDAY": numbers(1, 31, from_end=True),
        "BYDAY": NTH_DAYS | PLAIN_DAYS if frequency in ("YEARLY", "MONTHLY") else PLAIN_DAYS,
        "BYHOUR": numbers(0, 23),
        "BYMINUTE": numbers(0, 59),
        "WKST": DAYS,
    }
    if frequency == "YEARLY":
        # Weeks across New Year have a test of their own: dateutil counts some of them by the wrong year.
        choices |= {"BYYEARDAY": numbers(1, 366, from_end=True), "BYWEEKNO": numbers(2, 51)}
    chosen = draw(st.lists(st.sampled_from(sorted(choices)), max_size=3, unique=True))
    parts += [f"{name}={draw(choices[name])}" for name in chosen]
    has_positions = draw(st.booleans())
    if chosen and has_positions:
        parts.append(f"BYSETPOS={draw(numbers(1, 4, from_end=True))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 30))}")
    return ";".join(parts)


def ours(rule: str, first: datetime, after: datetime, before: datetime) -> list[datetime]:
    return list(islice(expand(parse_rule(rule), first, after, before, Effort()), 400))


@pytest.fixture(autouse=True)
def calendar_that_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """dateutil looks for a rule's next date until the year 9999, which takes seconds when there is none."""
    monkeypatch.setattr(datetime_module, "MAXYEAR", 2035)


@settings(max_examples=examples(140, 1_200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules(), st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)).map(lambda d: d.replace(microsecond=0)))
def test_rules_give_the_dates_that_dateutil_gives(rule: str, first: datetime) -> None:
    # RFC 5545 counts positions from the beginning of the week, dateutil in the first week from DTSTART.
    assume(not ("WEEKLY" in rule and "BYSETPOS" in rule))
    until = f"{rule};UNTIL=20330101T000000" if "COUNT" not in rule else rule
    theirs = [at for at in islice(rrulestr(until, dtstart=first), 400) if at <= END]
    assert ours(rule, first, first, END if "COUNT" in rule else datetime(2033, 1, 1)) == theirs


@pytest.mark.parametrize("week", [1, 2, 51, 52, 53, -1])
def test_weeks_across_new_year_are_those_of_iso_8601(week: int) -> None:
    found = list(expand(parse_rule(f"FREQ=YEARLY;BYWEEKNO={week}"), FIRST, FIRST, END, Effort()))
    days = [FIRST + timedelta(days=at) for at in range((END - FIRST).days + 1)]
    last = {year: date(year, 12, 28).isocalendar().week for year in range(2025, 2036)}
    assert found == [
        day for day in days if day.isocalendar().week == (week if week > 0 else last[day.isocalendar().year] + 1 + week)
    ]


@settings(max_examples=examples(70, 600), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules(), st.datetimes(datetime(2027, 1, 1), datetime(2032, 1, 1)))
def test_skipping_ahead_to_a_window_gives_what_walking_there_gives(rule: str, after: datetime) -> None:
    walked = [at for at in expand(parse_rule(rule), FIRST, FIRST, END, Effort()) if at >= after]
    assert list(expand(parse_rule(rule), FIRST, after, END, Effort())) == walked


@settings(max_examples=examples(50, 450), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["HOURLY", "MINUTELY", "SECONDLY"]),
    st.integers(1, 100),
    st.lists(
        st.sampled_from(["BYMONTH=2", "BYDAY=MO,WE", "BYHOUR=10,23", "BYMINUTE=0,7", "BYSECOND=0,1"]), unique=True
    ),
)
def test_rules_finer_than_daily_give_the_dates_that_dateutil_gives(
    frequency: str, interval: int, by: list[str]
) -> None:
    rule = ";".join([f"FREQ={frequency}", f"INTERVAL={interval}", "COUNT=25", *by])
    effort = Effort()
    found = list(expand(parse_rule(rule), FIRST, FIRST, FIRST + timedelta(days=60), effort))
    if not effort.is_spent:
        until = rule.replace("COUNT=25", f"UNTIL={FIRST + timedelta(days=60):%Y%m%dT%H%M%S}")
        try:
            theirs = list(islice(rrulestr(until, dtstart=FIRST), 25))
        except ValueError:  # dateutil refuses what can never match
            theirs = []
        assert found == theirs


@pytest.mark.parametrize(
    ("rule", "dates"),
    [
        ("FREQ=MONTHLY", ["20260131", "20260331", "20260531"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["20260131", "20260228", "20260331"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["20260227", "20260331", "20260430"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU", ["20260208", "20260222", "20260308"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=MO", ["20260201", "20260215", "20260301"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["20280229", "20320229"]),
        ("FREQ=YEARLY;BYDAY=1MO;BYMONTH=3", ["20260302", "20270301", "20280306"]),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", ["20261228", "20321227"]),
        ("FREQ=WEEKLY;BYDAY=MO,SA;BYSETPOS=1", ["20260202", "20260209", "20260216"]),
        ("FREQ=MONTHLY;BYDAY=MO,2TU;COUNT=5", ["20260202", "20260209", "20260210"]),
        ("freq=daily;count=2", ["20260131", "20260201"]),
        ("FREQ=DAILY;COUNT=-1;UNTIL=20260201", ["20260131", "20260201", "20260202"]),
        ("FREQ=MONTHLY;RSCALE=CHINESE", []),
    ],
)
def test_a_rule_gives_its_first_dates(rule: str, dates: list[str]) -> None:
    found = islice(expand(parse_rule(rule), FIRST, FIRST, END, Effort()), 3)
    assert [f"{at:%Y%m%d}" for at in found] == dates


@pytest.mark.parametrize(
    "rule",
    [
        *("", "FREQ", "FREQ=", "FREQ=FORTNIGHTLY", "COUNT=3", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;COUNT=0"),
        *("FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;UNTIL=tomorrow", "FREQ=DAILY;UNTIL=20261301"),
        *("FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;BYMONTHDAY=0", "FREQ=DAILY;BYHOUR=24", "FREQ=WEEKLY;BYDAY=XX"),
        *("FREQ=WEEKLY;BYDAY=99MO", "FREQ=WEEKLY;WKST=XX", "FREQ=DAILY;COUNT=9999999999", "FREQ=DAILY;COUNT=٣"),
    ],
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(BadText):
        parse_rule(rule)


EVERY_SECOND = ",".join(map(str, range(60)))
BOMBS = [
    "RRULE:FREQ=SECONDLY",
    "RRULE:FREQ=SECONDLY;COUNT=1001",
    "RRULE:FREQ=MINUTELY;UNTIL=20300101T000000Z",
    "RRULE:FREQ=HOURLY;INTERVAL=1",
    "RRULE:FREQ=DAILY;COUNT=10001",
    f"RRULE:FREQ=DAILY;BYMINUTE={EVERY_SECOND};BYSECOND={EVERY_SECOND}",
    f"RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMINUTE={EVERY_SECOND}",
    "RDATE:" + ",".join(["20260101T000000Z"] * 1001),
    "\r\n".join(["EXDATE:20260101T000000Z"] * 1001),
    "\r\n".join(["RRULE:FREQ=DAILY"] * 5),
]


@pytest.mark.parametrize("lines", BOMBS, ids=range(len(BOMBS)))
def test_recurrence_bombs_are_refused(lines: str) -> None:
    with pytest.raises(RecurrenceTooLarge):
        check_recurrence(parse(series(lines)))


@pytest.mark.parametrize(
    "lines",
    [
        "RRULE:FREQ=HOURLY;COUNT=1000",
        "RRULE:FREQ=DAILY;COUNT=10000",
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=DAILY;BYHOUR=9,17",
    ],
)
def test_what_people_have_in_their_calendars_is_taken(lines: str) -> None:
    check_recurrence(parse(series(lines)))


NEVER = [
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=SECONDLY;COUNT=1;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MINUTELY;COUNT=1000;BYMONTH=2;BYMONTHDAY=31",
    "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
    "FREQ=DAILY;BYSETPOS=300",
    "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
    "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    "FREQ=SECONDLY;COUNT=1000;BYHOUR=3;BYMINUTE=3;BYSECOND=3;BYDAY=MO;BYMONTH=1",
]


@pytest.mark.parametrize("rule", NEVER)
def test_a_rule_that_hardly_ever_matches_costs_little(rule: str) -> None:
    began = time.thread_time()
    list(islice(expand(parse_rule(rule), FIRST, datetime(2026, 1, 1), datetime(9999, 1, 1), Effort()), 10))
    assert time.thread_time() - began < 5


def test_an_expansion_that_gives_up_says_so() -> None:
    effort = Effort(100)
    assert list(expand(parse_rule(NEVER[0]), FIRST, FIRST, END, effort)) == []
    assert effort.is_spent
