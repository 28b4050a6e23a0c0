"""The protocol versions this wing speaks. 16.1 is the model that the rest derives from."""

from __future__ import annotations

from pimgate_eas.wbxml.codepages import introduced_in

VERSIONS = ("12.1", "14.0", "14.1", "16.0", "16.1")
"""Announced to devices, oldest first."""


def number(version: str) -> float:
    """A version to compare with: 14.1 comes before 16.0. 0 for what is none."""
    try:
        return float(version)
    except ValueError:
        return 0.0


def is_16(version: str) -> bool:
    """Whether exceptions are items of their own and locations structured (16.0 and later)."""
    return number(version) >= 16.0


def has_common_statuses(version: str) -> bool:
    """Whether a command may answer with a status above 100 (14.0 and later); before, HTTP says the same."""
    return number(version) >= 14.0


def knows(version: str, name: str) -> bool:
    """Whether the version has this element."""
    return number(introduced_in(name)) <= number(version)


def offered(most: str) -> tuple[str, ...]:
    """The versions up to `most`, "" for all of them; never none."""
    return tuple(each for each in VERSIONS if not most or number(each) <= number(most)) or VERSIONS[:1]
