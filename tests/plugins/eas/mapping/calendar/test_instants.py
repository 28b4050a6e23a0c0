"""Times and days as devices write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate_eas.mapping.calendar.instants import compact, day_of, midnight, read_instant

BERLIN, BEIRUT = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Beirut")


@given(st.datetimes(timezones=st.just(UTC)).map(lambda when: when.replace(microsecond=0)))
def test_every_moment_is_read_as_it_was_written(when: datetime) -> None:
    assert read_instant(compact(when)) == when


@pytest.mark.parametrize(
    "text", ["2026-01-05T09:00:00.000Z", "20260105T090000", "2026-01-05 09:00:00Z", "20260105T090000Z\0"]
)
def test_other_ways_of_writing_are_understood(text: str) -> None:
    assert read_instant(text) == datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "now", "2026", "20260230T000000Z", "20260105T090000+0100"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_instant(text)


@given(
    st.dates(date(2, 1, 1), date(9998, 1, 1)), st.sampled_from(["Europe/Berlin", "Asia/Beirut", "Pacific/Apia", "UTC"])
)
def test_day_is_found_again_from_its_midnight(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    if name == "Pacific/Apia" and day == date(2011, 12, 30):
        return  # the day that Samoa left out
    assert day_of(midnight(day, zone), (zone, UTC)) == day


def test_day_whose_midnight_the_clocks_leave_out_begins_at_one() -> None:
    assert day_of(midnight(date(2026, 3, 29), BEIRUT), (BEIRUT, UTC)) == date(2026, 3, 29)


def test_midnight_of_any_of_the_zones_is_meant_before_the_day_at_hand() -> None:
    assert day_of(datetime(2026, 2, 14, tzinfo=UTC), (BERLIN, UTC)) == date(2026, 2, 14)
    assert day_of(datetime(2026, 2, 13, 23, tzinfo=UTC), (BERLIN, UTC)) == date(2026, 2, 14)
    assert day_of(datetime(2026, 2, 14, 8, tzinfo=UTC), (BERLIN, UTC)) == date(2026, 2, 14)
