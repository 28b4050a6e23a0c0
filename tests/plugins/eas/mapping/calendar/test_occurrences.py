"""Changed and deleted occurrences in both models: inside the event, and one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pimgate.text.occurrences import occurrences
from pimgate_eas.mapping import calendar
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.calendar.events import (
    at,
    attendees,
    edited,
    edited_instance,
    event,
    exception,
    exceptions,
    lost_lines,
    meeting,
    new_lines,
    recurrence,
    shown,
    subject,
)
from plugins.eas.mapping.items import application_data, context, removed, text_of

YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)

DAILY = meeting("RRULE:FREQ=DAILY;COUNT=5", "SUMMARY:Series", "LOCATION:Room 1", "X-KEEP:1")
DAYS = event("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260106", "RRULE:FREQ=DAILY;COUNT=5", "SUMMARY:Days")


def starts(text: str) -> list[str]:
    return [f"{datetime.fromtimestamp(start, UTC):%d %H:%M}" for start, _ in occurrences(text, *YEAR).spans]


def exceptions_of(text: str, version: str = "14.1") -> object:
    return shown(text, version).get("Exceptions")


@pytest.mark.parametrize("version", ["14.1", "16.1"])
def test_occurrence_is_deleted_in_either_model(version: str) -> None:
    if version == "16.1":
        after = edited_instance(DAILY, "20260106T090000Z", deleted=True)
    else:
        after = edited(DAILY, exceptions(exception("20260106T090000Z", deleted=True)))
    assert new_lines(DAILY, after) == ["EXDATE;TZID=Europe/Berlin:20260106T100000"]
    assert starts(after) == ["05 09:00", "07 09:00", "08 09:00", "09 09:00"]
    key = "InstanceId" if version == "16.1" else "ExceptionStartTime"
    assert exceptions_of(after, version) == [{"Deleted": "1", key: "20260106T090000Z"}]


@pytest.mark.parametrize("version", ["14.1", "16.1"])
def test_occurrence_is_changed_in_either_model(version: str) -> None:
    changes = [*at("20260106T120000Z", "20260106T130000Z"), subject("Later")]
    if version == "16.1":
        after = edited_instance(DAILY, "20260106T090000Z", *changes)
    else:
        after = edited(DAILY, exceptions(exception("20260106T090000Z", *changes)))
    assert lost_lines(DAILY, after) == []
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20260106T100000\r\n" in after
    assert "DTSTART;TZID=Europe/Berlin:20260106T130000\r\n" in after
    assert after.count("X-KEEP:1") == 2
    assert starts(after) == ["05 09:00", "06 12:00", "07 09:00", "08 09:00", "09 09:00"]
    key = "InstanceId" if version == "16.1" else "ExceptionStartTime"
    assert exceptions_of(after, version) == [
        {
            key: "20260106T090000Z",
            "StartTime": "20260106T120000Z",
            "EndTime": "20260106T130000Z",
            "AllDayEvent": "0",
            "Subject": "Later",
        }
    ]


def test_what_an_exception_leaves_out_is_as_in_the_series() -> None:
    changed = edited(DAILY, exceptions(exception("20260106T090000Z", subject("Later"))))
    sent = [each for each in calendar.render(changed, context("14.1")) if each.tag != "Exceptions"]
    data = application_data(*sent, exceptions(exception("20260106T090000Z")))
    back = calendar.patch(changed, data, context("14.1"), ghosted=removed, uid="e-1")
    assert "Subject" not in exceptions_of(back)[0]  # type: ignore[index]
    assert edited(changed, exceptions(exception("20260106T090000Z"))) == changed  # a device that does not know subjects


def test_what_an_edit_of_one_instance_leaves_out_stays() -> None:
    changed = edited_instance(DAILY, "20260106T090000Z", subject("Later"))
    again = edited_instance(changed, "20260106T090000Z", Element("Calendar:BusyStatus", text="0"))
    assert exceptions_of(again, "16.1")[0]["Subject"] == "Later"  # type: ignore[index]


def test_exceptions_that_are_not_named_stay() -> None:
    one = edited(DAILY, exceptions(exception("20260106T090000Z", subject("One"))))
    two = edited(one, exceptions(exception("20260107T090000Z", subject("Two"))))
    assert [each["Subject"] for each in exceptions_of(two)] == ["One", "Two"]  # type: ignore[attr-defined]
    assert edited(two, subject("Series")) == two


def test_empty_element_takes_away_what_the_series_has() -> None:
    nowhere = Element("Calendar:Location")
    after = edited(DAILY, exceptions(exception("20260106T090000Z", nowhere)))
    assert after.count("LOCATION:Room 1") == 1
    assert exceptions_of(after)[0]["Location"] == ""  # type: ignore[index]


def test_occurrences_follow_the_series_in_what_they_had_from_it() -> None:
    changed = edited(DAILY, exceptions(exception("20260106T090000Z", subject("Later"))))
    after = edited(changed, subject("Renamed"), Element("Calendar:Location", text="Room 2"))
    assert after.count("SUMMARY:Renamed") == 1
    assert after.count("SUMMARY:Later") == 1
    assert after.count("LOCATION:Room 2") == 2


@pytest.mark.parametrize("sent", ["20260106T083000Z", "20260106T140000Z", "20260105T210001Z"])
def test_wrong_start_of_an_exception_means_the_nearest_occurrence(sent: str) -> None:
    after = edited(DAILY, exceptions(exception(sent, subject("Later"))))
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20260106T100000\r\n" in after


def test_exception_far_from_any_occurrence_is_refused() -> None:
    with pytest.raises(CannotConvert):
        edited(DAILY, exceptions(exception("20270106T090000Z", subject("Later"))))
    with pytest.raises(CannotConvert):
        edited_instance(DAILY, "20270106T090000Z", deleted=True)
    with pytest.raises(CannotConvert):
        edited_instance(meeting(), "20260105T090000Z", deleted=True)


def test_deleting_what_is_not_there_changes_nothing() -> None:
    assert edited(DAILY, exceptions(exception("20270106T090000Z", deleted=True))) == DAILY
    once = edited(DAILY, exceptions(exception("20260106T090000Z", deleted=True)))
    assert edited(once, exceptions(exception("20260106T090000Z", deleted=True))) == once


@pytest.mark.parametrize(("version", "key"), [("14.1", "20260105T230000Z"), ("16.1", "20260106T000000Z")])
def test_day_of_an_all_day_series_is_deleted_and_changed(version: str, key: str) -> None:
    if version == "16.1":
        deleted = edited_instance(DAYS, key, deleted=True)
        changed = edited_instance(DAYS, key, subject("This one"))
    else:
        deleted = edited(DAYS, exceptions(exception(key, deleted=True)))
        changed = edited(DAYS, exceptions(exception(key, subject("This one"))))
    assert new_lines(DAYS, deleted) == ["EXDATE;VALUE=DATE:20260106"]
    assert "RECURRENCE-ID;VALUE=DATE:20260106\r\n" in changed
    name = "InstanceId" if version == "16.1" else "ExceptionStartTime"
    assert exceptions_of(deleted, version) == [{"Deleted": "1", name: key}]
    assert exceptions_of(changed, version)[0][name] == key  # type: ignore[index]


def test_deleted_occurrence_comes_back_changed() -> None:
    deleted = edited(DAILY, exceptions(exception("20260106T090000Z", deleted=True)))
    after = edited(deleted, exceptions(exception("20260106T090000Z", subject("Back"))))
    assert "EXDATE" not in after
    assert len(starts(after)) == 5


def test_changed_occurrence_is_deleted() -> None:
    text = text_of("apple-moved-and-deleted.ics")
    after = edited(text, exceptions(exception("20260113T080000Z", deleted=True)))
    assert "RECURRENCE-ID" not in after
    assert starts(after) == [each for each in starts(text) if each != "14 14:00"]


def test_cancelled_occurrence_is_shown_as_deleted() -> None:
    text = text_of("cancelled-override.ics")
    assert exceptions_of(text) == [{"Deleted": "1", "ExceptionStartTime": "20260106T100000Z"}]


def test_deleted_and_changed_occurrences_follow_a_series_that_moves() -> None:
    deleted = edited(DAILY, exceptions(exception("20260106T090000Z", deleted=True)))
    changed = edited(deleted, exceptions(exception("20260107T090000Z", subject("Third"))))
    moved = edited(changed, exceptions(exception("20260108T090000Z", *at("20260108T150000Z", "20260108T160000Z"))))
    after = edited(moved, *at("20260105T110000Z", "20260105T120000Z"))
    assert starts(after) == ["05 11:00", "07 11:00", "08 15:00", "09 11:00"]
    assert "EXDATE;TZID=Europe/Berlin:20260106T120000\r\n" in after
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20260107T120000\r\n" in after
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20260108T120000\r\n" in after


def test_exceptions_named_by_the_old_time_are_found_after_the_series_moved() -> None:
    deleted = edited(DAILY, exceptions(exception("20260106T090000Z", deleted=True)))
    sent = [*at("20260105T110000Z", "20260105T120000Z"), exceptions(exception("20260106T090000Z", deleted=True))]
    assert starts(edited(deleted, *sent)) == ["05 11:00", "07 11:00", "08 11:00", "09 11:00"]


def test_new_times_name_the_zone_as_the_series_does() -> None:
    text = text_of("outlook-windows-zone.ics").replace("TRANSP:OPAQUE", "RRULE:FREQ=DAILY;COUNT=3")
    changed = edited_instance(text, "20260721T080000Z", subject("Later"))
    assert "TZID=Europe/Berlin" not in changed
    assert 'RECURRENCE-ID;TZID="W. Europe Standard Time":20260721T100000\r\n' in changed
    deleted = edited_instance(text, "20260721T080000Z", deleted=True)
    assert new_lines(text, deleted) == ['EXDATE;TZID="W. Europe Standard Time":20260721T100000']


def test_attendees_belong_to_the_one_occurrence() -> None:
    after = edited_instance(DAILY, "20260106T090000Z", attendees(("eva@example.org", "1")))
    assert after.count("ATTENDEE") == 1
    assert after.count("ORGANIZER") == 1


def test_invitee_of_single_occurrences_edits_and_deletes_them() -> None:
    text = text_of("google-overrides-alone.ics")
    changed = edited_instance(text, "20260217T140000Z", subject("Mine"))
    assert new_lines(text, changed) == ["SUMMARY:Mine"]
    one = edited_instance(text, "20260203T140000Z", deleted=True)
    assert one.count("BEGIN:VEVENT") == 1
    none = edited_instance(one, "20260217T140000Z", deleted=True)
    assert "STATUS:CANCELLED\r\n" in none


def test_new_series_comes_with_its_exceptions() -> None:
    sent = [
        *at("20260105T090000Z", "20260105T100000Z"),
        recurrence(Type=0, Interval=1, Occurrences=3),
        exceptions(exception("20260106T090000Z", deleted=True), exception("20260107T090000Z", subject("Last"))),
    ]
    assert starts(edited(None, *sent)) == ["05 09:00", "07 09:00"]


def test_edit_with_more_exceptions_than_anybody_makes_at_once_is_refused() -> None:
    with pytest.raises(CannotConvert):
        edited(DAILY, exceptions(*(exception("20260106T090000Z", deleted=True) for _ in range(301))))


def test_only_the_end_of_one_occurrence_moves() -> None:
    after = edited_instance(DAILY, "20260106T090000Z", Element("Calendar:EndTime", text="20260106T113000Z"))
    [found] = exceptions_of(after, "16.1")  # type: ignore[misc]
    assert (found["StartTime"], found["EndTime"]) == ("20260106T090000Z", "20260106T113000Z")
    assert "DTSTART;TZID=Europe/Berlin:20260106T100000\r\n" in after


@pytest.mark.parametrize(
    "sent", ["20260106T000000Z", "20260105T230000Z", "20260106T050000Z", "20260106T080000Z", "20260106T110000Z"]
)
def test_day_of_a_series_is_deleted_by_whatever_hour_an_old_device_gives_it(sent: str) -> None:
    rendered = [each for each in calendar.render(DAYS, context("14.1")) if each.tag != "Exceptions"]
    data = application_data(*rendered, exceptions(exception(sent, deleted=True)))
    after = calendar.patch(DAYS, data, context("14.1"), ghosted=removed, uid="u")
    assert new_lines(DAYS, after) == ["EXDATE;VALUE=DATE:20260106"]
    assert lost_lines(DAYS, after) == []


def test_changed_day_of_a_series_stays_a_whole_day_without_the_series_moving() -> None:
    times = at("20260106T000000Z", "20260107T000000Z", AllDayEvent="1")
    after = edited(DAYS, exceptions(exception("20260106T000000Z", *times, subject("Elsewhere"))))
    assert lost_lines(DAYS, after) == []
    assert "DTSTART;VALUE=DATE:20260106\r\n" in after
    assert starts(after) == starts(DAYS)


def test_occurrence_without_its_series_says_which_it_is_from_16_on() -> None:
    text = text_of("google-overrides-alone.ics")
    assert shown(text, "16.1")["InstanceId"] == "20260203T140000Z"
    assert "InstanceId" not in shown(text, "14.1")
    assert "InstanceId" not in shown(DAILY, "16.1")


def test_device_of_16_hears_again_of_occurrences_that_it_forgets_when_the_series_moves() -> None:
    text = edited_instance(DAILY, "20260106T090000Z", subject("Later"))
    move = application_data(*at("20260105T100000Z", "20260105T110000Z"))
    assert calendar.differs(text, move, context("16.1"))
    assert not calendar.differs(text, move, context("14.1"))
    assert not calendar.differs(DAILY, move, context("16.1"))
    assert not calendar.differs(text, application_data(subject("New")), context("16.1"))


def test_device_hears_that_the_guests_of_others_are_not_its_to_change() -> None:
    text = meeting("ORGANIZER:mailto:eva@example.org", "ATTENDEE:mailto:ada@example.org")
    assert calendar.differs(text, application_data(attendees(("bob@example.org", "1"))), context())
    assert not calendar.differs(text, application_data(attendees(("Ada@example.org", "1"))), context())
    assert not calendar.differs(text, application_data(subject("x")), context())


@pytest.mark.parametrize("version", ["14.1", "16.1"])
def test_change_of_this_and_all_future_occurrences_survives_an_edit(version: str) -> None:
    text = text_of("this-and-future.ics")
    assert new_lines(text, edited(text, subject("New title"), version=version)) == ["SUMMARY:New title"]


@pytest.mark.parametrize("hours", [2, 11, 13, 20])
def test_exception_named_by_where_it_was_is_found_however_far_the_series_moved(hours: int) -> None:
    changed = edited(DAILY, exceptions(exception("20260107T090000Z", subject("Third"))))
    rendered = [each for each in calendar.render(changed, context("14.1")) if each.tag not in ("StartTime", "EndTime")]
    start = datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(hours=hours)
    times = at(f"{start:%Y%m%dT%H%M%SZ}", f"{start.replace(minute=30):%Y%m%dT%H%M%SZ}")
    data = application_data(*rendered, *times)
    after = calendar.patch(changed, data, context("14.1"), ghosted=removed, uid="u")
    assert after.count("RECURRENCE-ID") == 1
    assert after.count("SUMMARY:Third") == 1
