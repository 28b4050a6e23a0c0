"""The hooks that the embedded mail server answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pimgate.api import Core, Mistake, Service, SettingsProblem, hookimpl

from .gateway import AccountsOf
from .server import MailServer, mail_server
from .settings import MailSettings, NotLoopback, require_loopback


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
