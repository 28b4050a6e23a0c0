"""Zones by reference: what a text names and does not bring means the same, and what leaves this deployment brings it along."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.meetings import ANNA, NOW, ZOE, guest, meeting
from pimgate.text import itip
from pimgate.text.busy import Appointment
from pimgate.text.calendar import index_calendar
from pimgate.text.component import parse
from pimgate.text.errors import BadText
from pimgate.text.local_times import Times, times_of_text
from pimgate.text.occurrences import occurrences
from pimgate.text.timezones import known_zone
from pimgate.text.zone_object import MOST_ADDED, read_zone, with_zones, zone_object

BARE = meeting("RRULE:FREQ=WEEKLY;COUNT=40", guest(ZOE)).replace(
    "DTSTART:20261201T090000Z", "DTSTART;TZID=Europe/Berlin:20261201T090000"
)
YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def zones_of(text: str) -> list[str]:
    return [line.text for block in parse(text).children_named("VTIMEZONE") if (line := block.get("TZID")) is not None]


def test_an_event_without_its_zone_is_when_the_one_with_it_is() -> None:
    full = with_zones(BARE)
    assert (zones_of(BARE), zones_of(full)) == ([], ["Europe/Berlin"])
    assert with_zones(full) == full
    assert index_calendar(BARE) == index_calendar(full)
    assert index_calendar(BARE).starts_at == int(datetime(2026, 12, 1, 8, tzinfo=UTC).timestamp())
    assert occurrences(BARE, *YEAR) == occurrences(full, *YEAR)
    spans = [list(Appointment(text, ANNA, ZoneInfo("Asia/Tokyo")).spans(*YEAR)) for text in (BARE, full)]
    assert spans[0] == spans[1]
    summer = int(datetime(2027, 6, 1, 7, tzinfo=UTC).timestamp())
    assert summer in {span.start for span in spans[0]}


def test_what_leaves_brings_the_zone_that_its_program_left_out() -> None:
    [message] = itip.due(None, BARE, ANNA, NOW).messages
    assert zones_of(message.text) == ["Europe/Berlin"]
    assert read_zone(_alone(message.text)).zone.utcoffset(datetime(2027, 6, 1)) is not None


def _alone(text: str) -> str:
    calendar = parse(text)
    for child in calendar.children_named("VEVENT"):
        calendar.remove(child)
    return calendar.to_text()


@pytest.mark.parametrize("name", ["Europe/Berlin", "W. Europe Standard Time", "/example.org/Europe/Berlin", "UTC"])
def test_a_zone_is_known_by_the_name_that_it_was_given(name: str) -> None:
    text = zone_object(name, 2026, "-//tests//EN")
    assert text is not None
    found = read_zone(text)
    assert (found.name, found.is_known) == (name, True)


@pytest.mark.parametrize(
    "name", ["", "Europe/Atlantis", "Europe", "../etc/passwd", "localtime", "Europe/Berlin\r\nX:1", "x" * 300]
)
def test_what_nobody_knows_is_no_zone(name: str) -> None:
    assert zone_object(name, 2026, "-//tests//EN") is None


def test_a_zone_that_counts_leap_seconds_is_never_meant() -> None:
    found = known_zone("right/Europe/Berlin")
    assert found is not None
    assert found.key == "Europe/Berlin"


def test_only_an_object_with_one_zone_that_has_rules_is_read() -> None:
    whole = zone_object("Europe/Berlin", 2026, "-//tests//EN")
    assert whole is not None
    block = whole[whole.index("BEGIN:VTIMEZONE") : whole.index("END:VCALENDAR")]
    for bad in ("", block, whole.replace(block, ""), whole.replace(block, block * 2), BARE, with_zones(BARE)):
        with pytest.raises(BadText):
            read_zone(bad)
    for gone in ("TZID:Europe/Berlin\r\n", "TZOFFSETTO:+0100\r\n"):
        with pytest.raises(BadText):
            read_zone(whole.replace(gone, ""))


def test_a_text_that_names_more_zones_than_anybody_needs_gets_some_of_them() -> None:
    lines = "".join(f"X-{number};TZID=/x{number}/Europe/Berlin:20270101T000000\r\n" for number in range(200))
    text = with_zones(BARE.replace("END:VEVENT", f"{lines}END:VEVENT"))
    assert len(zones_of(text)) == MOST_ADDED


ZONE = "BEGIN:VTIMEZONE\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("SUMMARY:none\r\n", Times.DEFINITE),
        ("DTSTART:20270301T000000Z\r\n", Times.DEFINITE),
        ("DTSTART;TZID=Europe/Berlin:20270301T000000\r\n", Times.DEFINITE),
        (f"{ZONE}DTSTART:20270301T000000Z\r\n{ZONE}", Times.DEFINITE),
        ("DTSTART:20270301T000000\r\n", Times.LOCAL),
        ("dtstart;value=date:20270301\nDUE;VALUE=DATE:20270302\n", Times.LOCAL),
        ("DTSTART:20270301T000000\r\nRDATE;VALUE=PERIOD:20270302T000000/PT1H,20270303T000000\r\n", Times.LOCAL),
        (f"{ZONE}DTSTART:20270301T000000\r\nDTSTART:20270302T000000Z\r\n", Times.MIXED),
        ("DTSTART;TZID=Europe/Ber\r\n lin:20270301T000000\r\n", Times.MIXED),
        ('DTSTART;X-ODD="a:b":20270301T000000\r\n', Times.MIXED),
        ("BEGIN:VTIMEZONE\r\nDTSTART:20270301T000000\r\n", Times.MIXED),
    ],
)
def test_one_look_tells_whether_times_are_the_same_everywhere(text: str, times: Times) -> None:
    assert times_of_text(f"BEGIN:VEVENT\r\n{text}END:VEVENT\r\n") is times
    assert times_of_text(f"BEGIN:VCALENDAR\r\n{ZONE}BEGIN:VEVENT\r\n{text}END:VEVENT\r\n") is times
