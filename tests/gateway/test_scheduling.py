"""People of one house invite each other and people outside: everybody gets it once, and nobody gets what they may not."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from gateway.meetings import ANNA, BERT, CLEO, DAILY, NOW, ZOE, calendar, entry, guest, meeting, override, unfolded
from pimgate import collections, outbox, scheduling, sharing
from pimgate.core import Core
from pimgate.errors import NoRoom, PimgateError, ReadOnly, Refused
from pimgate.handing_over import hand_over
from pimgate.items import View
from pimgate.leaving import bring_next
from pimgate.mail.carrying import Letter, Never
from pimgate.model.clients import ClientKind, Profile, Viewer
from pimgate.model.collections import Collection, CollectionKind, Grant, Right
from pimgate.model.outbox import Channel, State
from pimgate.model.people import Account
from pimgate.scheduling import Sender
from pimgate.settings import Outgoing
from pimgate.store.work import Work
from pimgate.text.itip import Answer, Effect, Meeting, due

LATER = datetime(2099, 1, 1, tzinfo=UTC)
PHONE = ClientKind("eas-ios", "Phone")


@dataclass
class Postman:
    """Takes all mail; nobody lives at `unknown`."""

    name: str = "a postman"
    letters: list[Letter] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)

    def carry(self, letter: Letter, last_octet: Callable[[], None]) -> None:
        if self.unknown & set(letter.recipients):
            raise Never("nobody lives there")
        last_octet()
        self.letters.append(letter)


@dataclass
class House:
    """Some people, each with their calendar on a phone."""

    core: Core
    postman: Postman = field(default_factory=Postman)

    @contextmanager
    def view(self, login: str, sender: Sender | None = Sender.SERVER, *, replies: bool = False) -> Iterator[View]:
        with self.core.database.write() as work:
            yield self.open(work, login, self.place(work, login), sender, replies=replies)

    def open(self, work: Work, login: str, place: Collection, sender: Sender | None, *, replies: bool = False) -> View:
        viewer = Viewer(self.core.people.get(work, login), PHONE, Profile("iphone", "eas-ios"), "dphone")
        view = self.core.catalogue.open_view(work, viewer, place.id, even_if_unlisted=True)
        return view if sender is None else scheduling.arranging(self.core, work, view, sender, replies=replies)

    def place(self, work: Work, login: str) -> Collection:
        account = self.core.people.get(work, login)
        standings = work.collections.standings(account.id)
        return next(
            each.collection
            for each in standings
            if each.collection.kind is CollectionKind.CALENDAR and each.collection.owner == account.id
        )

    def put(self, login: str, text: str, sender: Sender = Sender.SERVER, **more: bool) -> None:
        with self.view(login, sender, **more) as view:
            view.put("r1.ics", text)

    def fill(self, *logins: str) -> None:
        """They keep as much as they may."""
        with self.core.database.write() as work:
            for login in logins:
                work.collections.grow(self.place(work, login).id, 0, self.core.settings.limits.bytes_per_person)

    def drain(self, work: Work, login: str) -> None:
        work.collections.grow(self.place(work, login).id, 0, -self.core.settings.limits.bytes_per_person)

    def texts(self, login: str) -> list[str]:
        with self.view(login, None) as view:
            return [item.text for item in view.items()]

    def post_all(self) -> None:
        """Bring and send everything that waits."""
        while True:
            with self.core.database.write() as work:
                if bring_next(self.core, work):
                    continue
                found = work.outbox.claim([Channel.MAIL], work.now + 60)
            if found is None:
                return
            hand_over(self.core, self.postman, found)

    def answers(self, login: str, word: str, sender: Sender = Sender.SERVER, *, tells: bool = True) -> None:
        with self.core.database.write() as work:
            view = self.open(work, login, self.place(work, login), None)
            (item,) = view.items()
            scheduling.respond(self.core, work, view, item.id, Answer(word), sender, tells=tells)

    def waiting(self) -> list[tuple[str, ...]]:
        with self.core.database.read() as work:
            return [(each.channel.value, *each.recipients) for each in work.outbox.all([State.ACCEPTED])]

    def receives(self, login: str, text: str, sender: str) -> Effect:
        with self.core.database.write() as work:
            return scheduling.receive(self.core, work, self.core.people.get(work, login), text, sender)


@pytest.fixture
def house(make_core: Callable[..., Core], monkeypatch: pytest.MonkeyPatch) -> House:
    found = House(make_core())
    monkeypatch.setattr(found.core, "carrier", lambda: found.postman)
    return found


def word_of(text: str, address: str) -> str:
    lines = [line for line in unfolded(text) if line.startswith("ATTENDEE") and address in line]
    return next(word for word in lines[0].replace(":", ";").split(";") if word.startswith("PARTSTAT="))[9:]


def request_of(text: str, at: datetime = NOW) -> str:
    """The invitation as Anna's own program mails it."""
    return due(None, text, ANNA, at).messages[0].text


def test_guest_of_the_house_gets_it_in_the_default_calendar_and_not_by_mail(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT)))
    assert house.waiting() == [("inside", BERT)]
    house.post_all()
    (text,) = house.texts(BERT)
    assert word_of(text, BERT) == "NEEDS-ACTION"
    assert house.postman.letters == []


def test_guest_outside_gets_a_mail_once(house: House) -> None:
    for _ in range(2):
        house.put(ANNA, meeting(guest(ZOE)))
        house.post_all()
    assert [(each.sender, each.recipients) for each in house.postman.letters] == [(ANNA, (ZOE,))]


def test_client_that_mails_itself_is_not_helped_with_people_outside(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT), guest(ZOE)), Sender.CLIENT)
    assert house.waiting() == [("inside", BERT)]


def test_guest_who_gets_it_twice_has_it_once(house: House) -> None:
    text = meeting(guest(BERT))
    house.put(ANNA, text, Sender.CLIENT)
    house.post_all()
    house.receives(BERT, request_of(text, LATER), ANNA)
    assert len(house.texts(BERT)) == 1
    house.answers(BERT, "ACCEPTED", Sender.CLIENT)
    house.receives(BERT, request_of(text, LATER), ANNA)
    (kept,) = house.texts(BERT)
    assert word_of(kept, BERT) == "ACCEPTED"


def test_answer_reaches_the_organizer(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT)))
    house.post_all()
    house.answers(BERT, "ACCEPTED")
    house.post_all()
    (text,) = house.texts(ANNA)
    assert word_of(text, BERT) == "ACCEPTED"
    house.answers(BERT, "ACCEPTED")
    assert house.waiting() == []


def test_answer_that_nobody_shall_hear_stays_in_the_own_calendar(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT)))
    house.post_all()
    house.answers(BERT, "ACCEPTED", tells=False)
    assert house.waiting() == []


def test_change_of_mind_and_back_reaches_the_organizer(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT)))
    house.post_all()
    for word in ("ACCEPTED", "TENTATIVE", "ACCEPTED"):
        house.answers(BERT, word)
        house.post_all()
    (text,) = house.texts(ANNA)
    assert word_of(text, BERT) == "ACCEPTED"


def test_removed_invitation_does_not_come_back_by_a_late_mail(house: House) -> None:
    text = meeting(guest(BERT))
    house.put(ANNA, text)
    house.post_all()
    with house.view(BERT, None) as view:
        view.delete(view.items()[0].head.name)
    assert house.receives(BERT, request_of(text, LATER), ANNA) is Effect.NOTHING
    assert house.texts(BERT) == []


def test_called_off_and_invited_anew_comes_back(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT), guest(ZOE)))
    house.put(ANNA, meeting(guest(ZOE)))
    house.post_all()
    assert "STATUS:CANCELLED" in unfolded(house.texts(BERT)[0])
    house.put(ANNA, meeting(guest(BERT), guest(ZOE), "SEQUENCE:1"))
    house.post_all()
    (text,) = house.texts(BERT)
    assert "STATUS:CANCELLED" not in unfolded(text)


@pytest.mark.parametrize("sender", [CLEO, ZOE])
def test_message_in_anothers_name_changes_nothing(house: House, sender: str) -> None:
    assert house.receives(BERT, request_of(meeting(guest(BERT))), sender) is Effect.NOTHING
    assert house.texts(BERT) == []


def test_nonsense_changes_nothing(house: House) -> None:
    for text in ("", "\0", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", meeting(guest(BERT))):
        assert house.receives(BERT, text, ANNA) is Effect.NOTHING


def test_meeting_that_was_put_elsewhere_is_updated_there(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT)))
    house.post_all()
    with house.core.database.write() as work:
        bert = house.core.people.get(work, BERT)
        other = collections.create(work, bert.id, CollectionKind.CALENDAR, "Boats")
        view = house.open(work, BERT, house.place(work, BERT), None)
        view.move(view.items()[0].head.name, house.open(work, BERT, other, None), "boat.ics")
    house.put(ANNA, meeting(guest(BERT), summary="Dinner"))
    house.post_all()
    with house.core.database.read() as work:
        (item,) = work.items.all(other.id)
    assert "SUMMARY:Dinner" in unfolded(item.text)


def test_meeting_in_the_calendar_of_somebody_else_is_told_to_nobody(house: House) -> None:
    with house.core.database.write() as work:
        anna = house.core.people.get(work, ANNA)
        place = house.place(work, CLEO)
        sharing.grant(work, Grant(place.id, anna.id, Right.WRITE))
        house.open(work, ANNA, place, Sender.SERVER).put("r1.ics", meeting(guest(BERT)))
    assert house.waiting() == []


def test_edit_that_is_refused_tells_nobody(house: House) -> None:
    with pytest.raises(PimgateError), house.core.database.write() as work:
        view = house.open(work, ANNA, house.place(work, ANNA), Sender.SERVER)
        view.put("r1.ics", meeting(guest(BERT)), if_etag="another")
    with house.core.database.write() as work:
        view = house.open(work, ANNA, house.place(work, ANNA), Sender.SERVER)
        view.put("other.ics", meeting())
        with pytest.raises(PimgateError):
            view.put("r1.ics", meeting(guest(BERT)))  # the UID is taken
    assert house.waiting() == []


def test_what_became_of_each_message_stands_beside_the_guest(house: House) -> None:
    house.postman.unknown.add(ZOE)
    house.put(ANNA, meeting(guest(BERT), guest(ZOE)))
    (text,) = house.texts(ANNA)
    assert [line.split(";")[-1].split(":")[0] for line in unfolded(text) if "STATUS=" in line] == [
        "SCHEDULE-STATUS=1.2",
        "SCHEDULE-STATUS=1.1",
    ]
    house.post_all()
    (text,) = house.texts(ANNA)
    assert any("SCHEDULE-STATUS=5.1" in line and ZOE in line for line in unfolded(text))


def test_without_a_way_out_it_says_so_and_nothing_waits(make_core: Callable[..., Core]) -> None:
    house = House(make_core())
    house.put(ANNA, meeting(guest(ZOE)))
    assert house.waiting() == []
    assert "SCHEDULE-STATUS=5.1" in house.texts(ANNA)[0].replace("\r\n ", "")


@pytest.mark.parametrize(
    ("chosen", "sender"),
    [
        (Outgoing(from_domains=["example.org"]), [ANNA]),
        (Outgoing(from_domains=["example.com"]), []),
        (Outgoing(from_domains=["example.com"], other_sender="us@example.com"), ["us@example.com"]),
    ],
)
def test_people_send_only_in_the_name_of_domains_that_they_may(
    make_core: Callable[..., Core], monkeypatch: pytest.MonkeyPatch, chosen: Outgoing, sender: list[str]
) -> None:
    house = House(make_core(outgoing=chosen))
    monkeypatch.setattr(house.core, "carrier", lambda: house.postman)
    house.put(ANNA, meeting(guest(ZOE)))
    house.post_all()
    assert [each.sender for each in house.postman.letters] == sender


def test_too_many_guests_or_messages_are_refused_and_nothing_is_kept(
    make_core: Callable[..., Core], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(make_core(outgoing=Outgoing(guests_per_event=3, messages_per_hour=4)))
    monkeypatch.setattr(house.core, "carrier", lambda: house.postman)
    with pytest.raises(Refused):
        house.put(ANNA, meeting(*(guest(f"z{number}@outside.example") for number in range(4))))
    house.put(ANNA, meeting(*(guest(f"z{number}@outside.example") for number in range(3))))
    with pytest.raises(Refused):
        house.put(ANNA, meeting(*(guest(f"z{number}@outside.example") for number in range(3)), summary="Dinner"))
    assert len(house.waiting()) == 3
    assert "SUMMARY:Regatta" in unfolded(house.texts(ANNA)[0])


def test_guest_whose_calendar_cannot_keep_it_fails_and_is_noted(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT)))
    with house.core.database.write() as work:
        house.core.people.remove(work, house.core.people.get(work, BERT).id)
    house.post_all()
    (text,) = house.texts(ANNA)
    assert any("SCHEDULE-STATUS=5.1" in line for line in unfolded(text))


def test_guest_without_room_gets_no_new_meeting_and_its_sender_learns_of_it(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT)))
    house.fill(ANNA, BERT)
    house.post_all()
    assert house.texts(BERT) == []
    (text,) = house.texts(ANNA)
    assert any("SCHEDULE-STATUS=5.1" in line for line in unfolded(text))
    with house.core.database.write() as work:
        (failed,) = work.outbox.all([State.FAILED])
        assert (failed.recipients, failed.note) == ((BERT,), "NoRoom")
        house.drain(work, BERT)
        outbox.retry(work, failed.id)
    house.post_all()
    assert len(house.texts(BERT)) == 1


def test_word_about_a_meeting_reaches_whoever_has_no_room(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT)))
    house.post_all()
    house.fill(ANNA, BERT)
    house.answers(BERT, "TENTATIVE")
    house.post_all()
    (text,) = house.texts(ANNA)
    assert word_of(text, BERT) == "TENTATIVE"
    with house.view(ANNA) as view, pytest.raises(NoRoom):
        view.put("r1.ics", text.replace("Regatta", "Regatta, and a dinner after it"))
    later = text.replace("SUMMARY:Regatta", "SUMMARY:Race").replace("20261201T090000Z", "20261202T090000Z")
    house.put(ANNA, later)
    house.post_all()
    assert "DTSTART:20261202T090000Z" in unfolded(house.texts(BERT)[0])
    with house.view(ANNA) as view:
        view.delete("r1.ics")
    house.post_all()
    assert "STATUS:CANCELLED" in unfolded(house.texts(BERT)[0])


def test_guest_may_not_edit_through_a_calendar_that_is_read_only(house: House) -> None:
    with house.core.database.write() as work:
        view = house.open(work, BERT, house.place(work, BERT), None)
        object.__setattr__(view.sight.verdict, "may_write", False)
        arranged = scheduling.arranging(house.core, work, view, Sender.SERVER)
        with pytest.raises(ReadOnly):
            arranged.put("r1.ics", meeting(guest(BERT, "ACCEPTED")))


def test_desktop_program_answers_by_its_edit(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT)))
    house.post_all()
    with house.view(BERT, Sender.SERVER, replies=True) as view:
        (item,) = view.items()
        view.put(item.head.name, item.text.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=TENTATIVE"))
    house.post_all()
    assert word_of(house.texts(ANNA)[0], BERT) == "TENTATIVE"
    with house.view(BERT, Sender.SERVER, replies=True) as view:
        view.delete(view.items()[0].head.name)
    house.post_all()
    assert word_of(house.texts(ANNA)[0], BERT) == "DECLINED"


def test_occurrence_for_one_guest_more(house: House) -> None:
    house.put(ANNA, meeting(guest(BERT), DAILY))
    third = override("20261203T090000Z", guest(BERT), guest(CLEO))
    house.put(ANNA, calendar(entry(guest(BERT), DAILY), third))
    house.post_all()
    (text,) = house.texts(CLEO)
    assert Meeting(text).master is None
    assert Meeting(house.texts(BERT)[0]).master is not None


def test_many_people_who_invite_each_other_at_once_never_wait_for_each_other(
    make_core: Callable[..., Core], person: Callable[[str], Account]
) -> None:
    house = House(make_core())
    people = [ANNA, BERT, CLEO]
    failures: list[BaseException] = []

    def work_for(login: str) -> None:
        try:
            for number in range(6):
                text = meeting(*(guest(each) for each in people if each != login), uid=f"{login}{number}")
                text = text.replace(f"ORGANIZER;CN=Anna:mailto:{ANNA}", f"ORGANIZER:mailto:{login}")
                with house.view(login) as view:
                    view.put(f"{login}{number}.ics", text)
                with house.core.database.write() as work:
                    bring_next(house.core, work)
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=work_for, args=(login,)) for login in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    house.post_all()
    assert failures == []
    assert [len(house.texts(login)) for login in people] == [18, 18, 18]
