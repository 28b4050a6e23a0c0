"""A phone's wire on a running gateway, on each database; and a person's mail on a real mail server."""

from collections.abc import Callable, Iterator

import pytest

from gateway.mail.mailserver import MailServer
from pimgate.core import Core
from plugins.eas.mailroom import MailRoom, looks_each_time, mail_room
from plugins.eas.wire import Wire


@pytest.fixture
def wire(make_core: Callable[..., Core]) -> Iterator[Wire]:
    with Wire(make_core("eas")) as made:
        yield made


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with MailServer("full") as made:
        yield made


@pytest.fixture
def post(
    server: MailServer,
    make_core: Callable[..., Core],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MailRoom]:
    """A mailbox of the test's own, at which every request looks anew."""
    looks_each_time(monkeypatch)
    with mail_room(make_core, server, request.node.name) as made:
        yield made
