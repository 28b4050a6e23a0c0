"""caldav-server-tester, by which the authors of python-caldav write down what each server does otherwise than others."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from suites.borrowed import environment
from suites.place import LOGIN, PASSWORD, PEOPLE, Place

PATIENCE_SECONDS = 1_800


def server_tester(place: Place) -> Mapping[str, bool]:
    """By feature, whether it is fully served. What could not be tried, and what is no matter of being served, is not in it."""
    program = environment("caldav") / "caldav-server-tester"
    person = ["--caldav-url", place.url, "--caldav-username", LOGIN, "--caldav-password", PASSWORD]
    others = [word for login in PEOPLE[1:] for word in ("--config-section", login.partition("@")[0])]
    with tempfile.TemporaryDirectory(prefix="pimgate-suite-") as folder:
        _write_others(Path(folder), place)
        done = subprocess.run(
            [str(program), *person, *others, "--format", "hints"],
            capture_output=True,
            cwd=folder,
            env={**os.environ, "HOME": folder},
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    _, brace, features = done.stdout.partition("{")
    if done.returncode or not brace:
        print(done.stderr[-4_000:], file=sys.stderr)
        return {}
    found = {name: each.get("support", "unknown") for name, each in ast.literal_eval(brace + features).items()}
    return {name: support == "full" for name, support in found.items() if support != "unknown"}


def _write_others(folder: Path, place: Place) -> None:
    """Whom the first person meets: it finds them in the settings of python-caldav."""
    sections = {
        login.partition("@")[0]: {"caldav_url": place.url, "caldav_username": login, "caldav_password": PASSWORD}
        for login in PEOPLE[1:]
    }
    settings = folder / ".config" / "caldav" / "calendar.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(sections))
