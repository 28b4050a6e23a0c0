"""The time of an event, in every dialect and from odd devices."""

from __future__ import annotations

import base64
from zoneinfo import ZoneInfo

import pytest

from pimgate.text.calendar import index_calendar
from pimgate.text.timezones import blob_for
from pimgate_eas.mapping.errors import CannotConvert
from plugins.eas.mapping.calendar.events import at, edited, event, lost_lines, meeting, new_lines, shown
from plugins.eas.mapping.items import text_of


def blob(zone: str, year: int = 2026) -> str:
    return base64.b64encode(blob_for(ZoneInfo(zone), year)).decode()


ALL_DAY = event("DTSTART;VALUE=DATE:20260214", "DTEND;VALUE=DATE:20260216", "SUMMARY:Weekend")


def test_time_and_zone_of_a_timed_event() -> None:
    found = shown(meeting())
    assert (found["StartTime"], found["EndTime"], found["AllDayEvent"]) == ("20260105T090000Z", "20260105T100000Z", "0")
    assert found["Timezone"] == blob("Europe/Berlin")


def test_moved_start_keeps_zone_name_and_everything_else() -> None:
    text = text_of("outlook-windows-zone.ics")
    after = edited(text, *at("20260720T083000Z", "20260720T090000Z"))
    assert new_lines(text, after) == ['DTSTART;TZID="W. Europe Standard Time":20260720T103000'] or new_lines(
        text, after
    ) == ['DTSTART;TZID="W. Europe Standard Time":20260720T103000']
    assert len(lost_lines(text, after)) == 1


def test_times_in_utc_stay_in_utc() -> None:
    text = event("DTSTART:20260105T100000Z", "DTEND:20260105T110000Z")
    after = edited(text, *at("20260105T120000Z", "20260105T130000Z"))
    assert new_lines(text, after) == ["DTSTART:20260105T120000Z", "DTEND:20260105T130000Z"]


def test_single_event_in_utc_is_shown_in_the_persons_zone_and_a_series_in_its_own() -> None:
    text = event("DTSTART:20260105T100000Z", "DTEND:20260105T110000Z")
    assert shown(text)["Timezone"] == blob("Europe/Berlin")
    assert shown(text.replace("END:VEVENT", "RRULE:FREQ=DAILY\r\nEND:VEVENT"))["Timezone"] == blob("UTC")


def test_floating_time_stays_floating() -> None:
    text = event("DTSTART:20260105T100000", "DTEND:20260105T110000")
    assert shown(text)["StartTime"] == "20260105T090000Z"
    assert "\r\nDTSTART:20260105T120000\r\n" in edited(text, *at("20260105T110000Z", "20260105T120000Z"))


def test_length_stays_as_it_was_written_when_the_event_moves_as_a_whole() -> None:
    text = event("DTSTART:20260105T100000Z", "DURATION:PT1H")
    after = edited(text, *at("20260106T100000Z", "20260106T110000Z"))
    assert new_lines(text, after) == ["DTSTART:20260106T100000Z"]
    longer = edited(text, *at("20260105T100000Z", "20260105T120000Z"))
    assert "DURATION" not in longer
    assert "\r\nDTEND:20260105T120000Z\r\n" in longer


def test_event_of_no_length_gets_an_end_when_the_device_gives_one() -> None:
    text = event("DTSTART;TZID=Europe/Berlin:20260105T100000")
    after = edited(text, *at("20260105T090000Z", "20260105T093000Z"))
    assert new_lines(text, after) == ["DTEND;TZID=Europe/Berlin:20260105T103000"]


def test_event_is_moved_to_another_zone_with_its_rules() -> None:
    text = meeting()
    after = edited(text, *at("20260105T090000Z", "20260105T100000Z", Timezone=blob("America/New_York")))
    assert "DTSTART;TZID=America/New_York:20260105T040000\r\n" in after
    assert after.count("BEGIN:VTIMEZONE") == 2
    assert shown(after)["StartTime"] == "20260105T090000Z"


@pytest.mark.parametrize("sent", ["A" * 228 + "AA==", "AAAA", "no base64!", ""])
def test_blob_that_says_nothing_leaves_the_zone(sent: str) -> None:
    assert edited(meeting(), *at("20260105T090000Z", "20260105T100000Z", Timezone=sent)) == meeting()


def test_blob_with_the_same_rules_under_another_name_leaves_the_zone() -> None:
    assert edited(meeting(), *at("20260105T090000Z", "20260105T100000Z", Timezone=blob("Europe/Paris"))) == meeting()


def test_device_that_says_utc_for_everything_does_not_take_a_series_out_of_its_zone() -> None:
    text = meeting("RRULE:FREQ=DAILY")
    assert edited(text, *at("20260105T090000Z", "20260105T100000Z", Timezone=blob("UTC"))) == text


@pytest.mark.parametrize(
    ("version", "start", "end"),
    [("14.1", "20260213T230000Z", "20260215T230000Z"), ("16.1", "20260214T000000Z", "20260216T000000Z")],
)
def test_whole_days_are_midnights_of_the_zone_or_from_16_on_plain_days(version: str, start: str, end: str) -> None:
    found = shown(ALL_DAY, version)
    assert (found["StartTime"], found["EndTime"], found["AllDayEvent"]) == (start, end, "1")
    assert ("Timezone" in found) == (version == "14.1")


@pytest.mark.parametrize(
    ("sent_start", "sent_end", "zone", "start", "end"),
    [
        ("20260219T230000Z", "20260220T230000Z", "Europe/Berlin", "20260220", "20260221"),
        ("20260220T000000Z", "20260221T000000Z", "Europe/Berlin", "20260220", "20260221"),
        ("20260220T000000Z", "20260221T000000Z", "UTC", "20260220", "20260221"),
        ("20260220T050000Z", "20260221T050000Z", "America/New_York", "20260220", "20260221"),
        ("20260219T110000Z", "20260220T110000Z", "Pacific/Auckland", "20260220", "20260221"),
        ("20260220T080000Z", "20260221T080000Z", "Europe/Berlin", "20260220", "20260221"),
        ("20260220T110000Z", "20260220T110000Z", "Europe/Berlin", "20260220", "20260221"),
        ("20260219T230000Z", "20260220T225900Z", "Europe/Berlin", "20260220", "20260221"),
        ("20260219T230000Z", "20260219T230000Z", "Europe/Berlin", "20260220", "20260221"),
        ("20260219T230000Z", "20260222T230000Z", "Europe/Berlin", "20260220", "20260223"),
    ],
)
def test_whole_day_is_understood_from_every_kind_of_device(
    sent_start: str, sent_end: str, zone: str, start: str, end: str
) -> None:
    after = edited(ALL_DAY, *at(sent_start, sent_end, Timezone=blob(zone), AllDayEvent="1"))
    assert new_lines(ALL_DAY, after) == [f"DTSTART;VALUE=DATE:{start}", f"DTEND;VALUE=DATE:{end}"]


def test_whole_day_given_back_by_a_device_in_another_zone_stays() -> None:
    sent = at("20260214T050000Z", "20260216T050000Z", Timezone=blob("America/New_York"), AllDayEvent="1")
    assert edited(ALL_DAY, *sent) == ALL_DAY


@pytest.mark.parametrize("version", ["14.1", "16.1"])
def test_timed_event_becomes_a_whole_day_and_back(version: str) -> None:
    days = ("20260106T000000Z", "20260107T000000Z") if version == "16.1" else ("20260105T230000Z", "20260106T230000Z")
    whole = edited(meeting("SUMMARY:x"), *at(*days, AllDayEvent="1"), version=version)
    assert "DTSTART;VALUE=DATE:20260106\r\n" in whole
    assert "DTEND;VALUE=DATE:20260107\r\n" in whole
    back = edited(
        whole,
        *at("20260106T090000Z", "20260106T100000Z", AllDayEvent="0", Timezone=blob("Europe/Berlin")),
        version=version,
    )
    assert "DTSTART;TZID=Europe/Berlin:20260106T100000\r\n" in back
    assert back.count("BEGIN:VTIMEZONE") == 1


def test_birthday_of_1604_stays_on_its_day() -> None:
    text = text_of("apple-birthday-yearly.ics")
    assert shown(text)["StartTime"] == "16040228T230000Z"
    after = edited(text, *at("16040229T230000Z", "16040301T230000Z", AllDayEvent="1"))
    assert "DTSTART;VALUE=DATE:16040301\r\n" in after


def test_new_event_has_the_devices_zone_with_its_rules() -> None:
    text = edited(None, *at("20260705T080000Z", "20260705T090000Z", Timezone=blob("America/New_York"), Subject="New"))
    assert "DTSTART;TZID=America/New_York:20260705T040000\r\n" in text
    assert "TZID:America/New_York\r\n" in text
    assert "\r\nUID:new-uid\r\n" in text
    assert index_calendar(text).summary == "New"


def test_new_event_without_a_zone_is_in_the_persons() -> None:
    text = edited(None, *at("20260705T080000Z", "20260705T090000Z"), version="16.1")
    assert "DTSTART;TZID=Europe/Berlin:20260705T100000\r\n" in text


def test_new_whole_day_of_16_has_no_zone() -> None:
    text = edited(None, *at("20260705T000000Z", "20260706T000000Z", AllDayEvent="1"), version="16.1")
    assert "DTSTART;VALUE=DATE:20260705\r\nDTEND;VALUE=DATE:20260706\r\n" in text
    assert "VTIMEZONE" not in text


def test_end_before_the_start_becomes_the_start() -> None:
    assert shown(edited(meeting(), *at("20260105T090000Z", "20260105T080000Z")))["EndTime"] == "20260105T090000Z"


@pytest.mark.parametrize("start", ["", "soon", "20261305T080000Z", "20260105T990000Z"])
def test_new_event_without_a_start_is_refused(start: str) -> None:
    with pytest.raises(CannotConvert):
        edited(None, *at(start, "20260105T090000Z"))


def test_times_with_hyphens_are_understood() -> None:
    after = edited(meeting(), *at("2026-01-05T10:00:00.000Z", "2026-01-05T11:00:00.000Z"))
    assert shown(after)["StartTime"] == "20260105T100000Z"
