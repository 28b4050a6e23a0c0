"""The protocol versions this wing speaks. 16.1 is the model that the rest derives from."""

from __future__ import annotations

VERSIONS = ("14.1", "16.1")
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
