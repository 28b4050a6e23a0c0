"""The `pimgate` program: what an operator types. A file a group of commands.

`program`     the group itself, and the literal list of all commands
`command`     what every command has: --json, an example, errors as one sentence
`desk`        what a command works with: the settings file, the gateway behind it, and where answers go
`logs`        lines on standard error, for people or for machines
`finding`     whom and what the words of the operator mean

Every command answers with 0 (done), 1 (a problem was found) or 2 (wrong usage or settings).
"""

from __future__ import annotations

import sys
import traceback

from pimgate.cli.program import program

__all__ = ["main", "program"]


def main() -> None:
    """Run the program with the arguments of this process, and end the process."""
    try:
        program.main(prog_name="pimgate")
    except Exception as error:  # noqa: BLE001 - the outermost door: an operator reads a sentence, not a traceback
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
        print(f"pimgate: unforeseen {type(error).__name__} at {place}: {error}", file=sys.stderr)
        sys.exit(1)
