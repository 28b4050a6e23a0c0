"""A phone answers and forwards what it has not got whole: the original goes out below its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import cast

import pytest

from gateway.meetings import DAILY, guest, meeting
from pimgate.model.collections import CollectionId, CollectionKind
from pimgate.model.people import Identity
from pimgate_eas.wbxml.element import Element
from plugins.eas.outgoing import ANNA, ZOE, Outgoing, letter, note, outgoing, send, source, status, until

REPLACE = Element("ComposeMail:ReplaceMime")
SAVE = Element("ComposeMail:SaveInSentItems")


@pytest.fixture(scope="module")
def out(_templates: Callable[[str], str]) -> Iterator[Outgoing]:
    with outgoing(_templates, message_bytes=3_000_000) as made:
        yield made


def rich(subject: str) -> EmailMessage:
    """A message with words in two forms, a picture in them, and a file beside."""
    mail = letter(subject, "Grüße aus München", References="<first@else.example>")
    mail.add_alternative(
        '<p>Grüße <b>aus</b> <img src="cid:sea"></p><script>alert(1)</script>', subtype="html", cte="quoted-printable"
    )
    html = cast(list[EmailMessage], mail.get_payload())[1]
    html.add_related(b"\x89PNG sea", "image", "png", cid="<sea>")
    mail.add_attachment(b"%PDF plan", maintype="application", subtype="pdf", filename="Plän.pdf")
    return mail


def words(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return cast(str, found.get_content())


def files(mail: EmailMessage) -> dict[str, object]:
    return {
        part.get_filename() or str(part["Content-ID"]): part.get_content()
        for part in cast(list[EmailMessage], list(mail.walk()))
        if part.get_content_maintype() not in ("multipart", "text")
    }


@pytest.mark.parametrize("version", ["12.1", "14.1", "16.1"])
def test_a_reply_quotes_the_original_and_marks_it(out: Outgoing, version: str) -> None:
    original = rich(f"Sea {version}")
    server_id = out.received(original)
    mime, phone = note(f"Re: Sea {version}", "Lovely!"), out.phone(version)
    if version == "12.1":
        query = f"SmartReply&SaveInSent=T&CollectionId={server_id.partition(':')[0]}&ItemId={server_id}"
        assert phone.octets(query, mime, Content_Type="message/rfc822") == b""
    else:
        assert phone.ask("SmartReply", send(mime, version, SAVE, source(server_id), command="SmartReply")) is None
    assert phone.status == 200
    [mail] = out.left(f"Re: Sea {version}")
    assert mail["In-Reply-To"] == original["Message-ID"]
    assert mail["References"] == f"<first@else.example> {original['Message-ID']}"
    plain, html = words(mail, "plain"), words(mail, "html")
    assert plain.startswith("Lovely!")
    assert "On Sat, 07 Feb 2026 11:00 +0000, Bert wrote:\n\n> Grüße aus München" in plain.replace("\r\n", "\n")
    assert "Lovely!" in html
    assert "<b>aus</b>" in html
    assert "cid:sea" in html
    assert "alert" not in html
    assert files(mail) == {"<sea>": b"\x89PNG sea"}
    assert "\\Answered" in out.flags(server_id)
    until(lambda: out.lying_in("Sent", f"Re: Sea {version}"))


def test_a_forward_brings_the_files_along(out: Outgoing) -> None:
    server_id = out.received(rich("Plan"))
    mime = note("Fwd: Plan", "Look!", Content_Language="en")
    question = send(mime, "f1", source(server_id), command="SmartForward")
    assert [status(out.phone().ask("SmartForward", question)) for _ in range(2)] == ["", "118"]
    [mail] = out.left("Fwd: Plan")
    assert files(mail) == {"<sea>": b"\x89PNG sea", "Plän.pdf": b"%PDF plan"}
    plain = words(mail, "plain").replace("\r\n", "\n")
    assert plain.startswith("Look!")
    assert '-----Original Message-----\nFrom: "Bert" <bert@else.example>\nSent: Sat, 07 Feb 2026 11:00 +0000\n' in plain
    assert "Subject: Plan\n\nGrüße aus München" in plain
    assert mail["In-Reply-To"] is None
    assert "$Forwarded" in out.flags(server_id)


def test_a_phone_that_edited_the_whole_sends_just_that(out: Outgoing) -> None:
    server_id = out.received(rich("Edited"))
    for command in ("SmartReply", "SmartForward"):
        question = send(note(command, "All mine."), command, REPLACE, source(server_id), command=command)
        assert out.phone().ask(command, question) is None
        [mail] = out.left(command)
        assert (mail.get_content().strip(), files(mail)) == ("All mine.", {})
        assert str(mail["References"]).endswith(str(rich("Edited")["Message-ID"]))
    assert {"\\Answered", "$Forwarded"} <= out.flags(server_id)


def test_a_phone_s_own_files_stay(out: Outgoing) -> None:
    server_id = out.received(letter("Ask", "Which one?"))
    own = EmailMessage()
    own["To"], own["Subject"], own["In-Reply-To"], own["References"] = ZOE, "Re: Ask", "<mine@x>", "<mine@x>"
    own.set_content("This one.")
    own.add_attachment(b"GIF one", maintype="image", subtype="gif", filename="one.gif")
    assert out.phone().ask("SmartReply", send(own.as_bytes(), "own", source(server_id), command="SmartReply")) is None
    [mail] = out.left("Re: Ask")
    assert files(mail) == {"one.gif": b"GIF one"}
    assert "> Which one?" in words(mail, "plain")
    assert (mail["In-Reply-To"], mail["References"]) == ("<mine@x>", "<mine@x>")


def test_what_is_sealed_or_too_deep_goes_along_as_it_is(out: Outgoing) -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(1000))
    sealed = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nMIIB\r\n"
    for name, body in (("Deep", deep), ("Sealed", sealed)):
        header = f"From: bert@else.example\r\nBcc: hidden@x.example,\r\n also@x.example\r\nSubject: {name}\r\n"
        octets = f"{header}Message-ID: <{name}@x.example>\r\n".encode() + body
        server_id = out.received(octets)
        for command in ("SmartForward", "SmartReply"):
            question = send(note(f"{command} {name}"), f"{command}{name}", source(server_id), command=command)
            assert out.phone().ask(command, question) is None
            [taken] = [each for each in out.sink.taken if f"Subject: {command} {name}".encode() in each[2]]
            [mail] = out.left(f"{command} {name}")
            attached = list(cast(Iterator[EmailMessage], mail.iter_attachments()))
            is_forward = command == "SmartForward"
            assert len(attached) == is_forward
            for each in attached:
                content = each.get_content()
                inside = content if isinstance(content, bytes) else content.as_bytes()
                assert [word in inside for word in (b"bert@else", b"hidden@", b"also@")] == [True, False, False]
            assert (sealed.strip() in taken[2]) == (is_forward and name == "Sealed")


def test_an_original_that_is_gone_or_somebody_else_s_is_not_there(out: Outgoing) -> None:
    server_id = out.received(letter("Secret"))
    folder = server_id.partition(":")[0]
    before = len(out.sink.taken)
    for phone, name in (
        (out.phone(), f"{folder}:999999"),
        (out.phone(), "../etc:1"),
        (out.phone(), "cnone:1"),
        (out.phone(device="Bert1").twin("bert@example.org"), server_id),
    ):
        question = send(note("Gone"), "gone", source(name), command="SmartForward")
        assert status(phone.ask("SmartForward", question)) == "150"
    old = out.phone("12.1")
    old.octets(f"SmartReply&CollectionId={folder}&ItemId={folder}:999999", note("Gone"), Content_Type="message/rfc822")
    assert old.status == 400
    assert len(out.sink.taken) == before


def test_a_repeated_answer_needs_no_original(out: Outgoing) -> None:
    server_id = out.received(letter("Deleted meanwhile"))
    question = send(note("Re: Deleted meanwhile"), "del", source(server_id), command="SmartReply")
    assert out.phone().ask("SmartReply", question) is None
    with out.house.program() as line:
        line.done(line.select("INBOX"))
        line.done(line.store("1:*", "+FLAGS", "\\Deleted"))
        line.done(line.expunge())
    out.ready()
    assert status(out.phone().ask("SmartReply", question)) == "118"
    assert (
        status(out.phone().ask("SmartReply", send(note("Anew"), "new", source(server_id), command="SmartReply")))
        == "150"
    )


def test_a_forward_that_becomes_too_large_is_refused(out: Outgoing) -> None:
    server_id = out.received(letter("Large", "x" * 60 + "\r\n" * 2 + ("y" * 70 + "\r\n") * 50_000))
    question = send(note("Fwd: Large"), "large", source(server_id), command="SmartForward")
    assert status(out.phone().ask("SmartForward", question)) == "122"


@pytest.mark.parametrize(
    ("children", "wanted"),
    [
        ((), "101"),
        ((("ItemId", "c:1"), ("LongId", "c:1")), "105"),
        ((("FolderId", "a"), ("ItemId", "c:1")), "150"),
        ((("ItemId", "c:1"), ("InstanceId", "tomorrow")), "104"),
    ],
)
def test_a_source_that_is_none_is_refused(out: Outgoing, children: tuple[tuple[str, str], ...], wanted: str) -> None:
    named = Element("ComposeMail:Source", *(Element(f"ComposeMail:{name}", text=text) for name, text in children))
    question = send(note("x"), "x", *([named] if children else []), command="SmartReply")
    assert status(out.phone().ask("SmartReply", question)) == wanted


# Meetings


def calendar_of(out: Outgoing) -> str:
    with out.house.wire.core.database.read() as work:
        anna = out.house.wire.core.people.get(work, ANNA)
        return next(
            each.collection.id
            for each in work.collections.standings(anna.id)
            if each.collection.kind is CollectionKind.CALENDAR
        )


def entered(out: Outgoing, text: str, uid: str) -> str:
    """An entry of Anna's calendar; gives its id."""
    core, calendar = out.house.wire.core, calendar_of(out)
    with core.database.write() as work:
        device = next(each for each in work.devices.all() if each.identifier == "Appl1")
        viewer = core.viewer(Identity(core.people.get(work, ANNA)), device)
        head = core.catalogue.open_view(work, viewer, CollectionId(calendar)).put(f"{uid}.ics", text)
    return f"{calendar}:{head.id}"


def invitation(mail: EmailMessage) -> str:
    part = next(each for each in mail.walk() if each.get_content_type() == "text/calendar")
    return cast(bytes, part.get_payload(decode=True)).decode().replace("\r\n", "\n").replace("\n ", "")


HOST = "ORGANIZER;CN=Anna:mailto:anna@example.org"
SERIES = meeting(DAILY, guest("bert@example.org"), "LOCATION:Pier").replace(HOST, "ORGANIZER:mailto:boss@example.org")
TEETH = meeting(summary="Teeth", uid="t1").replace(guest(ANNA, "ACCEPTED") + "\r\n", "")


def test_a_meeting_is_handed_on_in_the_name_of_who_invites(out: Outgoing) -> None:
    out.phone().folders()
    server_id = entered(out, SERIES, "r1")
    question = send(note("FW: Regatta", "Come!"), "m1", source(server_id), command="SmartForward")
    assert out.phone("14.1").ask("SmartForward", question) is None
    [mail] = out.left("FW: Regatta")
    text = invitation(mail)
    assert "METHOD:REQUEST" in text
    assert "ORGANIZER:mailto:boss@example.org" in text
    assert "RRULE:FREQ=DAILY;COUNT=5" in text
    assert [line.rpartition(":")[2] for line in text.split("\n") if line.startswith("ATTENDEE")] == [ZOE]
    assert 'CN="Zoë"' in text or "CN=Zoë" in text
    plain = words(mail, "plain")
    assert plain.startswith("Come!")
    assert "What: Regatta" in plain
    assert "Where: Pier" in plain


def test_a_16_phone_names_who_is_to_have_the_meeting(out: Outgoing) -> None:
    server_id = entered(out, SERIES.replace("UID:r1", "UID:r2"), "r2")
    chosen = source(server_id)
    chosen.append(Element("ComposeMail:InstanceId", text="2026-12-03T09:00:00.000Z"))

    def asked(email: str, version: str, *more: Element) -> str:
        forwardee = Element(
            "ComposeMail:Forwardee",
            Element("ComposeMail:ForwardeeName", text="Zoë\r\nBcc: all@example.org"),
            Element("ComposeMail:ForwardeeEmail", text=email),
        )
        question = Element(
            "ComposeMail:SmartForward",
            Element("ComposeMail:ClientId", text=f"fw {email}"),
            chosen,
            Element(
                "AirSyncBase:Body", Element("AirSyncBase:Type", text="1"), Element("AirSyncBase:Data", text="You?")
            ),
            Element("ComposeMail:Forwardees", forwardee),
            *more,
        )
        return status(out.phone(version).ask("SmartForward", question))

    assert asked(ZOE, "16.1") == ""
    assert asked(ZOE, "16.0") == "118"
    assert asked("no address", "16.1") == "116"
    assert asked(ZOE, "16.1", Element("ComposeMail:Mime", opaque=note("x"))) == "101"
    [mail] = [each for each in out.left("FW: Regatta") if "r2" in invitation(each)]
    assert mail["Bcc"] is None
    assert mail["To"].addresses[0].addr_spec == ZOE
    text = invitation(mail)
    assert "RECURRENCE-ID:20261203T090000Z" in text
    assert "RRULE" not in text
    assert words(mail, "plain").startswith("You?")
    until(lambda: out.lying_in("Sent", "FW: Regatta"))


def test_an_entry_that_is_no_meeting_goes_along_as_a_file(out: Outgoing) -> None:
    server_id = entered(out, TEETH, "t1")
    question = send(note("FW: Teeth"), "t1", source(server_id), command="SmartForward")
    assert out.phone().ask("SmartForward", question) is None
    [mail] = out.left("FW: Teeth")
    assert "METHOD" not in invitation(mail)
    assert "SUMMARY:Teeth" in invitation(mail)
    assert [each.get_filename() for each in mail.iter_attachments()] == ["event.ics"]
    single = source(server_id)
    single.append(Element("ComposeMail:InstanceId", text="2026-12-03T09:00:00.000Z"))
    question = send(note("FW: Teeth"), "t2", single, command="SmartForward")
    assert status(out.phone().ask("SmartForward", question)) == "146"


def test_an_invitation_stays_one_when_it_is_forwarded(out: Outgoing) -> None:
    mail = letter("Invitation: Regatta")
    mail.add_alternative(
        meeting().replace("BEGIN:VEVENT", "METHOD:REQUEST\r\nBEGIN:VEVENT"),
        subtype="calendar",
        params={"method": "REQUEST"},
    )
    server_id = out.received(mail)
    for command in ("SmartForward", "SmartReply"):
        question = send(note(f"{command} of it"), command, source(server_id), command=command)
        assert out.phone("14.1").ask(command, question) is None
    [forward], [reply] = out.left("SmartForward of it"), out.left("SmartReply of it")
    assert HOST in invitation(forward)
    assert [each.get_content_type() for each in reply.walk()] == ["text/plain"]
