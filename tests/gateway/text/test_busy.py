"""How one calendar object takes its owner's time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.texts import calendar
from pimgate.model.busy import Busy, Span
from pimgate.text.busy import Appointment
from pimgate.text.component import Component
from pimgate.text.events import EventSet
from pimgate.text.expansion import Effort

BERLIN = ZoneInfo("Europe/Berlin")
ANNA = "anna@example.org"
WINDOW = datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def span(start: str, end: str, status: Busy = Busy.BUSY) -> Span:
    return Span(moment(start), moment(end), status)


def event(*lines: str, start: str = "DTSTART:20261123T090000Z", length: str = "DURATION:PT1H") -> str:
    return calendar("VEVENT", ["UID:a", "DTSTAMP:20261101T000000Z", start, length, "SUMMARY:Secret", *lines])


def series(*changed: str, rule: str = "RRULE:FREQ=DAILY;COUNT=3", status: str = "TRANSP:OPAQUE") -> str:
    """Three days at nine, and changed occurrences of them."""
    text = event(rule, status)
    parts = "".join(
        f"BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\n{each}\r\nEND:VEVENT\r\n" for each in changed
    )
    return text.replace("END:VCALENDAR", f"{parts}END:VCALENDAR")


def taken(text: str) -> list[Span]:
    found = Appointment(text, ANNA, BERLIN).spans(*WINDOW)
    return sorted(found, key=lambda each: (each.start, each.end))


INVITED = "ORGANIZER:mailto:bert@example.org"


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ((), Busy.BUSY),
        (("STATUS:CONFIRMED",), Busy.BUSY),
        (("STATUS:TENTATIVE",), Busy.TENTATIVE),
        (("STATUS:CANCELLED",), Busy.FREE),
        (("TRANSP:OPAQUE",), Busy.BUSY),
        (("TRANSP:TRANSPARENT",), Busy.FREE),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF",), Busy.UNAVAILABLE),
        (("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",), Busy.TENTATIVE),
        (("X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:TRANSPARENT"), Busy.FREE),
        (("X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "TRANSP:TRANSPARENT"), Busy.FREE),
        (("X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:OPAQUE"), Busy.BUSY),
        (("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", "TRANSP:TRANSPARENT"), Busy.FREE),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF", "STATUS:CANCELLED"), Busy.FREE),
        (("CLASS:PRIVATE",), Busy.BUSY),
        ((INVITED, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@example.org"), Busy.BUSY),
        ((INVITED, "ATTENDEE;PARTSTAT=DECLINED:MAILTO:Anna@Example.org"), Busy.FREE),
        ((INVITED, "ATTENDEE;PARTSTAT=DECLINED;EMAIL=anna@example.org:urn:uuid:1"), Busy.FREE),
        ((INVITED, "ATTENDEE;PARTSTAT=DECLINED:mailto:cleo@example.org"), Busy.BUSY),
        ((INVITED, "ATTENDEE;PARTSTAT=TENTATIVE:mailto:anna@example.org"), Busy.TENTATIVE),
        ((INVITED, "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:anna@example.org"), Busy.TENTATIVE),
        (("ORGANIZER:mailto:anna@example.org", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:anna@example.org"), Busy.BUSY),
    ],
)
def test_what_an_event_says_of_its_time(lines: tuple[str, ...], status: Busy) -> None:
    expected = [] if status is Busy.FREE else [span("2026-11-23T09:00", "2026-11-23T10:00", status)]
    assert taken(event(*lines)) == expected
    assert Appointment(event(*lines), ANNA, BERLIN).is_free is (status is Busy.FREE)


def test_whole_day_is_meant_where_the_person_is() -> None:
    text = event(start="DTSTART;VALUE=DATE:20261123", length="DTEND;VALUE=DATE:20261125")
    assert taken(text) == [span("2026-11-22T23:00", "2026-11-24T23:00")]


def test_floating_time_is_meant_where_the_person_is() -> None:
    assert taken(event(start="DTSTART:20261123T090000")) == [span("2026-11-23T08:00", "2026-11-23T09:00")]


def test_time_in_a_zone_is_meant_there() -> None:
    text = event(start="DTSTART;TZID=America/New_York:20261123T090000")
    assert taken(text) == [span("2026-11-23T14:00", "2026-11-23T15:00")]


def test_whole_days_of_a_series_are_meant_where_the_person_is() -> None:
    text = event("RRULE:FREQ=DAILY;COUNT=2", start="DTSTART;VALUE=DATE:20261123", length="DURATION:P1D")
    assert taken(text) == [
        span("2026-11-22T23:00", "2026-11-23T23:00"),
        span("2026-11-23T23:00", "2026-11-24T23:00"),
    ]


def test_series_takes_each_of_its_times() -> None:
    assert taken(series()) == [span(f"2026-11-{day}T09:00", f"2026-11-{day}T10:00") for day in (23, 24, 25)]


def test_changed_occurrence_speaks_for_itself() -> None:
    moved = "RECURRENCE-ID:20261124T090000Z\r\nDTSTART:20261124T120000Z\r\nDURATION:PT2H\r\nSTATUS:TENTATIVE"
    cancelled = "RECURRENCE-ID:20261125T090000Z\r\nDTSTART:20261125T090000Z\r\nDURATION:PT1H\r\nSTATUS:CANCELLED"
    assert taken(series(moved, cancelled)) == [
        span("2026-11-23T09:00", "2026-11-23T10:00"),
        span("2026-11-24T12:00", "2026-11-24T14:00", Busy.TENTATIVE),
    ]


def test_one_busy_occurrence_of_a_transparent_series_is_busy() -> None:
    busy_one = "RECURRENCE-ID:20261124T090000Z\r\nDTSTART:20261124T090000Z\r\nDURATION:PT1H\r\nTRANSP:OPAQUE"
    text = series(busy_one, status="TRANSP:TRANSPARENT")
    assert taken(text) == [span("2026-11-24T09:00", "2026-11-24T10:00")]
    assert not Appointment(text, ANNA, BERLIN).is_free


def test_changed_occurrence_that_meets_another_leaves_both() -> None:
    moved = "RECURRENCE-ID:20261124T090000Z\r\nDTSTART:20261125T090000Z\r\nDURATION:PT1H\r\nTRANSP:TRANSPARENT"
    assert taken(series(moved)) == [span(f"2026-11-{day}T09:00", f"2026-11-{day}T10:00") for day in (23, 25)]


def test_occurrence_that_came_without_its_series_counts() -> None:
    text = calendar(
        "VEVENT",
        ["UID:a", "RECURRENCE-ID:20261124T090000Z", "DTSTART:20261124T100000Z", "DTEND:20261124T110000Z"],
    )
    assert taken(text) == [span("2026-11-24T10:00", "2026-11-24T11:00")]


def test_change_of_this_and_all_that_follow_moves_all_that_follow() -> None:
    moved = "RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T090000Z\r\nDTSTART:20261124T110000Z\r\nDURATION:PT1H"
    assert taken(series(moved)) == [
        span("2026-11-23T09:00", "2026-11-23T10:00"),
        span("2026-11-24T11:00", "2026-11-24T12:00"),
        span("2026-11-25T11:00", "2026-11-25T12:00"),
    ]


@pytest.mark.parametrize(
    ("text", "is_even"),
    [
        (series(), True),
        (series(rule="RRULE:FREQ=WEEKLY"), True),
        (series(rule="RRULE:FREQ=DAILY;BYHOUR=8,9,10,11"), False),
        (series(rule="RRULE:FREQ=HOURLY;COUNT=9"), False),
        (series(rule="RRULE:FREQ=DAILY\r\nRDATE:20261201T090000Z"), False),
        (series("RECURRENCE-ID:20261124T090000Z\r\nDTSTART:20261124T110000Z\r\nDURATION:PT1H"), False),
        (event(), False),
    ],
)
def test_even_series_are_known_to_the_occurrence_table(text: str, is_even: bool) -> None:
    assert Appointment(text, ANNA, BERLIN).is_even is is_even


def test_known_times_of_a_series_are_taken_as_they_are() -> None:
    kept = [(moment("2026-11-23T09:00"), moment("2026-11-23T10:00"))]
    found = list(Appointment(series(), ANNA, BERLIN).spans(*WINDOW, kept))
    assert found == [span("2026-11-23T09:00", "2026-11-23T10:00")]


def looks(monkeypatch: pytest.MonkeyPatch, changed: int) -> int:
    """How often the entries of a calendar object are gone through to tell its times."""
    count = 0
    plain = EventSet.entries.fget
    assert plain is not None

    def counted(self: EventSet) -> list[Component]:
        nonlocal count
        count += 1
        return plain(self)

    days = (datetime(2026, 11, 21, 9) + timedelta(days=at) for at in range(changed))
    parts = (f"RECURRENCE-ID:{day:%Y%m%dT%H%M%SZ}\r\nDTSTART:{day:%Y%m%dT11%M%SZ}\r\nDURATION:PT1H" for day in days)
    with monkeypatch.context() as patched:
        patched.setattr(EventSet, "entries", property(counted))
        found = taken(series(*parts, rule="RRULE:FREQ=DAILY"))
    assert len({each.start for each in found} & {moment("2026-11-23T11:00"), moment("2026-11-23T09:00")}) == 1
    return count


def test_many_changed_occurrences_are_not_looked_for_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks(monkeypatch, 60) == looks(monkeypatch, 6)


def test_what_is_left_out_of_a_series_is_said() -> None:
    appointment = Appointment(event("RRULE:FREQ=DAILY"), ANNA, BERLIN)
    assert (len(list(appointment.spans(*WINDOW, effort=Effort(1_000)))), appointment.is_cut) == (6, False)
    list(appointment.spans(*WINDOW, effort=Effort(10)))
    assert appointment.is_cut
