"""How far back a phone looks: FilterType over the wire, with a clock that moves."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from pimgate.items import drop
from pimgate.model.collections import CollectionId
from pimgate.text.events import new_event
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_ping import ping, status
from plugins.eas.test_sync import stored, write
from plugins.eas.wire import (
    Wire,
    add,
    change,
    collection,
    commands_of,
    delete,
    key_of,
    responses_of,
    status_of,
    sync,
    window,
)

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
TWO_WEEKS = "4"


@pytest.fixture
def wire(wire: Wire) -> Wire:
    """The wire of a gateway at NOW."""
    at(wire, NOW)
    return wire


def at(wire: Wire, moment: datetime) -> None:
    wire.core.database.clock = moment.timestamp


def looking_back(filter_type: str) -> Element:
    return Element("AirSync:Options", Element("AirSync:FilterType", text=filter_type))


def event(name: str, start: datetime, rule: str = "") -> str:
    text = new_event(name, start, start + timedelta(hours=1), stamp=NOW, summary=name)
    return text.replace("END:VEVENT", f"RRULE:{rule}\r\nEND:VEVENT") if rule else text


def events(wire: Wire, **days: float) -> tuple[str, dict[str, str]]:
    """A calendar with events that began so many days from NOW, by name; and their ids."""
    calendar = wire.folders()["Calendar"]
    for name, away in days.items():
        write(wire, calendar, f"{name}.ics", event(name, NOW + timedelta(days=away)))
    return calendar, names(wire, calendar)


def names(wire: Wire, calendar: str) -> dict[str, str]:
    return {text.partition("UID:")[2].partition("\r\n")[0]: item for item, text in stored(wire, calendar).items()}


def ids(part: Element | None, kind: str) -> set[str]:
    return {each.text_of("AirSync:ServerId") or "" for each in commands_of(part, kind)}


def first(wire: Wire, calendar: str, filter_type: str = TWO_WEEKS) -> Element:
    return wire.sync(collection(calendar, wire.begin(calendar), looking_back(filter_type)))[calendar]


def test_a_phone_gets_only_what_ends_after_its_cut(wire):
    calendar, known = events(wire, old=-15, recent=-13, future=3)
    part = first(wire, calendar)
    assert ids(part, "Add") == {known["recent"], known["future"]}
    assert wire.sync(collection(calendar, key_of(part))) == {}


def test_a_series_stays_while_one_of_its_days_is_not_past(wire):
    calendar, _ = events(wire)
    begun = NOW - timedelta(days=100)
    write(wire, calendar, "endless.ics", event("endless", begun, "FREQ=WEEKLY"))
    write(wire, calendar, "ended.ics", event("ended", begun, "FREQ=WEEKLY;COUNT=3"))
    write(wire, calendar, "late.ics", event("late", begun, "FREQ=WEEKLY;COUNT=14"))
    known = names(wire, calendar)
    assert ids(first(wire, calendar), "Add") == {known["endless"], known["late"]}


def test_an_item_that_ages_leaves_the_phone_once(wire):
    calendar, known = events(wire, soon=-13.5, later=-10)
    key = key_of(first(wire, calendar))
    assert wire.sync(collection(calendar, key)) == {}
    at(wire, NOW + timedelta(days=1))
    part = wire.sync(collection(calendar, key))[calendar]
    assert ids(part, "SoftDelete") == {known["soon"]}
    assert wire.sync(collection(calendar, key_of(part))) == {}
    assert len(stored(wire, calendar)) == 2


def test_an_answer_that_was_lost_takes_the_item_away_once_more(wire):
    calendar, known = events(wire, soon=-13.5)
    key = key_of(first(wire, calendar))
    at(wire, NOW + timedelta(days=1))
    told = wire.octets("Sync", sync(collection(calendar, key)))
    assert wire.octets("Sync", sync(collection(calendar, key))) == told
    part = wire.sync(collection(calendar, key, window(7)))[calendar]
    assert ids(part, "SoftDelete") == {known["soon"]}
    assert wire.sync(collection(calendar, key_of(part))) == {}


def test_another_filter_on_a_running_key_brings_and_takes_what_lies_between(wire):
    calendar, known = events(wire, spring=-60, may=-20, june=-5)
    part = first(wire, calendar)
    assert ids(part, "Add") == {known["june"]}
    part = wire.sync(collection(calendar, key_of(part), looking_back("5")))[calendar]
    assert ids(part, "Add") == {known["may"]}
    part = wire.sync(collection(calendar, key_of(part), looking_back("0")))[calendar]
    assert ids(part, "Add") == {known["spring"]}
    part = wire.sync(collection(calendar, key_of(part), looking_back(TWO_WEEKS), window(1)))[calendar]
    assert ids(part, "SoftDelete") == {known["spring"]}
    assert part.has("AirSync:MoreAvailable")
    part = wire.sync(collection(calendar, key_of(part)))[calendar]
    assert ids(part, "SoftDelete") == {known["may"]}
    assert wire.sync(collection(calendar, key_of(part))) == {}


def test_what_changes_outside_of_the_window_is_not_sent_and_what_comes_into_it_is_new(wire):
    calendar, known = events(wire, old=-30, older=-40, recent=-3)
    key = key_of(first(wire, calendar))
    write(wire, calendar, "old.ics", event("old", NOW - timedelta(days=31)))
    assert wire.octets("Sync", sync(collection(calendar, key))) == b""
    with wire.core.database.write() as work:
        drop(work, {head.name: head for head in work.items.heads(CollectionId(calendar))}["older.ics"])
    assert wire.sync(collection(calendar, key)) == {}
    write(wire, calendar, "old.ics", event("old", NOW + timedelta(days=1)))
    write(wire, calendar, "recent.ics", event("recent", NOW - timedelta(days=50)))
    part = wire.sync(collection(calendar, key))[calendar]
    assert (ids(part, "Add"), ids(part, "SoftDelete")) == ({known["old"]}, {known["recent"]})
    assert ids(part, "Change") == ids(part, "Delete") == set()


def times(start: datetime) -> tuple[Element, ...]:
    stamps = [each.strftime("%Y%m%dT%H%M%SZ") for each in (start, start + timedelta(hours=1))]
    names = ("Subject", "StartTime", "EndTime")
    return tuple(Element(f"Calendar:{name}", text=text) for name, text in zip(names, ("Mine", *stamps), strict=True))


def test_a_phones_own_edit_that_moves_an_event_into_the_past_takes_it_from_the_phone(wire):
    calendar, known = events(wire, recent=-3)
    key = key_of(first(wire, calendar))
    edit = change(known["recent"], *times(NOW - timedelta(days=60)))
    part = wire.sync(collection(calendar, key, commands=(edit,)))[calendar]
    assert [status_of(each) for each in responses_of(part, "Change")] in ([], ["1"])
    assert ids(part, "SoftDelete") == {known["recent"]}
    assert ids(part, "Change") == set()
    write(wire, calendar, "recent.ics", event("recent", NOW + timedelta(days=2)))
    part = wire.sync(collection(calendar, key_of(part)))[calendar]
    assert ids(part, "Add") == {known["recent"]}


def test_an_old_event_that_is_typed_into_the_phone_is_kept_here_and_leaves_it(wire):
    calendar, _ = events(wire)
    key = key_of(first(wire, calendar))
    part = wire.sync(collection(calendar, key, commands=(add("c1", *times(NOW - timedelta(days=60))),)))[calendar]
    [made] = [each.text_of("AirSync:ServerId") for each in responses_of(part, "Add")]
    assert ids(part, "SoftDelete") == {made} == set(stored(wire, calendar))
    assert wire.sync(collection(calendar, key_of(part))) == {}


def test_the_state_of_a_phone_with_a_filter_holds_no_list_of_items(wire):
    calendar, _ = events(wire, **{f"e{number}": number for number in range(1, 60)})
    key = key_of(first(wire, calendar))
    at(wire, NOW + timedelta(days=30))
    wire.sync(collection(calendar, key))
    with wire.core.database.read() as work:
        [device] = work.devices.all()
        [kept] = work.shelf.get_many(device.id, "eas/sync/").values()
    assert len(str(kept.content)) < 600


@pytest.mark.parametrize("command", ["Ping", "Sync"])
def test_a_phone_that_waits_is_told_when_an_item_ages(wire, command):
    calendar, known = events(wire, soon=-14, later=-10)
    key = key_of(first(wire, calendar))
    # The event ends an hour after it began: the clock stands two seconds before it is two weeks old.
    at(wire, NOW)
    begun, base = time.monotonic(), NOW + timedelta(hours=1, seconds=-2)
    wire.core.database.clock = lambda: base.timestamp() + time.monotonic() - begun
    body = ping(calendar) if command == "Ping" else sync(collection(calendar, key), HeartbeatInterval="60")
    answers: list[Element | None] = []
    thread = threading.Thread(target=lambda: answers.append(wire.ask(command, body)))
    thread.start()
    thread.join(30)
    assert answers, "time alone did not end the wait"
    [answer] = answers
    assert answer is not None
    if command == "Ping":
        assert status(answer) == "2"
        part = wire.sync(collection(calendar, key))[calendar]
    else:
        [part] = answer.path("AirSync:Collections", "AirSync:Collection")
    assert ids(part, "SoftDelete") == {known["soon"]}


def task(name: str, status: str = "NEEDS-ACTION") -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VTODO\r\n"
        f"UID:{name}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:{name}\r\nSTATUS:{status}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )


def test_a_phone_that_wants_open_tasks_loses_those_that_are_done(wire):
    tasks = wire.folders()["Tasks"]
    for name, state in (("open", "NEEDS-ACTION"), ("done", "COMPLETED")):
        write(wire, tasks, f"{name}.ics", task(name, state))
    known = names(wire, tasks)
    part = first(wire, tasks, "8")
    assert ids(part, "Add") == {known["open"]}
    write(wire, tasks, "open.ics", task("open", "COMPLETED"))
    write(wire, tasks, "done.ics", task("done"))
    part = wire.sync(collection(tasks, key_of(part)))[tasks]
    assert (ids(part, "Add"), ids(part, "SoftDelete")) == ({known["done"]}, {known["open"]})
    part = wire.sync(collection(tasks, key_of(part), looking_back("0")))[tasks]
    assert ids(part, "Add") == {known["open"]}


def test_a_filter_that_nobody_knows_makes_no_sense(wire):
    calendar = wire.folders()["Calendar"]
    answer = wire.ask("Sync", sync(collection(calendar, wire.begin(calendar), looking_back("9"))))
    assert answer is not None
    assert status_of(answer) == "4"


def test_ids_that_a_phone_invents_leave_nothing_behind(wire):
    calendar, known = events(wire, one=1)
    part = first(wire, calendar)
    key = key_of(part)
    for turn in range(3):
        made_up = tuple(delete(f"{calendar}:{10_000 + 200 * turn + number}") for number in range(199))
        no_changes = Element("AirSync:GetChanges", text="0")
        key = key_of(wire.sync(collection(calendar, key, no_changes, commands=made_up))[calendar])
    with wire.core.database.read() as work:
        [device] = work.devices.all()
        [kept] = work.shelf.get_many(device.id, "eas/sync/").values()
    assert len(str(kept.content)) < 600
    assert wire.sync(collection(calendar, key, commands=(delete(known["one"]),)))
    assert stored(wire, calendar) == {}


def test_a_phone_that_only_edits_and_never_listens_keeps_a_small_state(wire):
    calendar, _ = events(wire)
    key = key_of(first(wire, calendar))
    for turn in range(3):
        edits = tuple(add(f"c{turn}-{number}", *times(NOW + timedelta(days=number))) for number in range(5))
        no_changes = Element("AirSync:GetChanges", text="0")
        part = wire.sync(collection(calendar, key, no_changes, commands=edits))[calendar]
        key = key_of(part)
    with wire.core.database.read() as work:
        [device] = work.devices.all()
        [kept] = work.shelf.get_many(device.id, "eas/sync/").values()
    assert "has" not in kept.content["state"]
    assert wire.sync(collection(calendar, key)) == {}
