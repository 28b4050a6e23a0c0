"""The hooks that the embedded mail server answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pimgate.api import Account, Core, DirectoryEntry, Mistake, Service, SettingsProblem, hookimpl

from .gateway import AccountsOf
from .server import MailServer, mail_server
from .settings import MailSettings, NotLoopback, require_loopback

SOURCE = "Correspondents"
PATIENCE_SECONDS = 1.0


class Running:
    """The mail server of one gateway while it runs; reached by `core.belonging(Running)`."""

    server: MailServer | None = None


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
        async with mail_server(settings, directory, AccountsOf(core)) as running.server:
            try:
                yield
            finally:
                running.server = None

    return (Service("mail", run),)


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
