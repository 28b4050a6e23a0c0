"""The plugin: settings, kinds of client, and the routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from starlette.routing import BaseRoute, Mount

from pimgate.api import Account, ClientKind, Core, Panel, Service, hookimpl
from pimgate_dav.discovery import PropfindAtRoot, well_known
from pimgate_dav.dns import dns
from pimgate_dav.door import Door
from pimgate_dav.extension import download
from pimgate_dav.kinds import KINDS
from pimgate_dav.layout import MOUNT
from pimgate_dav.panel import extension
from pimgate_dav.push.ringing import Ringer
from pimgate_dav.searching.names import with_key
from pimgate_dav.settings import DavSettings


@hookimpl
def pimgate_settings() -> type[Any]:
    return DavSettings


@hookimpl
def pimgate_client_kinds() -> Sequence[ClientKind]:
    return KINDS


@hookimpl
def pimgate_routes(core: Core) -> Sequence[BaseRoute]:
    return [*well_known(), PropfindAtRoot(), download(), Mount(MOUNT, app=Door(core))]


@hookimpl
def pimgate_services(core: Core) -> Sequence[Service]:
    found = [Service("names in the directory", lambda: with_key(core))]
    if core.settings.plugin("dav", DavSettings).push:
        found.append(Service("push to DAV programs", Ringer(core).running))
    return found


@hookimpl
def pimgate_commands() -> Sequence[click.Command]:
    return [dns]


@hookimpl
def pimgate_panels(core: Core, account: Account) -> Sequence[Panel]:
    return [extension(core.settings.http.public_url, account)]
