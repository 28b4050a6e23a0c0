"""Search over all subscribed books, whatever their switch, and the directories of plugins: for phones' contacts and for
autocompletion.

Which books a client may search is the catalogue's decision; a `Directory` looks into no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pimgate.model.clients import Viewer
from pimgate.model.collections import CollectionId, CollectionKind, Right
from pimgate.model.items import DirectoryEntry, ItemId
from pimgate.model.people import AccountId, uid_of_person
from pimgate.store.entries import Card as Row
from pimgate.store.work import Work
from pimgate.text.lines import split_unescaped, unescape
from pimgate.text.photo import photo_of
from pimgate.text.search import search_key
from pimgate.text.vcard import Card, parse_card

if TYPE_CHECKING:
    from pimgate.core import Core

MOST = 100
SHORTEST = 1


@dataclass(frozen=True, slots=True)
class Found:
    """The best of those who fit a search, and how many there are in all; somebody found twice counts once among the best."""

    entries: tuple[DirectoryEntry, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An address that the organisation knows. Where the viewer could have written the card themselves it confirms nothing, because
    they may have guessed; but for the card that a person gets with their account: then `uid` is that of the card."""

    address: str
    uid: str | None = None

    def is_of(self, account_id: AccountId) -> bool:
        """Whether that tells that this person is here."""
        return self.uid is None or self.uid == uid_of_person(account_id)


def search(core: Core, work: Work, viewer: Viewer, query: str, limit: int) -> list[DirectoryEntry]:
    """People whose name, address, organisation or number contains `query`, from every book that this client may search;
    one entry for each address, at most `limit` (and never more than 100). The best fit first."""
    return list(Directory(core, work, viewer).search(query).entries[: max(0, limit)])


class Directory:
    """The people whom one viewer may find, within one unit of work."""

    def __init__(self, core: Core, work: Work, viewer: Viewer) -> None:
        self._core = core
        self._work = work
        self._viewer = viewer
        self._books = {
            sight.standing.collection.id: sight.standing.collection
            for sight in core.catalogue.sights(work, viewer)
            if sight.standing.collection.kind is CollectionKind.BOOK and sight.verdict.exposure.is_searchable
        }
        self._of_organisation = {each.id for each in self._books.values() if each.owner is None}

    def search(self, query: str) -> Found:
        """The hundred who fit best: whose name begins with `query`, who else has a word that does, and the others; among these
        the organisation's people first, and then by name."""
        words = search_key(" ".join(query.split()))
        if len(words) < SHORTEST:
            return Found()
        cards, total = self._work.entries.matching(list(self._books), words, MOST, first=self._of_organisation)
        entries = [self._entry(card, words) for card in cards]
        more = self._core.plugins.directory(self._core, self._work, self._viewer.account, query, MOST)
        every = sorted([*entries, *more], key=lambda entry: _place(entry, words))
        once = _once(every)
        return Found(tuple(once[:MOST]), total + len(more) - (len(every) - len(once)))

    def by_address(self, address: str) -> DirectoryEntry | None:
        """Whoever has exactly this e-mail address."""
        wanted = address.strip().casefold()
        for entry in self.search(wanted).entries:
            for each in (entry.email, *entry.addresses):
                if each.casefold() == wanted:
                    return entry
        return None

    def confirms(self, account_id: AccountId, address: str, *, on_any_client: bool = False) -> bool:
        """Whether the organisation says that the person of this id and address is here; see `confirmed`."""
        wanted = address.strip().casefold()
        said = self.confirmed(wanted, on_any_client=on_any_client)
        return any(each.address.casefold() == wanted and each.is_of(account_id) for each in said)

    def confirmed(self, query: str, *, on_any_client: bool = False) -> list[Confirmed]:
        """The addresses of those who fit a search and of whom the organisation says that they are here: in a book of its own, or by
        a plugin's directory. `on_any_client`: also in a book that the viewer may read, and that this kind of client does not
        search."""
        words, rights = search_key(" ".join(query.split())), self._rights_in_organisation()
        books = [each for each in rights if on_any_client or each in self._books]
        cards, _ = self._work.entries.matching(books, words, MOST) if words else ([], 0)
        found = []
        for row in cards:
            card = parse_card(row.text)
            uid = card.uid or "" if rights[row.collection_id] >= Right.WRITE else None
            found += [Confirmed(each, uid) for each in _addresses(card)]
        for entry in self._core.plugins.directory(self._core, self._work, self._viewer.account, query, MOST):
            found += [Confirmed(each) for each in (entry.email, *entry.addresses) if each]
        return found

    def _rights_in_organisation(self) -> Mapping[CollectionId, Right]:
        """The organisation's books that the viewer may read, and what they may do there."""
        standings = self._work.collections.standings(self._viewer.account.id)
        books = (each for each in standings if each.collection.kind is CollectionKind.BOOK and each.right)
        return {each.collection.id: each.right for each in books if each.collection.owner is None}

    def with_ids(self, ids: Sequence[ItemId]) -> list[DirectoryEntry]:
        """Those of these cards that this viewer may find, in the order of `ids`."""
        return [self._entry(card, "") for card in self._work.entries.with_ids(list(self._books), ids)]

    def texts(self, entries: Iterable[DirectoryEntry]) -> dict[ItemId, str]:
        """The cards of those found, as they are kept; people of a plugin's directory have none."""
        ids = [entry.item_id for entry in entries if entry.item_id is not None]
        return {card.id: card.text for card in self._work.entries.with_ids(list(self._books), ids)}

    def photo(self, entry: DirectoryEntry) -> bytes:
        """The octets of somebody's picture, whatever its format; b"" for none."""
        if entry.collection_id not in self._books or entry.item_id is None:
            return entry.photo
        text = self._work.entries.text(entry.item_id)
        return photo_of(parse_card(text).component) if text else b""

    def members(self, group: DirectoryEntry, limit: int) -> list[DirectoryEntry]:
        """Who belongs to a group, at most `limit`: cards of the same book, and addresses that the group names itself."""
        if group.collection_id not in self._books or group.item_id is None:
            return []
        text = self._work.entries.text(group.item_id)
        named = parse_card(text).members[:limit] if text else ()
        uids = [uid for each in named for uid in (each, f"urn:uuid:{each}")]
        cards = self._work.entries.with_uids(group.collection_id, uids)
        addresses = [each[7:].strip() for each in named if each[:7].lower() == "mailto:"]
        entries = [self._entry(card, "") for card in cards]
        entries += [DirectoryEntry(each, each, group.source, {}) for each in addresses]
        return _once(entries)[:limit]

    def _entry(self, row: Row, words: str) -> DirectoryEntry:
        card = parse_card(row.text)
        fields = _fields(card)
        addresses = _addresses(card)
        book = self._books[row.collection_id]
        return DirectoryEntry(
            name=card.formatted_name,
            email=next((each for each in addresses if words in search_key(each)), addresses[0] if addresses else ""),
            source=book.name,
            fields=fields,
            collection_id=row.collection_id,
            item_id=row.id,
            addresses=addresses,
            is_of_organisation=row.collection_id in self._of_organisation,
            is_group=card.is_group,
        )


def _place(entry: DirectoryEntry, words: str) -> tuple[int, bool, str]:
    name = search_key(entry.name)
    if name.startswith(words):
        place = 0
    else:
        others = (*name.split(), entry.email, *entry.fields.values())
        place = 1 if any(search_key(each).startswith(words) for each in others) else 2
    return place, not entry.is_of_organisation, name


def _once(entries: Iterable[DirectoryEntry]) -> list[DirectoryEntry]:
    """The same person from two books is one entry: the first."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for entry in entries:
        key = (entry.email.lower(), "" if entry.email else entry.name.lower())
        if key not in seen:
            seen.add(key)
            kept.append(entry)
    return kept


def _addresses(card: Card) -> tuple[str, ...]:
    texts = (line.text.strip().removeprefix("mailto:") for line in card.component.all("EMAIL"))
    return tuple(dict.fromkeys(filter(None, texts)))


def _fields(card: Card) -> dict[str, str]:
    """The first value of each property that a directory shows; numbers by their first known type (`tel-cell`)."""
    fields: dict[str, str] = {}
    for line in card.component.lines:
        if line.name in ("TITLE", "NICKNAME"):
            fields.setdefault(line.name.lower(), line.text.strip())
        elif line.name in ("N", "ORG"):
            for part, value in zip(PARTS[line.name], split_unescaped(line.decoded, ";"), strict=False):
                fields.setdefault(part, unescape(value).strip())
        elif line.name == "TEL":
            kind = next(
                (each for each in line.param("TYPE") if each in ("CELL", "HOME", "WORK", "PAGER", "FAX")), "WORK"
            )
            fields.setdefault(f"tel-{kind.lower()}", line.text.strip().removeprefix("tel:"))
    return {name: value for name, value in fields.items() if value}


PARTS = {"N": ("family", "given"), "ORG": ("org", "department")}
