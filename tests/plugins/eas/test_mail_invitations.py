"""Answering an invitation where it lies: in the mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest

from gateway.meetings import ANNA, BERT, ZOE, guest, meeting
from pimgate import scheduling
from pimgate.model.collections import CollectionKind, Role
from pimgate_eas.invitations import uid_of
from pimgate_eas.wbxml.element import Element
from plugins.eas.mail_house import MailHouse, letter, mail_house, put
from plugins.eas.test_item_operations import done, item
from plugins.eas.test_mail_search import results, search, words
from plugins.eas.test_meetingresponse import request, responses, sent, word_of
from plugins.eas.wire import Wire


def invitation(text: str, subject: str, *, sender: str = ZOE, method: str = "REQUEST") -> EmailMessage:
    mail = letter(subject, "You are invited", sender=f"Zoe <{sender}>")
    mail.replace_header("To", f"Bert <{BERT}>")
    calendar = text.replace("VERSION:2.0", f"VERSION:2.0\r\nMETHOD:{method}")
    mail.add_alternative(calendar, subtype="calendar", params={"method": method})
    return mail


def invite(uid: str, *lines: str, organizer: str = ZOE, who: str = BERT) -> str:
    """An invitation from outside."""
    text = meeting(guest(who), *lines).replace(f":mailto:{ANNA}", f":mailto:{organizer}")
    return text.replace(f"UID:{UID}", f"UID:{uid}")


UID = next(line.partition(":")[2] for line in meeting(guest(BERT)).splitlines() if line.startswith("UID:"))


class Bert:
    """Bert's phone, and what there is of his mail and calendar."""

    def __init__(self, house: MailHouse, version: str = "16.1") -> None:
        self.house = house
        self.wire: Wire = house.wire.twin(BERT, device=f"B{version.replace('.', '')}", version=version)

    def gets(self, mail: EmailMessage) -> str:
        with self.house.program(BERT) as line:
            put(line, mail)
        folder = self.house.index(login=BERT)
        return f"{folder}:{self.house.indexed(folder)[mail['Message-ID']].id}"

    def events(self) -> dict[str, str]:
        """The texts in his calendar by UID."""
        core = self.wire.core
        with core.database.read() as work:
            standings = work.collections.standings(core.people.get(work, BERT).id)
            calendar = next(
                each.collection.id
                for each in standings
                if each.collection.kind is CollectionKind.CALENDAR and each.collection.role is Role.DEFAULT
            )
            return {each.head.uid: each.text for each in work.items.all(calendar)}

    def takes(self, size_bytes: int) -> None:
        """So much more of what he may keep is taken."""
        core = self.wire.core
        with core.database.write() as work:
            standings = work.collections.standings(core.people.get(work, BERT).id)
            book = next(each.collection for each in standings if each.collection.kind is CollectionKind.BOOK)
            work.collections.grow(book.id, 0, size_bytes)

    def posted(self) -> list[str]:
        with self.wire.core.database.read() as work:
            return [each.recipients[0] for each in work.outbox.all()]

    def says(self, word: str, message: str, *more: Element, folder: str | None = None) -> list[str]:
        """Status and CalendarId of the answer."""
        place = message.partition(":")[0] if folder is None else folder
        answer = self.wire.ask("MeetingResponse", responses(request(place, message, word, *more)))
        assert answer is not None
        (result,) = answer.find_all("MeetingResponse:Result")
        assert result.text_of("MeetingResponse:RequestId") == message
        return [result.text_of(f"MeetingResponse:{name}") or "" for name in ("Status", "CalendarId")]

    def mail(self, folder: str = "INBOX") -> set[str]:
        with self.house.program(BERT) as line:
            return line.names(folder)


@pytest.fixture(scope="module")
def house(_templates: Callable[[str], str]) -> Iterator[MailHouse]:
    with mail_house(_templates) as made:
        with made.program(BERT) as line:
            line.create("Trash")
        yield made


@pytest.mark.parametrize(("version", "word", "partstat"), [("14.1", "2", "TENTATIVE"), ("16.1", "1", "ACCEPTED")])
def test_yes_brings_the_meeting_into_the_calendar_and_the_message_into_the_trash(
    house: MailHouse, version: str, word: str, partstat: str
) -> None:
    bert, uid = Bert(house, version), f"yes-{version}"
    message = bert.gets(invitation(invite(uid), f"Yes {version}"))
    status, event = bert.says(word, message)
    assert status == "1"
    assert word_of(bert.events()[uid]) == partstat
    assert (f"Yes {version}" in bert.mail(), f"Yes {version}" in bert.mail("Trash")) == (False, True)
    assert bert.says(word, message) == ["1", event]  # the answer was lost, and the message is gone
    [found] = done(bert.wire, item(event))
    assert found.text_of("ItemOperations:Status") == "1"


def test_device_finds_the_meeting_of_a_message_in_its_calendar(house: MailHouse) -> None:
    for version, tag in (("14.1", "Email:GlobalObjId"), ("16.1", "Calendar:UID")):
        bert = Bert(house, version)
        message = bert.gets(invitation(invite(f"link-{version}"), f"Link {version}"))
        [found] = done(bert.wire, item(message))
        [asked] = found.path("ItemOperations:Properties", "Email:MeetingRequest")
        name = asked.text_of(tag) or ""
        _, event = bert.says("1", message)
        [found] = done(bert.wire, item(event))
        [uid] = found.path("ItemOperations:Properties", "Calendar:UID")
        assert uid.text == (name if version == "16.1" else uid_of(name)) == f"link-{version}"


def test_no_takes_the_meeting_away_and_may_be_repeated(house: MailHouse) -> None:
    bert = Bert(house)
    message = bert.gets(invitation(invite("no"), "No"))
    assert [bert.says("3", message), bert.says("3", message)] == [["1", ""], ["1", ""]]
    assert "no" not in bert.events()
    assert bert.says("1", message) == ["2", ""]


def test_people_of_the_house_hear_of_the_answer_once(house: MailHouse) -> None:
    bert = Bert(house)
    message = bert.gets(invitation(invite("inside", organizer=ANNA), "Inside", sender=ANNA))
    before = bert.posted()
    answers = [bert.says("1", message, sent()), bert.says("1", message, sent())]
    assert answers[0] == answers[1]
    told = bert.posted()[len(before) :]
    assert told in ([ANNA], [])  # it may have been brought already
    assert "inside" in bert.events()


def test_invitation_that_somebody_else_brought_already_is_answered(house: MailHouse) -> None:
    bert = Bert(house)
    text = invite("brought")
    with bert.wire.core.database.write() as work:
        account = bert.wire.core.people.get(work, BERT)
        scheduling.receive(
            bert.wire.core, work, account, text.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST"), ZOE
        )
    assert bert.says("1", bert.gets(invitation(text, "Brought")))[0] == "1"
    assert word_of(bert.events()["brought"]) == "ACCEPTED"


def test_removed_meeting_comes_back_for_whoever_says_yes_after_all(house: MailHouse) -> None:
    bert = Bert(house)
    first = bert.gets(invitation(invite("again"), "Again"))
    assert bert.says("3", first) == ["1", ""]
    assert bert.says("1", bert.gets(invitation(invite("again"), "Again, please")))[0] == "1"
    assert "again" in bert.events()


def changed(text: str, sequence: int) -> str:
    return text.replace("BEGIN:VEVENT\r\n", f"BEGIN:VEVENT\r\nSEQUENCE:{sequence}\r\n")


WRONG = [
    ("own", invite("own", organizer=BERT), BERT, "REQUEST"),
    ("uninvited", invite("uninvited", who="cleo@example.org"), ZOE, "REQUEST"),
    ("cancel", invite("cancel"), ZOE, "CANCEL"),
    ("reply", invite("reply"), ZOE, "REPLY"),
    ("broken", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", ZOE, "REQUEST"),
]


def test_what_is_no_invitation_of_this_person_is_refused(house: MailHouse) -> None:
    bert = Bert(house)
    mails = {
        name: invitation(text, f"Wrong {name}", sender=sender, method=method) for name, text, sender, method in WRONG
    }
    with house.program(BERT) as line:
        for mail in mails.values():
            put(line, mail)
    folder = house.index(login=BERT)
    indexed = house.indexed(folder)
    answers = {name: bert.says("1", f"{folder}:{indexed[mail['Message-ID']].id}") for name, mail in mails.items()}
    assert set(map(tuple, answers.values())) == {("2", "")}
    assert not set(mails) & set(bert.events())
    assert {f"Wrong {name}" for name in mails} <= bert.mail()


def test_invitation_whose_meeting_went_on_without_it_is_refused(house: MailHouse) -> None:
    bert = Bert(house)
    old = bert.gets(invitation(changed(invite("late"), 1), "Late 1"))
    new = bert.gets(invitation(changed(invite("late"), 3), "Late 3"))
    assert bert.says("1", new)[0] == "1"
    assert bert.says("1", old) == ["2", ""]
    forged = changed(invite("late", "SUMMARY:Elsewhere"), 4)
    assert bert.says("1", bert.gets(invitation(forged, "Late 4", sender="mallory@else.example"))) == ["2", ""]
    assert bert.says("1", bert.gets(invitation(changed(invite("late"), 5), "Late 5")))[0] == "1"
    forged = changed(invite("late", "SUMMARY:Elsewhere"), 5)
    assert bert.says("2", bert.gets(invitation(forged, "Late 5 anew", sender="mallory@else.example")))[0] == "1"
    assert (word_of(bert.events()["late"]), "Elsewhere" in bert.events()["late"]) == ("TENTATIVE", False)
    other = invite("late", organizer="mallory@else.example")
    assert bert.says("1", bert.gets(invitation(other, "Late 6", sender="mallory@else.example"))) == ["2", ""]
    with bert.wire.core.database.write() as work:
        text = changed(invite("late"), 6).replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:CANCEL")
        scheduling.receive(bert.wire.core, work, bert.wire.core.people.get(work, BERT), text, ZOE)
    assert bert.says("1", bert.gets(invitation(changed(invite("late"), 7), "Late 7"))) == ["2", ""]


def test_new_time_in_the_name_of_a_colleague_is_not_taken_up_from_mail_that_nobody_verified(house: MailHouse) -> None:
    """What a colleague says about meetings is brought by the gateway itself."""
    bert = Bert(house)
    first = invitation(changed(invite("colleagues", organizer=ANNA), 1), "Inside 1", sender=ANNA)
    assert bert.says("1", bert.gets(first))[0] == "1"
    forged = invitation(changed(invite("colleagues", "SUMMARY:Elsewhere", organizer=ANNA), 2), "Inside 2", sender=ANNA)
    assert bert.says("1", bert.gets(forged)) == ["2", ""]
    assert "Elsewhere" not in bert.events()["colleagues"]


def test_message_that_is_none_of_ones_own_is_refused_in_the_same_words(house: MailHouse) -> None:
    bert = Bert(house)
    message = bert.gets(invitation(invite("foreign"), "Foreign"))
    folder = message.partition(":")[0]
    anna = Bert(house)
    anna.wire = house.wire.twin(device="Anna1")
    assert anna.says("1", message) == ["2", ""]
    assert bert.says("1", f"{folder}:999999") == ["2", ""]
    assert bert.says("1", f"{folder}:1.1") == ["2", ""]
    assert bert.says("1", message, folder="c000000000000") == ["2", ""]
    instance = Element("MeetingResponse:InstanceId", text="2026-12-03T09:00:00.000Z")
    assert bert.says("1", message, instance) == ["2", ""]
    assert bert.says("1", bert.gets(letter("Plain"))) == ["2", ""]


def test_found_invitation_is_answered_by_its_long_id(house: MailHouse) -> None:
    bert = Bert(house)
    bert.gets(invitation(invite("found"), "Found it"))
    house_of_bert = MailHouse(bert.wire, house.server)
    [long_id] = [
        each.text_of("Search:LongId") or ""
        for subject, each in results(search(house_of_bert, words("subject:found"))).items()
        if subject == "Found it"
    ]
    asked = Element(
        "MeetingResponse:Request",
        Element("MeetingResponse:UserResponse", text="1"),
        Element("Search:LongId", text=long_id),
    )
    answer = bert.wire.ask("MeetingResponse", responses(asked))
    assert answer is not None
    (result,) = answer.find_all("MeetingResponse:Result")
    assert result.text_of("MeetingResponse:Status") == "1"
    assert "found" in bert.events()


def test_invitation_for_which_there_is_no_room_stays_in_the_mail(house: MailHouse) -> None:
    bert = Bert(house)
    message = bert.gets(invitation(invite("crowded"), "Crowded"))
    bert.takes(house.wire.core.settings.limits.bytes_per_person)
    assert bert.says("1", message) == ["113", ""]
    assert "crowded" not in bert.events()
    assert "Crowded" in bert.mail()
    bert.takes(-house.wire.core.settings.limits.bytes_per_person)
    assert bert.says("1", message)[0] == "1"
    assert word_of(bert.events()["crowded"]) == "ACCEPTED"


def test_whoever_has_no_room_still_says_no(house: MailHouse) -> None:
    bert = Bert(house)
    message = bert.gets(invitation(invite("unwanted"), "Unwanted"))
    bert.takes(house.wire.core.settings.limits.bytes_per_person)
    assert bert.says("3", message) == ["1", ""]
    bert.takes(-house.wire.core.settings.limits.bytes_per_person)
    assert "unwanted" not in bert.events()
    assert "Unwanted" not in bert.mail()


def test_while_the_mailbox_is_away_the_answer_is_to_be_given_again(house: MailHouse) -> None:
    bert = Bert(house)
    message = bert.gets(invitation(invite("away"), "Away"))
    house.server.stop()
    try:
        assert bert.says("1", message) == ["3", ""]
    finally:
        house.server.start()
    assert "away" not in bert.events()
