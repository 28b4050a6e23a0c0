"""What must be true at the end of a walk: which items there are, and what each writer last said of them.

Every writer has a field of its own on every item. What a writer said and was accepted must stand at the end, whoever wrote to the
same item in between: then nothing was lost, doubled or reverted. An edit that was refused may have had an effect when its
answer was lost, so either value may stand.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from pimgate.testing.phone_comparison import facts_kept
from pimgate.text.component import Component, parse


class Fate(Enum):
    THERE = "there"
    GONE = "gone"
    EITHER = "either"


@dataclass
class Claim:
    """What one writer said in its field: the last that was accepted, and what may stand instead."""

    accepted: str = ""
    possible: set[str] = field(default_factory=set)

    def accept(self, value: str) -> None:
        self.accepted, self.possible = value, set()

    def holds(self, value: str) -> bool:
        return value == self.accepted or value in self.possible


@dataclass
class Entry:
    """One item. `odd_lines` are what its maker wrote and phones cannot express."""

    fate: Fate = Fate.EITHER
    claims: dict[str, Claim] = field(default_factory=dict)
    odd_lines: tuple[str, ...] = ()

    def claim(self, property_: str) -> Claim:
        return self.claims.setdefault(property_, Claim())


class Ledger:
    """All items by name: the first word of what they are called."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def entry(self, name: str) -> Entry:
        return self.entries.setdefault(name, Entry())

    def violations(self, texts: Iterable[str]) -> list[str]:
        """What the server's texts say against it."""
        kept = list(texts)
        names = Counter(name_in(text) for text in kept)
        found = [f"{name} is there {count} times" for name, count in names.items() if count > 1]
        found += [f"{name} is a stranger" for name in names if name not in self.entries]
        for name, entry in self.entries.items():
            if entry.fate is Fate.THERE and name not in names:
                found.append(f"{name} is lost")
            if entry.fate is Fate.GONE and name in names:
                found.append(f"{name} is back")
        for text in kept:
            found += self._contradictions(name_in(text), text)
        return found

    def _contradictions(self, name: str, text: str) -> list[str]:
        entry = self.entry(name)
        found = [f"{name} lost the line {line}" for line in entry.odd_lines if line not in text.split("\r\n")]
        for property_, claim in entry.claims.items():
            value = value_in(text, property_)
            if not claim.holds(value):
                found.append(f"{name}: {property_} is {value!r}, not {claim.accepted!r} or one of {claim.possible}")
        return found


def name_in(text: str) -> str:
    return facts_kept(text)[0].partition(" ")[0]


OCCURRENCE = "occurrence "
"""Before the original start of an occurrence it makes the name of what is said of it: "gone", "moved" or nothing."""


def value_in(text: str, property_: str) -> str:
    whole = parse(text)
    entries = [each for each in whole.children if each.name in ("VEVENT", "VTODO", "VJOURNAL")]
    if property_.startswith(OCCURRENCE):
        return _said_of_occurrence(entries, property_.removeprefix(OCCURRENCE))
    line = (whole if whole.name == "VCARD" else entries[0]).get(property_)
    return line.text.partition(";")[0] if line is not None else ""


def _said_of_occurrence(entries: list[Component], start: str) -> str:
    changed = [line.value for each in entries if (line := each.get("RECURRENCE-ID")) is not None]
    left_out = [value for each in entries for line in each.all("EXDATE") for value in line.value.split(",")]
    return "moved" if start in changed else "gone" if start in left_out else ""
