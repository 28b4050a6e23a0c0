"""MeetingResponse on the wire: what is answered to sensible, repeated and odd responses, in each dialect."""

from collections.abc import Iterator

import pytest

from gateway.meetings import ANNA, BERT, DAILY, ZOE, guest, meeting, unfolded
from pimgate import scheduling
from pimgate.core import Core
from pimgate.items import keep
from pimgate.model.collections import Collection, CollectionKind, Role
from pimgate.text.itip import Meeting
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire


class Bert:
    """Bert's phone, with an invitation from outside (from Zoe) or from Anna in his calendar."""

    def __init__(self, wire: Wire, version: str) -> None:
        self.wire = wire.twin(BERT, device="ApplBERT", version=version)
        self.core: Core = wire.core
        self.item = ""

    @property
    def calendar(self) -> Collection:
        with self.core.database.read() as work:
            standings = work.collections.standings(self.core.people.get(work, BERT).id)
        return next(
            each.collection
            for each in standings
            if each.collection.kind is CollectionKind.CALENDAR and each.collection.role is Role.DEFAULT
        )

    def gets(self, text: str, organizer: str = ANNA) -> None:
        method = text.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST").replace(
            f":mailto:{ANNA}", f":mailto:{organizer}"
        )
        with self.core.database.write() as work:
            scheduling.receive(self.core, work, self.core.people.get(work, BERT), method, organizer)
            (item,) = work.items.all(self.calendar.id)
        self.item = f"{self.calendar.id}:{item.id}"

    def text(self) -> str:
        with self.core.database.read() as work:
            texts = [item.text for item in work.items.all(self.calendar.id)]
        return texts[0] if texts else ""

    def posted(self) -> list[str]:
        with self.core.database.read() as work:
            return [each.recipients[0] for each in work.outbox.all()]

    def says(self, word: str, *more: Element, item: str = "", folder: str = "") -> list[str]:
        """Status and CalendarId of the answer."""
        answer = self.wire.ask(
            "MeetingResponse", responses(request(folder or self.calendar.id, item or self.item, word, *more))
        )
        assert answer is not None
        (result,) = answer.find_all("MeetingResponse:Result")
        return [result.text_of(f"MeetingResponse:{name}") or "" for name in ("Status", "CalendarId")]


def request(folder: str, item: str, word: str, *more: Element) -> Element:
    return Element(
        "MeetingResponse:Request",
        Element("MeetingResponse:UserResponse", text=word),
        Element("MeetingResponse:CollectionId", text=folder),
        Element("MeetingResponse:RequestId", text=item),
        *more,
    )


def responses(*requests: Element) -> Element:
    return Element("MeetingResponse:MeetingResponse", *requests)


def instance(text: str) -> Element:
    return Element("MeetingResponse:InstanceId", text=text)


def sent(*more: Element) -> Element:
    return Element("MeetingResponse:SendResponse", *more)


@pytest.fixture(params=["14.1", "16.1"])
def bert(wire: Wire, request: pytest.FixtureRequest) -> Iterator[Bert]:
    return Bert(wire, request.param)


@pytest.fixture
def newer(wire: Wire) -> Bert:
    return Bert(wire, "16.1")


def word_of(text: str, key: str = "") -> str:
    found = Meeting(text)
    entry = found.overrides[key] if key else found.main
    return next(line.param("PARTSTAT")[0] for line in entry.all("ATTENDEE") if BERT in line.value)


@pytest.mark.parametrize(("word", "partstat", "busy"), [("1", "ACCEPTED", "BUSY"), ("2", "TENTATIVE", "TENTATIVE")])
def test_yes_and_perhaps_are_kept_in_the_own_calendar(bert: Bert, word: str, partstat: str, busy: str) -> None:
    bert.gets(meeting(guest(BERT)))
    assert bert.says(word) == ["1", bert.item]
    assert word_of(bert.text()) == partstat
    assert f"X-MICROSOFT-CDO-BUSYSTATUS:{busy}" in unfolded(bert.text())


def test_no_removes_it_and_may_be_repeated(bert: Bert) -> None:
    bert.gets(meeting(guest(BERT)))
    assert [bert.says("3"), bert.says("3")] == [["1", ""], ["1", ""]]
    assert bert.text() == ""
    assert bert.says("1") == ["2", ""]


def test_repeated_answer_is_told_once(newer: Bert) -> None:
    newer.gets(meeting(guest(BERT)))
    assert newer.says("1", sent()) == newer.says("1", sent()) == ["1", newer.item]
    assert newer.posted() == [ANNA]


def test_older_phone_mails_an_organizer_outside_itself(bert: Bert) -> None:
    bert.gets(meeting(guest(BERT)), ZOE)
    assert bert.says("1") == ["1", bert.item]
    assert bert.posted() == []


def test_organizer_of_the_house_hears_of_an_older_phones_answer(wire: Wire) -> None:
    bert = Bert(wire, "14.1")
    bert.gets(meeting(guest(BERT)))
    bert.says("1")
    assert bert.posted() == [ANNA]


def test_newer_phone_that_sends_no_response_tells_nobody(newer: Bert) -> None:
    newer.gets(meeting(guest(BERT)))
    assert newer.says("1") == ["1", newer.item]
    assert (word_of(newer.text()), newer.posted()) == ("ACCEPTED", [])


def test_one_occurrence_is_answered(bert: Bert) -> None:
    bert.gets(meeting(guest(BERT), DAILY))
    assert bert.says("1", instance("2026-12-03T09:00:00.000Z")) == ["1", bert.item]
    assert (word_of(bert.text()), word_of(bert.text(), "20261203T090000Z")) == ("NEEDS-ACTION", "ACCEPTED")


def test_declined_occurrence_goes_and_the_others_stay(bert: Bert) -> None:
    bert.gets(meeting(guest(BERT), DAILY))
    assert bert.says("3", instance("2026-12-03T09:00:00.000Z")) == ["1", bert.item]
    assert list(Meeting(bert.text()).excluded) == ["20261203T090000Z"]


def test_another_time_is_proposed_with_a_word(newer: Bert) -> None:
    newer.gets(meeting(guest(BERT)))
    body = Element(
        "AirSyncBase:Body", Element("AirSyncBase:Type", text="1"), Element("AirSyncBase:Data", text="Later?")
    )
    times = (
        Element("MeetingResponse:ProposedStartTime", text="20261201T150000Z"),
        Element("MeetingResponse:ProposedEndTime", text="20261201T160000Z"),
    )
    assert newer.says("2", sent(body, *times)) == ["1", newer.item]
    with newer.core.database.read() as work:
        (reply,) = [entry.content.decode() for entry in work.outbox.all()]
    assert {"METHOD:REPLY", "COMMENT:Later?"} <= set(unfolded(reply))


ODD = {
    "no answer": ("4", [], "2"),
    "no number": ("yes", [], "2"),
    "no time": ("1", [instance("soon")], "104"),
    "not a series": ("1", [instance("2026-12-01T09:00:00.000Z")], "146"),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_response_is_refused(bert: Bert, case: str) -> None:
    word, more, status = ODD[case]
    bert.gets(meeting(guest(BERT)))
    assert bert.says(word, *more) == [status, ""]
    assert word_of(bert.text()) == "NEEDS-ACTION"


def test_occurrence_that_is_none_is_refused(bert: Bert) -> None:
    bert.gets(meeting(guest(BERT), DAILY))
    assert bert.says("1", instance("2027-12-03T09:00:00.000Z")) == ["2", ""]


@pytest.mark.parametrize("version", ["12.1", "14.0"])
def test_dialect_without_occurrences_does_not_name_one(wire: Wire, version: str) -> None:
    bert = Bert(wire, version)
    bert.gets(meeting(guest(BERT), DAILY))
    assert bert.says("1", instance("2026-12-03T09:00:00.000Z")) == ["2", ""]
    assert bert.says("1") == ["1", bert.item]


def test_end_before_the_start_is_no_proposal(newer: Bert) -> None:
    newer.gets(meeting(guest(BERT)))
    times = (
        Element("MeetingResponse:ProposedStartTime", text="20261201T150000Z"),
        Element("MeetingResponse:ProposedEndTime", text="20261201T140000Z"),
    )
    assert newer.says("2", sent(*times)) == ["2", ""]


def test_what_is_not_there_cannot_be_answered(bert: Bert) -> None:
    bert.gets(meeting(guest(BERT)))
    assert bert.says("1", item=f"{bert.calendar.id}:999999") == ["2", ""]
    assert bert.says("1", item="nonsense") == ["2", ""]
    assert bert.says("1", folder="cnosuchfolder") == ["2", ""]


def test_own_event_cannot_be_answered(bert: Bert) -> None:
    bert.gets(meeting(guest(BERT)))
    mine = meeting().replace(ANNA, BERT).replace("UID:r1", "UID:mine")
    with bert.core.database.write() as work:
        head = keep(work, bert.core.settings.limits, bert.calendar, "mine.ics", mine)
    assert bert.says("1", item=f"{bert.calendar.id}:{head.id}") == ["2", ""]


def test_hundred_responses_are_served_and_no_more(newer: Bert) -> None:
    newer.gets(meeting(guest(BERT)))
    one = request(newer.calendar.id, newer.item, "1")
    answer = newer.wire.ask("MeetingResponse", responses(*[one] * 100))
    assert answer is not None
    assert [each.text_of("MeetingResponse:Status") for each in answer.find_all("MeetingResponse:Result")] == ["1"] * 100
    refused = newer.wire.ask("MeetingResponse", responses(*[one] * 101))
    assert refused is not None
    assert refused.text_of("MeetingResponse:Status") == "103"
    nothing = newer.wire.ask("MeetingResponse", responses())
    assert nothing is not None
    assert nothing.text_of("MeetingResponse:Status") == "103"
