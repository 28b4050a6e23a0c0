"""The hooks that the embedded mail server answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pimgate.api import Account, Core, DirectoryEntry, Mistake, OutOfOffice, Service, SettingsProblem, hookimpl
from pimgate.mail.carrying import Carrier

from . import away
from .carrier import House, Running
from .gateway import AccountsOf
from .invitations import bring
from .server import mail_server
from .settings import MailSettings, NotLoopback, require_loopback

SOURCE = "Correspondents"
PATIENCE_SECONDS = 1.0


@hookimpl
def pimgate_settings() -> type[MailSettings]:
    return MailSettings


@hookimpl
def pimgate_services(core: Core) -> Sequence[Service]:
    settings = core.settings.plugin("mail", MailSettings)
    try:
        require_loopback(settings.host)
    except NotLoopback as error:
        raise SettingsProblem([Mistake("settings", 0, "plugins.mail.host", str(error))]) from error

    @asynccontextmanager
    async def run() -> AsyncIterator[None]:
        directory = core.settings.path(settings.directory)
        running = core.belonging(Running)
        running.loop = asyncio.get_running_loop()

        async def arrived(sender: str, logins: Sequence[str], octets: bytes) -> None:
            await bring(core, sender, logins, octets)
            await away.answer(core, sender, logins, octets)

        async with mail_server(settings, directory, AccountsOf(core), arrived) as running.server:
            try:
                yield
            finally:
                running.server = None

    return (Service("mail", run),)


@hookimpl
def pimgate_carrier(core: Core) -> Carrier:
    return House(core.belonging(Running))


@hookimpl
def pimgate_out_of_office(core: Core, account: Account, absence: OutOfOffice) -> None:
    core.belonging(away.Answered).begin_anew(account.login)


@hookimpl
def pimgate_directory(core: Core, account: Account, query: str, limit: int) -> Sequence[DirectoryEntry]:
    server = core.belonging(Running).server
    if server is None:
        return ()
    try:
        found = server.post.look(lambda store: store.correspondents(account.login, query, limit), PATIENCE_SECONDS)
    except TimeoutError:
        return ()  # Somebody searches a large mailbox just now; whoever looks for an address does not wait for that.
    return [DirectoryEntry(each.name or each.address, each.address, SOURCE, {}) for each in found]
