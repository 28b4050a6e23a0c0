"""The only place where everything meets: settings in, a running gateway out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware

from pimgate.core import Core
from pimgate.errors import Mistake, SettingsProblem
from pimgate.plugins import PluginHost
from pimgate.settings import Settings
from pimgate.settings_file import SettingsFile
from pimgate.store.database import database_url
from pimgate.web.guard import Guard
from pimgate.web.health import health_routes


def open_settings(path: Path) -> tuple[Settings, PluginHost]:
    """The settings in a file, and the plugins that they enable. SettingsProblem with all mistakes at once."""
    file = SettingsFile(path)
    settings = file.read_core()
    try:
        database_url(settings.database.url, settings.directory)
    except ValueError as error:
        file.complain("database.url", str(error))
    try:
        plugins = PluginHost(settings.plugins.enabled)
    except SettingsProblem as problem:
        for mistake in problem.mistakes:
            file.complain(mistake.key, mistake.reason, mistake.hint)
        return file.finish(settings), PluginHost([])
    classes = plugins.settings_classes()
    tables = file.plugin_tables()
    for name in tables:
        if name not in plugins.enabled:
            file.complain(
                f"plugins.{name}",
                f"the plugin '{name}' is not enabled",
                "Add it to plugins.enabled, or remove this section.",
            )
        elif name not in classes:
            file.complain(f"plugins.{name}", f"the plugin '{name}' has no settings")
    of_plugins = {name: file.fill(class_, tables.get(name, {}), f"plugins.{name}") for name, class_ in classes.items()}
    return file.finish(replace(settings, of_plugins=of_plugins)), plugins


def open_core(path: Path) -> Core:
    """A gateway without its doors, for commands."""
    return Core(*open_settings(path))


def settings_for(directory: Path, plugins: PluginHost, sections: Mapping[str, object]) -> Settings:
    """Settings made by a program instead of a file: `sections` by name, those of plugins as `plugins.<name>`."""
    core = {name: section for name, section in sections.items() if "." not in name}
    defaults: dict[str, object] = {name: class_() for name, class_ in plugins.settings_classes().items()}
    given = {name.removeprefix("plugins."): section for name, section in sections.items() if "." in name}
    unknown = set(given) - set(defaults)
    if unknown:
        raise SettingsProblem(
            [Mistake("settings", 0, f"plugins.{name}", "no such plugin is enabled") for name in unknown]
        )
    return replace(Settings(directory), of_plugins=defaults | given, **core)  # type: ignore[arg-type]


def build_app(core: Core) -> Starlette:
    """The gateway as one ASGI application. Called twice, it gives two that share nothing but what their settings share."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with core.running():
            yield
        core.close()

    own = health_routes(core)
    return Starlette(
        routes=[*own, *core.plugins.routes(core, own)],
        lifespan=lifespan,
        middleware=[Middleware(Guard, http=core.settings.http, logging_=core.settings.log)],
    )
