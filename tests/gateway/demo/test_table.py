"""The check of the table: it finds nothing on a gateway that follows the table, and everything on one that does not."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.effort import few
from pimgate.demo import place
from pimgate.demo.eyes import BrowserEyes, DesktopEyes, Eyes
from pimgate.demo.household import exhibits
from pimgate.demo.place import choose_ports
from pimgate.demo.stage import Stage, running
from pimgate.demo.table import Cell, clients_of, walk
from pimgate.demo.verdict import DIFFERENT, Verdict
from pimgate.testing.browser import Browser
from pimgate.visibility import CELLS

CELL = "[visibility.cells]\n"


def look_around(directory: Path, choose: Callable[[list[Eyes]], list[Eyes]]) -> list[Cell]:
    """The cells that these clients experience."""

    def look(stage: Stage) -> list[Cell]:
        alice = stage.people[0]
        browser = Browser(stage.url)
        browser.sign_in(alice.login, alice.password)
        clients = choose(clients_of(stage.url, alice, browser))
        return walk(browser, clients, exhibits(stage.core, alice), lambda line: None)

    async def act() -> list[Cell]:
        async with running(directory, choose_ports(0, 0, 0)) as stage:
            return await asyncio.to_thread(look, stage)

    return asyncio.run(act())


def test_every_cell_of_the_table_is_experienced_as_documented(tmp_path: Path) -> None:
    cells = look_around(tmp_path, lambda clients: clients)
    assert [cell for cell in cells if not cell.is_as_expected] == []
    assert {(each.kind, each.class_, each.ownership, each.switch) for each in cells} == {
        (kind, class_, ownership.value, "on" if is_on else "off") for kind, class_, ownership, is_on in CELLS
    }
    assert len(cells) == len(CELLS)


@pytest.mark.parametrize(
    "change",
    few(
        [("dav/book/own/on", "full", "full")],
        [
            ("thunderbird/book/shared/off", "full", "full"),
            ("thunderbird/calendar/any/off", "hidden", "hidden"),
            ("outlook/calendar/default/off", "online", "online"),
            ("web/book/own/off", "hidden", "hidden"),
        ],
    ),
)
def test_deviation_from_the_table_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str, str]
) -> None:
    cell, given, experienced = change
    monkeypatch.setattr(place, "SETTINGS", f'{place.SETTINGS}\n{CELL}"{cell}" = "{given}"\n')
    kind, class_, ownership, switch = cell.split("/")
    cells = look_around(tmp_path, lambda all_: [each for each in all_ if isinstance(each, BrowserEyes | DesktopEyes)])
    wrong = [each for each in cells if not each.is_as_expected]
    assert {(each.kind, each.class_, each.switch) for each in wrong} == {(kind, class_, switch)}
    assert ownership == "any" or {each.ownership for each in wrong} == {ownership}
    assert {each.experienced for each in wrong} == {experienced}


def test_verdict_marks_what_differs_and_counts_it() -> None:
    right = Cell("web", "book", "own", "on", "full", "full")
    wrong = Cell("dav", "book", "own", "on", "hidden", "full")
    verdict = Verdict((right, wrong), (), ("eas-ios: Add of c:1, which is here already",))
    assert [row[-1] for row in verdict.rows()] == ["", DIFFERENT]
    assert verdict.differences == 2
    assert verdict.lines()[-1] == "2 cells and 0 journeys were checked: 2 differences."
