"""The sample plugin as an operator would have it: installed with pip, here into a directory of its own.

Import `sample_home` or `sample_on_path` into a test module to use them as fixtures.
"""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent
OFFLINE = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")


@pytest.fixture(scope="module")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory into which pip has installed the plugin; it is on nobody's path yet."""
    home = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", *OFFLINE, "--target", str(home), str(PROJECT)]
    subprocess.run(pip, check=True, timeout=120)
    return home


@pytest.fixture
def sample_on_path(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plugin is installed beside pimgate while the test runs, and forgotten afterwards."""
    monkeypatch.syspath_prepend(str(sample_home))
    importlib.invalidate_caches()
    yield
    for name in [each for each in sys.modules if each.partition(".")[0] == "pimgate_sample"]:
        del sys.modules[name]
