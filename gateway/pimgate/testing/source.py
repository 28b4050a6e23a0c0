"""What the source of a package says, read as syntax trees; nothing is imported or run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROW_ROOMS = frozenset(
    (
        "items",
        "item_properties",
        "collections",
        "people",
        "journal",
        "devices",
        "outbox",
        "arrivals",
        "connection",
        "entries",
        "occurrences",
    )
)
"""What a unit of work holds that only the core may touch: writing rows without their journal line would tell nobody."""

OPEN_ROOMS = ("pimgate.api", "pimgate.text", "pimgate.mail", "pimgate.web", "pimgate.testing")
"""What a plugin may import from the core."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its dotted module name, its place and its tree."""

    module: str
    path: Path
    tree: ast.Module
    is_package: bool

    @property
    def package(self) -> str:
        """Where its relative imports begin."""
        return self.module if self.is_package else self.module.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `from pimgate.text import lines` is `pimgate.text.lines`, as is `import pimgate.text.lines`."""

    name: str
    line: int

    def is_within(self, room: str) -> bool:
        return self.name == room or self.name.startswith(f"{room}.")


def sources(place: Path, name: str) -> list[Source]:
    """Every file of the package (or the one of the module) `name` that lies at `place`."""
    if place.is_file():
        return [_source(place, name)]
    found = []
    for path in sorted(place.rglob("*.py")):
        parts = [name, *path.relative_to(place).with_suffix("").parts]
        found.append(_source(path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts)))
    return found


def _source(path: Path, module: str) -> Source:
    return Source(module, path, ast.parse(path.read_text(encoding="utf-8"), str(path)), path.name == "__init__.py")


def imports_of(source: Source) -> Iterator[Import]:
    """Everything that a file imports, wherever in the file, relative names completed; under TYPE_CHECKING, too."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (Import(each.name, node.lineno) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            room = _absolute(source, node)
            yield from (Import(f"{room}.{each.name}", node.lineno) for each in node.names)


def _absolute(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = source.package.split(".")
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, node.module] if node.module else kept)


def touches_rows(source: Source) -> Iterator[tuple[int, str]]:
    """Where a file reaches past the core to the rows of a unit of work, as in `work.items.add(...)`: line and words."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in ROW_ROOMS and _is_work(node.value):
            yield node.lineno, f"{ast.unparse(node.value)}.{node.attr}"


def _is_work(node: ast.expr) -> bool:
    """A unit of work is known by its name: everywhere it is called `work`."""
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name.strip("_") == "work"


def calls_at_import(source: Source) -> Iterator[tuple[int, str]]:
    """Calls that run when the file is imported: line and the name that is called. Decorators and class bodies count; what stands
    under `if TYPE_CHECKING` or `if __name__ == ...` doesn't."""
    for statement in source.tree.body:
        yield from _calls_in(statement)


def _calls_in(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.If) and any(word in ast.unparse(node.test) for word in ("TYPE_CHECKING", "__name__")):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        children: list[ast.AST] = [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
    elif isinstance(node, ast.Lambda):
        children = []
    else:
        children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call):
        yield node.lineno, ast.unparse(node.func)
    for child in children:
        yield from _calls_in(child)
