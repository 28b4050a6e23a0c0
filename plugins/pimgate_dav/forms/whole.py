"""Many calendar objects as one, and many cards one after the other.

Lines are copied, not read: a calendar of ten thousand events is put together in a moment, and nothing in them changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pimgate.text.events import PRODID
from pimgate.text.lines import escape, make_line


def calendar_of(texts: Iterable[str], name: str) -> str:
    """One VCALENDAR with all components of the texts; of time zones with the same name the first."""
    zones: dict[str, str] = {}
    others: list[str] = []
    for text in texts:
        for kind, part in _components(text):
            if kind == "VTIMEZONE":
                zones.setdefault(_tzid_of(part), part)
            else:
                others.append(part)
    head = [("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", PRODID), ("X-WR-CALNAME", escape(name))]
    lines = "".join(make_line(key, value).raw for key, value in head)
    return f"{lines}{''.join(zones.values())}{''.join(others)}END:VCALENDAR\r\n"


def cards_of(texts: Iterable[str]) -> str:
    """The cards in a row."""
    return "".join(text if text.endswith("\n") else f"{text}\r\n" for text in texts)


def _components(text: str) -> Iterator[tuple[str, str]]:
    """The components inside of a VCALENDAR by name, each with its lines as they are."""
    depth, begun = 0, 0
    lines = text.split("\n")
    for number, line in enumerate(lines):
        word = line[:6].upper()
        if word == "BEGIN:":
            depth += 1
            begun = number if depth == 2 else begun
        elif word.startswith("END:"):
            if depth == 2:
                yield lines[begun][6:].strip().upper(), "\n".join(lines[begun : number + 1]) + "\n"
            depth -= 1


def _tzid_of(zone: str) -> str:
    return next((line.strip() for line in zone.split("\n") if line[:4].upper() == "TZID"), "")
