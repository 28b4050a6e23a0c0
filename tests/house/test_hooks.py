"""Every hook is documented, used by one of our wings, and used by a stranger's. A hook without a user is deleted."""

import ast
import inspect
import re

import pytest

from house.rooms import ROOT, WINGS, is_built, sample, wings
from pimgate.hookspecs import Hooks
from pimgate.testing.source import Source

HOOKS = {name: function for name, function in vars(Hooks).items() if name.startswith("pimgate_")}


def arguments_of(hook: str) -> list[str]:
    return [name for name in inspect.signature(HOOKS[hook]).parameters if name != "self"]


def users_of(hook: str, sources: tuple[Source, ...]) -> list[str]:
    """The files that have a function of this name marked as a hook."""
    return [
        source.module
        for source in sources
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and node.name == hook and is_marked(node)
    ]


def is_marked(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(each).split("(")[0].endswith("hookimpl") for each in node.decorator_list)


@pytest.mark.parametrize("hook", HOOKS)
def test_hook_says_what_it_gives(hook: str) -> None:
    assert (HOOKS[hook].__doc__ or "").strip()


@pytest.mark.parametrize("hook", HOOKS)
def test_hook_is_documented_with_its_arguments(hook: str) -> None:
    page = (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")
    assert f"`{hook}({', '.join(arguments_of(hook))})`" in page


def test_no_hook_is_documented_that_does_not_exist() -> None:
    page = (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(pimgate_\w+)\(", page)) == set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_hook_is_used_by_a_stranger(hook: str) -> None:
    assert users_of(hook, sample()) == ["pimgate_sample.plugin"]


@pytest.mark.skipif(not all(is_built(wing) for wing in WINGS), reason="a wing is not built yet")
@pytest.mark.parametrize("hook", HOOKS)
def test_hook_is_used_by_one_of_our_wings(hook: str) -> None:
    assert users_of(hook, wings())
