"""Debian's litmus."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from tempfile import TemporaryDirectory

from suites.litmus_front import in_front_of
from suites.place import LOGIN, PASSWORD, Place

PARTS = "basic copymove props http"
"""Those of the classes that are claimed; `locks` would be class 2."""

_PART = re.compile(r"-> running `(\w+)'")
_TEST = re.compile(r"^\s*\d+\. (\w+)\.+ (pass|FAIL|SKIPPED)")


def litmus(place: Place) -> Mapping[str, bool]:
    """By `part.test`, whether it passed. What it skips did not."""
    with in_front_of(place.port, place.home) as port, TemporaryDirectory() as logs:
        command = ["litmus", "-k", f"http://127.0.0.1:{port}/", LOGIN, PASSWORD]
        environment = {**os.environ, "TESTS": PARTS}
        done = subprocess.run(command, env=environment, cwd=logs, capture_output=True, timeout=600, check=False)
    found: dict[str, bool] = {}
    part = ""
    told = done.stdout.decode("utf-8", "replace")  # it quotes octets that are no text
    for line in told.replace("\r", "\n").splitlines():
        if begun := _PART.search(line):
            part = begun[1]
        elif tested := _TEST.match(line):
            found[f"{part}.{tested[1]}"] = tested[2] == "pass"
    return found
