"""Zones by any name, ActiveSync blobs both ways, and VTIMEZONE blocks: all judged by the offsets they give."""

from __future__ import annotations

import contextlib
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text.component import Component, parse
from pimgate.text.embedded_zone import EmbeddedZone, embedded_zone
from pimgate.text.errors import BadText
from pimgate.text.timezones import blob_for, resolve_zone, says, vtimezone_text, zone_for
from pimgate.text.zone_blob import BLOB_SIZE, read_blob
from pimgate.text.zone_rules import transitions

NAMES = sorted(name for name in available_timezones() if name not in ("localtime", "Factory"))
# Three changes in one year cannot be said with one pair of rules: Ramadan comes twice in 2030.
NOT_SAYABLE = {("Africa/Casablanca", 2030), ("Africa/El_Aaiun", 2030)}
YEARS = (2026, 2030)


def changes_of(name: str, year: int) -> list[tuple[datetime, timedelta, timedelta]]:
    return [(change.utc, change.before, change.after) for change in transitions(ZoneInfo(name), year)]


@pytest.mark.parametrize("year", YEARS)
def test_a_blob_gives_back_a_zone_with_the_same_changes_for_every_zone(year: int) -> None:
    wrong = []
    for name in NAMES:
        blob = blob_for(ZoneInfo(name), year)
        assert len(blob) == BLOB_SIZE == 172
        found = zone_for(blob, year=year)
        if found is None or changes_of(found, year) != changes_of(name, year):
            wrong.append((name, year))
        else:
            probe = datetime(year, 1, 1, tzinfo=UTC)
            assert probe.astimezone(ZoneInfo(found)).utcoffset() == probe.astimezone(ZoneInfo(name)).utcoffset()
    assert set(wrong) <= NOT_SAYABLE


@pytest.mark.parametrize("year", YEARS)
def test_the_preferred_zone_wins_when_its_changes_are_the_same(year: int) -> None:
    assert (
        zone_for(blob_for(ZoneInfo("Europe/Berlin"), year), ["Asia/Tokyo", "Europe/Oslo"], year=year) == "Europe/Oslo"
    )
    assert zone_for(blob_for(ZoneInfo("Asia/Kolkata"), year), ["Europe/Oslo"], year=year) == "Asia/Kolkata"


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Tokyo", "Asia/Tehran"])
def test_a_blob_without_names_finds_the_well_known_zone(name: str) -> None:
    blob = bytearray(blob_for(ZoneInfo(name), 2026))
    blob[4:68] = blob[88:152] = bytes(64)
    assert zone_for(bytes(blob), year=2026) == name


def test_berlin_is_written_as_windows_writes_it() -> None:
    last_sunday = (0, 3, 0, 5, 2, 0, 0, 0)
    october = (0, 10, 0, 5, 3, 0, 0, 0)
    expected = struct.pack(
        "<l64s8Hl64s8Hl",
        -60,
        "W. Europe Standard Time".encode("utf-16-le"),
        *october,
        0,
        "W. Europe Daylight Time".encode("utf-16-le"),
        *last_sunday,
        -60,
    )
    assert blob_for(ZoneInfo("Europe/Berlin"), 2026) == expected


def blob(
    bias: int, standard: tuple[int, ...], daylight: tuple[int, ...], daylight_bias: int = -60, name: str = ""
) -> bytes:
    return struct.pack("<l64s8Hl64s8Hl", bias, name.encode("utf-16-le"), *standard, 0, b"", *daylight, daylight_bias)


NONE = (0,) * 8


@pytest.mark.parametrize(
    ("name", "year"), [("Europe/Istanbul", 2016), ("Asia/Pyongyang", 2015), ("Asia/Pyongyang", 2018)]
)
def test_a_change_for_good_is_said_as_the_other_time_since_new_year(name: str, year: int) -> None:
    assert len(transitions(ZoneInfo(name), year)) == 1
    assert read_blob(blob_for(ZoneInfo(name), year)).changes(year) == list(transitions(ZoneInfo(name), year))


def test_an_empty_blob_says_nothing() -> None:
    assert zone_for(bytes(172), year=2026) is None
    assert zone_for(bytes(172), ["Europe/Berlin"], year=2026) is None


def test_utc_by_name_is_utc() -> None:
    assert zone_for(blob(0, NONE, NONE, 0, "UTC"), year=2026) == "UTC"


def test_a_daylight_bias_without_dates_means_no_summer_time() -> None:
    assert zone_for(blob(-330, NONE, NONE), year=2026) == "Asia/Kolkata"


def test_windows_midnight_one_millisecond_early_is_midnight() -> None:
    santiago = blob(240, (0, 4, 6, 1, 23, 59, 59, 999), (0, 9, 6, 1, 23, 59, 59, 999))
    assert read_blob(santiago).changes(2026) == list(transitions(ZoneInfo("America/Santiago"), 2026))
    assert zone_for(santiago, year=2026) == "America/Santiago"


def test_rules_that_are_some_days_off_find_the_zone_all_the_same() -> None:
    assert zone_for(blob(-60, (0, 10, 0, 4, 3, 0, 0, 0), (0, 3, 0, 4, 2, 0, 0, 0)), year=2026) == "Europe/Berlin"


def test_what_fits_no_zone_becomes_whole_hours_or_nothing() -> None:
    odd_rules = ((0, 5, 1, 1, 3, 0, 0, 0), (0, 12, 1, 1, 2, 0, 0, 0))
    assert zone_for(blob(-180, *odd_rules), year=2026) == "Etc/GMT-3"
    assert zone_for(blob(-187, *odd_rules), year=2026) is None


@pytest.mark.parametrize("octets", [b"", bytes(171), bytes(173)])
def test_other_lengths_are_no_blobs(octets: bytes) -> None:
    with pytest.raises(BadText):
        zone_for(octets, year=2026)


def test_hostile_blobs_are_refused_or_answered() -> None:
    for filler in range(1, 256):
        with contextlib.suppress(BadText):
            zone_for(bytes([filler]) * 172, year=2026)
    assert read_blob(blob(-60, (2026, 10, 0, 25, 3, 0, 0, 0), (2026, 3, 0, 29, 2, 0, 0, 0))).changes(2026) == list(
        transitions(ZoneInfo("Europe/Berlin"), 2026)
    )


def zone_of_text(name: str, year: int) -> EmbeddedZone:
    zone = embedded_zone(parse(vtimezone_text(name, year)))
    assert zone is not None
    return zone


@pytest.mark.parametrize("year", YEARS)
def test_vtimezone_blocks_give_the_offsets_of_every_zone_at_every_change(year: int) -> None:
    for name in NAMES:
        zone, truth = zone_of_text(name, year), ZoneInfo(name)
        begin = datetime(year, 1, 1, tzinfo=UTC)
        probes = [begin + timedelta(days=30 * month, hours=7) for month in range(24)]
        for at in (year, year + 1):
            for change in transitions(truth, at):
                moment = change.utc.replace(tzinfo=UTC)
                probes += [moment - timedelta(minutes=1), moment, moment + timedelta(hours=3)]
        for probe in probes:
            ours, theirs = probe.astimezone(zone), probe.astimezone(truth)
            assert (ours.utcoffset(), ours.replace(tzinfo=None)) == (theirs.utcoffset(), theirs.replace(tzinfo=None)), (
                name
            )
            assert theirs.replace(tzinfo=zone).utcoffset() == theirs.utcoffset(), name


@pytest.mark.parametrize(
    "name",
    [
        *("Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "Asia/Tehran"),
        *("Africa/Casablanca", "Asia/Jerusalem", "Australia/Lord_Howe", "Europe/Dublin", "America/Santiago"),
    ],
)
def test_another_library_reads_our_vtimezone_the_same_way(name: str) -> None:
    block: Any = icalendar.Timezone.from_ical(vtimezone_text(name, 2026).replace(name, "Custom/Zone"))
    theirs = block.to_tz(lookup_tzid=False)
    for month in range(1, 13):
        for day in (1, 15, 28):
            wall = datetime(2026, month, day, 12)
            assert wall.replace(tzinfo=theirs).utcoffset() == wall.replace(tzinfo=ZoneInfo(name)).utcoffset()


def test_zones_with_a_yearly_rule_are_written_as_a_rule() -> None:
    assert "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n" in vtimezone_text("Europe/Berlin", 2026)
    assert "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU\r\n" in vtimezone_text("Australia/Sydney", 2026)
    assert "RRULE" not in vtimezone_text("Africa/Casablanca", 2026)
    assert vtimezone_text("Asia/Kolkata", 2026).count("BEGIN:STANDARD") == 1
    assert "DAYLIGHT" not in vtimezone_text("Asia/Kolkata", 2026)


@pytest.mark.parametrize(
    ("tzid", "key"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Eastern Standard Time", "America/New_York"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/mozilla.org/20070129_1/Europe/Paris", "Europe/Paris"),
        ("/softwarestudio.org/Olson_20011030_5/America/Chicago", "America/Chicago"),
        ('"Europe/Rome"', "Europe/Rome"),
        ("UTC", "UTC"),
    ],
)
def test_zones_are_known_by_the_names_that_clients_write(tzid: str, key: str) -> None:
    zone = resolve_zone(tzid)
    assert isinstance(zone, ZoneInfo)
    assert zone.key == key


@pytest.mark.parametrize(
    "tzid", ["", "Nowhere", "Europe", "../../etc/passwd", "/etc/passwd", "a" * 1000, "\x00", "Ä/Ö"]
)
def test_a_name_that_nobody_knows_means_utc(tzid: str) -> None:
    assert resolve_zone(tzid, Component("VCALENDAR")) is UTC


CUSTOM = """BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
END:VCALENDAR
"""


def test_a_zone_of_its_own_is_read_from_the_calendar() -> None:
    zone = resolve_zone("Customized Time Zone", parse(CUSTOM))
    berlin = ZoneInfo("Europe/Berlin")
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year == 2026:
        ours, theirs = moment.astimezone(zone), moment.astimezone(berlin)
        assert ours.replace(tzinfo=None) == theirs.replace(tzinfo=None)
        assert ours.timestamp() == theirs.timestamp() == moment.timestamp()
        moment += timedelta(minutes=90)
    gap = datetime(2026, 3, 29, 2, 30)
    assert gap.replace(tzinfo=zone).timestamp() == gap.replace(tzinfo=berlin).timestamp()
    for fold in (0, 1):
        twice = datetime(2026, 10, 25, 2, 30, fold=fold)
        assert twice.replace(tzinfo=zone).timestamp() == twice.replace(tzinfo=berlin).timestamp()


def test_a_vtimezone_may_say_which_known_zone_it_is() -> None:
    text = CUSTOM.replace("TZID:Customized Time Zone", "TZID:Customized Time Zone\nX-LIC-LOCATION:Europe/Vienna")
    zone = resolve_zone("Customized Time Zone", parse(text))
    assert isinstance(zone, ZoneInfo)
    assert zone.key == "Europe/Vienna"


@pytest.mark.parametrize("odd", ["FREQ=DAILY", "FREQ=YEARLY;BYDAY=SU", "FREQ=YEARLY;BYMONTH=3,5,7,9;BYDAY=-1SU"])
def test_clocks_that_change_all_the_time_change_once(odd: str) -> None:
    zone = resolve_zone("Customized Time Zone", parse(CUSTOM.replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", odd)))
    offsets = {datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in range(1, 13)}
    assert offsets == {timedelta(hours=1)}  # the other rule's, which holds since its last change


@pytest.mark.parametrize(
    "broken",
    ["+0100", "TZOFFSETTO:+0200", "DTSTART:16010101T020000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"],
)
def test_a_broken_vtimezone_never_fails(broken: str) -> None:
    zone = resolve_zone("Customized Time Zone", parse(CUSTOM.replace(broken, "X-BROKEN:1")))
    assert datetime(2026, 7, 1, tzinfo=zone).utcoffset() is not None


@settings(max_examples=examples(50, 450), deadline=None)
@given(name=st.sampled_from(NAMES), year=st.integers(1990, 2050))
def test_zone_of_the_event_is_found_again_whatever_its_blob_can_say(name: str, year: int) -> None:
    zone = ZoneInfo(name)
    blob = blob_for(zone, year)
    assert says(blob, zone, year)
    if any(blob):
        assert zone_for(blob, [name], year=year) == name
        assert zone_for(blob, ["Nowhere/AtAll", name], year=year) == name


@settings(max_examples=examples(20, 180), deadline=None)
@given(name=st.sampled_from(NAMES), other=st.sampled_from(NAMES), year=st.integers(1990, 2050))
def test_blob_says_another_zone_only_if_the_clocks_go_alike(name: str, other: str, year: int) -> None:
    blob, twin = blob_for(ZoneInfo(name), year), blob_for(ZoneInfo(other), year)
    one, two = (replace(read_blob(each), name="") for each in (blob, twin))
    new_year = datetime(year, 1, 1, tzinfo=UTC)
    offsets = {new_year.astimezone(ZoneInfo(each)).utcoffset() for each in (name, other)}
    is_alike = len(offsets) == 1 and changes_of(name, year) == changes_of(other, year)
    assert says(blob, ZoneInfo(other), year) == (is_alike or one == two)


@pytest.mark.parametrize("year", [1990, 2050])
def test_blob_that_fits_no_zone_is_answered_each_time_alike(year: int) -> None:
    fields = list(blob_for(ZoneInfo("Europe/Berlin"), year))
    fields[0] = 37  # minutes that no zone has
    odd = bytes(fields)
    assert zone_for(odd, ["Europe/Berlin"], year=year) == zone_for(odd, ["Europe/Berlin"], year=year)
    assert zone_for(odd, ["Europe/Berlin"], year=year) != "Europe/Berlin"
