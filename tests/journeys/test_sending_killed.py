"""The gateway dies while a phone sends. The phone repeats what it has no answer to: the mail leaves once, its copy lies once in the
folder of sent mail, and where nobody can know whether it left its sender is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from gateway.mail.mailserver import MailServer, Program
from gateway.sink import listening
from journeys.clients import ANNA
from journeys.serving import Serving
from journeys.test_outbox_killed import Killing, once
from pimgate.core import Core
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element
from plugins.eas.outgoing import note, send, status
from plugins.eas.wire import TYPE, authorization

PATIENCE_SECONDS = 90.0
SETTINGS = """
[outgoing]
host = "127.0.0.1"
port = {port}
security = "none"
timeout_seconds = 1
[mail]
host = "127.0.0.1"
port = {mail.port}
tls = "none"
login = "{mail.login.value}"
master_login = "{mail.master_login}"
master_password = "{mail.master_password}"
timeout_seconds = 5
"""
QUERY = "Cmd=SendMail&User=anna&DeviceId=Appl1&DeviceType=iPhone"
HEADERS = {"Authorization": authorization(ANNA), "MS-ASProtocolVersion": "16.1", "Content-Type": TYPE}


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with MailServer("full") as made:
        yield made


class Life:
    """A gateway that is killed now and then, and Anna's phone."""

    def __init__(self, serving: Serving, sink: Killing, server: MailServer) -> None:
        self.serving, self.sink, self.server = serving, sink, server
        self.core: Core = serving.furnish()
        with serving.settings.open("a") as file:
            file.write(SETTINGS.format(port=sink.port, mail=server.settings))
        with server.program(ANNA) as line:
            for folder in ("INBOX", "Sent"):
                _empty(line, folder)

    def sends(self, subject: str) -> str:
        """What the phone hears, which repeats its message until it hears something."""
        question = encode(send(note(subject), "c1", Element("ComposeMail:SaveInSentItems")))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.serving.start()
            try:
                url = f"{self.serving.url}/Microsoft-Server-ActiveSync?{QUERY}"
                answer = httpx.post(url, content=question, headers=HEADERS, timeout=60)
                return status(decode(answer.content) if answer.content else None)
            except httpx.HTTPError:
                assert time.monotonic() < deadline, "the phone gives up"

    def names(self, folder: str) -> list[str]:
        with self.server.program(ANNA) as line:
            return sorted(line.names(folder)) if line.select(folder)[0] == "OK" else []

    def count(self, folder: str) -> int:
        with self.server.program(ANNA) as line:
            kind, (found,) = line.select(folder, readonly=True)
            return int(found or b"0") if kind == "OK" else 0

    def settles(self, *states: str) -> None:
        """Wait until everything in the outbox has come to its end."""
        wait_until(lambda: self._states() == sorted(states))

    def _states(self) -> list[str]:
        with self.core.database.read() as work:
            return sorted(f"{entry.channel.value} {entry.state.value}" for entry in work.outbox.all())


def _empty(line: Program, folder: str) -> None:
    if line.select(folder)[0] == "OK" and line.search(None, "ALL")[1] != [b""]:
        line.store("1:*", "+FLAGS", "\\Deleted")
        line.done(line.expunge())


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.5)


@pytest.fixture
def life(tmp_path: Path, server: MailServer) -> Iterator[Life]:
    with listening(Killing()) as sink:
        assert isinstance(sink, Killing)
        serving = Serving(tmp_path)
        made = Life(serving, sink, server)
        try:
            yield made
        finally:
            serving.stop()
            made.core.close()


@pytest.mark.slow
def test_killed_before_the_server_has_the_mail_it_leaves_once(life: Life) -> None:
    life.sink.hearing = once(life.serving.kill)
    heard = life.sends("Before")
    life.settles("mail sent", "folder sent")
    assert (heard, life.serving.kills) == ("118", 1)
    assert life.sink.subjects() == ["Before"]
    assert (life.names("Sent"), life.count("Sent"), life.count("INBOX")) == (["Before"], 1, 0)


def test_killed_while_the_server_takes_it_nobody_knows_and_the_sender_is_told(life: Life) -> None:
    life.sink.taking = once(life.serving.kill)
    heard = life.sends("Amid")
    life.settles("mail unknown", "folder sent", "folder sent")
    assert (heard, life.serving.kills) == ("118", 1)
    assert life.sink.subjects() == ["Amid"]
    assert (life.names("Sent"), life.count("Sent")) == (["Amid"], 1)
    assert life.names("INBOX") == ["Perhaps not delivered: Amid"]


@pytest.mark.parametrize(
    ("point", "wanted"),
    [
        pytest.param("before the commit", "", marks=pytest.mark.slow),
        pytest.param("before sending", "118", marks=pytest.mark.slow),
        pytest.param("after filing", "", marks=pytest.mark.slow),
    ],
)
def test_dying_at_any_point_leaves_one_mail_and_one_copy(life: Life, point: str, wanted: str) -> None:
    life.serving.dies_at = point
    life.serving.start()
    life.serving.arm()
    heard = life.sends("Once")
    if point == "after filing":
        life.serving.wait_for_death()
    life.serving.start()
    life.settles("mail sent", "folder sent")
    assert heard == wanted
    assert life.sink.subjects() == ["Once"]
    assert (life.names("Sent"), life.count("Sent"), life.count("INBOX")) == (["Once"], 1, 0)
