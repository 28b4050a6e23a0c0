"""The hooks that the pages answer."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from pimgate.api import ClientKind, CollectionKind, Core, hookimpl
from pimgate_web.overview import KIND
from pimgate_web.routes import web_routes
from pimgate_web.settings import WebSettings

SHOWN = frozenset(CollectionKind) - {CollectionKind.MAILBOX}


@hookimpl
def pimgate_settings() -> type[WebSettings]:
    return WebSettings


@hookimpl
def pimgate_client_kinds() -> Sequence[ClientKind]:
    return (ClientKind(KIND, "Browser", SHOWN),)


@hookimpl
def pimgate_routes(core: Core) -> Sequence[BaseRoute]:
    return web_routes(core)
