"""Which mails are the same when they are handed in again."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

import pytest

from pimgate.mail.repeats import words_of


def mail(words: str = "See you on Sunday.", *, boundary: str = "one", date: str = "1", **more: str) -> bytes:
    """A mail with an attachment, as some programs make it anew for each try."""
    made = EmailMessage(policy=SMTP)
    fields = {"From": "anna@example.org", "To": "zoe@outside.example", "Subject": "Regatta", **more}
    for name, value in fields.items():
        made[name] = value
    made["Date"] = f"Sat, 0{date} Feb 2026 12:00:00 +0100"
    made["Message-ID"] = make_msgid()
    made.set_content(words, cte=("quoted-printable", "base64")[int(date) % 2])
    made.add_attachment(f"BEGIN:VCALENDAR\r\nDTSTAMP:2026020{date}T000000Z\r\nUID:1\r\n", subtype="calendar")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    made.set_boundary(boundary)
    return made.as_bytes()


def test_mail_that_was_made_anew_is_the_same() -> None:
    anew = mail("See you  on\nSunday.", boundary="other", date="2")
    assert anew != mail()
    assert words_of(anew) == words_of(b"\r\n" + mail().replace(b"\r\n", b"\n")) == words_of(mail())


@pytest.mark.parametrize(
    "other",
    [
        mail("See you on Monday."),
        mail(To="cleo@outside.example"),
        mail(Cc="cleo@outside.example"),
        mail(Subject="Re: Regatta"),
        mail().replace(b"JVBERg", b"JVBFRg"),
        mail().replace(b"plan.pdf", b"flan.pdf"),
        mail().replace(b"UID:1", b"UID:2"),
    ],
)
def test_mail_that_says_something_else_is_another(other: bytes) -> None:
    assert words_of(other) != words_of(mail())


def test_what_is_answered_tells_mails_apart() -> None:
    assert len({words_of(mail(), about) for about in ("", "inbox:1", "inbox:2")}) == 3


SIGNED = (
    'Subject: x\r\nContent-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b\r\n\r\n'
    "--b\r\n\r\n{}\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n{}\r\n--b--\r\n"
)
WRAPPED = "Subject: x\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\n{}\r\n"


def test_signatures_and_encryption_differ_with_each_try() -> None:
    first, again, other = (SIGNED.format(*each).encode() for each in (("yes", "1"), ("yes", "2"), ("no", "1")))
    assert words_of(first) == words_of(again) != words_of(other)
    assert words_of(WRAPPED.format("1").encode()) == words_of(WRAPPED.format("2").encode())
