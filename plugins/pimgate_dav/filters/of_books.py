"""addressbook-query: which cards fit (RFC 6352, "CARDDAV:filter XML Element").

The search column of the index finds candidates, and our own reader of cards decides: some microseconds a card, where a
library needs hundreds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.api import Item, ItemId, View
from pimgate.text.errors import BadText
from pimgate.text.lines import Line
from pimgate.text.search import phone_digits, search_key
from pimgate.text.vcard import parse_card
from pimgate_dav.errors import Precondition
from pimgate_dav.filters.words import TextMatch, Words, text_match_of
from pimgate_dav.names import carddav

MOST: Final = 100_000
PAGE: Final = 500
MOST_PARTS: Final = 100
"""Elements of one filter, of whatever sort: each is a step for each card."""
MOST_WORDS: Final = 10
"""Words that are looked up in the index; with more, all cards are looked at once."""
WHOLE: Final = frozenset({"FN", "EMAIL"})
IN_PARTS: Final = frozenset({"N", "NICKNAME", "ORG"})
"""Properties in the search column: as a whole, or each of their parts for itself."""


_Kept = tuple[list[Line], Words]
"""The lines of one name, and what they say."""


@dataclass(frozen=True, slots=True)
class ParamFilter:
    name: str
    is_absent: bool
    match: TextMatch | None


@dataclass(frozen=True, slots=True)
class PropFilter:
    """What is asked of one property. Without tests: that it is there."""

    name: str
    is_absent: bool
    needs_all: bool
    matches: tuple[TextMatch, ...]
    params: tuple[ParamFilter, ...]


@dataclass(frozen=True, slots=True)
class BookFilter:
    """All of `parts`, or any of them; without parts everything fits."""

    needs_all: bool
    parts: tuple[PropFilter, ...]


def filter_of(element: Element | None) -> BookFilter:
    """The filter of a query; None stands for one that lets everything pass, as Evolution asks. Precondition."""
    if element is None:
        return BookFilter(True, ())
    if any(child.tag != carddav("prop-filter") for child in element):
        raise _senseless("The filter holds something else than prop-filter.")
    if sum(1 for _ in element.iter()) > MOST_PARTS:
        raise Precondition(403, carddav("supported-filter"), "The filter asks too much at once.")
    return BookFilter(_needs_all(element), tuple(_prop_filter(child) for child in element))


def matching(view: View, wanted: BookFilter) -> Iterator[Item]:
    """The cards that fit, in no particular order."""
    words = searched_words(wanted)
    candidates = _everything(view) if words is None or len(words) > MOST_WORDS else _found(view, words)
    return (item for item in candidates if fits(item.text, wanted))


def fits(text: str, wanted: BookFilter) -> bool:
    """Whether one card fits. A card that can't be read fits nothing."""
    if not wanted.parts:
        return True
    try:
        lines = parse_card(text).component.lines
    except BadText:
        return False
    kept: dict[str, _Kept] = {}
    results = (_prop_fits(_of_name(lines, part.name, kept), part) for part in wanted.parts)
    return all(results) if wanted.needs_all else any(results)


def searched_words(wanted: BookFilter) -> list[str] | None:
    """Words of which every card that fits has at least one in its search column; None if there are none such."""
    of_parts = [_words_of(part) for part in wanted.parts]
    if wanted.needs_all:
        known = [words for words in of_parts if words]
        return min(known, key=len) if known else None
    if not of_parts or any(words is None for words in of_parts):
        return None
    return list(dict.fromkeys(word for words in of_parts for word in words or ()))


def _words_of(part: PropFilter) -> list[str] | None:
    if part.is_absent or not part.matches or (part.params and not part.needs_all):
        return None
    words = [_word_of(part.name, match) for match in part.matches]
    if part.needs_all:
        known = [word for word in words if word]
        return known[:1] or None
    return None if any(word is None for word in words) else [word for word in words if word]


def _word_of(name: str, match: TextMatch) -> str | None:
    """What of a sought text stands in the search column of whatever has it."""
    if match.negates:
        return None
    if name == "TEL":
        return phone_digits(match.wanted) or None
    text = search_key(match.wanted).strip()
    if name in WHOLE:
        return text.removeprefix("mailto:") or None
    is_one_part = name in IN_PARTS and not any(each in text for each in ";,\\\n")
    return text or None if is_one_part else None


def _found(view: View, words: Iterable[str]) -> Iterator[Item]:
    seen: set[ItemId] = set()
    for word in words:
        for item in view.items_matching(word, MOST):
            if item.id not in seen:
                seen.add(item.id)
                yield item


def _everything(view: View) -> Iterator[Item]:
    after = ItemId(0)
    while page := view.heads_after(after, PAGE):
        yield from view.items_by_id([head.id for head in page]).values()
        after = page[-1].id


def _of_name(lines: list[Line], name: str, kept: dict[str, _Kept]) -> _Kept:
    if name not in kept:
        mine = [line for line in lines if line.name == name]
        kept[name] = mine, Words(line.text for line in mine)
    return kept[name]


def _prop_fits(found: _Kept, part: PropFilter) -> bool:
    mine, words = found
    if part.is_absent:
        return not mine
    if not mine:
        return False
    tests = (*(match.fits(words) for match in part.matches), *(_param_fits(mine, each) for each in part.params))
    if not tests:
        return True
    return all(tests) if part.needs_all else any(tests)


def _param_fits(lines: list[Line], part: ParamFilter) -> bool:
    values = [value for line in lines for value in line.param(part.name)]
    if part.is_absent:
        return not values
    return bool(values) and (part.match is None or part.match.fits(Words(values)))


def _prop_filter(element: Element) -> PropFilter:
    matches, params = [], []
    is_absent = False
    for child in element:
        if child.tag == carddav("text-match"):
            matches.append(text_match_of(child))
        elif child.tag == carddav("param-filter"):
            params.append(_param_filter(child))
        elif child.tag == carddav("is-not-defined") and len(element) == 1:
            is_absent = True
        else:
            raise _senseless("A prop-filter holds something that is not known.")
    return PropFilter(_name_of(element), is_absent, _needs_all(element), tuple(matches), tuple(params))


def _param_filter(element: Element) -> ParamFilter:
    child = element[0] if len(element) == 1 else None
    if child is not None and child.tag == carddav("is-not-defined"):
        return ParamFilter(_name_of(element), True, None)
    if child is not None and child.tag == carddav("text-match"):
        return ParamFilter(_name_of(element), False, text_match_of(child))
    if len(element):
        raise _senseless("A param-filter holds something that is not known.")
    return ParamFilter(_name_of(element), False, None)


def _name_of(element: Element) -> str:
    name = element.get("name", "").upper()
    if not name:
        raise _senseless("A filter names no property.")
    return name.rpartition(".")[2]


def _needs_all(element: Element) -> bool:
    test = element.get("test", "anyof")
    if test not in ("anyof", "allof"):
        raise _senseless("The test of a filter is anyof or allof.")
    return test == "allof"


def _senseless(public: str) -> Precondition:
    return Precondition(403, carddav("valid-filter"), public)
