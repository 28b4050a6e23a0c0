"""The desk: what a command works with. Handed to every command as click's object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from pimgate.app import open_core
from pimgate.core import Core
from pimgate.settings_file import settings_path
from pimgate.store.work import Work


class Desk:
    """The settings file that is meant, the gateway behind it, and where answers go."""

    def __init__(self, given: str | None) -> None:
        self.settings_file: Path = settings_path(given)
        self.as_json = False

    @contextmanager
    def core(self) -> Iterator[Core]:
        """The gateway without its doors, while the block runs. SettingsProblem, AwayNow."""
        core = open_core(self.settings_file)
        try:
            yield core
        finally:
            core.close()

    @contextmanager
    def reading(self) -> Iterator[tuple[Core, Work]]:
        """The gateway and a unit of work that only looks."""
        with self.core() as core, core.database.read() as work:
            yield core, work

    @contextmanager
    def writing(self) -> Iterator[tuple[Core, Work]]:
        """The gateway and a unit of work that is kept; running gateways on the same database hear of it."""
        with self.core() as core, core.database.write() as work:
            yield core, work

    def answer(self, document: object, *lines: str) -> None:
        """The answer of a command: one JSON document for machines, or `lines` for people."""
        if self.as_json:
            click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            for line in lines:
                click.echo(printable(line))


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines in which the columns stand below one another; the last column is as long as it likes."""
    cells = [[str(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in cells
    ]


def printable(line: str) -> str:
    """`line` without the control characters that a device's name could carry into a terminal."""
    return "".join(each if each.isprintable() else "?" for each in line)
