"""How much is tried: little in everyday runs, which everybody waits for, and much in those with the slow tests."""

from __future__ import annotations

from hypothesis import settings

EVERYDAY = "everyday"


def everyday() -> None:
    """From now on the same examples each time, so that what passed here passes elsewhere."""
    settings.register_profile(EVERYDAY, derandomize=True, database=None, deadline=None)
    settings.load_profile(EVERYDAY)


def examples(few: int, many: int) -> int:
    """The number of examples for a test."""
    return few if settings().derandomize else many
