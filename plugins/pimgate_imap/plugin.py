"""The hooks that the IMAP proxy answers."""

from __future__ import annotations

import ssl
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pimgate.api import (
    Account,
    Core,
    Credentials,
    Identity,
    Mistake,
    Panel,
    Service,
    SettingsProblem,
    hookimpl,
)

from .gateway import CoreGate
from .listener import Door, listening
from .panel import mail_program
from .people import MailServer, identity_of
from .session import House
from .settings import ImapSettings, LoginMode, Tls
from .tls import connecting_context, listening_context
from .upstream import Target

EMBEDDED = "mail"


class Asked:
    """The mail server as one gateway asks it about passwords, made for the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: MailServer | None = None

    def server(self, core: Core, settings: ImapSettings) -> MailServer:
        with self._lock:
            if self._server is None:
                # The threads are as many as the connections to the database.
                self._server = MailServer(_target(settings, core), max(1, core.settings.database.pool_size // 2))
            return self._server


@hookimpl
def pimgate_settings() -> type[ImapSettings]:
    return ImapSettings


@hookimpl
def pimgate_services(core: Core) -> Sequence[Service]:
    settings = core.settings.plugin("imap", ImapSettings)
    if settings.authenticate and EMBEDDED in core.plugins.enabled:
        raise _problem("authenticate", f"the plugin '{EMBEDDED}' has no passwords of its own: it asks this gateway")
    own_tls = _own_tls(settings, core)
    house = House(CoreGate(core), _target(settings, core), settings.limits(), own_tls)
    doors = _doors(settings, own_tls)

    @asynccontextmanager
    async def run() -> AsyncIterator[None]:
        async with listening(doors, house):
            yield

    return (Service("imap", run),)


@hookimpl
def pimgate_authenticate(core: Core, credentials: Credentials) -> Identity | None:
    settings = core.settings.plugin("imap", ImapSettings)
    if not settings.authenticate:
        return None
    return identity_of(core, settings, core.belonging(Asked).server(core, settings), credentials)


@hookimpl
def pimgate_panels(core: Core, account: Account) -> Sequence[Panel]:
    panel = mail_program(core.settings.plugin("imap", ImapSettings), core.settings.http.public_url, account)
    return (panel,) if panel is not None else ()


def _doors(settings: ImapSettings, own_tls: ssl.SSLContext | None) -> list[Door]:
    doors = [Door(settings.host, settings.port)] if settings.port else []
    if settings.tls_port:
        if own_tls is None:
            raise _problem("tls_port", "needs certificate and key")
        doors.append(Door(settings.tls_host, settings.tls_port, own_tls))
    return doors


def _own_tls(settings: ImapSettings, core: Core) -> ssl.SSLContext | None:
    if not settings.certificate and not settings.key:
        return None
    if not settings.certificate or not settings.key:
        raise _problem("certificate", "certificate and key are set together")
    try:
        return listening_context(core.settings.path(settings.certificate), core.settings.path(settings.key))
    except OSError as error:
        raise _problem("certificate", f"certificate and key cannot be used: {error}") from error


def _target(settings: ImapSettings, core: Core) -> Target:
    context = None
    if settings.upstream_tls is not Tls.NONE:
        ca_file = str(core.settings.path(settings.upstream_ca_file)) if settings.upstream_ca_file else ""
        try:
            context = connecting_context(ca_file)
        except OSError as error:
            raise _problem("upstream_ca_file", f"cannot be used: {error}") from error
    if settings.upstream_login is LoginMode.MASTER and not settings.upstream_master_password:
        raise _problem("upstream_master_password", "is needed when upstream_login is master")
    return Target(
        settings.upstream_host,
        settings.upstream_port,
        settings.upstream_tls,
        context,
        settings.upstream_login,
        settings.upstream_master_login,
        settings.upstream_master_password,
        settings.upstream_tell_address,
    )


def _problem(key: str, reason: str) -> SettingsProblem:
    return SettingsProblem([Mistake("settings", 0, f"plugins.imap.{key}", reason)])
