"""Search in the directory: contacts' search field and autocompletion. Source: MS-ASCMD, "Search"; MS-ASCNTC has the fields
of a contact, MS-ASCMD "Properties (Search)" those of a directory entry.
"""

from __future__ import annotations

from collections.abc import Mapping

from pimgate.api import DirectoryEntry, directory
from pimgate_eas.exchange import Exchange
from pimgate_eas.status import Search
from pimgate_eas.wbxml.element import Element

MOST = 100
LONGEST = 256

FIELDS: Mapping[str, str] = {
    "Gal:Phone": "tel-work",
    "Gal:Title": "title",
    "Gal:Company": "org",
    "Gal:Alias": "nickname",
    "Gal:FirstName": "given",
    "Gal:LastName": "family",
    "Gal:HomePhone": "tel-home",
    "Gal:MobilePhone": "tel-cell",
}


async def serve(exchange: Exchange) -> Element:
    """Whoever fits the query, from every book that this device may search."""
    body = exchange.body
    stores = body.find_all("Search:Store") if body is not None and body.name == "Search:Search" else []
    if len(stores) != 1:
        return _answer(Search.INVALID_REQUEST)
    store = stores[0]
    if store.text_of("Search:Name") != "GAL":
        return _answer(Search.OK, _store(Search.BAD_STORE))
    query = (store.text_of("Search:Query") or "").strip()
    span = _range(store)
    if not query or len(query) > LONGEST or span is None:
        return _answer(Search.OK, _store(Search.INVALID_REQUEST))
    core, viewer = exchange.core, exchange.viewer
    found = await core.read(lambda work: directory.search(core, work, viewer, query, MOST))
    return _answer(Search.OK, _store(Search.OK, found, span))


def _range(store: Element) -> tuple[int, int] | None:
    """The results that are asked for, first and last counted from 0; None if that makes no sense."""
    options = store.find("Search:Options")
    text = options.text_of("Search:Range") if options is not None else None
    if not text:
        return 0, MOST - 1
    first, _, last = text.partition("-")
    if not first.isascii() or not first.isdigit() or not last.isascii() or not last.isdigit():
        return None
    return (int(first[:9]), int(last[:9])) if int(first[:9]) <= int(last[:9]) else None


def _store(status: Search, found: list[DirectoryEntry] | None = None, span: tuple[int, int] = (0, 0)) -> Element:
    answer = Element("Search:Store", Element("Search:Status", text=str(int(status))))
    if found is None:
        return answer
    first, last = span
    shown = found[first : last + 1]
    for entry in shown:
        answer.append(Element("Search:Result", Element("Search:Properties", *_properties(entry))))
    if shown:
        answer.append(Element("Search:Range", text=f"{first}-{first + len(shown) - 1}"))
    else:
        answer.append(Element("Search:Result"))
    answer.append(Element("Search:Total", text=str(len(found))))
    return answer


def _properties(entry: DirectoryEntry) -> list[Element]:
    properties = [Element("Gal:DisplayName", text=entry.name)]
    properties += [Element(tag, text=entry.fields[name]) for tag, name in FIELDS.items() if entry.fields.get(name)]
    if entry.email:
        properties.append(Element("Gal:EmailAddress", text=entry.email))
    return properties


def _answer(status: Search, *stores: Element) -> Element:
    answer = Element("Search:Search", Element("Search:Status", text=str(int(status))))
    if stores:
        answer.append(Element("Search:Response", *stores))
    return answer
