"""Public test suites against a fresh gateway: `python tests/suites/run.py [SUITE ...]`.

Each suite has a list of the tests that are expected to fail, `expected/<suite>.txt`: a line a test, and after `#` why. The run
fails when another test fails, and when one of the list passes, so the lists only shrink. A suite is a row in `SUITES`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from suites.place import Place, fresh_place
from suites.with_litmus import litmus
from suites.with_python_caldav import python_caldav
from suites.with_server_tester import server_tester
from suites.with_vdirsyncer import vdirsyncer

EXPECTED = Path(__file__).with_name("expected")

SUITES: Mapping[str, Callable[[Place], Mapping[str, bool]]] = {
    "litmus": litmus,
    "vdirsyncer": vdirsyncer,
    "caldav-server-tester": server_tester,
    "python-caldav": python_caldav,
}
"""By name: a function that runs a suite against a place and gives, by test, whether it passed."""


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
        with fresh_place() as place:
            went_well = judged(name, SUITES[name](place)) and went_well
    sys.exit(0 if went_well else 1)


if __name__ == "__main__":
    main()
