"""The whole check: the table and the journeys on a running demonstration, and how its result reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from pimgate.demo.household import exhibits
from pimgate.demo.journeys import Outcome, World, try_all
from pimgate.demo.stage import Stage
from pimgate.demo.table import Cell, clients_of, walk
from pimgate.testing.browser import Browser

HEADINGS = ("kind", "class", "ownership", "switch", "expected", "experienced", "")
DIFFERENT = "<- differs"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `complaints` are those of the clients, by their kind."""

    cells: tuple[Cell, ...]
    outcomes: tuple[Outcome, ...]
    complaints: tuple[str, ...]

    @property
    def differences(self) -> int:
        wrong = [each for each in self.cells if not each.is_as_expected]
        failed = [each for each in self.outcomes if each.problem]
        return len(wrong) + len(failed) + len(self.complaints)

    def document(self) -> dict[str, object]:
        """For machines."""
        return {
            "differences": self.differences,
            "cells": [dict(zip(HEADINGS[:-1], row, strict=False)) for row in self.rows()],
            "journeys": [asdict(each) for each in self.outcomes],
            "complaints": list(self.complaints),
        }

    def rows(self) -> list[tuple[str, ...]]:
        """The table, cell by cell."""
        return [
            (
                each.kind,
                each.class_,
                each.ownership,
                each.switch,
                each.expected,
                each.experienced,
                "" if each.is_as_expected else DIFFERENT,
            )
            for each in self.cells
        ]

    def lines(self) -> list[str]:
        """The journeys, and the sum of it all."""
        told = [
            f"{'FAILED' if each.problem else 'ok':<7} {each.claim}  {each.problem}".rstrip() for each in self.outcomes
        ]
        told += [f"FAILED  {each}" for each in self.complaints]
        checked = f"{len(self.cells)} cells and {len(self.outcomes)} journeys were checked"
        return [*told, "", f"{checked}: {self.differences or 'no'} difference{'' if self.differences == 1 else 's'}."]


def check(stage: Stage, say: Callable[[str], None]) -> Verdict:
    """Look at a running demonstration from outside; its switches are left as they were. Blocks for some seconds."""
    alice = stage.people[0]
    found = exhibits(stage.core, alice)
    browser = Browser(stage.url)
    browser.sign_in(alice.login, alice.password)
    before = _switches(browser)
    try:
        outcomes = try_all(World(stage.addresses(), stage.people, found, browser), say)
        clients = clients_of(stage.url, alice, browser)
        cells = walk(browser, clients, found, say)
    finally:
        for exhibit in found:
            browser.turn(exhibit.id, is_on=before[exhibit.id])
    complaints = [f"{client.kind}: {problem}" for client in clients for problem in client.problems()]
    return Verdict(tuple(cells), tuple(outcomes), tuple(complaints))


def _switches(browser: Browser) -> dict[str, bool]:
    sections = browser.get_json("/preferences")["sections"]
    return {row["id"]: bool(row["is_on"]) for section in sections for row in section["collections"]}
