"""What a command is given and may answer, whatever it does: bodies that are mails, answers in parts, errors that leave it."""

import pytest

from pimgate import errors
from pimgate_eas import multipart
from pimgate_eas.answer import Answer, Octets
from pimgate_eas.commands import Command
from pimgate_eas.exchange import Exchange
from pimgate_eas.multipart import Multipart
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_answer import parts_of
from plugins.eas.wire import Wire

MAIL = b"From: anna@example.org\r\nSubject: Tea\r\n\r\nAt five?\r\n"
SENT = Element("ComposeMail:SendMail", Element("ComposeMail:Status", text="118"))
FETCHED = Element("ItemOperations:ItemOperations", Element("ItemOperations:Status", text="1"))


@pytest.fixture
def serving(wire, monkeypatch):
    """Puts a command into the table; gives what it was asked."""

    def put(name: str, root: str, answer: Answer | Exception, **fields: object) -> list[Exchange]:
        asked: list[Exchange] = []

        async def serve(exchange: Exchange) -> Answer:
            asked.append(exchange)
            if isinstance(answer, Exception):
                raise answer
            return answer

        table = {name: Command(serve, root, **fields)}
        monkeypatch.setattr("pimgate_eas.endpoint.COMMANDS", table)
        return asked

    return put


def test_below_14_0_a_mail_is_the_body_itself(wire: Wire, serving) -> None:
    asked = serving("SendMail", "ComposeMail:SendMail", None, is_mail_below_14=True)
    old = wire.twin(version="12.1")
    assert old.octets("SendMail", MAIL, Content_Type="message/rfc822") == b""
    assert old.status == 200
    assert (asked[0].body, asked[0].octets) == (None, MAIL)


def test_from_14_0_on_a_mail_is_in_an_element(wire: Wire, serving) -> None:
    asked = serving("SendMail", "ComposeMail:SendMail", None, is_mail_below_14=True)
    question = Element("ComposeMail:SendMail", Element("ComposeMail:Mime", opaque=MAIL))
    assert wire.twin(version="14.0").ask("SendMail", question) is None
    assert asked[0].body == question
    refused = wire.ask("SendMail", MAIL)
    assert refused is not None
    assert refused.text_of("ComposeMail:Status") == "102"


def test_a_mail_that_was_sent_before_was_sent_to_those_who_cannot_be_told_so(wire: Wire, serving) -> None:
    serving("SendMail", "ComposeMail:SendMail", SENT, is_mail_below_14=True)
    assert wire.twin(version="12.1").octets("SendMail", MAIL) == b""
    again = wire.ask("SendMail", Element("ComposeMail:SendMail"))
    assert again is not None
    assert again.text_of("ComposeMail:Status") == "118"


def test_an_answer_in_parts_has_its_own_media_type(wire: Wire, serving) -> None:
    serving("ItemOperations", "ItemOperations:ItemOperations", Multipart(FETCHED, (b"photo", b"")))
    octets = wire.octets("ItemOperations", Element("ItemOperations:ItemOperations"), MS_ASAcceptMultiPart="T")
    assert wire.headers["content-type"] == multipart.MEDIA_TYPE
    element, *parts = parts_of(octets)
    assert decode(element) == FETCHED
    assert parts == [b"photo", b""]


def test_whether_parts_are_read_is_told_by_the_request(wire: Wire, serving) -> None:
    asked = serving("ItemOperations", "ItemOperations:ItemOperations", FETCHED)
    for headers in ({}, {"MS_ASAcceptMultiPart": "T"}, {"MS_ASAcceptMultiPart": "F"}):
        wire.octets("ItemOperations", Element("ItemOperations:ItemOperations"), **headers)
    assert [exchange.query.accepts_multipart for exchange in asked] == [False, True, False]


def test_an_attachment_comes_as_it_is(wire: Wire, serving) -> None:
    serving("GetAttachment", "", Octets(b"%PDF", "application/pdf"), may_be_empty=True)
    old = wire.twin(version="12.1")
    assert old.octets("GetAttachment") == b"%PDF"
    assert old.headers["content-type"] == "application/pdf"


@pytest.mark.parametrize(
    ("error", "common", "http"),
    [
        (errors.NoSuchItem("i"), "110", 400),
        (errors.ReadOnly("r"), "130", 403),
        (errors.BookmarkExpired("b"), "132", 400),
    ],
)
def test_an_error_that_leaves_a_command_is_a_status_of_the_whole(wire: Wire, serving, error, common, http) -> None:
    serving("Search", "Search:Search", error)
    answer = wire.ask("Search", Element("Search:Search"))
    assert answer is not None
    assert answer.text_of("Search:Status") == common
    old = wire.twin(version="12.1")
    old.octets("Search", Element("Search:Search"))
    assert old.status == http


@pytest.mark.parametrize(("error", "http"), [(errors.DeviceBlocked("d"), 403), (errors.NoSuchDevice("d"), 403)])
def test_an_error_about_who_asks_is_said_by_http(wire: Wire, serving, error, http) -> None:
    serving("Search", "Search:Search", error)
    wire.octets("Search", encode(Element("Search:Search")))
    assert wire.status == http


def test_a_missing_body_is_invalid_content(wire: Wire) -> None:
    answer = wire.ask("FolderSync")
    assert answer is not None
    assert answer.text_of("FolderHierarchy:Status") == "101"
