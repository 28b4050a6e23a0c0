"""Who may know when somebody is taken, and what counts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.seen import through
from gateway.texts import calendar, event
from pimgate import availability, busy, calendar_zone, collections, sharing, subscriptions
from pimgate.core import Core
from pimgate.errors import BadItem, ItemTooLarge, Refused
from pimgate.model.busy import Busy, Span
from pimgate.model.collections import Collection, CollectionKind, Grant, Right, Role
from pimgate.model.people import Account, AccountState
from pimgate.settings import Accounts, FreeBusy, Visibility
from pimgate.text.expansion import Effort
from pimgate.text.zone_object import zone_object

DAY = datetime(2026, 11, 23, tzinfo=UTC)
NINE = int((DAY + timedelta(hours=9)).timestamp())
WEEK = DAY, DAY + timedelta(days=7)


@pytest.fixture
def anna(person: Callable[[str], Account]) -> Account:
    return person("anna")


@pytest.fixture
def bert(person: Callable[[str], Account]) -> Account:
    return person("bert")


def default_calendar(core: Core, who: Account) -> Collection:
    with core.database.read() as work:
        return next(
            each.collection
            for each in work.collections.standings(who.id)
            if each.collection.kind is CollectionKind.CALENDAR and each.collection.role is Role.DEFAULT
        )


def put(core: Core, who: Account, text: str, into: Collection | None = None, name: str = "a") -> None:
    target = into or default_calendar(core, who)
    with core.database.write() as work:
        core.catalogue.open_view(work, through(who, "web"), target.id).put(f"{name}.ics", text)


def asked(
    core: Core, viewer: Account, person: Account | str, window: tuple[datetime, datetime] = WEEK
) -> list[Span] | None:
    with core.database.read() as work:
        return busy.busy(core, work, viewer, person, *window)


MEETING = event("a", "20261123T090000Z")
TAKEN = [Span(NINE, NINE + 3600, Busy.BUSY)]


def test_colleague_sees_when_somebody_is_busy(core: Core, anna: Account, bert: Account) -> None:
    put(core, anna, MEETING)
    assert asked(core, bert, anna) == asked(core, bert, "Anna@Example.org") == asked(core, anna, anna) == TAKEN


def test_somebody_without_appointments_is_free(core: Core, anna: Account, bert: Account) -> None:
    assert asked(core, bert, anna) == []


@pytest.mark.parametrize(
    "address", ["nobody@example.org", "anna@elsewhere.example", "anna", "", "@", "a b@c", "x" * 999]
)
def test_nothing_is_known_of_strangers(core: Core, bert: Account, address: str) -> None:
    assert asked(core, bert, address) is None


def test_nothing_is_known_of_somebody_who_was_disabled(core: Core, anna: Account, bert: Account) -> None:
    with core.database.write() as work:
        core.people.set_state(work, anna.id, AccountState.DISABLED)
    assert asked(core, bert, anna) is None


def test_operator_may_keep_it_to_oneself(make_core: Callable[..., Core]) -> None:
    core = make_core(visibility=Visibility(free_busy=FreeBusy.NOBODY))
    with core.database.read() as work:
        anna, bert = core.people.get(work, "anna@example.org"), core.people.get(work, "bert@example.org")
    put(core, anna, MEETING)
    assert asked(core, bert, anna) is None
    assert asked(core, anna, anna) == TAKEN


def test_all_own_calendars_count_whatever_their_switch(core: Core, anna: Account, bert: Account) -> None:
    with core.database.write() as work:
        club = collections.create(work, anna.id, CollectionKind.CALENDAR, "Club")
        subscriptions.turn(work, anna.id, club.id, is_on=False)
    put(core, anna, MEETING, club)
    assert asked(core, bert, anna) == TAKEN
    with core.database.write() as work:
        subscriptions.unsubscribe(work, anna.id, club.id)
    assert asked(core, bert, anna) == TAKEN


def test_calendars_of_others_do_not_count(core: Core, anna: Account, bert: Account) -> None:
    mine = default_calendar(core, anna)
    put(core, anna, MEETING)
    with core.database.write() as work:
        sharing.grant(work, Grant(mine.id, bert.id, Right.WRITE))
        subscriptions.subscribe(work, bert.id, mine.id)
    assert asked(core, anna, bert) == []


def test_calendar_that_takes_no_time_does_not_count(core: Core, anna: Account, bert: Account) -> None:
    with core.database.write() as work:
        club = collections.create(work, anna.id, CollectionKind.CALENDAR, "Birthdays")
        collections.change(work, anna.id, club.id, properties={busy.TRANSPARENCY: "transparent"})
    put(core, anna, MEETING, club)
    assert asked(core, bert, anna) == []


def test_tasks_take_no_time(core: Core, anna: Account, bert: Account) -> None:
    with core.database.write() as work:
        mixed = collections.create(work, anna.id, CollectionKind.CALENDAR, "Mixed", components="VEVENT,VTODO")
    put(core, anna, calendar("VTODO", ["UID:t", "DTSTART:20261123T090000Z", "DUE:20261123T100000Z"]), mixed)
    assert asked(core, bert, anna) == []


def test_private_event_counts_like_others(core: Core, anna: Account, bert: Account) -> None:
    put(core, anna, event("a", "20261123T090000Z", "Doctor", "CLASS:PRIVATE"))
    assert asked(core, bert, anna) == TAKEN


def test_answer_of_the_person_counts(core: Core, anna: Account, bert: Account) -> None:
    lines = ("ORGANIZER:mailto:bert@example.org", "ATTENDEE;PARTSTAT=DECLINED:mailto:anna@example.org")
    put(core, anna, event("a", "20261123T090000Z", "Talk", *lines))
    put(core, bert, event("a", "20261123T090000Z", "Talk", *lines))
    assert asked(core, bert, anna) == []
    assert asked(core, anna, bert) == TAKEN


@pytest.mark.parametrize("years", [-8, 0, 1, 9])
def test_endless_series_is_known_within_and_beyond_what_is_kept(
    core: Core, anna: Account, bert: Account, years: int
) -> None:
    put(core, anna, event("a", "20100104T090000Z", "Team", "RRULE:FREQ=DAILY"))
    start = DAY.replace(year=DAY.year + years)
    spans = asked(core, bert, anna, (start, start + timedelta(days=3)))
    nine = int((start + timedelta(hours=9)).timestamp())
    assert spans == [Span(nine + day * 86_400, nine + day * 86_400 + 3600, Busy.BUSY) for day in range(3)]


def test_series_with_a_cancelled_occurrence_leaves_a_gap(core: Core, anna: Account, bert: Account) -> None:
    lines = ["UID:a", "DTSTART:20261123T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "END:VEVENT", "BEGIN:VEVENT"]
    lines += ["UID:a", "RECURRENCE-ID:20261124T090000Z", "DTSTART:20261124T090000Z", "DURATION:PT1H"]
    put(core, anna, calendar("VEVENT", [*lines, "STATUS:CANCELLED"]))
    spans = asked(core, bert, anna, (DAY, DAY + timedelta(days=3)))
    assert spans == [*TAKEN, Span(NINE + 2 * 86_400, NINE + 2 * 86_400 + 3600, Busy.BUSY)]


def test_whole_day_lies_in_the_zone_of_the_deployment(make_core: Callable[..., Core]) -> None:
    zone = Accounts(default_domain="example.org", time_zone="Pacific/Kiritimati")
    core = make_core(accounts=zone)
    with core.database.read() as work:
        anna = core.people.get(work, "anna@example.org")
    put(core, anna, calendar("VEVENT", ["UID:a", "DTSTART;VALUE=DATE:20261124"]))
    ten = int((DAY + timedelta(hours=10)).timestamp())
    assert asked(core, anna, anna) == [Span(ten, ten + 86_400, Busy.BUSY)]


def test_whole_day_that_began_before_the_window_is_seen(make_core: Callable[..., Core]) -> None:
    core = make_core(accounts=Accounts(default_domain="example.org", time_zone="America/Los_Angeles"))
    with core.database.read() as work:
        anna = core.people.get(work, "anna@example.org")
    put(core, anna, calendar("VEVENT", ["UID:a", "DTSTART;VALUE=DATE:20261122"]))
    eight = int((DAY + timedelta(hours=8)).timestamp())
    assert asked(core, anna, anna) == [Span(eight - 8 * 3600, eight, Busy.BUSY)]


def test_too_much_to_look_at_is_not_told_as_free(
    core: Core, anna: Account, bert: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        put(core, anna, event(name, "20261123T090000Z"), name=name)
    monkeypatch.setattr(busy, "MOST_ITEMS", 3)
    assert asked(core, bert, anna) == TAKEN
    monkeypatch.setattr(busy, "MOST_ITEMS", 2)
    assert asked(core, bert, anna) is None


def test_too_many_series_beyond_what_is_kept_are_not_told_as_free(
    core: Core, anna: Account, bert: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        put(core, anna, event(name, "20261123T090000Z", "Team", "RRULE:FREQ=DAILY"), name=name)
    later = DAY.replace(year=DAY.year + 20), DAY.replace(year=DAY.year + 20) + timedelta(days=1)
    monkeypatch.setattr(busy, "MOST_WORKED_OUT", 1)
    assert asked(core, bert, anna) is not None
    assert asked(core, bert, anna, later) is None
    monkeypatch.setattr(busy, "MOST_WORKED_OUT", 2)
    assert asked(core, bert, anna, later) is not None


def test_nobody_asks_about_years(core: Core, anna: Account) -> None:
    with pytest.raises(Refused):
        asked(core, anna, anna, (DAY, DAY + timedelta(days=401)))


def say_hours(core: Core, who: Account, *lines: str, start: str = "20260105T080000Z") -> None:
    """Keep that somebody is available from eight to four, from Monday to Friday."""
    series = ["BEGIN:AVAILABLE", f"DTSTART:{start}", "DURATION:PT8H", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"]
    with core.database.write() as work:
        availability.keep(work, who.id, calendar("VAVAILABILITY", ["UID:h", *lines, *series, "END:AVAILABLE"]))


def hours(first: float, last: float, status: Busy = Busy.UNAVAILABLE) -> Span:
    return Span(int(DAY.timestamp() + first * 3600), int(DAY.timestamp() + last * 3600), status)


ONE_DAY = DAY, DAY + timedelta(days=1)
one_database = pytest.mark.parametrize("kind", ["sqlite"])


def test_somebody_is_not_available_outside_of_their_hours(core: Core, anna: Account, bert: Account) -> None:
    say_hours(core, anna)
    put(core, anna, MEETING)
    spans = asked(core, bert, anna, ONE_DAY)
    assert spans == asked(core, anna, anna, ONE_DAY) == [hours(0, 8), *TAKEN, hours(16, 24)]
    assert asked(core, anna, bert, ONE_DAY) == []
    with core.database.write() as work:
        availability.keep(work, anna.id, None)
        assert availability.text_of(work, anna.id) is None
    assert asked(core, bert, anna, ONE_DAY) == TAKEN


@one_database
def test_meeting_at_night_shows_as_what_it_is_and_a_perhaps_hides_no_night(
    core: Core, anna: Account, bert: Account
) -> None:
    say_hours(core, anna)
    put(core, anna, event("n", "20261123T030000Z"), name="n")
    put(core, anna, event("t", "20261123T050000Z", "Perhaps", "STATUS:TENTATIVE"), name="t")
    found = [hours(0, 3), hours(3, 4, Busy.BUSY), hours(4, 8), hours(16, 24)]
    assert asked(core, bert, anna, ONE_DAY) == found


@one_database
def test_hours_are_those_of_the_person_and_not_of_one_calendar(core: Core, anna: Account) -> None:
    say_hours(core, anna)
    put(core, anna, MEETING)
    with core.database.read() as work:
        view = core.catalogue.open_view(work, through(anna, "web"), default_calendar(core, anna).id)
        assert busy.busy_in(core, work, view, *ONE_DAY) == TAKEN


@one_database
def test_floating_hours_are_meant_where_the_person_lives(make_core: Callable[..., Core]) -> None:
    core = make_core(accounts=Accounts(default_domain="example.org", time_zone="Europe/Berlin"))
    with core.database.read() as work:
        anna = core.people.get(work, "anna@example.org")
    say_hours(core, anna, start="20260105T080000")
    assert asked(core, anna, anna, ONE_DAY) == [hours(0, 7), hours(15, 24)]
    moved = {calendar_zone.PROPERTY: zone_object("America/New_York", DAY.year, "-//tests//EN")}
    with core.database.write() as work:
        collections.change(work, anna.id, default_calendar(core, anna).id, properties=moved)
    assert asked(core, anna, anna, ONE_DAY) == [hours(0, 13), hours(21, 24)]


@one_database
def test_whole_day_lies_in_the_zone_of_its_calendar(core: Core, anna: Account) -> None:
    zones = {"Work": "Pacific/Kiritimati", "Home": None}
    for name, zone in zones.items():
        with core.database.write() as work:
            made = collections.create(work, anna.id, CollectionKind.CALENDAR, name)
            collections.change(work, anna.id, made.id, properties={calendar_zone.PROPERTY: zone})
        put(core, anna, calendar("VEVENT", [f"UID:{name}", "DTSTART;VALUE=DATE:20261124"]), into=made)
    begin = int((DAY + timedelta(hours=10)).timestamp())
    assert asked(core, anna, anna) == [Span(begin, begin + 86_400 + 14 * 3600, Busy.BUSY)]


@one_database
def test_hours_that_cannot_be_told_are_not_taken_and_the_former_ones_stay(core: Core, anna: Account) -> None:
    say_hours(core, anna)
    for lines, error in (
        (["DTSTART:never"], BadItem),
        ([f"SUMMARY:{'x' * 70_000}"], ItemTooLarge),
        (
            ["BEGIN:AVAILABLE", "DTSTART:20260101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "END:AVAILABLE"] * 50,
            BadItem,
        ),
    ):
        with pytest.raises(error), core.database.write() as work:
            availability.keep(work, anna.id, calendar("VAVAILABILITY", lines))
    assert asked(core, anna, anna, ONE_DAY) == [hours(0, 8), hours(16, 24)]


@one_database
def test_hours_that_cost_too_much_to_tell_are_not_told_as_free(
    core: Core, anna: Account, bert: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    say_hours(core, anna)
    monkeypatch.setattr("pimgate.text.availability.MOST_STEPS", 1)
    assert asked(core, bert, anna) is None


@one_database
def test_series_that_costs_too_much_is_not_told_and_leaves_something_for_the_next_person(
    core: Core, anna: Account, bert: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(core, anna, event("s", "20200101T090000Z", "Shift", "RRULE:FREQ=DAILY;BYHOUR=9,10"))
    put(core, bert, MEETING)
    later = DAY + timedelta(days=3650), DAY + timedelta(days=3660)
    effort = Effort(busy.MOST_EFFORT)
    with core.database.read() as work:
        assert busy.busy(core, work, bert, anna, *later, effort=effort)
        used = busy.MOST_EFFORT - effort.left
    assert used > 20
    little = Effort(used)
    with core.database.read() as work:
        assert busy.busy(core, work, bert, anna, *later, effort=little) is None
        assert busy.busy(core, work, anna, bert, *ONE_DAY, effort=little) == TAKEN
    assert 0 < little.left < used


@one_database
@pytest.mark.parametrize("edge", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_times_of_which_nothing_is_told_are_refused(core: Core, anna: Account, edge: datetime) -> None:
    with pytest.raises(Refused):
        asked(core, anna, anna, (edge, edge + timedelta(hours=1)))
