"""How much is tried: little in everyday runs, which everybody waits for, and much in those with the slow tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

EVERYDAY = "everyday"


def everyday() -> None:
    """From now on the same examples each time, so that what passed here passes elsewhere."""
    settings.register_profile(EVERYDAY, derandomize=True, database=None, deadline=None, max_examples=30)
    settings.load_profile(EVERYDAY)


def examples(few: int, many: int) -> int:
    """The number of examples for a test."""
    return few if settings().derandomize else many


def few(everyday: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """For `parametrize`: some every day, and those of the others that are not among them in the runs with the slow tests."""
    some = list(everyday)
    return some + [pytest.param(each, marks=pytest.mark.slow) for each in others if each not in some]
