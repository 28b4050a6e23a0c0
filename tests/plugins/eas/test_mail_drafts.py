"""Drafts that phones write: they lie on the mail server, stay one item however often they are edited, and are sent once."""

import email
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from pimgate.errors import AwayNow
from pimgate.testing.network import ANSWER_LOST, Network
from pimgate_eas.exchange import Exchange
from pimgate_eas.sending.request import NotSent
from pimgate_eas.status import Common
from pimgate_eas.sync.mail import drafts
from pimgate_eas.wbxml.element import Element
from plugins.eas.mailroom import MailRoom
from plugins.eas.wire import add, change, collection, key_of

DATA = "AirSync:ApplicationData"
SEND = "Email2:Send"


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def post(post: MailRoom) -> MailRoom:
    post.program(lambda line: line.create("Drafts"))
    return post


def letters(post: MailRoom, folder: str = "Drafts") -> list[EmailMessage]:
    """What lies there."""

    def look(line: Any) -> list[bytes]:
        line.done(line.select(folder, readonly=True))
        numbers = line.done(line.uid("SEARCH", "ALL"))[0].decode().split()
        return [line.done(line.uid("FETCH", each, "(BODY.PEEK[])"))[0][1] for each in numbers]

    return [email.message_from_bytes(octets, policy=default) for octets in post.program(look)]  # type: ignore[misc]


def written(subject: str, text: str, *more: Element) -> tuple[Element, ...]:
    return (
        Element("Email:To", text="bert@example.org"),
        Element("Email:Subject", text=subject),
        body(text),
        *more,
    )


def body(text: str) -> Element:
    parts = Element("AirSyncBase:Type", text="1"), Element("AirSyncBase:Data", text=text)
    return Element("AirSyncBase:Body", *parts)


def attached(client_id: str, name: str, octets: bytes) -> Element:
    return Element(
        "AirSyncBase:Attachments",
        Element(
            "AirSyncBase:Add",
            Element("AirSyncBase:ClientId", text=client_id),
            Element("AirSyncBase:Content", opaque=octets),
            Element("AirSyncBase:DisplayName", text=name),
        ),
    )


def test_draft_is_written_edited_and_keeps_its_id(post: MailRoom) -> None:
    phone, wire = post.phone(), post.wire()
    wire.folders()
    folder = phone.folder_named("Drafts")
    new = add("d1", *written("Plan", "Hello"))
    part = wire.sync(collection(folder, wire.begin(folder), commands=(new,)))[folder]
    (made,) = part.path("AirSync:Responses", "AirSync:Add")
    name = made.text_of("AirSync:ServerId") or ""
    assert made.text_of("AirSync:Status") == "1"
    assert made.path(DATA, "Email2:ConversationId")
    assert not part.has("AirSync:Commands")
    phone.sync(folder)
    assert phone.subjects(folder) == {"Plan": name}
    more = change(name, body("Hello Bert"), attached("a1", "plan.pdf", b"%PDF"))
    part = wire.sync(collection(folder, key_of(part), commands=(more,)))[folder]
    (changed,) = part.path("AirSync:Responses", "AirSync:Change")
    (file,) = changed.path(DATA, "AirSyncBase:Attachments", "AirSyncBase:Attachment")
    assert (file.text_of("AirSyncBase:ClientId"), changed.text_of("AirSync:ServerId")) == ("a1", name)
    phone.sync(folder)
    (shown,) = phone.message(folder, "Plan").path("AirSyncBase:Attachments", "AirSyncBase:Attachment")
    assert shown.text_of("AirSyncBase:FileReference") == file.text_of("AirSyncBase:FileReference")
    reference = Element("AirSyncBase:FileReference", text=file.text_of("AirSyncBase:FileReference"))
    gone = Element("AirSyncBase:Attachments", Element("AirSyncBase:Delete", reference))
    wire.sync(collection(folder, key_of(part), commands=(change(name, gone),)))
    (letter,) = letters(post)
    assert (letter["subject"], letter["to"], letter.get_content().strip()) == ("Plan", "bert@example.org", "Hello Bert")
    assert "\\Draft" in post.program(lambda line: str(line.select("Drafts") and line.fetch("1", "(FLAGS)")))
    phone.sync(folder)
    assert (phone.subjects(folder), phone.complaints) == ({"Plan": name}, [])


def test_draft_whose_answer_was_lost_is_there_once(post: MailRoom) -> None:
    network = Network()
    phone = post.phone(network=network)
    folder = phone.folder_named("Drafts")
    phone.sync(folder)
    edit = phone.add(folder, Element(DATA, *written("Plan", "Hello")))
    network.send_next(ANSWER_LOST, ANSWER_LOST)
    phone.sync(folder)
    phone.add(folder, Element(DATA, *written("Other", "Hello")))
    phone.call_when_lost(lambda: phone.change(folder, edit.server_id, {"Email:Subject": "Plan B"}) and None)
    network.send_next(ANSWER_LOST)
    phone.sync(folder)
    phone.sync(folder)
    assert sorted(each["subject"] for each in letters(post)) == ["Other", "Plan B"]
    assert set(phone.subjects(folder)) == {"Other", "Plan B"}
    assert phone.complaints == []


def test_question_that_nobody_lived_to_answer_adds_no_second_draft(
    post: MailRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = post.phone()
    folder = phone.folder_named("Drafts")
    phone.sync(folder)
    draft = phone.add(folder, Element(DATA, *written("Plan", "Hello")))
    keeping = drafts._kept

    async def dies(*given: Any) -> Any:
        await keeping(*given)
        draft.data = Element(DATA, *written("Plan B", "Hello"))
        monkeypatch.setattr(drafts, "_kept", keeping)
        raise AwayNow("the power went")

    monkeypatch.setattr(drafts, "_kept", dies)
    phone.sync(folder)
    assert [each["subject"] for each in letters(post)] == ["Plan B"]
    assert (set(phone.subjects(folder)), phone.complaints) == ({"Plan B"}, [])


def test_draft_is_sent_once_and_leaves_the_folder(post: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, bytes] = {}

    async def send_now(exchange: Exchange, octets: bytes, *, client_id: str, keeps_copy: bool) -> None:
        assert keeps_copy
        if b"Subject: No" in octets:
            raise NotSent(Common.MAIL_SUBMISSION_FAILED)
        if client_id in sent:
            raise NotSent(Common.MESSAGE_PREVIOUSLY_SENT)
        sent[client_id] = octets

    monkeypatch.setattr(drafts, "send_now", send_now)
    wire = post.wire()
    folder = post.phone().folder_named("Drafts")
    wire.folders()
    first = add("d1", *written("Plan", "Hello"))
    part = wire.sync(collection(folder, wire.begin(folder), commands=(first,)))[folder]
    (made,) = part.path("AirSync:Responses", "AirSync:Add")
    name = made.text_of("AirSync:ServerId") or ""
    sending = change(name, Element("Email:Subject", text="Plan B"))
    sending.append(Element(SEND))
    part = wire.sync(collection(folder, key_of(part), commands=(sending,)))[folder]
    assert [each.text_of("AirSync:ServerId") for each in part.path("AirSync:Commands", "AirSync:Delete")] == [name]
    assert letters(post) == []
    (octets,) = sent.values()
    assert b"Subject: Plan B" in octets
    assert email.message_from_bytes(octets, policy=default).get_content().strip() == "Hello"  # type: ignore[attr-defined]
    new = add("d2", *written("At once", "Hello"), Element(SEND))
    part = wire.sync(collection(folder, key_of(part), commands=(new,)))[folder]
    (made,) = part.path("AirSync:Responses", "AirSync:Add")
    assert (made.text_of("AirSync:Status"), made.has("AirSync:ServerId"), len(sent)) == ("1", False, 2)
    refused = add("d3", *written("No", "Hello"), Element(SEND))
    part = wire.sync(collection(folder, key_of(part), commands=(refused,)))[folder]
    (answer,) = part.path("AirSync:Responses", "AirSync:Add")
    assert answer.text_of("AirSync:Status") == "6"


def test_messages_are_made_nowhere_but_among_the_drafts(post: MailRoom) -> None:
    inbox = post.phone().folder_named("Inbox")
    for version, folder in (("16.1", inbox), ("14.1", post.phone().folder_named("Drafts"))):
        wire = post.wire(f"Wire{version[:2]}", version)
        wire.folders()
        new = add("d1", *written("Plan", "Hello")[:2])
        part = wire.sync(collection(folder, wire.begin(folder), commands=(new,)))[folder]
        (made,) = part.path("AirSync:Responses", "AirSync:Add")
        assert made.text_of("AirSync:Status") == "6"
    assert (letters(post), post.names()) == ([], set())
