"""A plugin that a test writes for itself, installed for as long as the test runs.

Import `install` into a test module to use it as a fixture.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Install = Callable[..., str]

HEAD = "from pimgate.api import *\nfrom pimgate.api import hookimpl, setting\n"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a plugin `clay` made of the given files into a directory on the path."""

    def installed(plugin: str, **files: str) -> str:
        package = tmp_path / "pimgate_clay"
        record = tmp_path / "pimgate_clay-1.dist-info"
        package.mkdir()
        record.mkdir()
        for name, text in {"__init__": "", "plugin": HEAD + plugin, **files}.items():
            (package / f"{name}.py").write_text(text)
        (record / "METADATA").write_text("Metadata-Version: 2.1\nName: pimgate-clay\nVersion: 1\n")
        (record / "entry_points.txt").write_text("[pimgate]\nclay = pimgate_clay.plugin\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        return "clay"

    yield installed
    for name in [each for each in sys.modules if each.partition(".")[0] == "pimgate_clay"]:
        del sys.modules[name]
