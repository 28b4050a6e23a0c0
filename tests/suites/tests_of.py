"""A suite that is written for pytest, in an environment of its own: by test, whether it passed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

PATIENCE_SECONDS = 3_600
TELL = "PIMGATE_SUITES_TELL"
"""Set to anything: why tests fail or are skipped is told, expected or not."""
MOST_TOLD = 6_000
"""Letters of what a test says when it fails."""


def tests_of(
    programs: Path, source: Path, arguments: Sequence[str], surroundings: Mapping[str, str]
) -> Mapping[str, bool]:
    """By `Class.test[case]`. What the suite skips, because it is about another server, or expects to fail everywhere, is not in it;
    what fails in setting up or clearing away has not passed."""
    report = source / "report.xml"
    command = [
        str(programs / "python"),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--junit-xml={report}",
        *arguments,
    ]
    with (source / "output").open("wb") as output:
        subprocess.run(
            command,
            cwd=source,
            env={**os.environ, **surroundings},
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    if not report.exists():
        print((source / "output").read_text(errors="replace")[-MOST_TOLD:], file=sys.stderr)
        return {}
    return _read(report)


def _read(report: Path) -> Mapping[str, bool]:
    found: dict[str, bool] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name')}"
        skipped = case.find("skipped")
        if skipped is not None:
            _tell(f"skips: {name}: {skipped.get('message')}")
            continue
        failed = case.find("failure") is not None or case.find("error") is not None
        found[name] = found.get(name, True) and not failed
        if failed:
            _tell(f"fails: {name}\n{''.join(case.itertext())[-MOST_TOLD:]}")
    return found


def _tell(words: str) -> None:
    if os.environ.get(TELL):
        print(f"  {words}", file=sys.stderr)
