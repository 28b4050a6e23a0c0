"""What this wing gives to the gateway."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route

from pimgate.api import ClientKind, CollectionKind, Core, hookimpl
from pimgate_eas.endpoint import PATH, Endpoint
from pimgate_eas.settings import EasSettings

SHOWN = frozenset({CollectionKind.BOOK, CollectionKind.CALENDAR})


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
    return [Route(PATH, endpoint.__call__, methods=["OPTIONS", "POST"])]
