"""What this wing gives to the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.routing import BaseRoute

from pimgate.api import Account, Change, ClientKind, Core, Panel, hookimpl
from pimgate_eas import autodiscover
from pimgate_eas.address import AnyCase
from pimgate_eas.classes import SHOWN
from pimgate_eas.endpoint import PATH, Endpoint
from pimgate_eas.loops import Loops
from pimgate_eas.settings import EasSettings


@hookimpl
def pimgate_settings() -> type[EasSettings]:
    return EasSettings


@hookimpl
def pimgate_client_kinds() -> Sequence[ClientKind]:
    return [
        ClientKind("eas-ios", "iPhone and iPad", SHOWN),
        ClientKind("eas-other", "Other phones over ActiveSync", SHOWN),
    ]


@hookimpl
def pimgate_routes(core: Core) -> Sequence[BaseRoute]:
    endpoint = Endpoint(core, core.settings.plugin("eas", EasSettings))
    return [AnyCase(PATH, endpoint.__call__, ["OPTIONS", "POST"]), *autodiscover.routes(core, PATH)]


@hookimpl
def pimgate_changed(core: Core, changes: Sequence[Change]) -> None:
    core.belonging(Loops).note(changes)


@hookimpl
def pimgate_panels(core: Core, account: Account) -> Sequence[Panel]:
    http = core.settings.http
    server = urlsplit(http.public_url).netloc or f"{http.host}:{http.port}"
    return [
        Panel(
            "Phone (Exchange ActiveSync)",
            (f"Server: {server}", f"User name: {account.login}", "Domain: leave it empty"),
        )
    ]
