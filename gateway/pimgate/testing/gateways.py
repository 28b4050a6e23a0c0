"""Checks on a plugin inside running gateways: two of them in one process, and one of them started twice."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Iterator, Sized
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from pimgate.app import build_app
from pimgate.core import Core
from pimgate.errors import BadCredentials
from pimgate.model.items import Change, DirectoryEntry, ItemId, Op
from pimgate.model.people import Account, Credentials
from pimgate.plugins import PluginHost, installed_entry_points
from pimgate.settings import Settings
from pimgate.testing import declarations
from pimgate.testing.findings import Finding

START_SECONDS = 20
STRANGER = Credentials("a-stranger@contract.invalid", "not-a-password", "contract", "127.0.0.1")
PERSON = "somebody@contract.example"
CHANGES = tuple(Change("ccontract0000", seq, op, ItemId(1), "1.ics", "") for seq, op in enumerate(Op, start=1))
MOST_ENTRIES = 2


def check(package: str, settings: Settings, host: PluginHost, other: Path) -> Iterator[Finding]:
    """Findings about one plugin, alone in a gateway; `other` is a directory for a second one. What the plugin raises comes out
    as it is."""
    (name,) = host.enabled
    plugin = installed_entry_points()[name].load()
    before = _possessions(package)
    with closing(Core(settings, host)) as core, closing(Core(replace(settings, directory=other), _again(host))) as twin:
        person = _somebody(core)
        yield from _declared(core)
        yield from _answered(core, plugin, person)
        yield from _alone(core, twin)
    for time in ("first", "second"):
        with closing(Core(settings, _again(host))) as core:
            left = asyncio.run(_run_once(core))
        yield from (Finding("services", f"the task {each} still runs after the {time} stop") for each in left)
    yield from (
        Finding("alone", f"{each} changed while gateways ran; what a gateway knows goes into Core.belonging")
        for each, value in _possessions(package).items()
        if before.get(each, value) != value
    )


def _again(host: PluginHost) -> PluginHost:
    """Another host of the same plugins."""
    return PluginHost(host.enabled)


def _somebody(core: Core) -> Account:
    with core.database.write() as work:
        return core.people.create(work, PERSON, None, name="Somebody Else")


def _declared(core: Core) -> Iterator[Finding]:
    build_app(core)
    yield from declarations.of_kinds(list(core.client_kinds.values()))
    yield from declarations.of_routes(core.plugins.routes(core))
    yield from declarations.of_services(core.plugins.services(core))
    yield from declarations.of_commands(core.plugins.commands())


def _answered(core: Core, plugin: object, person: Account) -> Iterator[Finding]:
    """The hooks whose faults a gateway would swallow are asked directly."""
    try:
        if _ask(plugin, "pimgate_authenticate", core=core, credentials=STRANGER) is not None:
            yield Finding("authenticate", "a stranger is let in")
    except BadCredentials:
        yield Finding("authenticate", "a stranger is claimed as one's own; answer None for people one does not know")
    with core.database.read() as work:
        question = {"core": core, "work": work, "account": person, "query": "a", "limit": MOST_ENTRIES}
        entries = list(_ask(plugin, "pimgate_directory", **question) or ())
    if len(entries) > MOST_ENTRIES:
        yield Finding("directory", f"{len(entries)} entries were given where {MOST_ENTRIES} were wanted")
    if not all(isinstance(entry, DirectoryEntry) for entry in entries):
        yield Finding("directory", "not every answer is a DirectoryEntry")
    carrier = _ask(plugin, "pimgate_carrier", core=core)
    if carrier is not None and not (getattr(carrier, "name", "") and callable(getattr(carrier, "carry", None))):
        yield Finding("carrier", "who takes mail has a name, and a function `carry`")
    _ask(plugin, "pimgate_changed", core=core, changes=CHANGES)
    yield from declarations.of_panels(_ask(plugin, "pimgate_panels", core=core, account=person) or ())


def _ask(plugin: object, hook: str, **given: object) -> Any:
    """The plugin's own answer, handed those arguments that it names; None if it has no such hook."""
    function = getattr(plugin, hook, None)
    if function is None:
        return None
    return function(**{name: given[name] for name in inspect.signature(function).parameters})


def _alone(core: Core, twin: Core) -> Iterator[Finding]:
    """Whether two gateways were handed things of their own: one and the same route can know only one of them."""
    for promise in ("routes", "services"):
        mine, theirs = (getattr(each.plugins, promise)(each) for each in (core, twin))
        if {id(each) for each in mine} & {id(each) for each in theirs}:
            yield Finding("alone", f"two gateways were handed the same {promise}")


async def _run_once(core: Core) -> list[str]:
    """Start, stop, and give the names of the tasks that were left behind."""
    before = asyncio.all_tasks()
    async with asyncio.timeout(START_SECONDS), core.running():
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    return sorted(task.get_name() for task in asyncio.all_tasks() - before)


def _possessions(package: str) -> dict[str, object]:
    """What the modules of a package hold: each name, with the contents of what can change."""
    modules = [each for name, each in list(sys.modules.items()) if name == package or name.startswith(f"{package}.")]
    return {
        f"{module.__name__}.{name}": _contents(value)
        for module in modules
        for name, value in list(vars(module).items())
        if not name.startswith("__") and not inspect.ismodule(value)
    }


def _contents(value: object) -> object:
    """The value as it can be compared later: containers by their contents, everything else by which object it is."""
    if isinstance(value, dict):
        return {id(key): id(each) for key, each in value.items()}
    if isinstance(value, list | set):
        return [id(each) for each in value]
    return len(value) if isinstance(value, Sized) else id(value)
