"""What is shipped: every file of every package, and nothing of the workshop."""

import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from house.rooms import ROOT, WINGS

PACKAGES = (ROOT / "gateway" / "pimgate", *(ROOT / "plugins" / wing for wing in WINGS))
NOT_SHIPPED = ("__pycache__",)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as `pip install` would make it."""
    place = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = place.glob("*.whl")
    return zipfile.ZipFile(built)


def files_of(package: Path) -> set[str]:
    """Every file of a package by its name in the wheel: code, templates, tables, migrations, the mark that it is typed."""
    return {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.is_file() and not set(path.parts) & set(NOT_SHIPPED)
    }


def test_wheel_holds_every_file_of_every_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert shipped == set().union(*(files_of(package) for package in PACKAGES))


@pytest.mark.parametrize(
    "name",
    [
        "pimgate/py.typed",
        "pimgate/profiles.toml",
        "pimgate/store/migrations/env.py",
        "pimgate/store/migrations/script.py.mako",
        "pimgate/store/migrations/versions/0001_the_first_tables.py",
        "pimgate/testing/contract.py",
        *(f"{wing}/py.typed" for wing in WINGS),
    ],
)
def test_wheel_holds(wheel: zipfile.ZipFile, name: str) -> None:
    assert name in wheel.namelist()


def test_wheel_opens_the_door_for_our_wings_and_the_program(wheel: zipfile.ZipFile) -> None:
    (name,) = [each for each in wheel.namelist() if each.endswith("entry_points.txt")]
    text = wheel.read(name).decode()
    assert "pimgate = pimgate.cli:main" in text
    assert all(f"{wing.removeprefix('pimgate_')} = {wing}.plugin" in text for wing in WINGS)


def test_wheel_names_its_licence(wheel: zipfile.ZipFile) -> None:
    (name,) = [each for each in wheel.namelist() if each.endswith("METADATA")]
    assert message_from_bytes(wheel.read(name))["License-Expression"] == "GPL-3.0-or-later"
    assert any(each.endswith("licenses/LICENSE") for each in wheel.namelist())
