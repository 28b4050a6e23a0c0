"""Dates as people write them when they look for mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pimgate_eas.mail.searching.periods import period

VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 3, 31, 15, 30, tzinfo=VIENNA)
"""A Tuesday, and the last day of a month."""


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-01-05", "2026-01-05T00:00+01:00", "2026-01-06T00:00+01:00"),
        ("2026-1-5", "2026-01-05T00:00+01:00", "2026-01-06T00:00+01:00"),
        ("1/5/2026", "2026-01-05T00:00+01:00", "2026-01-06T00:00+01:00"),
        ("2026-01-05T10:00:00Z", "2026-01-05T10:00+00:00", "2026-01-05T10:00:01+00:00"),
        ("2026-01-05 10:00", "2026-01-05T10:00+01:00", "2026-01-05T10:00:01+01:00"),
        ("2026-01-05..2026-01-07", "2026-01-05T00:00+01:00", "2026-01-08T00:00+01:00"),
        ("today", "2026-03-31T00:00+02:00", "2026-04-01T00:00+02:00"),
        ("Yesterday", "2026-03-30T00:00+02:00", "2026-03-31T00:00+02:00"),
        ("this week", "2026-03-30T00:00+02:00", "2026-04-06T00:00+02:00"),
        ("last  week", "2026-03-23T00:00+01:00", "2026-03-30T00:00+02:00"),
        ("this month", "2026-03-01T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("last month", "2026-02-01T00:00+01:00", "2026-03-01T00:00+01:00"),
        ("this year", "2026-01-01T00:00+01:00", "2027-01-01T00:00+01:00"),
        ("last year", "2025-01-01T00:00+01:00", "2026-01-01T00:00+01:00"),
    ],
)
def test_words_and_the_time_that_is_meant(text: str, start: str, end: str) -> None:
    meant = period(text, NOW)
    assert (meant.start, meant.end) == (datetime.fromisoformat(start), datetime.fromisoformat(end))


NO_DATES = ("", "soon", "2026-13-01", "2026-02-30", "0000-01-01", "9999-12-31", "..", "today..", "2026-01-05T25:00:00Z")


@pytest.mark.parametrize("text", [*NO_DATES, "1" * 99, "٢٠٢٦-٠١-٠٥"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        period(text, NOW)


@settings(max_examples=40)
@given(st.text(max_size=40), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
def test_no_text_and_no_clock_breaks_it(text: str, now: datetime) -> None:
    for words in (text, "last year", "this month", "this week"):
        try:
            meant = period(words, now.replace(tzinfo=VIENNA))
        except ValueError:
            continue
        assert meant.end - meant.start > timedelta(0)
