"""What other people see of a private event: when it takes place, and that somebody is busy then.

    masked("BEGIN:VCALENDAR...") -> the same event with a neutral title and nothing that tells what it is

Kept by name, so that a property nobody has thought of stays hidden. Times, pattern, zones and whether the time counts as busy
are as they were, so free/busy stays true.

Source: RFC 5545 "Classification": whatever is not PUBLIC and is not known counts as PRIVATE.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pimgate.text.component import Component, parse
from pimgate.text.lines import Line, escape, make_line

_ENTRIES: Final = ("VEVENT", "VTODO", "VJOURNAL")
_OF_AN_ENTRY: Final = frozenset(
    (
        *("UID", "DTSTAMP", "SEQUENCE", "CLASS", "STATUS", "TRANSP"),
        *("DTSTART", "DTEND", "DUE", "DURATION"),
        *("RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"),
    )
)
_OF_A_CHANGE_OF_CLOCKS: Final = frozenset(("DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME"))
_KEPT_LINES: Final[Mapping[str, frozenset[str]]] = {
    "VCALENDAR": frozenset(("VERSION", "PRODID", "CALSCALE")),
    "VTIMEZONE": frozenset(("TZID", "X-LIC-LOCATION")),
    "STANDARD": _OF_A_CHANGE_OF_CLOCKS,
    "DAYLIGHT": _OF_A_CHANGE_OF_CLOCKS,
    **dict.fromkeys(_ENTRIES, _OF_AN_ENTRY),
}
_KEPT_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "VCALENDAR": ("VTIMEZONE", *_ENTRIES),
    "VTIMEZONE": ("STANDARD", "DAYLIGHT"),
}
_KEPT_PARAMS: Final = ("TZID", "VALUE", "RANGE")

TITLES: Final[Mapping[str, str]] = {"de": "Privat", "fr": "Privé"}
TITLE: Final = "Private"


def masked(text: str, language: str = "") -> str:
    """What a reader of that language ("de", "fr-CH"; English for others) sees of a private event. BadText for what is no
    calendar object."""
    return _masked(parse(text), TITLES.get(language[:2].lower(), TITLE)).to_text()


def is_private(entries: Iterable[Component]) -> bool:
    """Whether one of the components of a calendar object (the series or a changed occurrence) is not public. Then the whole
    object is."""
    return any((line := entry.get("CLASS")) is not None and _is_private_word(line.text) for entry in entries)


def is_private_text(text: str) -> bool:
    """The same of a text as it is kept; what cannot be read is not."""
    try:
        return is_private(parse(text).children_named(*_ENTRIES))
    except ValueError:
        return False


def _is_private_word(word: str) -> bool:
    return word.strip().upper() not in ("", "PUBLIC")


def _masked(component: Component, title: str) -> Component:
    known = _KEPT_LINES[component.name]
    lines = [_bare(line) for line in component.lines if line.name in known]
    if component.name in _ENTRIES:
        lines.append(make_line("SUMMARY", escape(title)))
    parts = component.children_named(*_KEPT_PARTS.get(component.name, ()))
    return Component(component.name, lines, [_masked(each, title) for each in parts])


def _bare(line: Line) -> Line:
    """The line without group and without parameters that could tell more."""
    params = tuple((name, values) for name, values in line.params if name in _KEPT_PARAMS)
    return make_line(line.name, line.value, params)
