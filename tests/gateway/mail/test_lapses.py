"""What goes on in somebody's name ends with their account, and with the password that they came in with."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from gateway.mail.mailserver import MailServer
from gateway.mail.watched import house
from gateway.places import PASSWORD
from pimgate.core import Core
from pimgate.mail.logins import NoSecret
from pimgate.mail.postroom import PostRoom
from pimgate.model.people import Account, AccountState, Identity
from pimgate.settings import Mail, MailLogin
from pimgate.store.work import Work

PATIENCE_SECONDS = 60.0


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with MailServer("full") as made:
        yield made


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():
            await asyncio.sleep(0.01)


ENDS: dict[str, Callable[[Core, Work, Account], object]] = {
    "disabled": lambda core, work, who: core.people.set_state(work, who.id, AccountState.DISABLED),
    "removed": lambda core, work, who: core.people.remove(work, who.id),
    "another password": lambda core, work, who: core.people.set_password(work, who.id, "another password"),
}


@pytest.mark.parametrize("end", list(ENDS))
def test_password_in_memory_goes_with_the_account_and_with_the_next_password(
    make_core: Callable[..., Core], person: Callable[[str], Account], end: str
) -> None:
    async def knows(room: PostRoom, who: Account) -> bool:
        try:
            return bool(await room.upstream.logins.login_of(who))
        except NoSecret:
            return False

    async def story() -> None:
        core, anna, bert = make_core(mail=Mail(host="127.0.0.1", port=1, login=MailLogin.PASSTHROUGH)), *people
        assert core.mail is not None
        async with core.running():
            for each in people:
                core.mail.came_in(Identity(each), PASSWORD)
            await core.write(lambda work: ENDS[end](core, work, anna))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await knows(core.mail, anna):
                    await asyncio.sleep(0.01)
            core.mail.came_in(Identity(anna), PASSWORD)  # a request that was long on its way
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await knows(core.mail, anna):
                    await asyncio.sleep(0.01)
            assert await knows(core.mail, bert)

    people = person("anna"), person("bert")
    asyncio.run(story())


def test_watching_ends_with_the_account_and_so_do_its_connections(
    server: MailServer, make_core: Callable[..., Core]
) -> None:
    async def story() -> None:
        core = make_core(mail=server.settings)
        async with house(core, server, "ines@example.org") as here:
            await here.ready()
            with here.room.watch(here.identity):
                await until(lambda: server.sessions("ines@example.org") > 0)
                await core.write(lambda work: ENDS["disabled"](core, work, here.account))
                await until(lambda: not here.room.is_watched(here.account))
                await until(lambda: server.sessions("ines@example.org") == 0)

    asyncio.run(story())
