"""People without a password here: the mail server says whether theirs is right, and silence is never a wrong password."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.mail.dovecot import Dovecot
from pimgate.api import AccountState, AwayNow, BadCredentials, Core, Credentials, NoSuchAccount, SettingsProblem
from pimgate.app import settings_for
from pimgate.plugins import PluginHost
from pimgate.testing.running import free_port
from pimgate_imap import people
from pimgate_imap.people import MailServer
from pimgate_imap.plugin import pimgate_authenticate, pimgate_services
from pimgate_imap.settings import ImapSettings, LoginMode
from plugins.imap.stage import Stage, on_stage, scripted_server, target_at

ALICE, PASSWORD = "alice@example.org", "s3cret pass"
HELLO = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with on_stage() as stage:
        yield stage


def core_with(directory: Path, port: int, *plugins: str, **imap: object) -> Core:
    host = PluginHost(["imap", *plugins])
    section = ImapSettings(upstream_port=port, **({"authenticate": True} | imap))
    return Core(settings_for(directory, host, {"plugins.imap": section}), host)


def typed(login: str, secret: str, protocol: str = "dav") -> Credentials:
    return Credentials(login, secret, protocol, "192.0.2.7")


def logins(core: Core) -> list[str]:
    with core.database.read() as work:
        return [account.login for account in core.people.all(work)]


def add(core: Core, login: str, password: str | None = None) -> None:
    with core.database.write() as work:
        core.people.create(work, login, password)


def test_person_without_a_password_here_comes_in_with_that_of_the_mail_server(tmp_path: Path, dovecot: Dovecot) -> None:
    with closing(core_with(tmp_path, dovecot.port)) as core:
        add(core, ALICE)
        assert core.door.authenticate(typed("Alice@Example.org", PASSWORD)).account.login == ALICE
        with pytest.raises(BadCredentials):
            core.door.authenticate(typed(ALICE, "not it"))
        with pytest.raises(BadCredentials):
            core.door.authenticate(typed(ALICE, ""))


def test_somebody_whom_the_mail_server_knows_gets_an_account_at_the_first_login(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    with closing(core_with(tmp_path, dovecot.port, create_people=True, people_domains=["Example.org"])) as core:
        with pytest.raises(BadCredentials):
            core.door.authenticate(typed(ALICE, "not it"))
        assert logins(core) == []
        assert core.door.authenticate(typed(ALICE.upper(), PASSWORD)).account.login == ALICE
        assert logins(core) == [ALICE]
        with core.database.read() as work:
            assert core.people.get(work, ALICE).is_operator is False


def test_two_programs_at_once_make_one_account(tmp_path: Path, dovecot: Dovecot) -> None:
    with closing(core_with(tmp_path, dovecot.port, create_people=True, people_domains=["example.org"])) as core:

        async def both() -> list[str]:
            found = await asyncio.gather(*(core.authenticate(typed(ALICE, PASSWORD)) for _ in range(4)))
            return [identity.account.id for identity in found]

        assert len(set(asyncio.run(both()))) == 1
        assert logins(core) == [ALICE]


def test_mode_master_does_not_stand_in_for_the_persons_own_password(tmp_path: Path, dovecot: Dovecot) -> None:
    master = {
        "upstream_login": LoginMode.MASTER,
        "upstream_master_login": dovecot.master_login,
        "upstream_master_password": dovecot.master_password,
    }
    with closing(core_with(tmp_path, dovecot.port, **master)) as core:
        add(core, ALICE)
        assert core.door.authenticate(typed(ALICE, PASSWORD)).account.login == ALICE
        with pytest.raises(BadCredentials):
            core.door.authenticate(typed(ALICE, "not it"))


@pytest.mark.parametrize(
    ("imap", "login"),
    [
        ({"authenticate": False, "create_people": True, "people_domains": ["example.org"]}, ALICE),
        ({"create_people": False, "people_domains": ["example.org"]}, ALICE),
        ({"create_people": True}, ALICE),
        ({"create_people": True, "people_domains": [""]}, "alice"),
        ({"create_people": True, "people_domains": ["example.net"]}, ALICE),
        ({"create_people": True, "people_domains": ["example.org"]}, "alice@evil.example@example.org"),
        ({"create_people": True, "people_domains": ["example.org"]}, "alice@sub.example.org"),
        ({"create_people": True, "people_domains": ["example.org"]}, "@example.org"),
    ],
)
def test_mail_server_is_not_asked_about_strangers(
    tmp_path: Path, stage: Stage, imap: dict[str, object], login: str
) -> None:
    with (
        scripted_server(stage, HELLO, None, b"pg1 OK [CAPABILITY X] in\r\n", None) as (port, heard),
        closing(core_with(tmp_path, port, **imap)) as core,
    ):
        assert pimgate_authenticate(core, typed(login, PASSWORD)) is None
        assert (heard, logins(core)) == ([], [])


def test_password_here_and_disabled_accounts_never_reach_the_mail_server(tmp_path: Path, stage: Stage) -> None:
    with (
        scripted_server(stage, HELLO, None, b"pg1 OK [CAPABILITY X] in\r\n", None) as (port, heard),
        closing(core_with(tmp_path, port)) as core,
    ):
        add(core, "bert@example.org", "a password here")
        add(core, ALICE)
        with core.database.write() as work:
            core.people.set_state(work, core.people.get(work, ALICE).id, AccountState.DISABLED)
        for login in (ALICE, "bert@example.org"):
            with pytest.raises(BadCredentials):
                core.door.authenticate(typed(login, PASSWORD))
        assert heard == []


def test_person_logs_out_again_at_once(stage: Stage) -> None:
    with scripted_server(stage, HELLO, None, b"pg1 OK [CAPABILITY X] in\r\n", None) as (port, heard):
        assert MailServer(target_at(port), 1).accepts(ALICE, PASSWORD, "")
    assert heard[-1] == b"bye LOGOUT\r\n"


@pytest.mark.parametrize(
    "script",
    [
        (b"* BYE shutting down\r\n",),
        (HELLO, None),
        (HELLO, None, b"pg1 NO [UNAVAILABLE] Temporary authentication failure.\r\n"),
    ],
)
def test_server_that_is_away_is_no_wrong_password(
    tmp_path: Path, stage: Stage, script: tuple[bytes | None, ...]
) -> None:
    with scripted_server(stage, *script) as (port, _), closing(core_with(tmp_path, port)) as core:
        add(core, ALICE)
        for _ in range(12):
            with pytest.raises(AwayNow):
                core.door.authenticate(typed(ALICE, PASSWORD))


def test_closed_port_is_said_once_in_the_log_and_so_is_the_return(
    stage: Stage, dovecot: Dovecot, caplog: pytest.LogCaptureFixture
) -> None:
    server = MailServer(target_at(free_port()), 1)
    with caplog.at_level(logging.INFO, "pimgate.imap"):
        for _ in range(3):
            with pytest.raises(AwayNow):
                server.accepts(dovecot.user, PASSWORD, "")
        server._target = target_at(dovecot.port)
        assert server.accepts(dovecot.user, dovecot.password, "")
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert PASSWORD not in caplog.text


def test_silent_server_costs_its_time_once_and_then_nothing_for_a_moment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "CHECK_SECONDS", 0.3)
    monkeypatch.setattr(people, "SLOW_SECONDS", 0.2)
    with scripted_server(stage, None, None) as (port, _):
        server = MailServer(target_at(port), 1)
        with pytest.raises(AwayNow):
            server.accepts(ALICE, PASSWORD, "")
        began = time.monotonic()
        with pytest.raises(AwayNow, match="a moment ago"):
            server.accepts(ALICE, PASSWORD, "")
        assert time.monotonic() - began < 0.2


def test_not_everybody_waits_for_a_slow_server_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "CHECK_SECONDS", 1.0)
    monkeypatch.setattr(people, "PLACE_SECONDS", 0.05)
    with scripted_server(stage, None, None) as (port, _):
        server = MailServer(target_at(port), 1)

        def first() -> None:
            with pytest.raises(AwayNow):
                server.accepts(ALICE, PASSWORD, "")

        waiting = threading.Thread(target=first)
        waiting.start()
        while server._places.acquire(blocking=False):
            server._places.release()
            time.sleep(0.01)
        with pytest.raises(AwayNow, match="too many"):
            server.accepts(ALICE, PASSWORD, "")
        waiting.join()


def test_gateway_does_not_start_when_it_would_ask_itself(tmp_path: Path) -> None:
    with (
        closing(core_with(tmp_path, 1144, "mail")) as core,
        pytest.raises(SettingsProblem, match=r"plugins\.imap\.authenticate"),
    ):
        pimgate_services(core)


def test_removed_person_is_a_stranger_again(tmp_path: Path, dovecot: Dovecot) -> None:
    with closing(core_with(tmp_path, dovecot.port)) as core:
        add(core, ALICE)
        core.door.authenticate(typed(ALICE, PASSWORD))
        with core.database.write() as work:
            core.people.remove(work, core.people.get(work, ALICE).id)
        with pytest.raises(BadCredentials):
            core.door.authenticate(typed(ALICE, PASSWORD))
        with core.database.read() as work, pytest.raises(NoSuchAccount):
            core.people.get(work, ALICE)
