"""Checks on what the hooks of a plugin hand over: are these well-formed declarations?"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import inspect
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from starlette.routing import BaseRoute, Match, Mount

from pimgate import errors
from pimgate.hookspecs import PROJECT, Hooks
from pimgate.model.clients import ClientKind
from pimgate.plugins import Panel, PluginHost, Service
from pimgate.settings_file import SettingsFile
from pimgate.settings_sample import sample_section
from pimgate.testing.findings import Finding
from pimgate.visibility import KINDS

KIND_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
RESERVED_PATHS = ("/healthz", "/readyz")
ELSEWHERE = "/a-path-that-nobody/would-claim"
HOOKS = tuple(name for name in vars(Hooks) if name.startswith(f"{PROJECT}_"))


def of_hooks(plugin: object) -> Iterator[Finding]:
    """Whether each function that is named like a hook is one, and is called as one. (Names and arguments are checked when the
    plugin is loaded.)"""
    for name, function in inspect.getmembers(plugin, callable):
        if not name.startswith(f"{PROJECT}_"):
            continue
        marks = getattr(function, f"{PROJECT}_impl", None)
        if marks is None:
            yield Finding("hooks", f"{name} is not marked with pimgate.api.hookimpl, so nobody would ask it")
        elif marks["wrapper"] or marks["hookwrapper"]:
            yield Finding("hooks", f"{name} wraps other plugins' answers, which is not done here")
        if asyncio.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            yield Finding("hooks", f"{name} must be a plain function")


def of_settings(name: str, host: PluginHost) -> Iterator[Finding]:
    """Whether the settings class is frozen, explains each setting, and would accept its own defaults from a file."""
    class_ = host.settings_classes().get(name)
    if class_ is None:
        return
    if not dataclasses.is_dataclass(class_):
        yield Finding("settings", f"{class_.__name__} is not a dataclass")
        return
    if not class_.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        yield Finding("settings", f"{class_.__name__} is not frozen")
    if not (class_.__doc__ or "").strip() or (class_.__doc__ or "").startswith(f"{class_.__name__}("):
        yield Finding("settings", f"{class_.__name__} has no docstring to stand above its section")
    for each in dataclasses.fields(class_):
        if not str(each.metadata.get("words", "")).strip():
            yield Finding("settings", f"{each.name} is not explained; make it with pimgate.api.setting(default, words)")
    yield from _defaults(name, class_)


def _defaults(name: str, class_: type[Any]) -> Iterator[Finding]:
    """The class's part of a sample settings file, read back."""
    try:
        text = sample_section(f"plugins.{name}", class_)
    except TypeError as error:
        yield Finding("settings", f"a setting lacks a default: {error}")
        return
    with TemporaryDirectory() as directory:
        place = Path(directory) / "pimgate.toml"
        place.write_text(text, encoding="utf-8")
        file = SettingsFile(place)
        read = file.fill(class_, file.plugin_tables().get(name, {}), f"plugins.{name}")
    yield from (Finding("settings", f"{mistake.key}: its default {mistake.reason}") for mistake in file.mistakes)
    if not file.mistakes and read != class_():
        yield Finding("settings", f"{class_.__name__} read from its own sample is not its default")


def of_errors(package: str) -> Iterator[Finding]:
    """Whether the table `ERRORS` of `<package>.errors`, if the plugin has one, has a row for every error of the core. The rows of
    groups (`Refused`) are for what a later release of the core adds to them."""
    if find_spec(package) is None or find_spec(f"{package}.errors") is None:
        return
    table = getattr(importlib.import_module(f"{package}.errors"), "ERRORS", None)
    if not isinstance(table, Mapping):
        yield Finding("errors", f"{package}.errors has no table ERRORS: Mapping[type[PimgateError], ...]")
        return
    for error in core_errors():
        if error not in table:
            yield Finding("errors", f"{package}.errors.ERRORS has no row for {error.__name__}")


def core_errors() -> list[type[errors.PimgateError]]:
    """Every error that a client may be told of, but their common root."""
    found = (each for _, each in inspect.getmembers(errors, inspect.isclass))
    return [each for each in found if issubclass(each, errors.PimgateError) and each is not errors.PimgateError]


def of_kinds(kinds: Sequence[object]) -> Iterator[Finding]:
    for kind in kinds:
        if not isinstance(kind, ClientKind):
            yield Finding("kinds", f"{kind!r} is not a ClientKind")
            continue
        if not KIND_NAME.fullmatch(kind.name):
            yield Finding("kinds", f"'{kind.name}' is not a name of lower-case words joined by dashes")
        if not kind.title.strip():
            yield Finding("kinds", f"{kind.name} has no title for people")
        if not kind.shows:
            yield Finding("kinds", f"{kind.name} shows nothing")
        if kind.column not in KINDS:
            yield Finding(
                "kinds", f"{kind.name} is treated like '{kind.column}', which the visibility table does not know"
            )
    yield from _once("kinds", (kind.name for kind in kinds if isinstance(kind, ClientKind)))


def of_routes(routes: Sequence[object]) -> Iterator[Finding]:
    """Whether each place of the address space is claimed once, and none of it is the core's or everybody's."""
    for route in routes:
        if not isinstance(route, BaseRoute):
            yield Finding("routes", f"{route!r} is not a Starlette route")
            continue
        path = str(getattr(route, "path", "") or "/")
        for reserved in RESERVED_PATHS:
            if _takes(route, reserved):
                yield Finding("routes", f"{path} claims {reserved}, which is the core's")
        if _takes(route, ELSEWHERE):
            yield Finding("routes", f"{path} claims every path, the other plugins' included")
    yield from _once("routes", (place for route in routes if isinstance(route, BaseRoute) for place in _places(route)))


def _takes(route: BaseRoute, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return route.matches(scope)[0] is not Match.NONE


def _places(route: BaseRoute) -> list[str]:
    path = str(getattr(route, "path", ""))
    if isinstance(route, Mount):
        return [f"everything below {path}"]
    return [f"{method} {path}" for method in sorted(getattr(route, "methods", None) or {"any method"})]


def of_services(services: Sequence[object]) -> Iterator[Finding]:
    for service in services:
        if not isinstance(service, Service):
            yield Finding("services", f"{service!r} is not a Service")
    yield from _once("services", (each.name for each in services if isinstance(each, Service)))


def of_commands(commands: Sequence[object]) -> Iterator[Finding]:
    for command in commands:
        if not isinstance(command, click.Command):
            yield Finding("commands", f"{command!r} is not a click command")
        elif not (command.help or "").strip():
            yield Finding("commands", f"{command.name} has no help")
    yield from _once("commands", (each.name or "" for each in commands if isinstance(each, click.Command)))


def of_panels(panels: Sequence[object]) -> Iterator[Finding]:
    for panel in panels:
        if not isinstance(panel, Panel) or not panel.title.strip():
            yield Finding("panels", f"{panel!r} is not a Panel with a title")
        elif not all(isinstance(line, str) for line in panel.lines):
            yield Finding("panels", f"the lines of '{panel.title}' must be plain texts")


def _once(promise: str, names: Iterable[str]) -> Iterator[Finding]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Finding(promise, f"{name} is declared {count} times")
