"""What a search for people looks for, and who fits.

Sources: RFC 3744 "DAV:principal-property-search REPORT"; Apple's calendarserver-principal-search, with which Calendar completes the
names of guests.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final
from xml.etree.ElementTree import Element

from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.names import caldav, calendarserver, dav

MOST_TERMS: Final = 10
_TAG: Final = re.compile(r"<[^>]*>")

SEARCHED: Final[dict[str, str]] = {
    dav("displayname"): "Name",
    calendarserver("first-name"): "First name",
    calendarserver("last-name"): "Last name",
    calendarserver("email-address-set"): "E-mail address",
    caldav("calendar-user-address-set"): "Calendar address",
    caldav("calendar-user-type"): "Sort of user",
    caldav("calendar-home-set"): "Home of the calendars",
    dav("principal-URL"): "Address of the principal",
}
"""The properties that can be searched, each with its name for people."""

NAMES: Final = (dav("displayname"), calendarserver("email-address-set"))


class Fit(Enum):
    CONTAINS = "contains"
    STARTS = "starts-with"
    ENDS = "ends-with"
    EQUALS = "equals"


@dataclass(frozen=True, slots=True)
class Term:
    """One of `properties` must have `words` in it, in the way that is asked for."""

    properties: tuple[str, ...]
    words: str
    fit: Fit = Fit.CONTAINS

    def fits(self, value: Callable[[str], str | None]) -> bool:
        return any(self._fits(_text(value(name) or "")) for name in self.properties)

    def _fits(self, text: str) -> bool:
        text, words = text.casefold(), self.words.casefold()
        if self.fit is Fit.STARTS:
            return any(each.startswith(words) for each in (text, *text.split()))
        if self.fit is Fit.ENDS:
            return text.endswith(words)
        return text == words if self.fit is Fit.EQUALS else words in text


@dataclass(frozen=True, slots=True)
class Search:
    """The terms, of which all must fit, or any."""

    terms: tuple[Term, ...]
    is_any: bool = False

    def fits(self, value: Callable[[str], str | None]) -> bool:
        found = (term.fits(value) for term in self.terms)
        return any(found) if self.is_any else all(found)


def by_properties(root: Element) -> Search:
    """A principal-property-search. BadRequest without a term; Precondition for too many."""
    terms = [_term(each) for each in root.findall(dav("property-search"))]
    return _search(terms, is_any=root.get("test", "allof") == "anyof")


def by_tokens(root: Element) -> Search:
    """A calendarserver-principal-search: every token begins a word of the name, or the address."""
    tokens = [(each.text or "").strip() for each in root.findall(calendarserver("search-token"))]
    return _search([Term(NAMES, token, Fit.STARTS) for token in tokens if token], is_any=False)


def _search(terms: Sequence[Term], *, is_any: bool) -> Search:
    if not terms:
        raise BadRequest("The search looks for nothing.")
    if len(terms) > MOST_TERMS:
        raise Precondition(403, dav("number-of-matches-within-limits"), "The search has too many terms.")
    return Search(tuple(terms), is_any)


def _term(found: Element) -> Term:
    match, prop = found.find(dav("match")), found.find(dav("prop"))
    words = (match.text or "").strip() if match is not None else ""
    names = tuple(each.tag for each in prop) if prop is not None else ()
    if match is None or not words or not names:
        raise BadRequest("A property-search names properties, and what is in one of them.")
    asked = match.get("match-type", Fit.CONTAINS.value)
    fit = next((each for each in Fit if each.value == asked), Fit.CONTAINS)
    return Term(tuple(name for name in dict.fromkeys(names) if name in SEARCHED), words, fit)


def _text(inner: str) -> str:
    """What a property says, without its elements."""
    return html.unescape(_TAG.sub(" ", inner)).strip()
