"""Answers for people who are away: once to each sender, never to a machine, and anew when they set them anew."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pimgate.api import Audience, Core, OutOfOffice, Reply, absences
from pimgate.app import settings_for
from pimgate.plugins import PluginHost
from pimgate_mail import away
from pimgate_mail.carrier import Running
from pimgate_mail.settings import MailSettings

ALICE, BOB = "alice@example.org", "bob@example.org"
MAIL = b"From: bob@example.org\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\nHi\r\n"
NOW = 1_800_000_000.0


class Post:
    def __init__(self) -> None:
        self.delivered: list[tuple[str, bytes]] = []

    async def deliver(self, login: str, octets: bytes) -> None:
        self.delivered.append((login, octets))


class Server:
    """As much of the mail server as answers need."""

    def __init__(self) -> None:
        self.post = Post()

    async def logins_at(self, addresses: list[str]) -> list[str]:
        return addresses


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    host = PluginHost(["mail"])
    with closing(Core(settings_for(tmp_path, host, {"plugins.mail": MailSettings()}), host)) as core:
        core.database.clock = lambda: NOW
        with core.database.write() as work:
            for login in (ALICE, BOB):
                core.people.create(work, login, None)
        yield core


@pytest.fixture
def server(core: Core) -> Server:
    made = Server()
    core.belonging(Running).server = made  # type: ignore[assignment]
    return made


def leaves(core: Core, absence: OutOfOffice) -> None:
    """Alice sets her answer, as a phone does it."""
    with core.database.write() as work:
        alice = core.people.get(work, ALICE)
        absences.set_absence(work, alice.id, absence)
    core.plugins.out_of_office(core, alice, absence)


def sends(core: Core, octets: bytes = MAIL) -> None:
    asyncio.run(away.answer(core, BOB, [ALICE], octets))


IS_AWAY = OutOfOffice(is_on=True, replies={Audience.INTERNAL: Reply(is_on=True, text="Back on Monday. Grüße")})


def test_sender_is_answered_once_until_the_answer_is_set_anew(core: Core, server: Server) -> None:
    sends(core)
    assert server.post.delivered == []
    leaves(core, IS_AWAY)
    sends(core)
    sends(core)
    [(login, octets)] = server.post.delivered
    assert login == BOB
    for line in (b"Auto-Submitted: auto-replied\r\n", b"Subject: Auto: Hello\r\n", b"In-Reply-To: <1@example.org>\r\n"):
        assert line in octets
    leaves(core, IS_AWAY)
    sends(core)
    assert len(server.post.delivered) == 2


@pytest.mark.parametrize("header", [b"Auto-Submitted: auto-replied", b"List-Id: <x.example.org>"])
def test_machines_and_lists_are_not_answered(core: Core, server: Server, header: bytes) -> None:
    leaves(core, IS_AWAY)
    sends(core, header + b"\r\n" + MAIL)
    assert server.post.delivered == []


@pytest.mark.parametrize(("starts", "ends", "answers"), [(-10, 10, 1), (10, 20, 0), (-20, -10, 0)])
def test_answer_holds_between_its_times(core: Core, server: Server, starts: int, ends: int, answers: int) -> None:
    leaves(core, OutOfOffice(is_on=True, starts_at=NOW + starts, ends_at=NOW + ends, replies=IS_AWAY.replies))
    sends(core)
    assert len(server.post.delivered) == answers


def test_who_is_back_answers_nothing(core: Core, server: Server) -> None:
    leaves(core, OutOfOffice(is_on=False, replies=IS_AWAY.replies))
    sends(core)
    assert server.post.delivered == []
