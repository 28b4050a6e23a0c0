"""The gateway is killed while an invitation leaves: before the mail server can have it, it is sent once afterwards; after that,
never again by itself."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.sink import Sink, listening
from journeys.clients import ANNA, collection_of, iphone
from journeys.serving import Serving
from journeys.test_invitations import ZOE, meeting
from pimgate.core import Core
from pimgate.model.collections import CollectionKind

PATIENCE_SECONDS = 60.0
OUTGOING = """
[outgoing]
host = "127.0.0.1"
port = {port}
security = "none"
timeout_seconds = 1
"""


@dataclass
class Killing(Sink):
    """Does something when it hears of a recipient: before it has anything of the message."""

    hearing: Callable[[], None] = lambda: None

    async def handle_RCPT(
        self, server: object, session: object, envelope: object, address: str, options: list[str]
    ) -> str:
        self.hearing()
        return await super().handle_RCPT(server, session, envelope, address, options)


@pytest.fixture
def sink() -> Iterator[Killing]:
    with listening(Killing()) as found:
        assert isinstance(found, Killing)
        yield found


@pytest.fixture
def serving(tmp_path: Path, sink: Killing) -> Iterator[Serving]:
    found = Serving(tmp_path)
    yield found
    found.stop()


def furnished(serving: Serving, sink: Killing) -> Core:
    core = serving.furnish()
    with serving.settings.open("a") as file:
        file.write(OUTGOING.format(port=sink.port))
    serving.start()
    return core


def once(act: Callable[[], None]) -> Callable[[], None]:
    """`act` when called for the first time, and nothing afterwards."""
    left = [act]
    return lambda: left.pop()() if left else None


def invite(serving: Serving, core: Core) -> None:
    phone = iphone(serving.url)
    place = collection_of(core, CollectionKind.CALENDAR, ANNA)
    edit = phone.add(place.id, meeting(ZOE))
    phone.call_when_lost(serving.start)
    phone.sync()
    assert edit.is_accepted


def state_becomes(core: Core, wanted: str) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    states: list[str] = []
    while states != [wanted] and time.monotonic() < until:
        time.sleep(0.1)
        with core.database.read() as work:
            states = [entry.state.value for entry in work.outbox.all()]
    return states == [wanted]


@pytest.mark.slow
def test_killed_before_the_message_is_over_it_is_sent_once(serving: Serving, sink: Killing) -> None:
    core = furnished(serving, sink)
    sink.hearing = once(serving.kill)
    invite(serving, core)
    until = time.monotonic() + PATIENCE_SECONDS
    while not serving.kills and time.monotonic() < until:
        time.sleep(0.05)
    serving.start()
    assert state_becomes(core, "sent")
    assert (serving.kills, sink.subjects()) == (1, ["Invitation: Regatta"])
    core.close()


def test_killed_while_the_server_takes_it_it_is_unknown_and_never_sent_again(serving: Serving, sink: Killing) -> None:
    core = furnished(serving, sink)
    sink.taking = once(serving.kill)
    invite(serving, core)
    until = time.monotonic() + PATIENCE_SECONDS
    while not serving.kills and time.monotonic() < until:
        time.sleep(0.05)
    serving.start()
    assert state_becomes(core, "unknown")
    time.sleep(1)
    assert (serving.kills, sink.subjects()) == (1, ["Invitation: Regatta"])
    core.close()
