"""Searches for people, and reports that follow addresses to them (RFC 3744, "Reports"; RFC 3253, "DAV:expand-property Report").

Whoever may not be known of is not found, whatever is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from pimgate.api import Account, NoSuchItem, ReadOnly, Right, sharing
from pimgate_dav.answer import Answer, xml
from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.layout import Place, place_of
from pimgate_dav.names import calendarserver, dav
from pimgate_dav.principals.looking import Looked, look
from pimgate_dav.principals.searches import SEARCHED, Search, by_properties, by_tokens
from pimgate_dav.properties.asking import MOST_CHARACTERS, MOST_NAMED, Mode, Wanted, answered, named_in
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import document, element, escaped, multistatus, propstats, response

MOST_FOUND: Final = 50
MOST_EXPANDED: Final = 200
DEEPEST: Final = 4
_XML_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
"""What may stand in an answer as the name of an element: these names come as attributes, which hold anything."""
_HREF: Final = re.compile(r"<D:href[^>]*>([^<]*)</D:href>")


def property_search(visit: Visit, root: Element) -> Answer:
    return _found(visit, by_properties(root), named_in(root.find(dav("prop"))), MOST_FOUND)


def token_search(visit: Visit, root: Element) -> Answer:
    """Guests, as Apple's Calendar completes them. There are no rooms and no resources here."""
    search = by_tokens(root)
    names = named_in(root.find(dav("prop")))
    if root.get("context", "user") in ("location", "resource"):
        return xml(207, multistatus([], None))
    return _found(visit, search, names, min(_limit(root), MOST_FOUND))


def _found(visit: Visit, search: Search, names: tuple[str, ...], most: int) -> Answer:
    parts: list[str] = []
    for person in _candidates(visit, search):
        looked = look(visit, Place(person.id))
        if looked is not None and search.fits(looked.value):
            parts.append(_response(looked, names))
        if len(parts) >= most:
            break
    return xml(207, multistatus(parts, visit.settings.answer_bytes))


def _candidates(visit: Visit, search: Search) -> Iterator[Account]:
    """Everybody who might fit: oneself first, since programs look for their own home by it, then whom the directory finds."""
    me = visit.viewer.account
    seen = {me.id}
    yield me
    for term in search.terms:
        for person in visit.people.search(term.words.removeprefix("mailto:")):
            if person.id not in seen:
                seen.add(person.id)
                yield person


def searched_properties(visit: Visit, root: Element) -> Answer:
    """What can be searched (RFC 3744, "DAV:principal-search-property-set REPORT")."""
    parts = [
        element(
            dav("principal-search-property"),
            element(dav("prop"), element(name)) + f'<D:description xml:lang="en">{escaped(words)}</D:description>',
        )
        for name, words in SEARCHED.items()
    ]
    return xml(200, document(dav("principal-search-property-set"), "".join(parts)))


def matching(visit: Visit, root: Element) -> Answer:
    """What of a person's home is their own (RFC 3744, "DAV:principal-match REPORT")."""
    names = named_in(root.find(dav("prop")))
    by = root.find(dav("principal-property"))
    if root.find(dav("self")) is None and by is None:
        raise BadRequest("A principal-match looks for oneself, or for a property that names oneself.")
    places = [visit.home]
    if by is not None:
        places = [visit.place_of(each.standing.collection) for each in visit.listed()]
    parts = []
    for place in places:
        looked = look(visit, place)
        if looked is not None and (by is None or _names_me(visit, looked, by)):
            parts.append(_response(looked, names))
    return xml(207, multistatus(parts, visit.settings.answer_bytes))


def _names_me(visit: Visit, looked: Looked, by: Element) -> bool:
    values = (looked.value(name) or "" for name in named_in(by))
    return any(visit.home.href in _HREF.findall(value) for value in values)


def of_acl(visit: Visit, root: Element) -> Answer:
    """The people named by the rights on a collection, for whoever manages it (RFC 3744, "DAV:acl-principal-prop-set REPORT")."""
    visit.check_there()
    if not visit.ask.place.is_collection:
        raise Precondition(403, dav("supported-report"))
    view = visit.view(visit.ask.place)
    if view.sight.standing.right < Right.MANAGE:
        raise ReadOnly(f"rights on {view.id}")
    owner = [view.collection.owner] if view.collection.owner else []
    given = [each.account_id for each in sharing.grants(visit.work, view.id) if each.account_id]
    names = named_in(root.find(dav("prop")))
    looked = (look(visit, Place(each)) for each in dict.fromkeys([*owner, *given]))
    parts = (_response(each, names) for each in looked if each is not None)
    return xml(207, multistatus(parts, visit.settings.answer_bytes))


def expanded(visit: Visit, root: Element) -> Answer:
    """A resource with properties, and in place of the addresses in these the resources themselves."""
    names = [_name_of(each) for each in root.iter(dav("property"))]
    if len(names) > MOST_NAMED or sum(map(len, names)) > MOST_CHARACTERS:
        raise BadRequest("The request names too many properties, or too long ones.")
    looked = look(visit, visit.ask.place)
    if looked is None:
        visit.check_there()
        raise Precondition(403, dav("supported-report"))
    return xml(207, multistatus([_Expansion(visit).response(looked, root, DEEPEST)], visit.settings.answer_bytes))


@dataclass(slots=True)
class _Expansion:
    """One report: how many addresses it may still follow."""

    visit: Visit
    left: int = MOST_EXPANDED

    def response(self, looked: Looked, asked: Element, deep: int) -> str:
        found, missing = [], []
        for name, each in _asked_in(asked).items():
            value = looked.value(name)
            if value is None:
                missing.append(element(name) if _XML_NAME.fullmatch(each.get("name", "")) else "")
            elif each.find(dav("property")) is not None and deep:
                found.append(element(name, "".join(self._resources(value, each, deep - 1))))
            else:
                found.append(element(name, value))
        inner = propstats({200: found or [" "], 404: missing})
        return response(looked.href, inner)

    def _resources(self, value: str, asked: Element, deep: int) -> Iterator[str]:
        for address in _HREF.findall(value):
            if self.left <= 0:
                return
            self.left -= 1
            looked = _looked_at(self.visit, unescape(address))
            if looked is not None:
                yield self.response(looked, asked, deep)


def _asked_in(asked: Element) -> dict[str, Element]:
    """What is to be said of a resource, each property once: of two of one name the first."""
    found: dict[str, Element] = {}
    for each in asked.findall(dav("property")):
        found.setdefault(_name_of(each), each)
    return found


def _name_of(asked: Element) -> str:
    return f"{{{asked.get('namespace', 'DAV:')}}}{asked.get('name', '')}"


def _looked_at(visit: Visit, address: str) -> Looked | None:
    try:
        return look(visit, place_of(urlsplit(address).path))
    except (ValueError, NoSuchItem):
        return None


def _response(looked: Looked, names: tuple[str, ...]) -> str:
    return response(looked.href, answered(Wanted(Mode.NAMED, names), looked.table, lambda row: row()))


def _limit(root: Element) -> int:
    found = root.findtext(f"{calendarserver('limit')}/{calendarserver('nresults')}") or ""
    text = found.strip()
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else MOST_FOUND


Report = Callable[[Visit, Element], Answer]

TABLE: Final[Mapping[str, Report]] = {
    dav("principal-property-search"): property_search,
    dav("principal-search-property-set"): searched_properties,
    dav("principal-match"): matching,
    dav("acl-principal-prop-set"): of_acl,
    dav("expand-property"): expanded,
    calendarserver("calendarserver-principal-search"): token_search,
}
"""The reports about people, by what their body is called."""
