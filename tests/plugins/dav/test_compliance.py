"""The ledger in the wing's README says what its table says, and every row is held by a test that there is."""

import ast

from plugins.dav import compliance
from plugins.dav.compliance import NO, TESTS, rows
from plugins.ledgers import in_readme

WRITE = "write it anew: cd tests && ../.venv/bin/python -m plugins.dav.compliance --write"


def test_the_readme_holds_the_ledger() -> None:
    assert in_readme(compliance.README) == compliance.ledger(), WRITE


def test_every_row_is_held_by_a_test_that_there_is() -> None:
    known = {
        f"{file.name}::{node.name}"
        for file in TESTS.glob("test_*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {row.test for row in rows() if row.test} <= known
    assert [row for row in rows() if not row.test and not row.served.startswith(NO)] == []
