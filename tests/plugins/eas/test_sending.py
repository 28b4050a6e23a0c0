"""A phone sends: each message leaves once, its copy lies in the folder of sent mail once, and what goes wrong is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pimgate import outbox
from pimgate.model.outbox import Channel, EntryId, State
from pimgate.outbox import Posting
from pimgate_eas.wbxml.element import Element
from plugins.eas.outgoing import ANNA, ZOE, Outgoing, note, outgoing, send, status, until

SAVE = Element("ComposeMail:SaveInSentItems")
MAIL = "message/rfc822"
SLOW = pytest.mark.slow


@pytest.fixture(scope="module")
def out(_templates: Callable[[str], str]) -> Iterator[Outgoing]:
    with outgoing(_templates, recipients_per_message=20, message_bytes=1_000_000) as made:
        yield made


@pytest.mark.parametrize(
    "version", [pytest.param("14.0", marks=SLOW), "14.1", pytest.param("16.0", marks=SLOW), "16.1"]
)
def test_a_message_leaves_and_its_copy_is_kept(out: Outgoing, version: str) -> None:
    subject = f"Regatta {version}"
    mime = note(subject, Bcc="cleo@outside.example", Message_ID=f"<{version}@phone.example>")
    phone = out.phone(version)
    assert phone.octets("SendMail", send(mime, version, SAVE)) == b""
    assert phone.status == 200
    [mail] = out.left(subject)
    assert out.envelopes(subject) == [(ANNA, [ZOE, "cleo@outside.example"])]
    assert "Bcc" not in mail
    assert mail["Date"] is not None
    until(lambda: out.lying_in("Sent", subject))
    [copy] = out.lying_in("Sent", subject)
    assert copy["Bcc"] == "cleo@outside.example"


def test_a_12_1_phone_sends_the_message_itself(out: Outgoing) -> None:
    phone, mime = out.phone("12.1"), note("Old phone")
    for _ in range(2):
        assert phone.octets("SendMail&SaveInSent=T", mime, Content_Type=MAIL) == b""
        assert phone.status == 200
    assert len(out.left("Old phone")) == 1
    until(lambda: out.lying_in("Sent", "Old phone"))
    assert len(out.lying_in("Sent", "Old phone")) == 1


def test_without_the_wish_no_copy_is_kept(out: Outgoing) -> None:
    assert out.phone().ask("SendMail", send(note("Unkept"), "u1")) is None
    assert out.phone().ask("SendMail", send(note("Kept after it"), "u2", SAVE)) is None
    until(lambda: out.lying_in("Sent", "Kept after it"))
    assert out.lying_in("Sent", "Unkept") == []


def test_a_lost_answer_repeats_nothing(out: Outgoing) -> None:
    phone, question = out.phone(), send(note("Once"), "same", SAVE)
    assert [status(phone.ask("SendMail", question)) for _ in range(3)] == ["", "118", "118"]
    assert len(out.left("Once")) == 1
    until(lambda: out.lying_in("Sent", "Once"))
    assert len(out.lying_in("Sent", "Once")) == 1


def test_a_message_that_the_phone_made_anew_is_the_same_message(out: Outgoing) -> None:
    first, anew = note("Made anew", Date="Sat, 07 Feb 2026 12:00:00 +0100"), note("Made anew", "On  Sunday.")
    assert [status(out.phone().ask("SendMail", send(each, "anew"))) for each in (first, anew)] == ["", "118"]
    assert len(out.left("Made anew")) == 1


def test_names_of_messages_belong_to_one_device_of_one_person(out: Outgoing) -> None:
    bert = out.phone(device="Bert1").twin("bert@example.org")
    for phone in (out.phone(device="Appl1"), out.phone(device="Appl2"), bert):
        assert phone.ask("SendMail", send(note("Counted"), "1")) is None
    assert len(out.left("Counted")) == 3


def test_a_device_that_counts_anew_loses_nothing(out: Outgoing) -> None:
    for subject in ("First under this number", "Second under this number"):
        assert out.phone().ask("SendMail", send(note(subject), "7")) is None
        assert len(out.left(subject)) == 1
    for number, words in enumerate(("Yes.", "No."), 1):
        assert out.phone().ask("SendMail", send(note("Re: Under this number", words), "8")) is None
        assert len(out.left("Re: Under this number")) == number


def test_many_at_once_with_one_name_are_one(out: Outgoing) -> None:
    phone, question = out.phone(), send(note("At once"), "burst")
    with ThreadPoolExecutor(4) as pool:
        answers = [status(each) for each in pool.map(lambda _: phone.ask("SendMail", question), range(4))]
    assert sorted(answers) == ["", "118", "118", "118"]
    assert len(out.left("At once")) == 1


def test_a_refusal_is_told_and_the_message_may_be_sent_again(out: Outgoing) -> None:
    out.sink.answers.append("554 No.")
    question = send(note("Refused"), "refused", SAVE)
    assert status(out.phone().ask("SendMail", question)) == "120"
    assert (out.left("Refused"), out.lying_in("INBOX", "Refused")) == ([], [])
    assert status(out.phone().ask("SendMail", question)) == ""
    assert len(out.left("Refused")) == 1
    until(lambda: out.lying_in("Sent", "Refused"))
    assert len(out.lying_in("Sent", "Refused")) == 1


def test_a_12_1_phone_does_not_try_for_ever_what_is_refused(out: Outgoing) -> None:
    out.sink.answers.append("554 No.")
    old = out.phone("12.1")
    old.octets("SendMail", note("Refused of old"), Content_Type=MAIL)
    assert (old.status, out.left("Refused of old")) == (400, [])


def test_what_is_not_taken_for_the_moment_leaves_later(out: Outgoing) -> None:
    out.sink.answers.append("451 Later.")
    assert status(out.phone().ask("SendMail", send(note("Later"), "later", SAVE))) == ""
    assert out.left("Later") == []
    until(lambda: out.lying_in("Sent", "Later"))
    out.hurry()
    until(lambda: out.left("Later"))
    assert status(out.phone().ask("SendMail", send(note("Later"), "later", SAVE))) == "118"
    assert len(out.left("Later")) == 1


def test_a_later_refusal_comes_back_into_the_inbox(out: Outgoing) -> None:
    out.sink.answers += ["451 Later.", "554 No."]
    assert status(out.phone().ask("SendMail", send(note("Grüße"), "returned", SAVE))) == ""
    out.hurry()
    until(lambda: out.lying_in("INBOX", "Not delivered: Grüße"))
    [notice] = out.lying_in("INBOX", "Not delivered: Grüße")
    words, report, original = notice.iter_parts()
    assert notice.get_content_type() == "multipart/report"
    assert f"{ZOE} (refused with 554)" in words.get_content()
    assert f"Final-Recipient: rfc822; {ZOE}" in report.as_string()
    assert original.get_content()["Subject"] == "Grüße"


def test_who_is_refused_among_many_is_named(out: Outgoing) -> None:
    out.sink.refuses.add("nobody@outside.example")
    question = send(note("Partly", to=f"nobody@outside.example, {ZOE}"), "partly")
    assert status(out.phone().ask("SendMail", question)) == ""
    assert out.envelopes("Partly") == [(ANNA, [ZOE])]
    until(lambda: out.lying_in("INBOX", "Not delivered: Partly"))
    [notice] = out.lying_in("INBOX", "Not delivered: Partly")
    assert "nobody@outside.example (refused with 550)" in next(notice.iter_parts()).get_content()
    assert ZOE not in next(notice.iter_parts()).get_content()
    assert status(out.phone().ask("SendMail", send(note("None", to="nobody@outside.example"), "none"))) == "120"


def test_a_copy_waits_for_the_mail_server(out: Outgoing) -> None:
    out.house.server.stop()
    assert status(out.phone().ask("SendMail", send(note("Copied later"), "copy", SAVE))) == ""
    assert len(out.left("Copied later")) == 1
    out.house.server.start()

    def is_copied() -> bool:
        out.hurry()
        return bool(out.lying_in("Sent", "Copied later"))

    until(is_copied)
    assert len(out.lying_in("Sent", "Copied later")) == 1


def test_nobody_sends_in_the_name_of_others(out: Outgoing) -> None:
    resent = {"Resent_From": "boss@example.org", "Resent_To": ZOE, "Resent_Date": "Sat, 07 Feb 2026 12:00:00 +0100"}
    mime = note("Forged", Sender="boss@example.org", **resent).replace(
        b"Anna <anna@example.org>", b"The Boss <boss@example.org>", 1
    )
    assert status(out.phone().ask("SendMail", send(mime, "forged"))) == ""
    [mail] = out.left("Forged")
    assert (mail["From"].addresses[0].addr_spec, mail["Sender"], mail["To"]) == (
        ANNA,
        None,
        "Zoë <zoe@outside.example>",
    )
    assert [each for each in mail if each.startswith("Resent-")] == []
    assert out.envelopes("Forged") == [(ANNA, [ZOE])]


DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(1000))
BAD = {
    "nobody": (note("Bad", to="undisclosed-recipients:;"), "119"),
    "no address": (note("Bad", to="zoe, bert@example.org"), "116"),
    "an address with a line end": (note("Bad", to='"a\\\r\n RCPT TO:<x@y>"@z'), "116"),
    "too many": (note("Bad", to=", ".join(f"p{n}@x.example" for n in range(5000))), "115"),
    "NUL": (note("Bad", "a\0b"), "107"),
    "a huge field": (note("Bad", X_Long="y" * 300_000), "107"),
    "a huge header": (b"".join(b"X-%d: y\r\n" % n for n in range(30_000)) + note("Bad"), "107"),
    "no header": (b"Hello Zoe,\r\n\r\nhow are you?\r\n", "107"),
    "a line that is no field": (b"MAIL FROM:<x@y> x\r\nRCPT\r\n" + note("Bad"), "107"),
    "depth": (b"To: zoe@outside.example\r\n" + DEEP, "107"),
    "size": (note("Bad", "x" * 1_100_000), "122"),
}
HTTP = {"107": 400, "115": 507, "116": 400, "119": 400, "122": 400}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_sent_is_said_in_every_dialect(out: Outgoing, name: str) -> None:
    mime, wanted = BAD[name]
    before = len(out.sink.taken)
    assert status(out.phone("14.0").ask("SendMail", send(mime, "bad"))) == wanted
    old = out.phone("12.1")
    old.octets("SendMail", mime, Content_Type=MAIL)
    assert old.status == HTTP[wanted]
    assert len(out.sink.taken) == before


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        (Element("ComposeMail:SendMail", Element("ComposeMail:Mime", opaque=note("x"))), "101"),
        (Element("ComposeMail:SendMail", Element("ComposeMail:ClientId", text="x")), "101"),
        (send(note("x"), "x" * 300), "101"),
        (send(note("x"), "x", command="SmartReply"), "103"),
        (send(note("x"), "x", Element("ComposeMail:AccountId", text="other")), "166"),
        (send(note("x"), "x", Element("RightsManagement:TemplateID", text="t")), "168"),
    ],
)
def test_a_request_that_is_none_is_refused(out: Outgoing, question: Element, wanted: str) -> None:
    assert status(out.phone().ask("SendMail", question)) == wanted


def test_who_sends_too_much_has_to_wait(out: Outgoing) -> None:
    core = out.house.wire.core
    with core.database.write() as work:
        cleo = core.people.get(work, "cleo@example.org")
        for number in range(core.settings.outgoing.messages_per_hour - 1):
            posting = Posting(Channel.MAIL, cleo.id, cleo.login, (ZOE,), b"", ("spam", str(number)))
            work.outbox.change(outbox.post(work, posting) or EntryId(0), State.SENT)
    phone = out.phone(device="Cleo1").twin(cleo.login)
    answers = [status(phone.ask("SendMail", send(note(f"Spam {number}"), str(number), SAVE))) for number in range(2)]
    assert answers == ["", "115"]
