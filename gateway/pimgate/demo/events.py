"""Sample events around today: series in two time zones, with an exception and an excluded day, whole days, and a flight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pimgate.text.events import EventSet, new_event, parse_event_set
from pimgate.text.lines import escape

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
HOLIDAYS = (
    ("New Year", 1, 1),
    ("Labour Day", 5, 1),
    ("Midsummer", 6, 24),
    ("All Saints", 11, 1),
    ("Boxing Day", 12, 26),
)


@dataclass(frozen=True, slots=True)
class SampleEvent:
    """One event: the name of its file, its summary, and the whole text."""

    name: str
    summary: str
    text: str


def events_of(calendar: str, today: date) -> list[SampleEvent]:
    """The sample events of a calendar, as seen from `today`."""
    return CALENDARS[calendar](today - timedelta(days=today.weekday()))


def _calendar(monday: date) -> list[SampleEvent]:
    meeting = _event("weekly", "Monday meeting", _at(monday, 9, BERLIN), 45, rule="FREQ=WEEKLY;BYDAY=MO")
    third, fifth = (_at(monday + timedelta(weeks=weeks), 9, BERLIN) for weeks in (2, 4))
    moved = meeting.add_override(third)
    meeting.set_time(moved, "DTSTART", third + timedelta(hours=2))
    meeting.set_time(moved, "DTEND", third + timedelta(hours=2, minutes=45))
    moved.set("LOCATION", "Room with a view")
    meeting.exclude(fifth)
    call = _event(
        "monthly", "Call with New York", _at(_last_friday(monday), 16, NEW_YORK), 60, rule="FREQ=MONTHLY;BYDAY=-1FR"
    )
    flight = _event(
        "flight",
        "Flight to New York",
        _at(monday + timedelta(days=10), 10, BERLIN),
        end=_at(monday + timedelta(days=10), 13, NEW_YORK),
        place="BER",
    )
    birthday = _event("birthday", "Amara's birthday", date(monday.year, 3, 9), rule="FREQ=YEARLY")
    return [_sample(each) for each in (meeting, call, flight, birthday)]


def _rehearsals(monday: date) -> list[SampleEvent]:
    tuesday = _at(monday + timedelta(days=1), 19, BERLIN)
    weekly = _event("choir", "Choir rehearsal", tuesday, 120, rule="FREQ=WEEKLY;BYDAY=TU", place="St. Mary, side door")
    concert = _event("concert", "Summer concert", _at(monday + timedelta(days=26), 20, BERLIN), 150, place="Town hall")
    return [_sample(each) for each in (weekly, concert)]


def _workshop(monday: date) -> list[SampleEvent]:
    thursday = _at(monday + timedelta(days=3), 14, BERLIN)
    biweekly = _event("planing", "Planing course", thursday, 180, rule="FREQ=WEEKLY;INTERVAL=2;COUNT=12;BYDAY=TH")
    delivery = _event("oak", "Oak arrives", _at(monday + timedelta(days=4), 8, BERLIN), 30, place="Yard gate")
    return [_sample(each) for each in (biweekly, delivery)]


def _holidays(monday: date) -> list[SampleEvent]:
    days = [
        (f"{name} {year}", date(year, month, day))
        for year in (monday.year, monday.year + 1)
        for name, month, day in HOLIDAYS
    ]
    return [_sample(_event(name.lower().replace(" ", "-"), name, day)) for name, day in days]


CALENDARS: Mapping[str, Callable[[date], list[SampleEvent]]] = {
    "Calendar": _calendar,
    "Rehearsals": _rehearsals,
    "Workshop": _workshop,
    "Holidays": _holidays,
}


def _last_friday(day: date) -> date:
    """That of the month of `day`."""
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - 4) % 7)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone)


def _event(
    uid: str,
    summary: str,
    start: date | datetime,
    minutes: int = 60,
    *,
    end: datetime | None = None,
    rule: str = "",
    place: str = "",
) -> EventSet:
    """An event of so many minutes, or until `end`; a date is the whole day."""
    if isinstance(start, datetime):
        until: date | datetime = end or start + timedelta(minutes=minutes)
    else:
        until = start + timedelta(days=1)
    stamp = datetime(2026, 1, 1, tzinfo=UTC)
    events = parse_event_set(new_event(f"demo-{uid}", start, until, stamp=stamp, summary=summary))
    master = events.master
    assert master is not None, "a new event has a master"
    if rule:
        master.set("RRULE", rule)
    if place:
        master.set("LOCATION", escape(place))
    return events


def _sample(events: EventSet) -> SampleEvent:
    master = events.master
    assert master is not None, "a new event has a master"
    uid, summary = master.get("UID"), master.get("SUMMARY")
    assert uid is not None and summary is not None
    return SampleEvent(f"{uid.text}.ics", summary.text, events.to_text())
