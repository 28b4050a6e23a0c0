"""Two phones over bad networks and a mail program in one mailbox: at the end all have the same, and nothing is lost, doubled or
reverted, whatever the mail server does meanwhile."""

from collections.abc import Callable, Iterator

import pytest

from gateway.mail.mailserver import MailServer
from journeys.mail_walk import MailWalk, Reader
from pimgate.core import Core
from pimgate.mail import upstream
from pimgate.testing.network import Network
from plugins.eas.mailroom import MailRoom, mail_room

STEPS, LONG_STEPS = 40, 250


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with MailServer("full") as made:
        yield made


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def post(
    server: MailServer,
    make_core: Callable[..., Core],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MailRoom]:
    monkeypatch.setattr(upstream, "FIRST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(upstream, "LONGEST_PAUSE_SECONDS", 0.5)
    with mail_room(make_core, server, request.node.name) as made:
        yield made


def test_all_have_the_same_after_a_walk_through_a_mailbox(post: MailRoom) -> None:
    walk = a_walk(post, seed=1, loss=0.25)
    for number in range(STEPS):
        walk.step()
        if number % 20 == 19:
            walk.disturb()
    walk.finish()
    assert walk.findings() == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 14))
def test_all_have_the_same_after_a_long_walk_through_a_mailbox(post: MailRoom, seed: int) -> None:
    walk = a_walk(post, seed, loss=0.35)
    for number in range(LONG_STEPS):
        walk.step()
        if number % 25 == 24:
            walk.disturb()
    walk.finish()
    assert walk.findings() == []


def a_walk(post: MailRoom, seed: int, loss: float) -> MailWalk:
    first = post.phone("ApplF0ONE", network=Network.lossy(seed, loss))
    second = post.phone("ApplF0TWO", network=Network.lossy(seed + 1000, loss), version="14.1")
    walk = MailWalk(seed, post, [Reader(first, "\\Seen"), Reader(second, "\\Flagged")])
    for each in (first, second):
        each.sync_folders()
    return walk
