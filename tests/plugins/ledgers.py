"""Ledgers that stand in the README of a wing, between two marks, and are written there from tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

BEGIN: Final = "<!-- ledger -->"
END: Final = "<!-- end of the ledger -->"


def in_readme(readme: Path) -> str:
    """The ledger as it stands there."""
    return readme.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def show(readme: Path, ledger: str) -> None:
    """Print it; with `--write` on the command line put it into the README instead."""
    if "--write" not in sys.argv:
        print(ledger)
        return
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(f"{before}{BEGIN}\n\n{ledger}\n\n{END}{after}", encoding="utf-8")
