"""Public test suites against a fresh gateway: `python tests/suites/run.py [SUITE ...]`.

Each suite has a list of the tests that are expected to fail, `expected/<suite>.txt`: a line a test, and after `#` why. The run
fails when another test fails, and when one of the list passes, so the lists only shrink. A suite is a row in `SUITES`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.dav_servers import ours
from benchmarks.gateway import LOGIN, PASSWORD
from suites.litmus_front import in_front_of

EXPECTED = Path(__file__).with_name("expected")
LITMUS_PARTS = "basic copymove props http"
"""Those of the classes that are claimed; `locks` would be class 2."""

_LITMUS_PART = re.compile(r"-> running `(\w+)'")
_LITMUS_TEST = re.compile(r"^\s*\d+\. (\w+)\.+ (pass|FAIL|SKIPPED)")


@dataclass(frozen=True, slots=True)
class Place:
    """The gateway that is tested: its port, and the home of the person whose password is known."""

    port: int
    home: str


def litmus(place: Place) -> Mapping[str, bool]:
    """Debian's litmus: by `part.test`, whether it passed. What it skips did not."""
    with in_front_of(place.port, place.home) as port:
        command = ["litmus", "-k", f"http://127.0.0.1:{port}/", LOGIN, PASSWORD]
        environment = {**os.environ, "TESTS": LITMUS_PARTS}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    found: dict[str, bool] = {}
    part = ""
    for line in done.stdout.replace("\r", "\n").splitlines():
        if begun := _LITMUS_PART.search(line):
            part = begun[1]
        elif tested := _LITMUS_TEST.match(line):
            found[f"{part}.{tested[1]}"] = tested[2] == "pass"
    return found


SUITES: Mapping[str, Callable[[Place], Mapping[str, bool]]] = {"litmus": litmus}
"""By name: a function that runs a suite and gives, by test, whether it passed."""


def expected_failures(suite: str) -> set[str]:
    file = EXPECTED / f"{suite}.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    return {name for line in lines if (name := line.partition("#")[0].strip())}


def judged(suite: str, found: Mapping[str, bool]) -> bool:
    """Whether a suite went as its list says; tells what did not."""
    expected = expected_failures(suite)
    failed = {name for name, passed in found.items() if not passed}
    print(f"{suite}: {len(found) - len(failed)} of {len(found)} pass")
    for name in sorted(failed - expected):
        print(f"  fails: {name}")
    for name in sorted(expected - failed):
        print(f"  passes, or is not run any more: take it off the list: {name}")
    return failed == expected and bool(found)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("suites", nargs="*", default=list(SUITES))
    went_well = True
    for name in arguments.parse_args().suites:
        folder = Path(tempfile.mkdtemp(prefix="pimgate-suite-"))
        try:
            with ours(folder, (10,)) as server:
                home = server.books[10].rstrip("/").rpartition("/")[0] + "/"
                went_well = judged(name, SUITES[name](Place(server.port, home))) and went_well
        finally:
            shutil.rmtree(folder)
    sys.exit(0 if went_well else 1)


if __name__ == "__main__":
    main()
