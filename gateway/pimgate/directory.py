"""Search over all subscribed books, whatever their switch, and the directories of plugins: for phones' contacts and for
autocompletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pimgate.model.clients import Viewer
from pimgate.model.collections import CollectionKind
from pimgate.model.items import DirectoryEntry, Item
from pimgate.store.work import Work
from pimgate.text.lines import split_unescaped, unescape
from pimgate.text.search import search_key
from pimgate.text.vcard import Card, parse_card

if TYPE_CHECKING:
    from pimgate.core import Core

MOST = 100
SHORTEST = 1


def search(core: Core, work: Work, viewer: Viewer, query: str, limit: int) -> list[DirectoryEntry]:
    """People whose name, address, organisation or number contains `query`, from every book that this client may search;
    one entry for each address, at most `limit` (and never more than 100)."""
    words = search_key(" ".join(query.split()))
    if len(words) < SHORTEST:
        return []
    limit = max(0, min(limit, MOST))
    books = {
        sight.standing.collection.id: sight.standing.collection
        for sight in core.catalogue.sights(work, viewer)
        if sight.standing.collection.kind is CollectionKind.BOOK and sight.verdict.exposure.is_searchable
    }
    found = [
        _entry(item, books[item.head.collection_id].name) for item in work.items.matching(list(books), words, limit)
    ]
    found += core.plugins.directory(core, work, viewer.account, query, limit)
    return _once(found)[:limit]


def _once(entries: list[DirectoryEntry]) -> list[DirectoryEntry]:
    """The same person from two books is one entry: the first."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for entry in entries:
        key = (entry.email.lower(), "" if entry.email else entry.name.lower())
        if key not in seen:
            seen.add(key)
            kept.append(entry)
    return kept


def _entry(item: Item, source: str) -> DirectoryEntry:
    card = parse_card(item.text)
    fields = _fields(card)
    return DirectoryEntry(
        name=card.formatted_name,
        email=fields.pop("email", ""),
        source=source,
        fields=fields,
        collection_id=item.head.collection_id,
        item_id=item.id,
    )


def _fields(card: Card) -> dict[str, str]:
    """The first value of each property that a directory shows; numbers by their first known type (`tel-cell`)."""
    fields: dict[str, str] = {}
    for line in card.component.lines:
        if line.name in ("EMAIL", "TITLE", "NICKNAME"):
            fields.setdefault(line.name.lower(), line.text.strip())
        elif line.name in ("N", "ORG"):
            for part, value in zip(PARTS[line.name], split_unescaped(line.decoded, ";"), strict=False):
                fields.setdefault(part, unescape(value).strip())
        elif line.name == "TEL":
            kind = next(
                (each for each in line.param("TYPE") if each in ("CELL", "HOME", "WORK", "PAGER", "FAX")), "WORK"
            )
            fields.setdefault(f"tel-{kind.lower()}", line.text.strip())
    return {name: value for name, value in fields.items() if value}


PARTS = {"N": ("family", "given"), "ORG": ("org", "department")}
