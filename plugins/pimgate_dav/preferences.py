"""What a client prefers of an answer: nothing in it that says what is not there (RFC 8144, "Preference: return=minimal").

Apple's programs say the same with `Brief: t`, as Exchange once defined it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

APPLIED: Final[Mapping[str, str]] = {"Preference-Applied": "return=minimal", "Vary": "Prefer, Brief"}

REPRESENTED: Final[Mapping[str, str]] = {"Preference-Applied": "return=representation", "Vary": "Prefer"}

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
"""Of a question that prefers nothing."""

_REPRESENTATION = re.compile(r'(?:^|[,;])\s*return\s*=\s*"?representation"?\s*(?:$|[,;])', re.IGNORECASE)
_MINIMAL = re.compile(r'(?:^|[,;])\s*return\s*=\s*"?minimal"?\s*(?:$|[,;])', re.IGNORECASE)


def wants_minimal(headers: Mapping[str, str]) -> bool:
    """Whether properties that are not there need no word."""
    return _MINIMAL.search(headers.get("prefer", "")) is not None or headers.get("brief", "").strip().lower() == "t"


def wants_representation(headers: Mapping[str, str]) -> bool:
    """Whether an answer to a change is to hold what became of the resource."""
    return _REPRESENTATION.search(headers.get("prefer", "")) is not None


def applied(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers which say that the preference was heard; none if there was none."""
    return APPLIED if wants_minimal(headers) else {}
