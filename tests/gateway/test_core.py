"""A whole gateway: how people come in, and how it starts and stops."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from gateway.places import PASSWORD, Place, make_gateway
from gateway.postgresql import Cluster
from pimgate.app import build_app
from pimgate.bell import Ear
from pimgate.core import Core
from pimgate.errors import AwayNow, BadCredentials, SettingsProblem
from pimgate.journal import SECONDS_A_DAY, hierarchy_of
from pimgate.login import WrongPassword
from pimgate.model.devices import DeviceFacts
from pimgate.model.people import Account, AccountState, Credentials
from pimgate.settings import Database, Devices
from pimgate.store.work import Work

RIGHT = Credentials("anna@example.org", PASSWORD, "dav", "192.0.2.1")
WRONG = Credentials("anna@example.org", "wrong horse", "dav", "192.0.2.1")
SOON_SECONDS = 2


def test_person_comes_in_with_their_device(core: Core) -> None:
    async def scene() -> None:
        identity, device = await core.enter(RIGHT, lambda _: DeviceFacts("dav", "tb", "", "Thunderbird/140"))
        assert identity.account.login == "anna@example.org"
        assert device.client_kind == "thunderbird"
        assert await core.admit(identity, DeviceFacts("dav", "tb", "", "Thunderbird/140")) == device
        assert core.viewer(identity, device).origin == device.id

    asyncio.run(scene())


def test_wrong_password_is_answered_late_and_keeps_nobody_else_waiting(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(_: Credentials) -> None:
        raise WrongPassword(2)

    async def scene() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(core.door, "authenticate", wrong)
            begun = time.perf_counter()
            guesses = [asyncio.create_task(core.authenticate(WRONG)) for _ in range(50)]
            await asyncio.sleep(0.1)
            await core.read(lambda work: work.people.all())
            assert time.perf_counter() - begun < 2
            outcomes = await asyncio.gather(*guesses, return_exceptions=True)
            assert time.perf_counter() - begun >= 2
            assert all(isinstance(each, BadCredentials) for each in outcomes)

    asyncio.run(scene())


def test_waiting_request_ends_its_wait_when_the_account_is_disabled(
    core: Core, person: Callable[[str], Account]
) -> None:
    anna = person("anna")

    async def scene() -> None:
        core.bell.start()
        with core.bell.listening([hierarchy_of(anna.id)]) as ear:
            waiting = asyncio.create_task(_until_refused(core, ear))
            await asyncio.sleep(0.05)
            await core.write(lambda work: core.people.set_state(work, anna.id, AccountState.DISABLED))
            await asyncio.wait_for(waiting, SOON_SECONDS)

    asyncio.run(scene())


async def _until_refused(core: Core, ear: Ear) -> None:
    """As a wing waits: woken, it asks again who this is."""
    await core.authenticate(RIGHT)
    while True:
        await ear.heard(60)
        try:
            await asyncio.to_thread(core.door.authenticate, RIGHT)
        except BadCredentials:
            return


def test_gateway_leaves_no_task_behind(core: Core) -> None:
    async def scene() -> None:
        before = asyncio.all_tasks()
        async with core.running():
            await asyncio.sleep(0.05)
            assert asyncio.all_tasks() > before
        assert asyncio.all_tasks() == before

    asyncio.run(scene())


def test_running_gateway_forgets_what_is_older_than_the_settings_say(
    core: Core, person: Callable[[str], Account]
) -> None:
    person("anna")
    now = time.time()
    core.database.clock = lambda: now + (core.settings.limits.journal_days + 1) * SECONDS_A_DAY

    async def scene() -> None:
        async with core.running():
            async with asyncio.timeout(SOON_SECONDS):
                while await core.read(lambda work: work.journal.latest_line()):
                    await asyncio.sleep(0.02)

    asyncio.run(scene())


def test_every_unit_of_work_runs_in_a_thread_and_no_more_at_once_than_there_are_connections(
    make_core: Callable[..., Core], database: Place
) -> None:
    core = make_core(database=Database(url=database.url, pool_size=2))
    running = most = 0

    def job(_: Work) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1

    async def scene() -> None:
        await asyncio.gather(*(core.read(job) for _ in range(10)))

    asyncio.run(scene())
    assert most == 2


def test_error_of_a_job_comes_out_as_it_is_and_nothing_is_kept(core: Core, person: Callable[[str], Account]) -> None:
    person("anna")

    def job(work: Work) -> None:
        core.people.create(work, "dora@example.org", None)
        raise LookupError("mine")

    async def scene() -> None:
        with pytest.raises(LookupError, match="mine"):
            await core.write(job)
        assert await core.read(lambda work: work.people.by_login("dora@example.org")) is None

    asyncio.run(scene())


def test_whoever_is_cancelled_waits_for_the_unit_of_work_that_has_begun(core: Core) -> None:
    ended: list[str] = []

    def job(_: Work) -> None:
        time.sleep(0.1)
        ended.append("job")
        raise LookupError("that nobody asks for any more")

    async def scene() -> None:
        waiting = asyncio.create_task(core.write(job))
        await asyncio.sleep(0.03)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        ended.append("caller")

    asyncio.run(scene())
    assert ended == ["job", "caller"]


def test_what_belongs_to_one_gateway_is_one_and_not_anothers(make_core: Callable[..., Core]) -> None:
    class Thing:
        pass

    one, other = make_core(), make_core()
    assert one.belonging(Thing) is one.belonging(Thing)
    assert one.belonging(Thing) is not other.belonging(Thing)


def test_two_gateways_in_one_process_share_nothing(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        make_gateway(Place("sqlite", "sqlite:///x.db", tmp_path / "one")) as one,
        make_gateway(Place("sqlite", "sqlite:///x.db", tmp_path / "two")) as two,
    ):
        with one.database.write() as work:
            one.people.create(work, "anna@example.org", None)
        with two.database.read() as work:
            assert two.people.all(work) == []
        assert build_app(one) is not build_app(one)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_profiles_of_the_operator_that_cannot_be_read_stop_the_start(database: Place) -> None:
    for name, text in (("none.toml", None), ("bad.toml", "profile = ["), ("odd.toml", "[[profile]]\nname = 'x'\n")):
        if text is not None:
            (database.directory / name).write_text(text, encoding="utf-8")
        with pytest.raises(SettingsProblem), make_gateway(database, devices=Devices(profiles=name)):
            pass


# Health


async def _status(core: Core, path: str) -> tuple[int, str]:
    transport = httpx.ASGITransport(build_app(core))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get(path)
        return answer.status_code, answer.headers.get("retry-after", "")


def test_gateway_is_alive_and_ready(core: Core) -> None:
    for path in ("/healthz", "/readyz"):
        assert asyncio.run(_status(core, path))[0] == 200


def test_gateway_whose_database_is_away_is_alive_and_not_ready(cluster: Cluster, tmp_path: Path) -> None:
    place = Place("postgresql", cluster.create("health"), tmp_path)
    with make_gateway(place) as core:
        cluster.stop()
        try:
            assert asyncio.run(_status(core, "/healthz"))[0] == 200
            assert asyncio.run(_status(core, "/readyz")) == (503, str(AwayNow.retry_after_seconds))
        finally:
            cluster.start()
        assert asyncio.run(_status(core, "/readyz"))[0] == 200
    cluster.drop("health")
