"""Drafts as phones of 16.x write them."""

import email
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.mime.letters import letter, sample
from pimgate.mail.mime.layout import layout_of
from pimgate.mail.mime.pieces import Piece
from pimgate_eas.mapping.email import Draft, drafted
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.email.mails import SERVER_ID, context

ID = "<d1@example.org>"


def texts(**given: str) -> list[Element]:
    return [Element(name.replace("_", ":"), text=text) for name, text in given.items()]


def body(form: str, data: str) -> Element:
    return Element("AirSyncBase:Body", *texts(AirSyncBase_Type=form, AirSyncBase_Data=data))


def added(name: str = "plan.pdf", content: bytes = b"%PDF", client_id: str = "a1", **more: str) -> Element:
    return Element(
        "AirSyncBase:Add",
        *texts(AirSyncBase_ClientId=client_id, AirSyncBase_DisplayName=name, **more),
        Element("AirSyncBase:Content", opaque=content),
    )


def deleted(section: str, server_id: str = SERVER_ID) -> Element:
    return Element("AirSyncBase:Delete", Element("AirSyncBase:FileReference", text=f"{server_id}:{section}"))


def files(*children: Element) -> Element:
    return Element("AirSyncBase:Attachments", *children)


def draft(*children: Element, before: bytes | None = None) -> Draft:
    return drafted(Element("AirSync:ApplicationData", *children), before, context(), message_id=ID)


def parsed(octets: bytes) -> Any:
    found = email.message_from_bytes(octets, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def words_of(part: Any) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


def test_new_draft_in_plain_words() -> None:
    found = draft(
        *texts(
            Email_To='"Weiß, Anna" <anna@example.org>; carl@example.org',
            Email2_Bcc="b@x",
            Email_Subject="Grüße",
            Email_Importance="2",
        ),
        body("1", "Hallo Anna,\r\nbis bald!"),
    )
    message = parsed(found.octets)
    assert [(each.display_name, each.addr_spec) for each in message["to"].addresses] == [
        ("Weiß, Anna", "anna@example.org"),
        ("", "carl@example.org"),
    ]
    assert (message["subject"], message["bcc"], message["importance"], message["message-id"]) == (
        "Grüße",
        "b@x",
        "high",
        ID,
    )
    assert message["from"] == "Ben <ben@example.org>"
    assert words_of(message) == "Hallo Anna,\nbis bald!\n"
    assert (found.is_to_be_sent, found.receipt(SERVER_ID)) == (False, None)
    assert found.octets.isascii()
    assert found.octets.count(b"\n") == found.octets.count(b"\r\n")


def test_html_gets_plain_words_beside_it() -> None:
    message = parsed(draft(body("2", "<p>Hallo <b>Anna</b></p>")).octets)
    assert message.get_content_type() == "multipart/alternative"
    assert words_of(message.get_body(("plain",))) == "Hallo Anna\n"
    assert words_of(message.get_body(("html",))) == "<p>Hallo <b>Anna</b></p>\n"


def test_draft_that_is_a_message_stays_what_it_is() -> None:
    octets = letter(html="<p>x</p>").as_bytes()
    found = draft(body("4", octets.decode()), Element("Email2:Send"))
    assert found.is_to_be_sent
    layout, again = layout_of(octets), layout_of(found.octets)
    assert layout.piece(Piece("TEXT")) == again.piece(Piece("TEXT"))
    assert parsed(found.octets)["message-id"] == "<1@example.org>"


def test_change_of_the_subject_touches_nothing_else() -> None:
    before = sample("newsletter.eml")
    found = draft(*texts(Email_Subject="Neu"), before=before)
    assert found.octets.partition(b"\r\n\r\n")[2] == before.partition(b"\r\n\r\n")[2]
    old, new = parsed(before), parsed(found.octets)
    assert new["subject"] == "Neu"
    assert {name: old[name] for name in ("From", "To", "Message-ID", "X-Priority", "Content-Type")} == {
        name: new[name] for name in ("From", "To", "Message-ID", "X-Priority", "Content-Type")
    }


def test_empty_field_is_taken_away_and_one_left_out_stays() -> None:
    before = draft(*texts(Email_To="a@x", Email_Cc="b@x", Email_Subject="s"), body("1", "x")).octets
    message = parsed(draft(*texts(Email_Cc=""), before=before).octets)
    assert (message["to"], message["cc"], message["subject"]) == ("a@x", None, "s")


def test_new_words_leave_the_files_as_they_are() -> None:
    before = sample("newsletter.eml")
    message = parsed(draft(body("2", "<p>new <img src='cid:logo@example.com'></p>"), before=before).octets)
    assert "new" in message.get_body(("html",)).get_content()
    assert [each.get_filename() for each in message.iter_attachments()] == ["Speisekarte €.pdf"]
    old = layout_of(before)
    assert old.piece(Piece("1.2")) in layout_of(draft(body("1", "x"), before=before).octets).octets


def test_file_is_added_and_can_be_fetched_by_its_new_name() -> None:
    before = draft(*texts(Email_Subject="s"), body("2", "<p>x</p>")).octets
    inline = added(
        "a.png",
        b"PNG",
        "a2",
        AirSyncBase_IsInline="1",
        AirSyncBase_ContentId="i@x",
        AirSyncBase_ContentType="image/png",
    )
    found = draft(files(added(), inline, added("Über.txt", b"\xff", "a3")), before=before)
    assert dict(found.added) == {"a1": "2", "a2": "1.2", "a3": "3"}
    layout = layout_of(found.octets)
    sections = {each.section: each for each in layout.structure.root.walk()}
    assert {key: sections[section].filename for key, section in found.added} == {
        "a1": "plan.pdf",
        "a2": "a.png",
        "a3": "Über.txt",
    }
    assert "<p>x</p>" in parsed(found.octets).get_body(("html",)).get_content()
    receipt = found.receipt(SERVER_ID)
    assert receipt is not None
    assert {each.text_of("AirSyncBase:FileReference") for each in receipt.children} == {
        "c7:12:1.2",
        "c7:12:2",
        "c7:12:3",
    }


def test_file_is_deleted_and_others_stay() -> None:
    before = draft(body("1", "x"), files(added("a", b"1", "a"), added("b", b"2", "b"))).octets
    found = draft(files(deleted("2"), added("c", b"3", "c")), before=before)
    message = parsed(found.octets)
    assert [each.get_filename() for each in message.iter_attachments()] == ["b", "c"]
    assert words_of(message.get_body(("plain",))) == "x\n"
    assert dict(found.added) == {"c": "3"}


def test_last_file_of_a_draft_is_deleted() -> None:
    before = draft(body("1", "x"), files(added())).octets
    assert parsed(draft(files(deleted("2")), before=before).octets).get_content_type() == "text/plain"


def test_edit_that_is_there_already_is_not_made_again() -> None:
    """Its answer was lost, and the device sends it with more: what it added is there once, and what it deleted then is gone; what
    has that section now stays."""
    before = draft(*texts(Email_Subject="s"), body("1", "x"), files(added("a.pdf"), added("b.pdf", b"b"))).octets
    data = Element(
        "AirSync:ApplicationData", files(deleted("2"), added("c.pdf", b"c", "c1"), added("d.pdf", b"d", "d1"))
    )
    once = drafted(data, before, context(), message_id=ID)
    again = drafted(data, once.octets, context(), message_id=ID, is_again=True)
    names = [part.get_filename() for part in parsed(again.octets).iter_attachments()]
    assert (names, again.added, again.has_moved_files) == (["b.pdf", "c.pdf", "d.pdf"], once.added, True)


def test_file_of_another_message_is_not_deleted() -> None:
    before = draft(body("1", "x"), files(added())).octets
    with pytest.raises(CannotConvert):
        draft(files(deleted("2", "c7:13")), before=before)


def test_file_without_content_is_refused() -> None:
    with pytest.raises(CannotConvert):
        draft(files(Element("AirSyncBase:Add", *texts(AirSyncBase_DisplayName="x"))))
    with pytest.raises(CannotConvert):
        draft(files(Element("AirSyncBase:Add", *texts(AirSyncBase_DisplayName="x", AirSyncBase_Content="%%"))))


def test_too_many_recipients_are_refused_and_none_is_dropped() -> None:
    many = "; ".join(f"p{n}@example.org" for n in range(1_001))
    with pytest.raises(CannotConvert):
        draft(*texts(Email_To=many))


def test_no_field_carries_another_in() -> None:
    evil = "x\r\nBcc: spy@example.org\r\n\r\nbody"
    for tag in ("Email_Subject", "Email_To", "Email_Cc", "Email_ReplyTo"):
        message = parsed(draft(*texts(**{tag: evil}), body("1", "y")).octets)
        assert message["bcc"] is None
        assert words_of(message) == "y\n"
    named = added(
        "a\r\nX-Evil: 1",
        b"x",
        "a",
        AirSyncBase_ContentType="text/html\r\nX-Evil: 1",
        AirSyncBase_ContentId="a\r\nX-Evil: 1",
    )
    assert b"\nX-Evil" not in draft(files(named)).octets


def test_address_with_letters_of_all_the_world_stays() -> None:
    assert "grün@exämple.org" in draft(*texts(Email_To="grün@exämple.org")).octets.decode()


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(("1", "2", "4", "3", "")), st.text(max_size=400))
def test_any_draft_is_a_message_or_is_refused(to: str, subject: str, form: str, words: str) -> None:
    try:
        found = draft(*texts(Email_To=to, Email_Subject=subject), body(form, words))
    except CannotConvert:
        return
    assert not layout_of(found.octets).structure.breach
    again = draft(*texts(Email_Subject="again"), before=found.octets)
    assert b"Subject: again" in again.octets


def test_same_draft_is_the_same_octets() -> None:
    assert draft(body("2", "<p>x</p>"), files(added())).octets == draft(body("2", "<p>x</p>"), files(added())).octets
