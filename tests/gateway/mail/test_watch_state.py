"""What an operator is told of the watching of a mailbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pimgate.errors import AwayNow, BadCredentials, PimgateError
from pimgate.mail.imap import Rejected
from pimgate.mail.logins import NoSecret
from pimgate.mail.postbox import Postbox
from pimgate.mail.watcher import Attention, Hindrance, Watcher


class Line:
    """A connection to a server that can do these things, and never says anything."""

    def __init__(self, *capabilities: str) -> None:
        self.capabilities = capabilities

    def has(self, name: str) -> bool:
        return name in self.capabilities

    async def select(self, name: str) -> None:
        pass

    async def unselect(self) -> None:
        pass

    async def notify(self) -> None:
        pass

    @asynccontextmanager
    async def idle(self) -> AsyncIterator[Any]:
        async def silence(seconds: float) -> None:
            await asyncio.sleep(seconds)

        yield SimpleNamespace(next=silence)

    def close(self) -> None:
        pass


class Box:
    """A postbox whose connections are those, or those failures, that are given."""

    def __init__(self, *answers: Line | Exception) -> None:
        self.account = SimpleNamespace(id="a1")
        self.upstream = self
        self.looks = 0
        self._answers = list(answers)

    @asynccontextmanager
    async def connection(self, account: object) -> AsyncIterator[Line]:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        yield answer

    def at(self, path: str) -> str:
        return "c1"

    async def look_at_folders(self) -> None:
        pass

    async def catch_up(self) -> None:
        pass


async def settled(watcher: Watcher) -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [(("IDLE", "NOTIFY"), Attention.EVERYTHING), (("IDLE",), Attention.INBOX), ((), Attention.ASKING)],
)
def test_operator_is_told_how_a_mailbox_is_watched(capabilities: tuple[str, ...], expected: Attention) -> None:
    async def story() -> None:
        watcher = Watcher(cast(Postbox, Box(Line(*capabilities))), poll_seconds=60)
        assert watcher.state.attention is Attention.NONE
        with watcher.waiting():
            await settled(watcher)
            assert watcher.state.attention is expected
            assert (watcher.state.waiting, watcher.state.hindrance) == (1, None)
        await watcher.stop()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (NoSecret("nothing is stored for a1"), Hindrance.NO_SECRET),
        (BadCredentials("refused"), Hindrance.LOGIN),
        (AwayNow("mail server: gone"), Hindrance.AWAY),
        (Rejected("NO", "CANNOT"), Hindrance.REFUSED),
    ],
)
def test_what_hinders_is_told_until_it_works_again(
    problem: PimgateError | Rejected, expected: Hindrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pimgate.mail.watcher.FIRST_PAUSE_SECONDS", 0.01)

    async def story() -> None:
        watcher = Watcher(cast(Postbox, Box(problem, Line("IDLE"))), poll_seconds=60)
        with watcher.waiting():
            await settled(watcher)
            assert (watcher.state.hindrance, watcher.state.words) == (expected, str(problem))
            while watcher.state.attention is not Attention.INBOX:
                await asyncio.sleep(0.01)
            assert watcher.state.hindrance is None
        await watcher.stop()

    asyncio.run(story())
