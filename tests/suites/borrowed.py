"""Suites of others from the package index, in the versions that `pinned/` names: an environment with what a suite needs, and its
source. Both are kept in a cache (`PIMGATE_SUITES`, else `~/.cache/pimgate-suites`), so that only the first run fetches them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

PINNED = Path(__file__).with_name("pinned")


def environment(name: str) -> Path:
    """The folder of programs of a virtual environment with just what `pinned/<name>.txt` lists."""
    pinned = PINNED / f"{name}.txt"
    folder = _cache() / f"{name}-{_digest(pinned)}"
    programs = folder / "bin"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"  {name}: making its environment", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        _pip(programs, "install", "--no-deps", "--requirement", str(pinned))
        (folder / "complete").touch()
    return programs


def source_of(name: str, package: str, into: Path) -> Path:
    """The source distribution of a package that the environment `name` has, unpacked anew in a folder."""
    version = _version_of(name, package)
    archive = _cache() / f"{package}-{version}.tar.gz"
    if not archive.exists():
        kind = ("--no-deps", "--no-binary", ":all:", "--dest", str(_cache()))
        _pip(environment(name), "download", *kind, f"{package}=={version}")
    with tarfile.open(archive) as packed:
        packed.extractall(into, filter="data")
    return into / f"{package}-{version}"


def _pip(programs: Path, *words: str) -> None:
    quietly = ("-qq", "--disable-pip-version-check")
    subprocess.run([str(programs / "python"), "-m", "pip", words[0], *quietly, *words[1:]], check=True)


def _version_of(name: str, package: str) -> str:
    lines = (PINNED / f"{name}.txt").read_text().splitlines()
    return next(line.partition("==")[2] for line in lines if line.partition("==")[0] == package)


def _cache() -> Path:
    folder = Path(os.environ.get("PIMGATE_SUITES") or Path.home() / ".cache" / "pimgate-suites")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _digest(pinned: Path) -> str:
    words = pinned.read_bytes() + sys.version.encode()
    return hashlib.sha256(words).hexdigest()[:12]
