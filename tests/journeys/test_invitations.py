"""Anna invites people: those of the house get it on their phones, the others by mail, each once; and they answer."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from gateway.places import PASSWORD
from gateway.sink import Sink, listening
from journeys.clients import Waiting, collection_of, iphone, texts_in, up_to_date
from pimgate.core import Core
from pimgate.model.collections import CollectionKind
from pimgate.settings import Log
from pimgate.testing.phone import Phone
from pimgate.testing.phone_forms import event
from pimgate.testing.phone_questions import Response
from pimgate.testing.running import Running, running
from pimgate_eas.wbxml.element import Element

ANNA, BERT, ZOE = "anna@example.org", "bert@example.org", "zoe@outside.example"
WITHIN_SECONDS = 1.0
PATIENCE_SECONDS = 20.0
START, END = datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as found:
        yield found


@pytest.fixture
def house(make_core: Callable[..., Core], sink: Sink) -> Iterator[Running]:
    """A gateway whose mail leaves by the sink."""
    with running(make_core("eas", "dav", log=Log(requests=False), outgoing=sink.settings)) as found:
        yield found


def test_guest_of_the_house_gets_it_within_a_second_and_the_organizer_sees_the_answer(house: Running) -> None:
    anna, bert = iphone(house.url), berts_android(house.url)
    waiting = Waiting(bert)
    anna.add(calendar(house, ANNA), meeting(BERT))
    anna.sync()
    answer, seconds = waiting.after(lambda: None, 5)
    assert (answer.status, seconds < WITHIN_SECONDS) == (2, True)
    bert.sync()
    (invitation,) = bert.items[calendar(house, BERT)].items()
    assert told(invitation[1], "Subject", "MeetingStatus", "ResponseType", "BusyStatus") == ["Regatta", "3", "5", "1"]

    (result,) = bert.respond([Response(calendar(house, BERT), invitation[0], "1")])
    assert told(result, "Status", "CalendarId") == ["1", invitation[0]]
    assert eventually(lambda: attendee_status(house, anna, BERT), "3")
    bert.sync()
    assert told(only(bert, house, BERT), "ResponseType", "BusyStatus") == ["3", "2"]
    assert anna.complaints == bert.complaints == []


def test_new_time_is_brought_and_asks_again(house: Running) -> None:
    anna, bert = accepted_meeting(house)
    change(house, anna, {"Calendar:StartTime": "20261201T100000Z", "Calendar:EndTime": "20261201T110000Z"})
    assert eventually(lambda: told(only(bert, house, BERT, sync=True), "StartTime"), ["20261201T100000Z"])
    assert told(only(bert, house, BERT), "ResponseType") == ["5"]
    assert attendee_status(house, anna, BERT) == "5"


def test_one_occurrence_is_called_off(house: Running, sink: Sink) -> None:
    anna, bert = accepted_meeting(house, recurrence(), outsider=True)
    anna.delete_occurrence(calendar(house, ANNA), id_of(anna, house, ANNA), "20261203T090000Z")
    anna.sync()
    assert eventually(lambda: called_off(only(bert, house, BERT, sync=True)), ["20261203T090000Z"])
    assert eventually(lambda: sink.subjects(ZOE), ["Invitation: Regatta", "Cancelled: Regatta"])
    assert "RECURRENCE-ID:20261203T090000Z" in sink.calendar()


def test_whole_meeting_is_called_off(house: Running, sink: Sink) -> None:
    anna, bert = accepted_meeting(house, outsider=True)
    anna.delete(calendar(house, ANNA), id_of(anna, house, ANNA))
    anna.sync()
    assert eventually(lambda: told(only(bert, house, BERT, sync=True), "MeetingStatus"), ["7"])
    assert eventually(lambda: sink.subjects(ZOE), ["Invitation: Regatta", "Cancelled: Regatta"])
    assert texts_in(house.core, collection_of(house.core, CollectionKind.CALENDAR, ANNA)) == []


def test_declined_invitation_leaves_the_calendar(house: Running) -> None:
    anna, bert = invited(house)
    request = Response(calendar(house, BERT), id_of(bert, house, BERT), "3")
    for _ in range(2):
        (result,) = bert.respond([request])
        assert told(result, "Status", "CalendarId") == ["1", ""]
    assert eventually(lambda: attendee_status(house, anna, BERT), "4")
    bert.sync()
    assert bert.items[calendar(house, BERT)] == {}


def test_old_phone_mails_people_outside_itself(house: Running, sink: Sink) -> None:
    anna = up_to_date(Phone(house.url, ANNA, PASSWORD, "androidanna", "Android", "Android-Mail/1", "14.1"))
    bert = berts_android(house.url)
    anna.add(calendar(house, ANNA), meeting(BERT, ZOE, version="14.1"))
    anna.sync()
    assert eventually(lambda: len(in_calendar(bert, house, BERT)), 1)
    with house.core.database.read() as work:
        assert [entry.recipients for entry in work.outbox.all()] == [(BERT,)]
    assert sink.taken == []


def test_two_phones_that_make_the_same_edit_mail_once(house: Running, sink: Sink) -> None:
    anna, other = iphone(house.url), iphone(house.url, "ApplSECOND")
    anna.add(calendar(house, ANNA), meeting(ZOE))
    anna.sync()
    other.sync()
    for phone in (anna, other):
        change(house, phone, {"Calendar:Subject": "Dinner"}, sync=False)
    anna.sync()
    other.sync()
    assert eventually(lambda: sink.subjects(ZOE), ["Invitation: Regatta", "Invitation: Dinner"])
    assert settled(house)
    assert len(sink.taken) == 2


def test_people_who_invite_each_other_at_once_both_get_it(house: Running) -> None:
    anna, bert = iphone(house.url), up_to_date(Phone(house.url, BERT, PASSWORD, "ApplBERT"))
    anna.add(calendar(house, ANNA), meeting(BERT))
    bert.add(calendar(house, BERT), meeting(ANNA))
    anna.sync()
    bert.sync()
    assert eventually(lambda: len(in_calendar(anna, house, ANNA)), 2)
    assert eventually(lambda: len(in_calendar(bert, house, BERT)), 2)


# What people do


def invited(house: Running, *more: Element, outsider: bool = False) -> tuple[Phone, Phone]:
    """Anna's iPhone and Bert's Android, after she invited him (and Zoe from outside)."""
    anna, bert = iphone(house.url), berts_android(house.url)
    anna.add(calendar(house, ANNA), meeting(BERT, *([ZOE] if outsider else []), more=more))
    anna.sync()
    assert eventually(lambda: len(in_calendar(bert, house, BERT)), 1)
    return anna, bert


def accepted_meeting(house: Running, *more: Element, outsider: bool = False) -> tuple[Phone, Phone]:
    anna, bert = invited(house, *more, outsider=outsider)
    bert.respond([Response(calendar(house, BERT), id_of(bert, house, BERT), "1")])
    assert eventually(lambda: attendee_status(house, anna, BERT), "3")
    return anna, bert


def change(house: Running, phone: Phone, fields: dict[str, str], *, sync: bool = True) -> None:
    phone.change(calendar(house, ANNA), id_of(phone, house, ANNA), dict(fields))
    if sync:
        phone.sync()


def meeting(*guests: str, more: tuple[Element, ...] = (), version: str = "16.1") -> Element:
    data = event("Regatta", START, END, version=version)
    people = (
        Element(
            "Calendar:Attendee",
            Element("Calendar:Email", text=guest),
            Element("Calendar:Name", text=guest.partition("@")[0].title()),
            Element("Calendar:AttendeeType", text="1"),
        )
        for guest in guests
    )
    data.append(Element("Calendar:Attendees", *people))
    for each in more:
        data.append(each)
    return data


def recurrence() -> Element:
    return Element(
        "Calendar:Recurrence",
        Element("Calendar:Type", text="0"),
        Element("Calendar:Interval", text="1"),
        Element("Calendar:Occurrences", text="5"),
    )


def berts_android(url: str) -> Phone:
    return up_to_date(Phone(url, BERT, PASSWORD, "androidbert", "Android", "Android-Mail/1", "14.1"))


# What they see


def calendar(house: Running, login: str) -> str:
    return collection_of(house.core, CollectionKind.CALENDAR, login).id


def in_calendar(phone: Phone, house: Running, login: str) -> dict[str, Element]:
    phone.sync()
    return phone.items[calendar(house, login)]


def only(phone: Phone, house: Running, login: str, *, sync: bool = False) -> Element:
    if sync:
        phone.sync()
    (found,) = phone.items[calendar(house, login)].values()
    return found


def id_of(phone: Phone, house: Running, login: str) -> str:
    (found,) = phone.items[calendar(house, login)]
    return found


def told(data: Element, *names: str) -> list[str]:
    namespace = data.namespace if data.namespace == "MeetingResponse" else "Calendar"
    return [data.text_of(f"{namespace}:{name}") or "" for name in names]


def attendee_status(house: Running, phone: Phone, address: str) -> str:
    """What the organizer's phone says that a guest answered."""
    data = only(phone, house, ANNA, sync=True)
    people = data.path("Calendar:Attendees", "Calendar:Attendee")
    return next(told(each, "AttendeeStatus")[0] for each in people if told(each, "Email") == [address])


def called_off(data: Element) -> list[str]:
    """The occurrences that a phone shows as cancelled or gone."""
    found = []
    for each in data.path("Calendar:Exceptions", "Calendar:Exception"):
        if told(each, "Deleted") == ["1"] or told(each, "MeetingStatus") in (["5"], ["7"]):
            found += told(each, "ExceptionStartTime")
    return found


def eventually(look: Callable[[], object], wanted: object) -> bool:
    """Whether something comes to be so; if not, the last that was seen is shown."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (seen := look()) != wanted:
        assert time.monotonic() < until, f"{seen!r} instead of {wanted!r}"
        time.sleep(0.05)
    return True


def settled(house: Running) -> bool:
    """Whether everything has left."""

    def waiting() -> set[str]:
        with house.core.database.read() as work:
            return {entry.state.value for entry in work.outbox.all()} - {"sent"}

    return eventually(waiting, set())
