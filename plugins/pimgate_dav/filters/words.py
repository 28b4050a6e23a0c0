"""Text matches (RFC 6352 and RFC 4791, "text-match XML Element") and their collations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.text.search import search_key
from pimgate_dav.errors import Precondition
from pimgate_dav.names import local, namespace

OCTET: Final = "i;octet"
COLLATIONS: Final = frozenset({"default", "i;ascii-casemap", "i;unicode-casemap", OCTET})
TYPES: Final = frozenset({"contains", "equals", "starts-with", "ends-with"})


LONGEST: Final = 1_000
"""Characters of a text that is sought."""


class Words:
    """The values that something has, folded once for however many comparisons."""

    __slots__ = ("_folded", "given")

    def __init__(self, given: Iterable[str]) -> None:
        self.given = tuple(given)
        self._folded: tuple[str, ...] | None = None

    @property
    def folded(self) -> tuple[str, ...]:
        if self._folded is None:
            self._folded = tuple(map(search_key, self.given))
        return self._folded


@dataclass(frozen=True, slots=True)
class TextMatch:
    """One comparison. `wanted` is folded unless every octet counts; `given` is it as the client wrote it."""

    given: str
    wanted: str
    type: str
    is_exact: bool
    negates: bool

    def fits(self, words: Words) -> bool:
        """Whether any of the values fits; with a negation, whether none does."""
        return any(map(self._fits_one, words.given if self.is_exact else words.folded)) is not self.negates

    def _fits_one(self, value: str) -> bool:
        if self.type == "equals":
            return value == self.wanted
        if self.type == "starts-with":
            return value.startswith(self.wanted)
        if self.type == "ends-with":
            return value.endswith(self.wanted)
        return self.wanted in value


def text_match_of(element: Element) -> TextMatch:
    """The comparison that an element asks for. Precondition for a collation or type that is not known, or too long a text."""
    collation = element.get("collation", "default")
    type_ = element.get("match-type", "contains")
    negate = element.get("negate-condition", "no")
    space = namespace(element.tag)
    if collation not in COLLATIONS:
        raise Precondition(403, f"{{{space}}}supported-collation")
    if type_ not in TYPES or negate not in ("yes", "no") or len(element):
        raise Precondition(403, f"{{{space}}}valid-filter", f"A {local(element.tag)} of the filter makes no sense.")
    text = element.text or ""
    if len(text) > LONGEST:
        raise Precondition(403, f"{{{space}}}supported-filter", "The filter seeks a text that is too long.")
    is_exact = collation == OCTET
    return TextMatch(text, text if is_exact else search_key(text), type_, is_exact, negate == "yes")
