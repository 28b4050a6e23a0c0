"""The mail server inside a gateway: the people are the gateway's accounts."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pimgate.api import Account, AccountState, Core, DirectoryEntry, SettingsProblem
from pimgate.app import settings_for
from pimgate.plugins import PluginHost
from pimgate.testing.contract import check_plugin
from pimgate_mail.gateway import AccountsOf
from pimgate_mail.plugin import Running, pimgate_directory, pimgate_services
from pimgate_mail.settings import MailSettings

ALICE, PASSWORD = "alice@example.org", "wonder land"


def core_with(directory: Path, **mail: object) -> Core:
    host = PluginHost(["mail"])
    settings = MailSettings(**({"imap_port": 0, "smtp_port": 0} | mail))
    return Core(settings_for(directory, host, {"plugins.mail": settings}), host)


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    with closing(core_with(tmp_path)) as core:
        with core.database.write() as work:
            core.people.create(work, ALICE, PASSWORD)
        yield core


def test_accounts_and_app_passwords_open_the_mailbox(core: Core) -> None:
    people = AccountsOf(core)
    with core.database.write() as work:
        secret, _ = core.people.add_app_password(work, core.people.get(work, ALICE).id, "laptop", protocol="imap")

    async def ask() -> None:
        for password in (PASSWORD, secret):
            person = await people.with_password("Alice@Example.org", password, "127.0.0.1", "imap")
            assert person is not None
            assert (person.login, person.addresses) == (ALICE, {ALICE})
        assert await people.with_password(ALICE, "wrong", "127.0.0.1", "imap") is None
        assert await people.with_password(ALICE, secret, "127.0.0.1", "smtp") is None

    asyncio.run(ask())


def test_mail_reaches_active_accounts_only(core: Core) -> None:
    people = AccountsOf(core)
    assert asyncio.run(people.at_address(ALICE)) is not None
    assert asyncio.run(people.at_address("stranger@example.org")) is None
    assert asyncio.run(people.at_address("not an address")) is None
    with core.database.write() as work:
        core.people.set_state(work, core.people.get(work, ALICE).id, AccountState.DISABLED)
    assert asyncio.run(people.at_address(ALICE)) is None


def test_server_runs_with_the_gateway_and_can_be_given_mail(core: Core) -> None:
    async def live() -> None:
        async with core.running():
            server = core.belonging(Running).server
            assert server is not None
            assert await server.deliver(ALICE, b"Subject: Welcome\r\n\r\nHello.\r\n") == 1
            reader, writer = await asyncio.open_connection("127.0.0.1", server.imap_port)
            writer.write(f'a LOGIN {ALICE} "{PASSWORD}"\r\nb STATUS INBOX (MESSAGES)\r\nc LOGOUT\r\n'.encode())
            assert b'* STATUS "INBOX" (MESSAGES 1)' in await reader.read()
            writer.close()
            await writer.wait_closed()
        assert core.belonging(Running).server is None

    asyncio.run(live())


def test_directory_knows_with_whom_a_person_wrote(core: Core) -> None:
    with core.database.write() as work:
        alice, bob = core.people.get(work, ALICE), core.people.create(work, "bob@example.org", PASSWORD)

    async def live() -> None:
        async with core.running():
            server = core.belonging(Running).server
            assert server is not None
            await server.deliver(ALICE, b"From: Carla Voss <carla@example.net>\r\n\r\nHello.\r\n")

            def search(account: Account) -> list[DirectoryEntry]:
                with core.database.read() as work:
                    return core.plugins.directory(core, work, account, "voss", 5)

            expected = DirectoryEntry("Carla Voss", "carla@example.net", "Correspondents", {})
            assert await core.in_thread(search, alice) == [expected]
            assert await core.in_thread(search, bob) == []
        assert await core.in_thread(search, alice) == []

    asyncio.run(live())


def test_directory_does_not_wait_for_a_busy_store(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pimgate_mail.plugin.PATIENCE_SECONDS", 0.05)
    with core.database.write() as work:
        alice = core.people.get(work, ALICE)
    go_on = threading.Event()

    async def live() -> None:
        async with core.running():
            server = core.belonging(Running).server
            assert server is not None
            busy = asyncio.create_task(server.post.hop(lambda store: go_on.wait(10)))
            await asyncio.sleep(0)
            assert await core.in_thread(pimgate_directory, core, alice, "carla", 5) == ()
            go_on.set()
            await busy

    asyncio.run(live())


def test_gateway_does_not_start_when_others_could_reach_the_server(tmp_path: Path) -> None:
    with (
        closing(core_with(tmp_path, host="0.0.0.0")) as core,
        pytest.raises(SettingsProblem, match=r"plugins\.mail\.host"),
    ):
        pimgate_services(core)


def test_plugin_keeps_the_contract() -> None:
    assert check_plugin("mail", {"imap_port": 0, "smtp_port": 0}) == []
