"""Messages about meetings as mail: for people and for their programs."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest

from gateway.meetings import ANNA, BERT, NOW, ZOE, calendar, entry, guest, meeting
from pimgate.mail.imip import calendars_in, letter
from pimgate.text.itip import Answer, Message, due, read_incoming, responded

ID = "<x@example.org>"


def invitation(*lines: str, summary: str = "Regatta") -> Message:
    (message,) = due(None, meeting(guest(ZOE), *lines, summary=summary), ANNA, NOW).messages
    return message


def written(message: Message, name: str = "Anna Ånäs", **more: str) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(letter(message, name, ANNA, NOW, ID, **more), policy=default))


def test_mail_is_for_people_and_for_programs() -> None:
    message = invitation("LOCATION:Quay", "DESCRIPTION:Bring a hat.\\nAnd a friend.")
    mail = written(message)
    assert (str(mail["From"]), str(mail["To"])) == (f"Anna Ånäs <{ANNA}>", ZOE)
    assert (str(mail["Subject"]), str(mail["Message-ID"])) == ("Invitation: Regatta", ID)
    assert mail.get_content_type() == "multipart/alternative"
    words, program = mail.iter_parts()
    for told in (
        "Anna Ånäs invites you.",
        "Regatta",
        "Quay",
        "Tuesday 1 December 2026, 09:00 to 10:00",
        "Bring a hat.",
    ):
        assert told in cast(EmailMessage, words).get_content()
    assert (program.get_content_type(), program.get_param("method")) == ("text/calendar", "REQUEST")
    assert cast(bytes, program.get_payload(decode=True)).decode() == message.text


def test_mail_on_its_way_has_lines_that_every_server_takes() -> None:
    octets = letter(invitation("DESCRIPTION:" + "ä" * 3000), "Anna", ANNA, NOW, ID)
    assert b"\n" not in octets.replace(b"\r\n", b"")
    assert octets.isascii()
    assert max(map(len, octets.split(b"\r\n"))) < 998


def test_words_of_an_event_never_become_headers() -> None:
    mail = written(invitation(summary="Lunch\\nBcc: cleo@example.org"), name="Anna\r\nBcc: cleo@example.org")
    assert mail["Bcc"] is None
    assert str(mail["Subject"]) == "Invitation: Lunch Bcc: cleo@example.org"


def test_person_of_another_domain_is_answered_at_their_own_address() -> None:
    mail = written(invitation(), sender="calendar@example.com")
    assert (str(mail["From"]), str(mail["Reply-To"])) == ("Anna Ånäs <calendar@example.com>", f"Anna Ånäs <{ANNA}>")


@pytest.mark.parametrize("word", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_answer_says_in_its_subject_what_it_is(word: str) -> None:
    copy = calendar(entry(guest(BERT)))
    _, (reply,) = responded(copy, BERT, Answer(word, comment="With joy."), NOW)
    mail = written(reply)
    assert str(mail["Subject"]) == f"{word.title()}: Regatta"
    assert "With joy." in cast(EmailMessage, mail.get_body(("plain",))).get_content()


def test_calendar_in_a_mail_is_found_again() -> None:
    message = invitation()
    (found,) = calendars_in(letter(message, "Anna", ANNA, NOW, ID))
    assert read_incoming(found).uid == "r1"


NOTHING = {
    "no mail": b"\xff\xfe\x00",
    "no method": b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    "an unknown encoding": b"Content-Type: text/calendar; method=REQUEST\r\nContent-Transfer-Encoding: nonsense\r\n\r\n\xff",
    "only words": b"Subject: text/calendar\r\n\r\ntext/calendar\r\n",
}


@pytest.mark.parametrize("case", NOTHING)
def test_odd_mail_holds_nothing_or_something_harmless(case: str) -> None:
    assert len(calendars_in(NOTHING[case])) <= 1


def test_mail_of_very_many_parts_is_not_searched_to_its_end() -> None:
    part = b"--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:%d\r\n"
    mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"".join(part % number for number in range(5000))
    assert len(calendars_in(mail + b"--b--\r\n")) == 5
