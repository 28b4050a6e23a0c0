"""Words for people, a language a file: `words/<language>.toml`.

A key is a section and a name (`row.on`); what stands in braces is filled in (`{name}`). A sentence is kept whole and never put
together from pieces. An entry that counts has two forms, `one` and `other`, chosen by the rule of its language; `{n}` in it is the
number as people write it there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "words"
FALLBACK = "en"
HEADER_LENGTH = 200

IS_ONE: Mapping[str, Callable[[int], bool]] = {
    "en": lambda n: n == 1,
    "fr": lambda n: n < 2,
    "de": lambda n: n == 1,
}
"""Source: Unicode CLDR, "Language Plural Rules", for whole numbers. The keys are the languages of the pages."""

SIZES = ((1_000_000_000, "size.gb"), (1_000_000, "size.mb"), (1_000, "size.kb"))
AGES = ((86_400, "ago.days"), (3_600, "ago.hours"), (60, "ago.minutes"))
NOW_SECONDS = 300
"""Devices are noted no more often than this, so anything younger is now."""


@dataclass(frozen=True, slots=True)
class Counted:
    """An entry with a form for one and a form for all other numbers."""

    one: str
    other: str


class Words:
    """The words of one language."""

    def __init__(self, language: str, entries: Mapping[str, str | Counted]) -> None:
        self.language = language
        self.entries = entries

    def say(self, key: str, **values: object) -> str:
        """The sentence `key` with its values filled in."""
        entry = self.entries[key]
        assert isinstance(entry, str), f"{key} counts"
        return entry.format(**values)

    def count(self, key: str, n: int) -> str:
        """The sentence `key` for this number."""
        entry = self.entries[key]
        assert isinstance(entry, Counted), f"{key} does not count"
        return (entry.one if IS_ONE[self.language](n) else entry.other).format(n=self.number(n))

    def number(self, n: float, decimals: int = 0) -> str:
        """A number with the separators of the language: 12,345.6 or 12.345,6."""
        whole, _, fraction = f"{n:,.{decimals}f}".partition(".")
        grouped = whole.replace(",", self.say("language.group"))
        return grouped + (self.say("language.decimal") + fraction if fraction else "")

    def size(self, size_bytes: int) -> str:
        """A size in the unit that suits it, with a decimal where that tells something."""
        for unit, key in SIZES:
            if size_bytes >= unit:
                amount = size_bytes / unit
                return self.say(key, n=self.number(amount, decimals=1 if amount < 10 else 0))
        return self.count("size.bytes", size_bytes)

    def ago(self, seconds: float) -> str:
        """How long ago, in the largest whole unit."""
        if seconds < NOW_SECONDS:
            return self.say("ago.now")
        unit, key = next((unit, key) for unit, key in AGES if seconds >= unit)
        return self.count(key, int(seconds // unit))


def all_languages() -> dict[str, Words]:
    """Every language of the pages, by its code."""
    return {language: Words(language, _entries(FOLDER / f"{language}.toml")) for language in IS_ONE}


def preferred(chosen: str, accepted: str, known: Mapping[str, Words]) -> Words:
    """The person's own choice, else the best of an Accept-Language header, else English."""
    if chosen in known:
        return known[chosen]
    for language in _by_weight(accepted[:HEADER_LENGTH]):
        if language in known:
            return known[language]
    return known[FALLBACK]


def _by_weight(header: str) -> list[str]:
    """`fr-CH, de;q=0.8` -> fr, de. Source: RFC 9110, "Accept-Language"."""
    weighed = []
    for place, part in enumerate(header.split(",")):
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        if quality > 0:
            weighed.append((-quality, place, tag.partition("-")[0].lower()))
    return [language for _, _, language in sorted(weighed)]


def _entries(file: Path) -> dict[str, str | Counted]:
    return dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")), ""))


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, str | Counted]]:
    found: list[tuple[str, str | Counted]] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, str):
            found.append((key, value))
        elif set(value) == {"one", "other"}:
            found.append((key, Counted(**value)))
        else:
            found += _flat(value, f"{key}.")
    return found
