"""Where an event is: a name for every device, address and coordinates for those of 16.x."""

from __future__ import annotations

import pytest

from pimgate_eas.mapping import calendar
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.calendar.events import edited, edited_instance, lost_lines, meeting, new_lines, shown
from plugins.eas.mapping.items import application_data, context, removed, text_of

CAFE = {
    "DisplayName": "Café; Eck",
    "Street": "Am Markt 3, Hof",
    "City": "Köln",
    "PostalCode": "50667",
    "Country": "Deutschland",
    "LocationUri": "https://maps.example/cafe",
    "Latitude": "50.938056",
    "Longitude": "6.956944",
}


def place(**parts: str) -> Element:
    return Element("AirSyncBase:Location", *(Element(f"AirSyncBase:{tag}", text=text) for tag, text in parts.items()))


def moved_to(text: str, **parts: str) -> str:
    return edited(text, place(**parts), version="16.1")


def test_place_of_a_phone_comes_back_with_everything_it_said() -> None:
    text = moved_to(meeting(), **CAFE)
    assert shown(text, "16.1")["Location"] == CAFE
    assert shown(text, "14.1")["Location"] == "Café; Eck"
    assert "GEO:50.938056;6.956944\r\n" in text
    assert moved_to(text, **CAFE) == text


def test_coordinates_of_other_programs_are_shown() -> None:
    text = text_of("apple-structured-location.ics")
    found = shown(text, "16.1")["Location"]
    assert isinstance(found, dict)
    assert (found["Latitude"], found["Longitude"]) == ("45.757814", "4.832011")


def test_device_that_knows_only_names_leaves_the_coordinates_of_the_same_place() -> None:
    text = text_of("apple-structured-location.ics")
    name = shown(text, "14.1")["Location"]
    assert isinstance(name, str)
    assert moved_to(text, DisplayName=name) == text
    assert edited(text, Element("Calendar:Location", text=name), version="14.1") == text


@pytest.mark.parametrize("version", ["14.1", "16.1"])
def test_another_place_has_neither_the_coordinates_nor_the_address_of_the_old_one(version: str) -> None:
    text = moved_to(text_of("apple-structured-location.ics"), **CAFE)
    word = Element("Calendar:Location", text="Büro") if version == "14.1" else place(DisplayName="Büro")
    after = edited(text, word, version=version)
    assert new_lines(text, after) == ["LOCATION:Büro"]
    assert shown(after, "16.1")["Location"] == {"DisplayName": "Büro"}
    assert "geo:" not in after.lower()


def test_address_stays_hidden_once_another_program_has_moved_the_event() -> None:
    text = moved_to(meeting(), **CAFE).replace("LOCATION:Café\\; Eck", "LOCATION:Büro")
    found = shown(text, "16.1")["Location"]
    assert isinstance(found, dict)
    assert "Street" not in found


def test_coordinates_are_compared_as_numbers() -> None:
    text = moved_to(meeting(), DisplayName="x", Latitude="50.5000", Longitude="-0.0")
    assert "GEO:50.5;0\r\n" in text
    assert moved_to(text, DisplayName="x", Latitude="+50.50", Longitude="0.0000001") == text


@pytest.mark.parametrize(("latitude", "longitude"), [("91", "0"), ("0", "181"), ("x", "0"), ("1e5", "0"), ("", "7")])
def test_coordinates_that_are_none_are_left_out(latitude: str, longitude: str) -> None:
    text = moved_to(meeting(), DisplayName="x", Latitude=latitude, Longitude=longitude)
    assert new_lines(meeting(), text) == ["LOCATION:x"]


def test_place_is_taken_away() -> None:
    text = moved_to(meeting("SUMMARY:x"), **CAFE)
    assert moved_to(text) == meeting("SUMMARY:x")
    data = application_data(*(each for each in calendar.render(text, context("14.1")) if each.tag != "Location"))
    assert calendar.patch(text, data, context("14.1"), ghosted=removed, uid="u") == meeting("SUMMARY:x")


def test_occurrence_takes_place_elsewhere_and_the_others_follow_the_series() -> None:
    text = moved_to(meeting("RRULE:FREQ=DAILY;COUNT=4"), **CAFE)
    text = edited_instance(text, "20260106T090000Z", Element("Calendar:Subject", text="Second"))
    text = edited_instance(text, "20260107T090000Z", place(DisplayName="Keller"))
    assert text.count("GEO:") == 2
    after = moved_to(text, DisplayName="Büro")
    assert after.count("LOCATION:Büro") == 2
    assert after.count("LOCATION:Keller") == 1
    assert "GEO:" not in after
    assert all(line.startswith(("LOCATION", "GEO", "X-PIMGATE-PLACE", " ")) for line in lost_lines(text, after))
