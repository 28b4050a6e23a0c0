"""The reminder is one of possibly many alarms."""

from __future__ import annotations

import pytest

from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.calendar.events import edited, lost_lines, meeting, new_lines, shown
from plugins.eas.mapping.items import text_of


def alarm(*lines: str, action: str = "DISPLAY") -> str:
    return "\n".join(("BEGIN:VALARM", f"ACTION:{action}", *lines, "DESCRIPTION:x", "END:VALARM"))


def reminder(minutes: str) -> Element:
    return Element("Calendar:Reminder", text=minutes)


@pytest.mark.parametrize(
    ("trigger", "minutes"),
    [
        ("TRIGGER:-PT15M", "15"),
        ("TRIGGER:PT0S", "0"),
        ("TRIGGER:-P1DT1H", "1500"),
        ("TRIGGER;RELATED=END:-PT90M", "30"),
        ("TRIGGER;VALUE=DATE-TIME:20260105T080000Z", "60"),
        ("TRIGGER:20260105T083000Z", "30"),
    ],
)
def test_trigger_is_shown_as_minutes_before_the_start(trigger: str, minutes: str) -> None:
    text = meeting(alarm(trigger))
    assert shown(text)["Reminder"] == minutes
    after = edited(text, reminder("45"))
    assert new_lines(text, after) == ["TRIGGER:-PT45M"]
    assert lost_lines(text, after) == [trigger]


@pytest.mark.parametrize(
    "odd", [alarm("TRIGGER:PT5M"), alarm("TRIGGER:-PT5M", action="EMAIL"), alarm("TRIGGER:soon"), alarm()]
)
def test_alarm_that_a_device_cannot_show_is_passed_over_and_stays(odd: str) -> None:
    assert "Reminder" not in shown(meeting(odd))
    text = meeting(odd, alarm("TRIGGER:-PT10M"))
    assert shown(text)["Reminder"] == "10"
    assert new_lines(text, edited(text, reminder("20"))) == ["TRIGGER:-PT20M"]
    assert edited(text, reminder("")) == meeting(odd)


def test_only_the_first_alarm_is_edited() -> None:
    text = meeting(alarm("TRIGGER:-PT10M"), alarm("TRIGGER:-PT60M"))
    after = edited(text, reminder("0"))
    assert new_lines(text, after) == ["TRIGGER:PT0S"]
    assert lost_lines(text, after) == ["TRIGGER:-PT10M"]


def test_apple_keeps_what_it_knows_of_its_alarm() -> None:
    text = text_of("apple-weekly.ics")
    assert new_lines(text, edited(text, reminder("30"))) == ["TRIGGER:-PT30M"]


def test_new_reminder_is_an_alarm_with_the_words_of_the_event() -> None:
    after = edited(meeting("SUMMARY:Dentist\\, again"), reminder("15"))
    lines = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Dentist\\, again\r\nEND:VALARM\r\n"
    assert lines in after


@pytest.mark.parametrize("nonsense", ["x", "-5", "1.5", "99999999", "²"])
def test_reminder_that_is_no_number_says_nothing(nonsense: str) -> None:
    assert edited(meeting(), reminder(nonsense)) == meeting()
