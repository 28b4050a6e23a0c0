"""The contract suite finds each broken promise: a small plugin for every one of them."""

import pytest

from gateway.testing.clay import Install, install
from pimgate.testing.contract import check_plugin

__all__ = ["install"]

SOUND = """
@hookimpl
def pimgate_client_kinds():
    return [ClientKind("clay", "A clay tablet", treated_like="dav")]
"""


def test_plugin_that_keeps_every_promise_has_no_findings(install: Install) -> None:
    assert check_plugin(install(SOUND)) == []


def test_plugin_that_is_not_installed_is_said_to_be_missing() -> None:
    assert [each.promise for each in check_plugin("nobody-made-this")] == ["installed"]


BROKEN = {
    "imports a room of the core that is not open": (
        "imports",
        "pimgate.store.tables",
        "from pimgate.store import tables\n",
    ),
    "imports another plugin": ("imports", "from another plugin", "import pimgate_web\n"),
    "imports sqlalchemy": ("imports", "sqlalchemy", "import sqlalchemy\n"),
    "writes rows past the core": ("imports", "work.items", "def write(work):\n    work.items.add(1)\n"),
    "misspells a hook": ("loads", "pimgate_rutes", "@hookimpl\ndef pimgate_rutes(core):\n    return []\n"),
    "asks for an argument that the hook does not have": (
        "loads",
        "pimgate_routes",
        "@hookimpl\ndef pimgate_routes(kernel):\n    return []\n",
    ),
    "fails on import": ("loads", "ZeroDivisionError", "1 / 0\n"),
    "forgets to mark a hook": ("hooks", "not marked", "def pimgate_routes(core):\n    return []\n"),
    "answers a hook with a coroutine": (
        "hooks",
        "plain function",
        "@hookimpl\nasync def pimgate_changed(core, changes):\n    pass\n",
    ),
    "wraps other plugins": (
        "hooks",
        "wraps",
        "@hookimpl(wrapper=True)\ndef pimgate_commands():\n    return (yield)\n",
    ),
    "has settings without words": (
        "settings",
        "not explained",
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Clay:\n    'Clay.'\n    size: int = 1\n"
        "@hookimpl\ndef pimgate_settings():\n    return Clay\n",
    ),
    "has a default outside its own bounds": (
        "settings",
        "must be from 1 to 9",
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Clay:\n    'Clay.'\n"
        "    size: int = setting(10, 'Size.', least=1, most=9)\n"
        "@hookimpl\ndef pimgate_settings():\n    return Clay\n",
    ),
    "has settings that can be changed": (
        "settings",
        "not frozen",
        "from dataclasses import dataclass\n@dataclass\nclass Clay:\n    'Clay.'\n    size: int = setting(1, 'Size.')\n"
        "@hookimpl\ndef pimgate_settings():\n    return Clay\n",
    ),
    "has a kind that the table does not know": (
        "kinds",
        "visibility table",
        "@hookimpl\ndef pimgate_client_kinds():\n    return [ClientKind('clay', 'Clay')]\n",
    ),
    "has a kind with a strange name": (
        "kinds",
        "lower-case",
        "@hookimpl\ndef pimgate_client_kinds():\n    return [ClientKind('Clay!', 'Clay', treated_like='dav')]\n",
    ),
    "claims a path of the core": (
        "routes",
        "/healthz",
        "from starlette.routing import Route\n@hookimpl\ndef pimgate_routes(core):\n"
        "    return [Route('/{word}', lambda request: None)]\n",
    ),
    "claims every path": (
        "routes",
        "every path",
        "from starlette.routing import Mount\n@hookimpl\ndef pimgate_routes(core):\n    return [Mount('', routes=[])]\n",
    ),
    "claims one path twice": (
        "routes",
        "2 times",
        "from starlette.routing import Route\n@hookimpl\ndef pimgate_routes(core):\n"
        "    return [Route('/clay', lambda request: None), Route('/clay', lambda request: None)]\n",
    ),
    "has a command without help": (
        "commands",
        "no help",
        "import click\n@hookimpl\ndef pimgate_commands():\n    return [click.Command('clay')]\n",
    ),
    "has a panel without a title": (
        "panels",
        "title",
        "@hookimpl\ndef pimgate_panels(core, account):\n    return [Panel('')]\n",
    ),
    "gives more entries than were wanted": (
        "directory",
        "3 entries",
        "@hookimpl\ndef pimgate_directory(query, limit):\n    return [DirectoryEntry('a', 'a@b', 'clay', {})] * 3\n",
    ),
    "claims a stranger": (
        "authenticate",
        "stranger",
        "@hookimpl\ndef pimgate_authenticate(core, credentials):\n    raise BadCredentials()\n",
    ),
    "leaves a task behind": (
        "services",
        "forgotten",
        "import asyncio\nfrom contextlib import asynccontextmanager\n@asynccontextmanager\nasync def run():\n"
        "    task = asyncio.get_running_loop().create_task(asyncio.sleep(60), name='forgotten')\n    yield task\n"
        "@hookimpl\ndef pimgate_services(core):\n    return [Service('clay', run)]\n",
    ),
    "keeps what a gateway knows in a module": (
        "alone",
        "pimgate_clay.plugin.GATEWAYS",
        "GATEWAYS = []\n@hookimpl\ndef pimgate_routes(core):\n    GATEWAYS.append(core)\n    return []\n",
    ),
    "hands one route to every gateway": (
        "alone",
        "same routes",
        "from starlette.routing import Route\nCLAY = Route('/clay', lambda request: None)\n"
        "@hookimpl\ndef pimgate_routes(core):\n    return [CLAY]\n",
    ),
}


@pytest.mark.parametrize(("promise", "words", "plugin"), BROKEN.values(), ids=BROKEN)
def test_broken_promise_is_found(install: Install, promise: str, words: str, plugin: str) -> None:
    findings = check_plugin(install(plugin))
    assert any(each.promise == promise and words in each.reason for each in findings), [str(each) for each in findings]


def test_error_without_a_row_is_found(install: Install) -> None:
    table = "from pimgate.api import BadCredentials\nERRORS = {BadCredentials: 401}\n"
    findings = [each.reason for each in check_plugin(install(SOUND, errors=table)) if each.promise == "errors"]
    assert "pimgate_clay.errors.ERRORS has no row for Throttled" in findings
    assert "pimgate_clay.errors.ERRORS has no row for BadCredentials" not in findings


def test_service_that_cannot_start_again_fails_the_plugins_test(install: Install) -> None:
    plugin = (
        "import socket\nfrom contextlib import asynccontextmanager\n@asynccontextmanager\nasync def run():\n"
        "    door = socket.create_server(('127.0.0.1', 0), reuse_port=False)\n    door.close()\n    yield\n"
        "    raise OSError('the door is stuck')\n@hookimpl\ndef pimgate_services(core):\n    return [Service('clay', run)]\n"
    )
    name = install(plugin)
    with pytest.raises(OSError, match="stuck"):
        check_plugin(name)


def test_settings_reach_the_plugin_as_from_a_file(install: Install) -> None:
    plugin = (
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Clay:\n    'Clay.'\n"
        "    sizes: dict[str, str] = setting({}, 'Sizes.')\n    size: int = setting(1, 'Size.', most=9)\n"
        "@hookimpl\ndef pimgate_settings():\n    return Clay\n"
        "@hookimpl\ndef pimgate_changed(core, changes):\n"
        "    assert core.settings.plugin('clay', Clay) == Clay({'a.b': 'c'}, 7)\n"
    )
    name = install(plugin)
    assert check_plugin(name, {"sizes": {"a.b": "c"}, "size": 7}) == []
    (finding,) = check_plugin(name, {"size": 10})
    assert finding.promise == "loads"
    assert "plugins.clay.size" in finding.reason
