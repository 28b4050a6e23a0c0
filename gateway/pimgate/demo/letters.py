"""Sample mail: sent by submission, as a mail program sends it."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from pimgate.demo.people import DOMAIN, Person

SECONDS = 30
LETTERS = (
    ("bob", "Oak for the workshop", "Hello Alice,\n\nthe oak comes on Friday at eight; it is in the Workshop calendar.\n\nBob\n"),
    ("carol", "Café on Thursday?", "Do you have time for a coffee – say at three, at the harbour?\n\nCarol\n"),
    ("bob", "Suppliers", "I have shared my book of suppliers with you; please correct what is wrong.\n\nBob\n"),
)  # fmt: skip


def send(smtp: tuple[str, int], sender: Person, recipient: Person, subject: str, text: str) -> str:
    """Send one letter; gives its Message-ID. smtplib.SMTPException when it is refused."""
    letter = EmailMessage()
    letter["From"] = f"{sender.name} <{sender.login}>"
    letter["To"] = f"{recipient.name} <{recipient.login}>"
    letter["Subject"] = subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain=DOMAIN)
    letter.set_content(text)
    with smtplib.SMTP(*smtp, timeout=SECONDS) as line:
        line.login(sender.login, sender.password)
        line.send_message(letter)
    return str(letter["Message-ID"])


def send_all(smtp: tuple[str, int], people: tuple[Person, ...]) -> None:
    """The letters that Alice finds in her inbox."""
    by_first = {each.first: each for each in people}
    for sender, subject, text in LETTERS:
        send(smtp, by_first[sender], by_first["alice"], subject, text)
