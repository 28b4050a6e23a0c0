"""The plugin host: loads just the plugins that the settings name, and asks their hooks with types.

Nothing here is shared between two hosts: each gateway has its own `pluggy.PluginManager`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

import pluggy

from pimgate import hookspecs
from pimgate.errors import Mistake, SettingsProblem
from pimgate.model.absence import OutOfOffice
from pimgate.model.clients import ClientKind
from pimgate.model.items import Change, DirectoryEntry
from pimgate.model.people import Account, Credentials, Identity

if TYPE_CHECKING:
    import click
    from starlette.routing import BaseRoute

    from pimgate.core import Core
    from pimgate.mail.carrying import Carrier
    from pimgate.store.work import Work

log = logging.getLogger("pimgate.plugins")


@dataclass(frozen=True, slots=True)
class Service:
    """A long-lived listener of a plugin. `run` gives the context manager that is entered at start."""

    name: str
    run: Callable[[], AbstractAsyncContextManager[object]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A section that a plugin adds to a person's page; plain text, escaped by the page."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Installed:
    """One installed plugin, as `pimgate plugins` lists it. A plugin that is off was not imported, so its hooks are unknown."""

    name: str
    distribution: str
    version: str
    is_on: bool
    hooks: tuple[str, ...] = field(default=())


def installed_entry_points() -> dict[str, EntryPoint]:
    """Every plugin on this machine by name; nothing is imported."""
    return {each.name: each for each in entry_points(group=hookspecs.PROJECT)}


class PluginHost:
    """The enabled plugins of one gateway."""

    def __init__(self, enabled: Sequence[str]) -> None:
        """Import and register `enabled`, in that order. SettingsProblem if one is not installed or breaks."""
        self.enabled = tuple(enabled)
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs.Hooks)
        mistakes = [mistake for name in self.enabled if (mistake := self._load(name))]
        if mistakes:
            raise SettingsProblem(mistakes)
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise SettingsProblem(
                [Mistake("plugins", 0, "plugins.enabled", f"a plugin answers an unknown hook: {error}")]
            ) from error
        self._hook = self._manager.hook

    def _load(self, name: str) -> Mistake | None:
        if name not in installed_entry_points():
            known = ", ".join(sorted(installed_entry_points()))
            return Mistake("plugins", 0, "plugins.enabled", f"no plugin '{name}' is installed", f"Installed: {known}.")
        try:
            self._manager.load_setuptools_entrypoints(hookspecs.PROJECT, name=name)
        except Exception as error:  # noqa: BLE001 - importing runs a stranger's code, which may fail in any way
            reason = f"the plugin '{name}' cannot be loaded: {type(error).__name__}: {error}"
            return Mistake("plugins", 0, "plugins.enabled", reason)
        return None

    def installed(self) -> list[Installed]:
        """What is installed, on or off."""
        found = []
        for name, point in sorted(installed_entry_points().items()):
            is_on = name in self.enabled
            hooks = self._hooks_of(name) if is_on else ()
            found.append(
                Installed(
                    name,
                    point.dist.name if point.dist else "?",
                    point.dist.version if point.dist else "?",
                    is_on,
                    hooks,
                )
            )
        return found

    def _hooks_of(self, name: str) -> tuple[str, ...]:
        plugin = self._manager.get_plugin(name)
        callers = self._manager.get_hookcallers(plugin) if plugin is not None else None
        return tuple(sorted(caller.name for caller in callers or ()))

    def settings_classes(self) -> dict[str, type[Any]]:
        """The settings class of each enabled plugin that has one."""
        return {name: class_ for name, class_ in self._each("pimgate_settings") if class_ is not None}

    def client_kinds(self) -> dict[str, ClientKind]:
        """All kinds of client that the enabled plugins serve, by name; the first plugin to declare a name has it."""
        kinds: dict[str, ClientKind] = {}
        for _, declared in self._each("pimgate_client_kinds"):
            for kind in declared or ():
                kinds.setdefault(kind.name, kind)
        return kinds

    def routes(self, core: Core, own: Sequence[BaseRoute] = ()) -> list[BaseRoute]:
        """The routes of all plugins. SettingsProblem if two claim one path, or one a path of the core's `own`."""
        claimed = {str(getattr(route, "path", "")): hookspecs.PROJECT for route in own}
        routes: list[BaseRoute] = []
        for name, declared in self._each("pimgate_routes", core=core):
            for route in declared or ():
                path = str(getattr(route, "path", ""))
                if claimed.setdefault(path, name) != name:
                    reason = f"'{claimed[path]}' and '{name}' both claim the path {path}"
                    raise SettingsProblem([Mistake("plugins", 0, "plugins.enabled", reason)])
                routes.append(route)
        return routes

    def services(self, core: Core) -> list[Service]:
        return [service for _, declared in self._each("pimgate_services", core=core) for service in declared or ()]

    def commands(self) -> list[click.Command]:
        return [command for _, declared in self._each("pimgate_commands") for command in declared or ()]

    def panels(self, core: Core, account: Account) -> list[Panel]:
        answers = self._willing("pimgate_panels", core=core, account=account)
        return [panel for declared in answers for panel in declared or ()]

    def directory(self, core: Core, work: Work, account: Account, query: str, limit: int) -> list[DirectoryEntry]:
        answers = self._willing("pimgate_directory", core=core, work=work, account=account, query=query, limit=limit)
        return [entry for declared in answers for entry in declared or ()]

    def authenticate(self, core: Core, credentials: Credentials) -> Identity | None:
        """The first plugin that knows this person. BadCredentials passes through."""
        identity: Identity | None = self._hook.pimgate_authenticate(core=core, credentials=credentials)
        return identity

    def carrier(self, core: Core) -> Carrier | None:
        """The first plugin that takes mail; one that breaks takes none."""
        return next((each for each in self._willing("pimgate_carrier", core=core) if each is not None), None)

    def changed(self, core: Core, changes: Sequence[Change]) -> None:
        """Tell every plugin what was committed; what one of them breaks stays with it."""
        self._willing("pimgate_changed", core=core, changes=changes)

    def out_of_office(self, core: Core, account: Account, absence: OutOfOffice) -> None:
        """Offer what a person wants answered while they are away; what one of the plugins breaks stays with it."""
        self._willing("pimgate_out_of_office", core=core, account=account, absence=absence)

    def _each(self, hook: str, **given: object) -> list[tuple[str, Any]]:
        """The answers of one hook by plugin name; what one of them breaks stops the start."""
        return [(name, ask(given)) for name, ask in self._asked(hook)]

    def _willing(self, hook: str, **given: object) -> list[Any]:
        """The answers of those plugins that give one; a fault is logged and costs only what that plugin would have added."""
        answers = []
        for name, ask in self._asked(hook):
            try:
                answers.append(ask(given))
            except Exception as error:  # noqa: BLE001 - a plugin's fault must not reach the client that did not ask for it
                log.error("plugin %s failed in %s: %s", name, hook, type(error).__name__)
        return answers

    def _asked(self, hook: str) -> list[tuple[str, Callable[[Mapping[str, object]], Any]]]:
        """Who answers a hook, in the order in which the settings name the plugins, and how to ask each."""
        by_name = {each.plugin_name: each for each in getattr(self._hook, hook).get_hookimpls()}
        return [(name, partial(_ask, by_name[name])) for name in self.enabled if name in by_name]


def _ask(implementation: pluggy.HookImpl, given: Mapping[str, object]) -> Any:
    """One plugin's answer: it is handed those arguments of the hook that it names."""
    return implementation.function(*(given[argument] for argument in implementation.argnames))
