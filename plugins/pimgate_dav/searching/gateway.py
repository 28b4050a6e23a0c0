"""The directory: a read-only address book in the home of each person that is searched on the server and never downloaded.

The principal names it (`CARDDAV:directory-gateway`); the home does not list it, because a program that takes it for an ordinary
book would try to fetch it. It answers searches for some text with the best that fit, and fetches what was found. Source: CardDAV
Directory Gateway Extension (draft-daboo-carddav-directory-gateway); RFC 6352, "Limiting Results".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element

from pimgate.api import DirectoryEntry, NoSuchItem
from pimgate.api import directory as people
from pimgate_dav.answer import Answer, xml
from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.filters import of_books
from pimgate_dav.forms.parts import only, part_of_card
from pimgate_dav.lanes.data import report_of
from pimgate_dav.layout import DIRECTORY, Place, place_of
from pimgate_dav.names import carddav, dav, own
from pimgate_dav.properties.asking import answered, wanted_of
from pimgate_dav.properties.of_people import home_href, root_href
from pimgate_dav.searching.names import names_in
from pimgate_dav.searching.people import Person, persons, persons_named
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element, escaped, gone, multistatus, response, status_line

MOST_WORDS: Final = 10
"""A filter may name more alternatives; what is behind a plugin is asked for so many."""

REPORTS: Final = (carddav("addressbook-query"), carddav("addressbook-multiget"))


def place_in(visit: Visit) -> Place:
    """Where a person finds the directory."""
    return Place(visit.viewer.account.id, DIRECTORY)


def _report_set(_visit: Visit) -> str:
    return "".join(element(dav("supported-report"), element(dav("report"), element(name))) for name in REPORTS)


TABLE: Final[Mapping[str, Callable[[Visit], str | None]]] = {
    dav("resourcetype"): lambda _visit: "".join(
        element(name) for name in (dav("collection"), carddav("addressbook"), carddav("directory"))
    ),
    dav("displayname"): lambda _visit: "Directory",
    dav("current-user-principal"): home_href,
    dav("principal-collection-set"): root_href,
    dav("current-user-privilege-set"): lambda _visit: element(dav("privilege"), element(dav("read"))),
    dav("supported-report-set"): _report_set,
    carddav("supported-address-data"): lambda _visit: (
        '<A:address-data-type content-type="text/vcard" version="3.0"/>'
        '<A:address-data-type content-type="text/vcard" version="4.0"/>'
    ),
    own("exposure"): lambda _visit: "search",
}

OF_PERSON: Final[Mapping[str, Callable[[Person], str]]] = {
    dav("getetag"): lambda person: f'"{person.etag}"',
    dav("getcontenttype"): lambda _person: "text/vcard; charset=utf-8",
    dav("getcontentlength"): lambda person: str(len(person.text.encode())),
    dav("resourcetype"): lambda _person: "",
}


def propfind(visit: Visit) -> Answer:
    """The directory alone, whatever the depth: who is in it is found by search. NoSuchItem for what is found that way."""
    _check_place(visit)
    wanted = wanted_of(visit.ask.xml, visit.ask.headers)
    inner = answered(wanted, TABLE, lambda row: row(visit))
    return xml(207, multistatus([response(place_in(visit).href, inner)], visit.settings.answer_bytes))


def report(visit: Visit) -> Answer:
    """A search, or cards that one found. Precondition for everything else."""
    _check_place(visit)
    root = visit.ask.xml
    if root is None:
        raise BadRequest("A REPORT needs a body.")
    if root.tag == carddav("addressbook-query"):
        return _query(visit, root)
    if root.tag == carddav("addressbook-multiget"):
        return _multiget(visit, root)
    raise Precondition(403, dav("supported-report"))


def _query(visit: Visit, root: Element) -> Answer:
    wanted = of_books.filter_of(root.find(carddav("filter")))
    words = of_books.searched_words(wanted)
    if not words:
        raise Precondition(403, carddav("supported-filter"), "The directory is searched by name, address or number.")
    directory = people.Directory(visit.core, visit.work, visit.viewer)
    found = _found(directory, words[:MOST_WORDS])
    fitting = [
        each for each in persons(directory, found.entries, names_in(visit.work)) if of_books.fits(each.text, wanted)
    ]
    limit = most_of(root, visit.settings.search_results)
    parts = [_of_person(visit, each, root) for each in fitting[:limit]]
    if len(fitting) > limit or not found.is_all or len(words) > MOST_WORDS:
        rule = element(dav("error"), element(dav("number-of-matches-within-limits")))
        parts.append(response(place_in(visit).href, status_line(507) + rule))
    return xml(207, multistatus(parts, visit.settings.answer_bytes))


def _check_place(visit: Visit) -> None:
    if visit.ask.place.item:
        raise NoSuchItem("somebody in the directory")


@dataclass(frozen=True, slots=True)
class _Found:
    entries: list[DirectoryEntry]
    is_all: bool


def _found(directory: people.Directory, words: list[str]) -> _Found:
    """Whoever fits one of the words, once, and whether that is everybody."""
    once: dict[tuple[object, str], DirectoryEntry] = {}
    is_all = True
    for word in words:
        found = directory.search(word)
        is_all = is_all and found.total <= len(found.entries)
        for entry in found.entries:
            once.setdefault((entry.item_id, "" if entry.item_id is not None else entry.email or entry.name), entry)
    return _Found(list(once.values()), is_all)


def _multiget(visit: Visit, root: Element) -> Answer:
    addresses = list(dict.fromkeys((each.text or "").strip() for each in root.findall(dav("href"))))
    if len(addresses) > visit.settings.search_results:
        raise Precondition(403, dav("number-of-matches-within-limits"), "The request names too many cards.")
    names = {address: _name_in(visit, address) for address in addresses}
    directory = people.Directory(visit.core, visit.work, visit.viewer)
    found = persons_named(directory, [name for name in names.values() if name], names_in(visit.work))
    parts = dict.fromkeys(
        _of_person(visit, found[name], root) if name in found else gone(address) for address, name in names.items()
    )
    return xml(207, multistatus(parts, visit.settings.answer_bytes))


def _name_in(visit: Visit, address: str) -> str:
    """The name of a card if the address is one in this person's directory; else nothing."""
    try:
        place = place_of(urlsplit(address).path)
    except (ValueError, NoSuchItem):
        return ""
    return place.item if Place(place.account, place.collection) == place_in(visit) else ""


def _of_person(visit: Visit, person: Person, root: Element) -> str:
    wanted = report_of(root, visit.ask.headers).wanted
    data = root.find(f"{dav('prop')}/{carddav('address-data')}")
    kept = {} if data is None else {data.tag: element(data.tag, escaped(_part_of(person.text, data)))}
    inner = answered(wanted, OF_PERSON, lambda row: row(person), kept)
    return response(place_in(visit).href + quote(person.name), inner)


def _part_of(text: str, data: Element) -> str:
    """The properties that were asked for, or the whole card."""
    return only(text, part_of_card(data)) if len(data) else text


def most_of(root: Element, most: int) -> int:
    """How many entries an answer may hold: as many as the client wants, and never more than `most`. BadRequest."""
    found = root.find(f"{carddav('limit')}/{carddav('nresults')}")
    if found is None:
        return most
    text = (found.text or "").strip()
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 10 or int(text) == 0:
        raise BadRequest("The limit is not a number.")
    return min(int(text), most)
