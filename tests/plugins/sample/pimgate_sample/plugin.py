"""The hooks. Each hands over what another file makes."""

import asyncio
from collections.abc import Sequence

import click
from starlette.routing import BaseRoute

from pimgate.api import (
    Account,
    Change,
    ClientKind,
    CollectionKind,
    Core,
    Credentials,
    DirectoryEntry,
    Identity,
    OutOfOffice,
    Panel,
    Service,
    Work,
    hookimpl,
)
from pimgate.mail.carrying import Carrier
from pimgate_sample.dovecote import Dovecote
from pimgate_sample.guest import guest_identity
from pimgate_sample.page import collections_route
from pimgate_sample.porter import HOST, ask_porter, porter
from pimgate_sample.rooms import rooms_matching
from pimgate_sample.settings import SampleSettings
from pimgate_sample.today import Today

NAME = "sample"
SHOWS = frozenset({CollectionKind.BOOK, CollectionKind.CALENDAR})


def _settings(core: Core) -> SampleSettings:
    return core.settings.plugin(NAME, SampleSettings)


@hookimpl
def pimgate_settings() -> type[SampleSettings]:
    return SampleSettings


@hookimpl
def pimgate_client_kinds() -> Sequence[ClientKind]:
    return [ClientKind("sample", "The list of rooms", shows=SHOWS, treated_like="web")]


@hookimpl
def pimgate_routes(core: Core) -> Sequence[BaseRoute]:
    return [collections_route(core)]


@hookimpl
def pimgate_services(core: Core) -> Sequence[Service]:
    return [Service("porter", lambda: porter(core, _settings(core)))]


@hookimpl
def pimgate_authenticate(core: Core, credentials: Credentials) -> Identity | None:
    return guest_identity(core, _settings(core), credentials)


@hookimpl
def pimgate_directory(core: Core, work: Work, account: Account, query: str, limit: int) -> Sequence[DirectoryEntry]:
    return rooms_matching(_settings(core), query, limit)


@hookimpl
def pimgate_changed(core: Core, changes: Sequence[Change]) -> None:
    core.belonging(Today).saw(len(changes))


@hookimpl
def pimgate_carrier(core: Core) -> Carrier | None:
    return core.belonging(Dovecote) if _settings(core).has_doves else None


@hookimpl
def pimgate_out_of_office(core: Core, account: Account, absence: OutOfOffice) -> None:
    core.belonging(Today).knows_of(account.login, is_away=absence.is_on)


@hookimpl
def pimgate_commands() -> Sequence[click.Command]:
    @click.command("ask-porter")
    @click.option("--host", default=HOST, show_default=True)
    @click.option("--port", type=int, required=True)
    @click.argument("question", default="")
    def ask(host: str, port: int, question: str) -> None:
        """Ask the porter of a running gateway which rooms there are."""
        for line in asyncio.run(ask_porter(host, port, question)):
            click.echo(line)

    return [ask]


@hookimpl
def pimgate_panels(core: Core, account: Account) -> Sequence[Panel]:
    rooms = _settings(core).rooms
    seen = core.belonging(Today).changes_seen
    return [Panel("Meeting rooms", (*rooms, f"{seen} changes in this house since its start"))]
