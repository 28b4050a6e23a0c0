"""The contract suite: does a plugin keep the promises that the core and its neighbours rely on?

A plugin's own tests run it, with the plugin installed beside pimgate:

    def test_the_plugin_keeps_the_contract() -> None:
        assert check_plugin("sample", {"port": 0}) == []

The suite loads the plugin as a gateway does, through its entry point and a settings file, on a fresh SQLite database each
time; its listeners are really started, so give it settings with ports that are free.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from pimgate.app import open_settings
from pimgate.errors import SettingsProblem
from pimgate.plugins import PluginHost, installed_entry_points
from pimgate.settings import Settings
from pimgate.testing import declarations, gateways
from pimgate.testing.findings import Finding
from pimgate.testing.source import OPEN_ROOMS, Source, imports_of, sources, touches_rows

Table = Mapping[str, object]


def check_plugin(name: str, settings: Table | None = None) -> list[Finding]:
    """Every promise that the installed plugin `name` breaks; none is the answer one hopes for. `settings` is what would stand
    in its section `[plugins.<name>]`."""
    point = installed_entry_points().get(name)
    if point is None:
        return [Finding("installed", f"no entry point '{name}' in the group 'pimgate'")]
    findings = list(_source_findings(point))
    try:
        with TemporaryDirectory(prefix="pimgate-contract-") as directory:
            chosen, host = open_settings(_settings_file(Path(directory), name, settings or {}))
            of_hooks = list(declarations.of_hooks(point.load()))
            findings += of_hooks
            findings += declarations.of_settings(name, host)
            findings += declarations.of_errors(package_of(point))
            if not of_hooks:
                findings += _lived_findings(name, chosen, host)
    except SettingsProblem as problem:
        findings += [Finding("loads", str(mistake)) for mistake in problem.mistakes]
    return findings


def _lived_findings(name: str, settings: Settings, host: PluginHost) -> Iterator[Finding]:
    with TemporaryDirectory(prefix="pimgate-contract-") as other:
        yield from gateways.check(package_of(installed_entry_points()[name]), settings, host, Path(other))


def package_of(point: EntryPoint) -> str:
    """The package that a plugin lives in: the first name of its entry point."""
    return point.module.partition(".")[0]


def _source_findings(point: EntryPoint) -> Iterator[Finding]:
    own = package_of(point)
    others = {package_of(each) for each in installed_entry_points().values()} - {own}
    for source in _package_sources(own):
        place = f"{source.module}:"
        for each in imports_of(source):
            if each.is_within("pimgate") and not any(each.is_within(room) for room in OPEN_ROOMS):
                yield Finding("imports", f"{place}{each.line} takes {each.name}, which is no part of pimgate.api")
            if any(each.is_within(other) for other in others):
                yield Finding("imports", f"{place}{each.line} takes {each.name} from another plugin")
            if each.is_within("sqlalchemy"):
                yield Finding("imports", f"{place}{each.line} takes {each.name}; rows belong to the core")
        for line, words in touches_rows(source):
            yield Finding("imports", f"{place}{line} touches {words}; rows belong to the core")


def _package_sources(package: str) -> list[Source]:
    found = find_spec(package)
    if found is None or found.origin is None:
        return []
    origin = Path(found.origin)
    return sources(origin.parent if origin.name == "__init__.py" else origin, package)


def _settings_file(directory: Path, name: str, table: Table) -> Path:
    """A settings file that enables one plugin."""
    lines = ["[plugins]", f"enabled = [{json.dumps(name)}]"]
    if table:
        lines += [f"[plugins.{name}]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    place = directory / "pimgate.toml"
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place


def _toml(value: object) -> str:
    """JSON's texts, numbers, truths and lists are TOML's as well; its objects are not."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
