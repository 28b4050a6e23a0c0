"""The plugin contract: one documented function per hook. All are synchronous; most hand over declared objects and do no work.

A plugin is a module (or object) found by the entry-point group `pimgate`; it marks its functions with `pimgate.api.hookimpl`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click
    from starlette.routing import BaseRoute

    from pimgate.core import Core
    from pimgate.mail.carrying import Carrier
    from pimgate.model.absence import OutOfOffice
    from pimgate.model.clients import ClientKind
    from pimgate.model.items import Change, DirectoryEntry
    from pimgate.model.people import Account, Credentials, Identity
    from pimgate.plugins import Panel, Service
    from pimgate.store.work import Work

PROJECT = "pimgate"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    """Every hook a plugin may answer."""

    @hookspec(firstresult=True)
    def pimgate_settings(self) -> type[Any]:
        """The dataclass that `[plugins.<name>]` is read into; its fields are made by `pimgate.api.setting`."""
        raise NotImplementedError

    @hookspec
    def pimgate_client_kinds(self) -> Sequence[ClientKind]:
        """The kinds of client that this plugin serves. A kind that the visibility table does not name says which one it is
        treated like."""
        raise NotImplementedError

    @hookspec
    def pimgate_routes(self, core: Core) -> Sequence[BaseRoute]:
        """HTTP routes and mounts. Two plugins that claim one path stop the start."""
        raise NotImplementedError

    @hookspec
    def pimgate_services(self, core: Core) -> Sequence[Service]:
        """Long-lived listeners: a name, and an async context manager that is entered at start and left at the end."""
        raise NotImplementedError

    @hookspec(firstresult=True)
    def pimgate_authenticate(self, core: Core, credentials: Credentials) -> Identity | None:
        """Who this is, for plugins that know passwords the core does not; None: not mine; raise BadCredentials: mine, and wrong.
        The account must be one of the core's: `core.people.create(work, login, None)` makes it. Asked in a worker thread, outside
        any unit of work, under the core's limits on guesses, and only about people who have no password here."""
        raise NotImplementedError

    @hookspec
    def pimgate_directory(
        self, core: Core, work: Work, account: Account, query: str, limit: int
    ) -> Sequence[DirectoryEntry]:
        """Further directory entries that match `query` (LDAP, for example), at most `limit`. Those of the organisation's own
        directory say so (`is_of_organisation`); pictures come as octets (`photo`). Asked in a worker thread."""
        raise NotImplementedError

    @hookspec
    def pimgate_changed(self, core: Core, changes: Sequence[Change]) -> None:
        """What was just committed. An exception is logged and goes no further."""
        raise NotImplementedError

    @hookspec
    def pimgate_out_of_office(self, core: Core, account: Account, absence: OutOfOffice) -> None:
        """What a person wants answered while they are away, as they have just set it: for a mail server that can do so. It is kept
        in any case (`pimgate.api.absences`). Asked in a worker thread; an exception is logged and goes no further."""
        raise NotImplementedError

    @hookspec
    def pimgate_carrier(self, core: Core) -> Carrier | None:
        """Who takes mail that leaves where the settings name no submission server (`pimgate.mail.carrying`); None: not me. Asked
        often, also inside units of work."""
        raise NotImplementedError

    @hookspec
    def pimgate_commands(self) -> Sequence[click.Command]:
        """Further commands of the `pimgate` program."""
        raise NotImplementedError

    @hookspec
    def pimgate_panels(self, core: Core, account: Account) -> Sequence[Panel]:
        """Further sections of a person's page: a title and lines of text. Asked in a worker thread."""
        raise NotImplementedError
