"""The files of the house, read once, and how long they are."""

import ast
import io
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pimgate.testing.source import Source, sources

ROOT = Path(__file__).parents[2]
WINGS = ("pimgate_eas", "pimgate_dav", "pimgate_imap", "pimgate_web", "pimgate_mail")
SAMPLE = ROOT / "tests" / "plugins" / "sample" / "pimgate_sample"

NOT_LOGIC = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)
TABLE_LINES = 5
"""A module-level value that is written over this many lines or more is a table."""


@cache
def core() -> tuple[Source, ...]:
    return tuple(sources(ROOT / "gateway" / "pimgate", "pimgate"))


@cache
def wings() -> tuple[Source, ...]:
    return tuple(source for name in WINGS for source in sources(ROOT / "plugins" / name, name))


@cache
def sample() -> tuple[Source, ...]:
    return tuple(sources(SAMPLE, "pimgate_sample"))


def is_built(wing: str) -> bool:
    """Whether a wing has its hooks yet."""
    return (ROOT / "plugins" / wing / "plugin.py").exists()


def everything() -> tuple[Source, ...]:
    return core() + wings()


def is_in(source: Source, *rooms: str) -> bool:
    """Whether a file belongs to one of these rooms: `pimgate.text` is the package and all within."""
    return any(source.module == room or source.module.startswith(f"{room}.") for room in rooms)


def logic_lines(source: Source) -> set[int]:
    """The numbers of the lines that hold code: no blank ones, comments, docstrings or tables."""
    text = source.path.read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    filled = {line for each in tokens if each.type not in NOT_LOGIC for line in range(each.start[0], each.end[0] + 1)}
    for node in (*_docstrings(source.tree), *_tables(source.tree)):
        filled -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return filled


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    """Every text that stands alone as a statement, below attributes as well."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def _tables(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in tree.body:
        is_value = isinstance(node, ast.Assign | ast.AnnAssign)
        if is_value and (node.end_lineno or node.lineno) - node.lineno + 1 >= TABLE_LINES:
            yield node


def functions(source: Source) -> Iterator[tuple[str, int, int]]:
    """Every function of a file: its name, its first line, and how many lines of logic it has, those within it included."""
    filled = logic_lines(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            yield node.name, node.lineno, len(filled & set(lines))
