"""Whether the times of a calendar object are the same everywhere, or floating ones and whole days, which are meant by the clock of
wherever somebody is. One look at the text, without reading it; indexes take the latter as UTC.

Source: RFC 5545 "Form #1: Date with Local Time".
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final


class Times(Enum):
    """`MIXED`: some of either, or not to be told at a look."""

    DEFINITE = "definite"
    LOCAL = "local"
    MIXED = "mixed"


_TELLING: Final = re.compile(
    r"\n(?:(?P<edge>BEGIN|END):\s*VTIMEZONE|(?:DTSTART|DUE|RDATE)(?:(?P<params>;[^\r\n]*?)?:(?P<value>[^\r\n]*)|;))",
    re.IGNORECASE,
)
_ENTRIES: Final = tuple(f"\nBEGIN:{name}" for name in ("VEVENT", "VTODO", "VJOURNAL"))
_LOCAL_PARAMS: Final = re.compile(r"(?:;VALUE=(?:DATE|DATE-TIME|PERIOD)|;X-[A-Z0-9-]+=[^;:\"]*)*", re.IGNORECASE)
_LOCAL_VALUE: Final = re.compile(r"[0-9]{8}(?:T[0-9]{6})?(?:[,/][0-9TPWDHMS]*)*[ \t]*")


def times_of_text(text: str) -> Times:
    """What the starts, ends and added dates of an object are. One without any is DEFINITE."""
    found: set[Times] = set()
    is_in_zone = False  # the rules of time zones are written in local times, too
    for each in _TELLING.finditer(text, _end_of_zones(text)):
        if each["edge"]:
            is_in_zone = each["edge"].upper() == "BEGIN"
        elif not is_in_zone:
            found.add(_sort_of(each["params"] or "", each["value"]))
    if is_in_zone or len(found) > 1:
        return Times.MIXED
    return found.pop() if found else Times.DEFINITE


def _end_of_zones(text: str) -> int:
    """Where the zones of a text end if they come first, as they nearly always do."""
    end = max(text.rfind("\nEND:VTIMEZONE"), 0)
    is_first = all(text.find(each, 0, end) < 0 for each in _ENTRIES) and any(each in text for each in _ENTRIES)
    return end if is_first else 0


def _sort_of(params: str, value: str | None) -> Times:
    if value is None:
        return Times.MIXED  # folded before its colon
    if "TZID=" in params.upper() or "Z" in value.upper():
        return Times.DEFINITE
    is_local = _LOCAL_PARAMS.fullmatch(params) and _LOCAL_VALUE.fullmatch(value)
    return Times.LOCAL if is_local else Times.MIXED
