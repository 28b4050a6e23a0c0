"""The proxy inside a gateway: the gateway's accounts, app passwords and devices, and Dovecot behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from gateway.mail.dovecot import Dovecot
from pimgate.api import Account, AccountState, Core, DeviceState, Identity, PimgateError, SettingsProblem, Throttled
from pimgate.app import settings_for
from pimgate.plugins import PluginHost
from pimgate.testing.contract import check_plugin
from pimgate.testing.running import free_port
from pimgate_imap.errors import refusal_of
from pimgate_imap.gate import RefusalCode, Refused, Visitor
from pimgate_imap.gateway import CoreGate, facts_of
from pimgate_imap.plugin import pimgate_services
from pimgate_imap.settings import ImapSettings, LoginMode

ALICE, PASSWORD = "alice@example.org", "wonder land"


def core_with(directory: Path, **imap: object) -> Core:
    host = PluginHost(["imap"])
    return Core(settings_for(directory, host, {"plugins.imap": ImapSettings(**imap)}), host)


def add_alice(core: Core) -> Account:
    with core.database.write() as work:
        return core.people.create(work, ALICE, PASSWORD)


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    with closing(core_with(tmp_path)) as core:
        add_alice(core)
        yield core


def visit(core: Core, visitor: Visitor, inside: Callable[[asyncio.Event], object]) -> None:
    """Be admitted, and look around inside."""

    async def work() -> None:
        core.bell.start()
        async with CoreGate(core).admitted(visitor) as admission:
            assert admission.login == ALICE
            await asyncio.sleep(0.05)
            await asyncio.to_thread(inside, admission.ended)
            await asyncio.sleep(0.2)

    asyncio.run(work())


def test_right_password_opens_and_wrong_one_does_not(core: Core) -> None:
    visit(core, Visitor("ALICE@example.org", PASSWORD, "127.0.0.1"), lambda ended: None)
    with pytest.raises(Refused) as refused:
        visit(core, Visitor(ALICE, "wrong", "127.0.0.1"), lambda ended: None)
    assert refused.value.code is RefusalCode.AUTHENTICATION_FAILED


def test_session_ends_when_the_account_is_disabled(core: Core) -> None:
    seen: list[asyncio.Event] = []

    def disable(ended: asyncio.Event) -> None:
        assert not ended.is_set()
        seen.append(ended)
        with core.database.write() as work:
            core.people.set_state(work, core.people.get(work, ALICE).id, AccountState.DISABLED)

    visit(core, Visitor(ALICE, PASSWORD, "127.0.0.1"), disable)
    assert seen[0].is_set()


def test_session_ends_when_the_device_is_blocked_and_cannot_come_back(
    core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[asyncio.Event] = []

    def block(ended: asyncio.Event) -> None:
        seen.append(ended)
        with core.database.write() as work:
            (device,) = core.devices.of_person(work, core.people.get(work, ALICE).id)
            assert (device.protocol, device.agent) == ("imap", "Thunderbird 140.1")
            core.devices.decide(work, device.id, DeviceState.BLOCKED)

    visitor = Visitor(ALICE, PASSWORD, "127.0.0.1", "Thunderbird 140.1")
    visit(core, visitor, block)
    assert seen[0].is_set()
    with pytest.raises(Refused) as refused:
        visit(core, visitor, lambda ended: None)
    assert refused.value.code is RefusalCode.CONTACT_ADMIN
    assert "'alice@example.org' is kept out with 'Thunderbird 140.1'" in caplog.text
    assert PASSWORD not in caplog.text


def test_session_goes_on_when_something_else_changes(core: Core) -> None:
    seen: list[asyncio.Event] = []

    def change_language(ended: asyncio.Event) -> None:
        seen.append(ended)
        with core.database.write() as work:
            core.people.create(work, "bob@example.org", PASSWORD)

    visit(core, Visitor(ALICE, PASSWORD, "127.0.0.1"), change_language)
    assert not seen[0].is_set()


def test_refused_login_says_the_public_sentence_and_nothing_else() -> None:
    assert refusal_of(Throttled(60)).code is RefusalCode.LIMIT
    assert refusal_of(PimgateError("secret detail")).sentence == PimgateError.public


def test_programs_are_told_apart_by_app_password_or_name(core: Core) -> None:
    with core.database.write() as work:
        account = core.people.get(work, ALICE)
        _, row = core.people.add_app_password(work, account.id, "laptop", protocol="imap")
    assert facts_of(Identity(account, row), "X").identifier == f"app:{row.id}"
    assert facts_of(Identity(account), "Thunderbird 140").identifier == "imap:thunderbird"
    assert facts_of(Identity(account), "").identifier == "imap:any"


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"tls_port": 993}, "tls_port"),
        ({"certificate": "x.pem"}, "certificate"),
        ({"certificate": "x.pem", "key": "y.pem"}, "certificate"),
        ({"upstream_login": LoginMode.MASTER}, "upstream_master_password"),
    ],
)
def test_mistake_in_the_settings_is_named(tmp_path: Path, settings: dict[str, object], key: str) -> None:
    with closing(core_with(tmp_path, **settings)) as core, pytest.raises(SettingsProblem, match=f"plugins.imap.{key}"):
        pimgate_services(core)


@asynccontextmanager
async def mail_program(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


def test_app_password_opens_the_mailbox_in_dovecot_until_it_is_revoked(tmp_path: Path, dovecot: Dovecot) -> None:
    port = free_port()
    gateway = core_with(
        tmp_path,
        port=port,
        upstream_port=dovecot.port,
        upstream_login=LoginMode.MASTER,
        upstream_master_login=dovecot.master_login,
        upstream_master_password=dovecot.master_password,
    )

    async def work(core: Core, secret: str) -> None:
        async with core.running(), mail_program(port) as (reader, writer):
            writer.write(f"a LOGIN {ALICE} {secret}\r\nb SELECT INBOX\r\n".encode())
            assert (await reader.readline()).startswith(b"a OK [CAPABILITY ")
            while not (line := await reader.readline()).startswith(b"b "):
                assert line
            assert line.startswith(b"b OK")
            await asyncio.to_thread(revoke, core)
            async with asyncio.timeout(5):
                assert await reader.read() == b""

    def revoke(core: Core) -> None:
        with core.database.write() as work:
            account = core.people.get(work, ALICE)
            (row,) = core.people.app_passwords(work, account.id)
            core.people.remove_app_password(work, account.id, row.id)

    with closing(gateway) as core:
        account = add_alice(core)
        with core.database.write() as unit:
            secret, _ = core.people.add_app_password(unit, account.id, "laptop", protocol="imap")
        asyncio.run(work(core, secret))


def test_account_disabled_by_another_process_ends_the_session_within_seconds(tmp_path: Path, dovecot: Dovecot) -> None:
    port = free_port()
    imap = {"port": port, "upstream_port": dovecot.port, "authenticate": True}

    def disable() -> None:
        with closing(core_with(tmp_path, **imap)) as other, other.database.write() as work:
            other.people.set_state(work, other.people.get(work, ALICE).id, AccountState.DISABLED)

    async def work(core: Core) -> None:
        async with core.running(), mail_program(port) as (reader, writer):
            writer.write(f'a LOGIN {ALICE} "{dovecot.password}"\r\n'.encode())
            assert (await reader.readline()).startswith(b"a OK")
            await asyncio.to_thread(disable)
            async with asyncio.timeout(5):
                assert await reader.read() == b""

    with closing(core_with(tmp_path, **imap)) as core:
        with core.database.write() as unit:
            core.people.create(unit, ALICE, None)
        asyncio.run(work(core))


def test_app_password_for_another_protocol_is_refused(core: Core) -> None:
    with core.database.write() as work:
        secret, _ = core.people.add_app_password(work, core.people.get(work, ALICE).id, "calendar", protocol="dav")
    with pytest.raises(Refused) as refused:
        visit(core, Visitor(ALICE, secret, "127.0.0.1"), lambda ended: None)
    assert refused.value.code is RefusalCode.AUTHENTICATION_FAILED


def test_plugin_keeps_the_contract() -> None:
    assert check_plugin("imap", {"port": free_port()}) == []
