"""The ledger in the wing's README says what the tables say, and every row is held by a test that there is."""

import ast

import pytest

from pimgate_eas.commands import COMMANDS
from pimgate_eas.query import COMMANDS as CODES
from plugins.eas import compliance
from plugins.eas.compliance import HELD, LEFT_OUT, NAMESPACES, SINCE, TESTS, elements_of, named_tests, spoken_of
from plugins.eas.wire import Wire
from plugins.ledgers import in_readme

WRITE = "write it anew: cd tests && ../.venv/bin/python -m plugins.eas.compliance --write"


def test_the_readme_holds_the_ledger() -> None:
    assert in_readme(compliance.README) == compliance.ledger(), WRITE


def test_every_command_and_class_has_its_row() -> None:
    assert set(HELD) == set(COMMANDS)
    assert set(NAMESPACES) == set(SINCE)


@pytest.mark.parametrize("name", sorted(named_tests()))
def test_a_row_is_held_by_a_test_that_there_is(name: str) -> None:
    file, _, function = name.partition("::")
    tree = ast.parse((TESTS / "plugins" / "eas" / file).read_text(encoding="utf-8"))
    found = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert function in found if function else any(each.startswith("test_") for each in found)


def test_every_element_of_a_class_is_translated_or_left_out_for_a_reason() -> None:
    silent = {name for each in NAMESPACES for name in elements_of(each) - spoken_of(each)}
    assert silent == set(LEFT_OUT)


@pytest.mark.parametrize("command", sorted(set(CODES.values()) - set(COMMANDS)))
def test_a_command_that_is_not_listed_is_answered_501(wire: Wire, command: str) -> None:
    wire.octets(command, b"")
    assert wire.status == 501
