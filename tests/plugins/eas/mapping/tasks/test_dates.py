"""Start and due: days stay days in every time zone, times keep the manner they were written in."""

from __future__ import annotations

import pytest

from pimgate_eas.mapping.errors import CannotConvert
from plugins.eas.mapping.tasks.tasks import context, edited, fields, lines_of, made, named, shown, task

ZONES = ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Pacific/Kiritimati", "UTC"]
TIMED = task("DTSTART;TZID=Europe/Berlin:20260107T090000", "DUE;TZID=Europe/Berlin:20260107T180000")


def day(iso: str) -> str:
    return f"{iso}T00:00:00.000Z"


@pytest.mark.parametrize("zone", ZONES)
def test_day_is_shown_as_its_midnight_and_as_the_moment_of_it(zone: str) -> None:
    found = shown(task("DUE;VALUE=DATE:20260107"), context(zone=zone))
    assert found["DueDate"] == day("2026-01-07")
    assert str(found["UtcDueDate"]) <= "2026-01-07T05:00:00.000Z"
    assert "StartDate" not in found


@pytest.mark.parametrize("zone", ZONES)
def test_new_day_is_kept_as_a_day_in_every_zone(zone: str) -> None:
    who = context(zone=zone)
    text = task("DUE;VALUE=DATE:20260107")
    moved = str(shown(task("DUE;VALUE=DATE:20260309"), who)["UtcDueDate"])
    for sent in (
        fields(DueDate=day("2026-03-09"), UtcDueDate=moved),  # as specified
        fields(DueDate=day("2026-03-09"), UtcDueDate=day("2026-03-09")),  # the day twice
        fields(DueDate=moved, UtcDueDate=moved),  # the moment twice
    ):
        assert "DUE;VALUE=DATE:20260309" in lines_of(edited(text, *sent, who=who))
    assert "DUE;VALUE=DATE:20260309" in lines_of(named(text, *fields(UtcDueDate=moved), who=who))


def test_device_in_another_zone_than_the_person_means_the_day_on_its_clocks() -> None:
    sent = fields(Subject="x", DueDate=day("2026-01-07"), UtcDueDate="2026-01-06T11:00:00.000Z")
    assert "DUE;VALUE=DATE:20260107" in lines_of(made(*sent))


def test_task_with_an_hour_moves_to_another_day_at_the_same_hour() -> None:
    sent = fields(StartDate=day("2026-07-02"), UtcStartDate="2026-07-01T22:00:00.000Z", DueDate=day("2026-07-03"))
    found = lines_of(edited(TIMED, *sent, without=("UtcDueDate",)))
    assert found[:2] == ["DTSTART;TZID=Europe/Berlin:20260702T090000", "DUE;TZID=Europe/Berlin:20260703T180000"]


def test_device_that_knows_only_days_gives_the_same_day_back_and_the_hour_stays() -> None:
    utc = "2026-01-06T23:00:00.000Z"
    sent = fields(StartDate=day("2026-01-07"), UtcStartDate=utc, DueDate=day("2026-01-07"), UtcDueDate=utc)
    assert edited(TIMED, *sent) == TIMED


@pytest.mark.parametrize(
    ("kept", "new"),
    [
        ("DUE;TZID=Europe/Berlin:20260107T180000", "DUE;TZID=Europe/Berlin:20260108T173000"),
        ("DUE:20260107T170000Z", "DUE:20260108T163000Z"),
        ("DUE:20260107T180000", "DUE:20260108T173000"),
        ("DUE;TZID=America/New_York:20260107T120000", "DUE;TZID=America/New_York:20260108T113000"),
    ],
)
def test_another_hour_is_written_in_the_manner_of_the_old_one(kept: str, new: str) -> None:
    sent = fields(DueDate="2026-01-08T17:30:00.000Z", UtcDueDate="2026-01-08T16:30:00.000Z")
    assert lines_of(edited(task(kept), *sent))[0] == new


def test_new_task_with_an_hour_has_the_persons_zone() -> None:
    text = made(*fields(Subject="x", DueDate="2026-01-08T17:30:00.000Z", UtcDueDate="2026-01-08T16:30:00.000Z"))
    assert "DUE;TZID=Europe/Berlin:20260108T173000" in lines_of(text)
    assert "TZID:Europe/Berlin" in text.partition("BEGIN:VTODO")[0]


def test_day_beside_an_hour_becomes_an_hour() -> None:
    sent = fields(
        StartDate=day("2026-01-08"), DueDate="2026-01-08T17:30:00.000Z", UtcDueDate="2026-01-08T16:30:00.000Z"
    )
    found = lines_of(made(*sent))
    assert "DTSTART;TZID=Europe/Berlin:20260108T000000" in found


def test_length_becomes_a_due_date_when_either_is_edited() -> None:
    text = task("DTSTART:20260107T090000", "DURATION:PT2H")
    assert shown(text)["DueDate"] == "2026-01-07T11:00:00.000Z"
    found = lines_of(
        named(text, *fields(StartDate="2026-01-07T08:00:00.000Z", UtcStartDate="2026-01-07T07:00:00.000Z"))
    )
    assert found[0] == "DTSTART:20260107T080000"
    assert "DUE:20260107T110000" in found
    assert "DURATION:PT2H" not in found


def test_date_that_is_left_out_or_empty_is_removed() -> None:
    text = task("DTSTART;VALUE=DATE:20260105", "DUE;VALUE=DATE:20260107")
    assert "DUE" not in edited(text, without=("DueDate", "UtcDueDate"))
    assert "DUE" not in named(text, *fields(DueDate="", UtcDueDate=""))
    assert named(text) == text


def test_task_that_is_due_before_it_begins_is_refused() -> None:
    with pytest.raises(CannotConvert, match="before it begins"):
        made(*fields(StartDate=day("2026-01-08"), DueDate=day("2026-01-07")))
    text = task("DTSTART;VALUE=DATE:20260109", "DUE;VALUE=DATE:20260107")
    assert edited(text) == text  # what is there already is nobody's fault


@pytest.mark.parametrize("word", ["tomorrow", "2026-13-01T00:00:00.000Z", "20260101", "0000-01-01T00:00:00.000Z"])
def test_what_is_no_date_is_refused(word: str) -> None:
    if word == "20260101":
        assert "DUE;VALUE=DATE:20260101" in made(*fields(DueDate=word))
        return
    with pytest.raises(CannotConvert):
        made(*fields(DueDate=word))
