"""A message as phones get it."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.mime.hostile import KINDS
from gateway.mail.mime.letters import letter, multipart, part, sample, samples
from pimgate.mail.mime.headers import headers_of
from pimgate.mail.mime.pieces import Piece
from pimgate.mail.mime.structure import structure_of
from pimgate_eas.invitations import uid_of
from pimgate_eas.mapping.email import FollowUp, content_of, file_named, render, wanted
from pimgate_eas.mapping.email.conversation import conversation_id, conversation_index, topic
from pimgate_eas.mapping.email.options import HTML, MIME, PLAIN, Options, Preference, read_options
from pimgate_eas.wbxml.codepages import introduced_in
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.email.mails import (
    ARRIVED,
    VERSIONS,
    body_of,
    context,
    fetched_octets,
    on_server,
    seen,
    seen_sample,
)


def everything() -> Options:
    return Options((Preference(HTML, preview=100), Preference(MIME)), Preference(HTML, 1_000, preview=50), 1)


def texts(data: Element) -> dict[str, str]:
    return {each.tag: each.text or "" for each in data.children}


def test_newsletter_on_a_phone() -> None:
    data = seen_sample(
        "newsletter.eml", Options((Preference(HTML),)), "16.1", "\\Seen", "\\Answered", "$label2", "Reisen"
    )
    said = texts(data)
    assert said["To"] == '"Weiß, Anna" <anna@example.org>, ben@example.org'
    assert said["From"] == '"Café Müller" <news@example.com>'
    assert said["DisplayTo"] == "Weiß, Anna; ben@example.org"
    assert said["Subject"] == said["ThreadTopic"] == "Frühstück für alle"
    assert said["DateReceived"] == "2026-01-06T08:20:05.250Z"
    assert (said["Importance"], said["Read"], said["LastVerbExecuted"], said["IsDraft"]) == ("2", "1", "1", "0")
    assert (said["MessageClass"], said["ContentClass"]) == ("IPM.Note", "urn:content-classes:message")
    assert (said["InternetCPID"], said["NativeBodyType"]) == ("1252", "2")
    assert [each.text for each in data.path("Email:Categories", "Email:Category")] == ["Reisen", "Work"]
    assert data.find("Email:Flag") == Element("Email:Flag")


def test_message_without_categories_says_so() -> None:
    assert seen_sample("apple.eml", version="14.0").find("Email:Categories") == Element("Email:Categories")
    assert not seen_sample("apple.eml", None, "12.1", "Reisen").has("Email:Categories")


def test_attachments_are_named_by_message_and_section() -> None:
    logo, menu = seen_sample("newsletter.eml").path("AirSyncBase:Attachments", "AirSyncBase:Attachment")
    assert texts(logo) == {
        "DisplayName": "logo.png",
        "FileReference": "c7:12:1.2",
        "Method": "1",
        "EstimatedDataSize": "71",
        "ContentId": "logo@example.com",
        "IsInline": "1",
    }
    assert (menu.text_of("AirSyncBase:DisplayName"), menu.text_of("AirSyncBase:FileReference")) == (
        "Speisekarte €.pdf",
        "c7:12:2",
    )


def test_file_behind_a_reference_is_what_was_sent() -> None:
    message = on_server(sample("newsletter.eml"))
    found = file_named(message.structure, "2")
    assert found is not None
    assert found.media_type == "application/pdf"
    assert content_of(found, b"JVBERi0xLjQK") == b"%PDF-1.4\n"
    whole = file_named(message.structure, "0")  # it may have been shown as one that cannot be taken apart
    assert whole is not None
    assert whole.piece == Piece("")
    for section in ("", "1", "1.1", "9", "TEXT", "HEADER", "2.MIME", "../1"):
        assert file_named(message.structure, section) is None


def test_enclosed_message_is_a_file_of_its_subject() -> None:
    (enclosed,) = seen_sample("forwarded.eml").path("AirSyncBase:Attachments", "AirSyncBase:Attachment")
    assert (enclosed.text_of("AirSyncBase:DisplayName"), enclosed.text_of("AirSyncBase:Method")) == ("Grüße.eml", "5")


def test_name_of_a_file_is_no_path() -> None:
    octets = multipart(
        "mixed",
        part("text/plain"),
        part("a/b", b"x", 'Content-Disposition: attachment; filename="../../etc\\\\passwd"'),
    )
    (file,) = seen(octets).path("AirSyncBase:Attachments", "AirSyncBase:Attachment")
    assert file.text_of("AirSyncBase:DisplayName") == "passwd"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("forwarded.eml", "IPM.Note"),
        ("signed.eml", "IPM.Note.SMIME.MultipartSigned"),
        ("encrypted.eml", "IPM.Note.SMIME"),
        ("invitation.eml", "IPM.Schedule.Meeting.Request"),
        ("bounce.eml", "REPORT.IPM.Note.NDR"),
        ("receipt.eml", "REPORT.IPM.Note.IPNRN"),
    ],
)
def test_class_of_a_message(name: str, kind: str) -> None:
    assert seen_sample(name).text_of("Email:MessageClass") == kind


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (b"Action: failed", b"Action: delivered", "REPORT.IPM.Note.DR"),
        (b"Action: failed", b"Action: what", "REPORT.IPM.Note.NDR"),
    ],
)
def test_class_of_a_report_is_what_it_reports(old: bytes, new: bytes, kind: str) -> None:
    assert seen(sample("bounce.eml").replace(old, new)).text_of("Email:MessageClass") == kind


@pytest.mark.parametrize(
    ("answer", "kind"), [("ACCEPTED", "Pos"), ("DECLINED", "Neg"), ("TENTATIVE", "Tent"), ("NEEDS-ACTION", "Tent")]
)
def test_class_of_an_answer_is_what_was_answered(answer: str, kind: str) -> None:
    octets = sample("invitation.eml").replace(b"REQUEST", b"REPLY").replace(b"NEEDS-ACTION", answer.encode())
    data = seen(octets)
    assert data.text_of("Email:MessageClass") == f"IPM.Schedule.Meeting.Resp.{kind}"
    assert not data.has("Email:MeetingRequest")


@pytest.mark.parametrize("version", VERSIONS)
def test_invitation_says_when_and_where(version: str) -> None:
    data = seen_sample("invitation.eml", version=version)
    request = data.find("Email:MeetingRequest")
    assert request is not None
    said = texts(request)
    assert (said["StartTime"], said["EndTime"]) == ("2026-01-12T09:00:00.000Z", "2026-01-12T10:00:00.000Z")
    assert (said["AllDayEvent"], said["InstanceType"], said["ResponseRequested"], said["Reminder"]) == (
        "0",
        "1",
        "1",
        "900",
    )
    assert said["Organizer"] == '"Anna" <anna@example.org>'
    assert len(base64.b64decode(said["TimeZone"])) == 172
    (pattern,) = request.path("Email:Recurrences", "Email:Recurrence")
    assert (
        pattern.text_of("Email:Type"),
        pattern.text_of("Email:DayOfWeek"),
        pattern.text_of("Email:Occurrences"),
    ) == ("1", "2", "5")
    assert data.text_of("Email:ContentClass") == "urn:content-classes:calendarmessage"
    assert not data.has("AirSyncBase:Attachments")
    if version.startswith("16"):
        assert request.path("AirSyncBase:Location", "AirSyncBase:DisplayName")[0].text == "Room 3"
        assert said["UID"] == "budget-1@example.org"
        assert "GlobalObjId" not in said
    else:
        assert said["Location"] == "Room 3"
        assert uid_of(said["GlobalObjId"]) == "budget-1@example.org"
    assert ("MeetingMessageType" in said) == (version not in ("12.1", "14.0"))


def test_invitation_to_one_occurrence_names_it() -> None:
    octets = sample("invitation.eml").replace(
        b"RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5", b"RECURRENCE-ID;TZID=Europe/Berlin:20260112T090000"
    )
    request = seen(octets, version="14.1").find("Email:MeetingRequest")
    assert request is not None
    assert (request.text_of("Email:InstanceType"), request.text_of("Email:RecurrenceId")) == (
        "3",
        "2026-01-12T08:00:00.000Z",
    )
    assert base64.b64decode(request.text_of("Email:GlobalObjId") or "")[16:20] == bytes((7, 234, 1, 12))


@pytest.mark.parametrize("text", [b"nonsense", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"\xff" * 50, b""])
def test_invitation_that_cannot_be_read_is_a_message_like_any_other(text: bytes) -> None:
    octets = multipart("alternative", part("text/plain", b"Come!"), part("text/calendar; method=REQUEST", text))
    data = seen(octets)
    assert not data.has("Email:MeetingRequest")
    assert body_of(data).text_of("AirSyncBase:Data") == "Come!"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", samples())
def test_each_dialect_gets_what_it_knows(name: str, version: str) -> None:
    data = seen_sample(name, everything(), version, "\\Flagged", "Reisen", "\\Answered")
    waiting = [data]
    while waiting:
        each = waiting.pop()
        assert float(introduced_in(each.name)) <= float(version), each.name
        waiting += each.children
    assert len({each.name for each in data.children}) == len(data.children)


def bodies(octets: bytes, *preferences: Preference, mime_support: int = 0) -> tuple[str, str | None, str, bool]:
    body = body_of(seen(octets, Options(preferences, None, mime_support)))
    return (
        body.text_of("AirSyncBase:Type") or "",
        body.text_of("AirSyncBase:Data"),
        body.text_of("AirSyncBase:EstimatedDataSize") or "",
        body.text_of("AirSyncBase:Truncated") == "1",
    )


BOTH = letter(text="plain words\n", html="<p>rich words</p>").as_bytes()
PLAIN_ONLY = letter(text="plain <words>\nand more\n").as_bytes()
RICH_ONLY = part("text/html; charset=utf-8", b"<p>rich</p><p>words</p>")
FRAME_BYTES = len(
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body></body></html>'
)


def test_first_form_of_the_device_is_taken() -> None:
    assert bodies(BOTH, Preference(PLAIN), Preference(HTML))[:2] == ("1", "plain words")
    form, data, size, is_cut = bodies(BOTH, Preference(HTML), Preference(PLAIN))
    assert (form, "<p>rich words</p>" in (data or ""), size, is_cut) == ("2", True, str(len(data or "")), False)


def test_form_that_a_message_has_not_is_made() -> None:
    assert bodies(RICH_ONLY, Preference(PLAIN)) == ("1", "rich\r\n\r\nwords", "13", False)
    assert "<div>plain &lt;words&gt;<br>and more</div>" in (bodies(PLAIN_ONLY, Preference(HTML))[1] or "")


def test_form_that_nothing_is_made_in_is_passed_over() -> None:
    assert bodies(BOTH, Preference("3"), Preference(HTML))[0] == "2"
    assert bodies(BOTH, Preference("3"))[0] == "1"
    assert bodies(BOTH, Preference("junk", 4))[:2] == ("1", "plai")


def test_size_told_is_that_of_the_whole() -> None:
    assert bodies(PLAIN_ONLY, Preference(PLAIN, 7)) == ("1", "plain <", "23", True)
    assert bodies(PLAIN_ONLY, Preference(PLAIN, 0)) == ("1", "", "23", True)
    assert bodies(PLAIN_ONLY, Preference(PLAIN, 23)) == ("1", "plain <words>\r\nand more", "23", False)


def test_all_or_nothing_gives_way_to_the_next_form() -> None:
    assert bodies(BOTH, Preference(HTML, 20, True), Preference(PLAIN, 5))[:2] == ("1", "plain")
    assert bodies(BOTH, Preference(PLAIN, 5, True)) == ("1", None, "11", True)
    assert bodies(BOTH, Preference(PLAIN, 11, True)) == ("1", "plain words", "11", False)


@settings(deadline=None)
@given(st.integers(0, 400), st.sampled_from((PLAIN, HTML)), st.sampled_from(samples()))
def test_no_body_is_larger_than_was_asked_for(most: int, form: str, name: str) -> None:
    whole = bodies(sample(name), Preference(form))
    kept = bodies(sample(name), Preference(form, most))
    assert len((kept[1] or "").encode()) <= most
    assert (whole[1] or "").startswith(kept[1] or "")
    assert kept[2] == whole[2] == str(len((whole[1] or "").encode()))
    assert kept[3] == (len((whole[1] or "").encode()) > most)


def test_original_goes_only_where_it_is_wanted() -> None:
    assert bodies(BOTH, Preference(MIME), Preference(PLAIN))[0] == "1"
    assert bodies(BOTH, Preference(MIME), Preference(PLAIN), mime_support=1)[0] == "1"
    form, data, size, _ = bodies(BOTH, Preference(MIME), Preference(PLAIN), mime_support=2)
    assert (form, data, size) == ("4", BOTH.decode(), str(len(BOTH)))
    assert bodies(BOTH, Preference(MIME, 40), mime_support=2)[3]


@pytest.mark.parametrize("name", ["signed.eml", "encrypted.eml"])
def test_what_is_sealed_is_never_cut(name: str) -> None:
    octets = sample(name)
    for most in (None, 0, 10, 10_000):
        found = bodies(octets, Preference(HTML, 5), Preference(MIME, most), mime_support=1)
        assert found == ("4", octets.decode(), str(len(octets)), False)
    assert bodies(octets, Preference(MIME, 10, True), mime_support=1)[1] is None


def test_signed_message_is_read_by_those_who_cannot_check_it() -> None:
    assert bodies(sample("signed.eml"), Preference(PLAIN))[1] == "Gültig."


def test_large_sealed_message_is_sent_whole_or_not_at_all() -> None:
    octets = sample("signed.eml").replace(b"G\xc3\xbcltig.", b"x" * 700 + b"\r\n") + b"\r\n" * 400_000
    form, data, size, is_cut = bodies(octets, Preference(MIME, 1_000), mime_support=1)
    assert (form, data, size, is_cut) == ("4", None, str(len(octets)), True)
    assert bodies(octets, Preference(MIME), mime_support=1)[1] == octets.decode()


def test_preview_and_part_come_with_the_versions_that_know_them() -> None:
    options = Options((Preference(PLAIN, 5, preview=8),), Preference(HTML, 1_000, preview=4))
    assert not body_of(seen(BOTH, options, "12.1")).has("AirSyncBase:Preview")
    assert body_of(seen(BOTH, options, "14.0")).text_of("AirSyncBase:Preview") == "plain wo"
    assert not seen(BOTH, options, "14.0").has("AirSyncBase:BodyPart")
    body_part = seen(BOTH, options, "14.1").find("AirSyncBase:BodyPart")
    assert body_part is not None
    assert [each.tag for each in body_part.children] == ["Status", "Type", "EstimatedDataSize", "Data", "Preview"]
    assert body_part.text_of("AirSyncBase:Status") == "1"


def test_body_part_that_is_no_html_is_refused() -> None:
    options = Options((Preference(PLAIN),), Preference(PLAIN))
    body_part = seen(BOTH, options).find("AirSyncBase:BodyPart")
    assert not options.is_part_known
    assert body_part is not None
    assert body_part.text_of("AirSyncBase:Status") == "164"
    assert not body_part.has("AirSyncBase:Data")


def test_large_message_is_never_fetched_whole_for_its_first_lines() -> None:
    made = letter(text="A line of words.\n" * 60_000, html="<p>A line of words.</p>" * 60_000)
    made.add_attachment(bytes(3_000_000), maintype="application", subtype="zip", filename="big.zip")
    octets = made.as_bytes()
    for preference in (
        Preference(PLAIN, 500),
        Preference(HTML, 20_000),
        Preference(PLAIN, 0, preview=100),
        Preference(MIME, 500),
    ):
        assert fetched_octets(octets, Options((preference,), None, 2)) < 150_000
    body = body_of(seen(octets, Options((Preference(PLAIN, 500),))))
    assert len(body.text_of("AirSyncBase:Data") or "") == 500
    assert 950_000 < int(body.text_of("AirSyncBase:EstimatedDataSize") or "") < 1_150_000


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_message_is_still_there_on_the_phone(kind: str) -> None:
    for size in (1_000, 60_000):
        data = seen(KINDS[kind](size), Options((Preference(HTML, 2_000, preview=50),)))
        assert data.text_of("Email:MessageClass") == "IPM.Note"
        assert len(body_of(data).text_of("AirSyncBase:Data") or "") <= 2_000


def test_message_that_is_not_taken_apart_comes_with_its_original() -> None:
    octets = KINDS["nested multiparts"](60_000)
    data = seen(octets, Options((Preference(PLAIN),)))
    assert "Its parts are too deep within each other." in (body_of(data).text_of("AirSyncBase:Data") or "")
    (file,) = data.path("AirSyncBase:Attachments", "AirSyncBase:Attachment")
    assert texts(file) == {
        "DisplayName": "message.eml",
        "FileReference": "c7:12:0",
        "Method": "5",
        "EstimatedDataSize": str(len(octets)),
    }
    found = file_named(on_server(octets).structure, "0")
    assert found is not None
    assert (found.piece.section, content_of(found, octets)) == ("", octets)


@pytest.mark.parametrize("answer", [None, [], "x", [[]], [[None] * 3], [1, 2, 3], [["a"] * 3, "mixed"]])
def test_message_of_which_a_server_talks_nonsense_is_still_there(answer: object) -> None:
    structure = structure_of(answer)
    assert wanted(structure, everything())


def test_pieces_that_could_not_be_fetched_count_as_empty() -> None:
    data = render(on_server(sample("newsletter.eml")), {}, Options(), context())
    assert {"Email:Subject", "AirSyncBase:Body", "Email:DateReceived"} <= {each.name for each in data}


def test_options_are_read_from_what_a_phone_sends() -> None:
    options = read_options(
        Element(
            "AirSync:Options",
            Element("AirSync:MIMESupport", text="1"),
            Element("AirSync:MIMETruncation", text="3"),
            Element(
                "AirSyncBase:BodyPreference",
                Element("AirSyncBase:Type", text="2"),
                Element("AirSyncBase:TruncationSize", text="51200"),
                Element("AirSyncBase:AllOrNone", text="1"),
                Element("AirSyncBase:Preview", text="999"),
            ),
            Element("AirSyncBase:BodyPreference", Element("AirSyncBase:Type", text="4")),
            Element("AirSyncBase:BodyPartPreference", Element("AirSyncBase:Type", text="2")),
        )
    )
    assert options.bodies == (Preference(HTML, 51_200, True, 255), Preference(MIME, 7_168))
    assert (options.part, options.mime_support) == (Preference(HTML), 1)
    assert read_options(None) == read_options(Element("AirSync:Options")) == Options()
    junk = Element("AirSyncBase:BodyPreference", Element("AirSyncBase:TruncationSize", text="9" * 99))
    assert read_options(Element("AirSync:Options", junk, Element("AirSync:MIMESupport", text="9"))) == Options()


def test_message_and_its_answers_are_one_conversation() -> None:
    first = headers_of(b"Message-ID: <1@x>\r\nSubject: Lunch\r\n\r\n")
    answer = headers_of(
        b"Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\nReferences: <1@x>\r\nSubject: AW: Re: Lunch\r\n\r\n"
    )
    last = headers_of(b"Message-ID: <3@x>\r\nReferences: <1@x> <2@x>\r\nSubject: Fwd: Lunch\r\n\r\n")
    assert conversation_id(first) == conversation_id(answer) == conversation_id(last)
    assert len(conversation_id(first)) == 16
    assert {topic(first), topic(answer), topic(last)} == {"Lunch"}
    assert conversation_id(first) != conversation_id(headers_of(b"Message-ID: <9@x>\r\nSubject: Lunch\r\n\r\n"))


def test_index_of_a_conversation_is_that_of_outlook_where_there_is_one() -> None:
    octets = b"\x01\xdc\x7f\x00\x01\x02" + bytes(range(16)) + b"abcde" + b"fghij" + b"kl"
    sent = headers_of(b"Thread-Index: " + base64.b64encode(octets) + b"\r\n\r\n")
    assert conversation_index(sent, ARRIVED) == b"\xdc\x7f\x00\x01\x02abcdefghij"
    assert len(conversation_index(headers_of(b"\r\n"), ARRIVED)) == 5


def test_flag_is_shown_as_it_was_set() -> None:
    kept = FollowUp({"Email:Status": "2", "Email:FlagType": "Call", "Tasks:DueDate": "2026-02-01T00:00:00.000Z"})
    flag = seen(BOTH, None, "14.1", "\\Flagged", follow_up=kept).find("Email:Flag")
    assert flag is not None
    assert texts(flag) == {"Status": "2", "FlagType": "Call", "DueDate": "2026-02-01T00:00:00.000Z"}
    assert texts(seen(BOTH, None, "14.1", "\\Flagged").find("Email:Flag") or Element("a:b")) == {
        "Status": "2",
        "FlagType": "Flag for follow up",
    }
    assert seen(BOTH, None, "14.1", follow_up=kept).find("Email:Flag") == Element("Email:Flag")
    done = FollowUp({"Email:Status": "1", "Email:CompleteTime": "2026-02-01T00:00:00.000Z"})
    assert (seen(BOTH, follow_up=done).find("Email:Flag") or Element("a:b")).text_of("Email:Status") == "1"
