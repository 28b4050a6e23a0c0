"""The plugin as a gateway sees it."""

import subprocess
import sys

from pimgate.testing.contract import check_plugin
from pimgate_dav.kinds import KINDS


def test_plugin_keeps_the_contract() -> None:
    assert check_plugin("dav") == []


def test_kinds_are_those_of_the_table() -> None:
    assert [kind.name for kind in KINDS] == ["dav", "outlook", "thunderbird"]


def test_radicale_is_imported_only_with_the_plugin() -> None:
    """Importing it changes the process; a deployment without DAV has nothing of it."""
    code = "import sys, pimgate.api, pimgate.app; print([name for name in sys.modules if name.startswith('radicale')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_root_of_the_host_stays_free_for_pages() -> None:
    from starlette.routing import Match

    from pimgate_dav.discovery import PropfindAtRoot

    route = PropfindAtRoot()
    for method, expected in (("PROPFIND", Match.FULL), ("GET", Match.NONE), ("OPTIONS", Match.NONE)):
        assert route.matches({"type": "http", "path": "/", "method": method})[0] is expected
