"""Messages about meetings in mail reach the recipients' calendars, if their senders are who they say; and mail of the gateway
itself leaves by this server."""

import smtplib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from gateway.meetings import ANNA, BERT, CLEO, NOW, ZOE, guest, meeting
from gateway.places import PASSWORD
from pimgate import outbox
from pimgate.core import Core
from pimgate.mail.imip import letter
from pimgate.model.outbox import Channel
from pimgate.outbox import Posting
from pimgate.plugins import PluginHost
from pimgate.settings import Log
from pimgate.testing.running import free_port, running
from pimgate.text.itip import due

SECONDS = 20.0


@dataclass(frozen=True)
class Village:
    core: Core
    smtp_port: int

    def sends(self, login: str, to: str, octets: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=SECONDS) as line:
            line.login(login, PASSWORD)
            line.sendmail(login, [to], octets)

    def events(self, login: str) -> list[str]:
        with self.core.database.read() as work:
            account = self.core.people.get(work, login)
            mine = [each.collection for each in work.collections.standings(account.id)]
            return [
                item.text
                for place in mine
                if place.owner == account.id and place.kind == "calendar"
                for item in work.items.all(place.id)
            ]

    def posts(self, to: str) -> str:
        """Let Anna's gateway send something; gives what became of it."""
        with self.core.database.write() as work:
            anna = self.core.people.get(work, ANNA)
            octets = b"Subject: Regatta\r\n\r\nOn Sunday.\r\n"
            made = outbox.post(work, Posting(Channel.MAIL, anna.id, ANNA, (to,), octets, (to,)))
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            with self.core.database.read() as work:
                (entry,) = [each for each in outbox.entries(work) if each.id == made]
            if entry.state.value in ("sent", "failed", "unknown"):
                return f"{entry.state.value} {entry.note}".strip()
            time.sleep(0.05)
        raise TimeoutError("it does not leave")


@pytest.fixture
def village(make_core: Callable[..., Core]) -> Iterator[Village]:
    port = free_port()
    settings = PluginHost(["mail"]).settings_classes()["mail"](imap_port=0, smtp_port=port)
    core = make_core("mail", log=Log(requests=False), **{"plugins.mail": settings})
    with running(core):
        yield Village(core, port)


def invitation() -> bytes:
    (message,) = due(None, meeting(guest(BERT)), ANNA, NOW).messages
    return letter(message, "Anna", ANNA, NOW, "<x@example.org>")


def test_invitation_in_a_mail_reaches_the_calendar_once(village: Village) -> None:
    for _ in range(2):
        village.sends(ANNA, BERT, invitation())
    (text,) = village.events(BERT)
    assert "SUMMARY:Regatta" in text
    assert village.events(CLEO) == []


def test_invitation_in_anothers_name_is_only_a_mail(village: Village) -> None:
    village.sends(CLEO, BERT, invitation())
    assert village.events(BERT) == []


def test_mail_of_the_gateway_reaches_people_here_and_nobody_else(village: Village) -> None:
    assert village.posts(BERT) == "sent"
    assert village.posts(ZOE) == "failed mail does not leave the embedded mail server"
