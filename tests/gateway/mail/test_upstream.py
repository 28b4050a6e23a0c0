"""Connections to the mail server: how many, how long, and what people hear while it is away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.mail.imap.scripted import Scripted, listening, scripted
from pimgate.errors import AwayNow, BadCredentials, SettingsProblem
from pimgate.mail import refusals
from pimgate.mail import upstream as module
from pimgate.mail.imap import Rejected
from pimgate.mail.logins import NoSecret, Passthrough
from pimgate.mail.upstream import FRESH_SECONDS, Upstream
from pimgate.model.people import Account, AccountId, AccountState, Identity
from pimgate.settings import Mail, MailName, Security, Settings


def somebody(number: int) -> Account:
    return Account(AccountId(f"p{number}"), f"p{number}@example.org", "", AccountState.ACTIVE, False, "en", 1)


ANNA, BERT, CLEO = map(somebody, range(3))


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Stage:
    upstream: Upstream
    server: Scripted
    clock: Clock = field(default_factory=Clock)

    async def ask(self, account: Account = ANNA) -> None:
        async with self.upstream.connection(account) as connection:
            await connection.status("INBOX")


def answers(command: bytes) -> bytes:
    return b"* STATUS INBOX ()\r\n" if command.startswith(b"STATUS") else b""


def upstream_at(port: int, clock: Clock, **changes: object) -> Upstream:
    mail = Mail(**({"host": "localhost", "port": port, "tls": Security.NONE} | changes))  # type: ignore[arg-type]
    known = Passthrough(MailName.ADDRESS)
    for each in (ANNA, BERT, CLEO):
        known.came_in(Identity(each), "sesame")
    return Upstream(Settings(Path("/nowhere"), mail=mail), known, clock)


@contextlib.asynccontextmanager
async def staged(said: Callable[[bytes], bytes] = answers, **changes: object) -> AsyncIterator[Stage]:
    clock = Clock()
    async with scripted(said) as server, upstream_at(server.port, clock, **changes).running() as upstream:
        yield Stage(upstream, server, clock)


def on_stage(act: Callable[[Stage], Awaitable[None]], **changes: object) -> None:
    async def work() -> None:
        async with staged(**changes) as stage:
            await act(stage)

    asyncio.run(work())


def test_connection_is_used_again() -> None:
    async def act(stage: Stage) -> None:
        for _ in range(3):
            await stage.ask()
        assert stage.server.connections == 1
        await stage.ask(BERT)
        assert stage.server.connections == 2

    on_stage(act)


def test_refused_command_does_not_cost_the_connection() -> None:
    async def act(stage: Stage) -> None:
        with pytest.raises(Rejected):
            async with stage.upstream.connection(ANNA) as connection:
                await connection.create("x")
        await stage.ask()
        assert stage.server.connections == 1

    on_stage(act, said=lambda command: b"NO no" if command.startswith(b"CREATE") else answers(command))


def test_everybody_has_their_own_connection_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.05)

    async def act(stage: Stage) -> None:
        async with stage.upstream.connection(ANNA) as one, stage.upstream.connection(ANNA) as other:
            assert one is not other
            with pytest.raises(AwayNow):
                await stage.ask()
            await stage.ask(BERT)
        await stage.ask()

    on_stage(act, connections_per_person=2)


def test_who_waits_gets_the_connection_that_becomes_free() -> None:
    async def act(stage: Stage) -> None:
        await asyncio.gather(*(stage.ask() for _ in range(20)))
        assert stage.server.connections <= 2

    on_stage(act, connections_per_person=2)


def test_unused_connection_makes_room_for_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.05)

    async def act(stage: Stage) -> None:
        await stage.ask(ANNA)
        stage.clock.now += 1
        await stage.ask(BERT)
        await stage.ask(CLEO)
        await stage.ask(BERT)
        assert stage.server.connections == 3, "anna's was unused for longest"
        async with stage.upstream.connection(BERT), stage.upstream.connection(CLEO):
            with pytest.raises(AwayNow):
                await stage.ask(ANNA)

    on_stage(act, connections=2)


def test_unused_connection_is_closed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(stage: Stage) -> None:
        loop = asyncio.get_running_loop()
        later = loop.call_later
        monkeypatch.setattr(
            loop, "call_later", lambda seconds, *rest: later(0.01 if seconds == 120 else seconds, *rest)
        )
        await stage.ask()
        while stage.upstream._open:
            await asyncio.sleep(0.01)
        assert not stage.upstream._people
        await stage.ask()
        assert stage.server.connections == 2

    on_stage(act, idle_seconds=120)


def test_no_connection_is_kept_where_none_is_to_be() -> None:
    async def act(stage: Stage) -> None:
        await stage.ask()
        assert not stage.upstream._open
        assert not stage.upstream._people

    on_stage(act, idle_seconds=0)


def test_connection_that_died_meanwhile_is_replaced() -> None:
    async def act(stage: Stage) -> None:
        async with stage.upstream.connection(ANNA) as connection:
            pass
        connection.close()
        await stage.ask()
        assert stage.server.connections == 2

    on_stage(act)


def test_connection_that_was_long_unused_is_asked_whether_it_lives() -> None:
    is_alive = True

    def said(command: bytes) -> bytes:
        return b"* BYE you were idle\r\n" if command == b"NOOP" and not is_alive else answers(command)

    async def act(stage: Stage) -> None:
        nonlocal is_alive
        await stage.ask()
        stage.clock.now += FRESH_SECONDS
        await stage.ask()
        assert stage.server.connections == 1
        assert b"NOOP" in stage.server.said
        stage.clock.now += FRESH_SECONDS
        is_alive = False
        await stage.ask()
        assert stage.server.connections == 2

    on_stage(act, said=said)


def test_server_that_leaves_is_away_now() -> None:
    async def act(stage: Stage) -> None:
        with pytest.raises(AwayNow) as away:
            await stage.ask()
        assert "sesame" not in str(away.value)
        assert not stage.upstream._open

    on_stage(act, said=lambda command: b"* BYE\r\n")


def test_server_that_is_away_is_left_alone_for_ever_longer() -> None:
    knocks = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal knocks
        knocks += 1
        writer.write(b"* BYE not now\r\n")

    async def work() -> None:
        clock = Clock()
        async with listening(serve) as port, upstream_at(port, clock).running() as upstream:
            pauses = []
            for _ in range(8):
                for account in (ANNA, BERT, ANNA):
                    with pytest.raises(AwayNow) as away:
                        async with upstream.connection(account):
                            pass
                    assert away.value.retry_after_seconds > 0
                pauses.append(away.value.retry_after_seconds)
                clock.now += pauses[-1] + 0.6
            assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
            assert knocks == 8

    asyncio.run(work())


def test_server_that_is_back_serves_at_once() -> None:
    async def act(stage: Stage) -> None:
        stage.upstream._failures, stage.upstream._away_until = 5, stage.clock.now + 10
        with pytest.raises(AwayNow):
            await stage.ask()
        stage.clock.now += 11
        await stage.ask()
        await stage.ask(BERT)

    on_stage(act)


def test_wrong_password_is_not_tried_again_and_again() -> None:
    tries = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        writer.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n")
        await reader.readline()
        tries += 1
        writer.write(b"p1 NO [AUTHENTICATIONFAILED] no\r\n")
        await reader.readline()

    async def work() -> None:
        clock = Clock()
        async with listening(serve) as port, upstream_at(port, clock).running() as upstream:

            async def knock(account: Account = ANNA) -> None:
                with pytest.raises(BadCredentials):
                    async with upstream.connection(account):
                        pass

            for _ in range(5):
                await knock()
            assert tries == 1
            upstream.logins.came_in(Identity(ANNA), "another")
            await knock()
            assert tries == 2, "a new password is tried"
            clock.now += refusals.SECONDS
            await knock()
            assert tries == 3
            await knock(BERT)
            assert tries == 4, "one person's mistake is not another's"

    asyncio.run(work())


def test_person_of_whom_nothing_is_known_waits() -> None:
    async def act(stage: Stage) -> None:
        with pytest.raises(NoSecret):
            await stage.ask(somebody(9))
        assert stage.server.connections == 0
        assert not stage.upstream._people

    on_stage(act)


def test_nothing_is_left_open_at_the_end() -> None:
    async def work() -> None:
        async with staged() as stage:
            await stage.ask(ANNA)
            await stage.ask(BERT)
            connections = list(stage.upstream._open)
            assert len(connections) == 2
            await stage.upstream.close()
            assert all(each.is_closed for each in connections)
            with pytest.raises(AwayNow):
                await stage.ask(ANNA)

    asyncio.run(work())


def test_gateway_without_a_mail_server_has_no_connections() -> None:
    async def act(stage: Stage) -> None:
        assert not stage.upstream.is_on
        with pytest.raises(AwayNow):
            await stage.ask()

    on_stage(act, host="")


def test_certificates_that_cannot_be_read_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "missing.pem"):
        settings = Settings(tmp_path, mail=Mail(host="mail.example.org", ca_file=name))
        with pytest.raises(SettingsProblem):
            Upstream(settings, Passthrough(MailName.ADDRESS))
