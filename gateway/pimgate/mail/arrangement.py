"""The folders that the mail server lists now, against those that are known: which are new, which went, which were renamed. Pure.

A folder is known for life. It is the same one when the server's id for it is the same (MAILBOXID, RFC 8474); without such ids,
when its path is; and else it may be one that was renamed, which `Arrangement.suspects` names for a closer look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pimgate.model.mail import Mailbox, SpecialUse

INBOX = "INBOX"
MOST_FOLDERS = 2_000
LONGEST_PATH = 1_000

ATTRIBUTES: Mapping[str, SpecialUse] = {
    "\\drafts": SpecialUse.DRAFTS,
    "\\sent": SpecialUse.SENT,
    "\\trash": SpecialUse.TRASH,
    "\\junk": SpecialUse.JUNK,
    "\\archive": SpecialUse.ARCHIVE,
}
"""Source: RFC 6154, "New Mailbox Attributes Identifying Special-Use Mailboxes"."""

USUAL_NAMES: Mapping[str, SpecialUse] = {
    "drafts": SpecialUse.DRAFTS,
    "sent": SpecialUse.SENT,
    "sent items": SpecialUse.SENT,
    "sent messages": SpecialUse.SENT,
    "trash": SpecialUse.TRASH,
    "deleted items": SpecialUse.TRASH,
    "deleted messages": SpecialUse.TRASH,
    "junk": SpecialUse.JUNK,
    "junk e-mail": SpecialUse.JUNK,
    "spam": SpecialUse.JUNK,
    "archive": SpecialUse.ARCHIVE,
    "archives": SpecialUse.ARCHIVE,
}
"""What folders at the top are for on servers that do not say so."""

NOT_SELECTABLE = frozenset({"\\noselect", "\\nonexistent"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder as the server lists it; `attributes` in lower case."""

    path: str
    delimiter: str
    attributes: frozenset[str] = frozenset()
    mailbox_id: str = ""
    uid_validity: int = 0
    uid_next: int = 0

    @property
    def is_selectable(self) -> bool:
        return not self.attributes & NOT_SELECTABLE

    @property
    def is_inbox(self) -> bool:
        return self.path.upper() == INBOX


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder stands among the others: its name for people, the path of its parent ("" at the top), and what it is for."""

    listed: Listed
    name: str
    parent: str
    special_use: SpecialUse


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What leads the known folders to the listed ones. `kept` are those that are the same, wherever they stand now."""

    kept: tuple[tuple[Mailbox, Place], ...]
    created: tuple[Place, ...]
    removed: tuple[Mailbox, ...]

    def suspects(self) -> list[tuple[Mailbox, Place]]:
        """Folders that went, each beside one that came and looks like it: numbered from the same start, and as far."""
        came: dict[tuple[int, int], Place] = {}
        for place in self.created:
            came.setdefault((place.listed.uid_validity, place.listed.uid_next), place)
        found = [
            (each, came.pop((each.uid_validity, each.uid_next), None)) for each in self.removed if each.uid_validity
        ]
        return [(each, place) for each, place in found if place is not None]

    def told(self, renamed: Mapping[str, str]) -> list[tuple[Mailbox, Place]]:
        """Folders that went from one path and came at another, where somebody says that these were renamed so."""
        came = {place.listed.path: place for place in self.created}
        return [(each, came[renamed[each.path]]) for each in self.removed if renamed.get(each.path) in came]

    def with_renamed(self, renamed: Iterable[tuple[Mailbox, Place]]) -> Arrangement:
        """The same, knowing that these were renamed."""
        pairs = tuple(renamed)
        found, places = {each.collection_id for each, _ in pairs}, {place.listed.path for _, place in pairs}
        return Arrangement(
            self.kept + pairs,
            tuple(each for each in self.created if each.listed.path not in places),
            tuple(each for each in self.removed if each.collection_id not in found),
        )

    def without_removing(self, kept: Iterable[Mailbox]) -> Arrangement:
        """The same, knowing that these are still there although they were not listed."""
        still = {each.collection_id for each in kept}
        return replace(self, removed=tuple(each for each in self.removed if each.collection_id not in still))


def arrange(known: Sequence[Mailbox], listed: Iterable[Listed]) -> Arrangement:
    """Each listed folder that devices are shown, with the one it was known as."""
    shown = places(listed)
    by_id = {each.mailbox_id: each for each in known if each.mailbox_id}
    elsewhere = _elsewhere(known, shown)
    by_path = {each.path: each for each in known if each.path not in elsewhere}
    kept: dict[str, tuple[Mailbox, Place]] = {}
    taken: set[str] = set()
    for of_ids in (True, False):
        for place in shown:
            same = by_id.get(place.listed.mailbox_id) if of_ids else by_path.get(place.listed.path)
            if same is None or place.listed.path in kept or same.collection_id in taken:
                continue
            if of_ids or _may_be_the_same(same, place.listed):
                kept[place.listed.path] = (same, place)
                taken.add(same.collection_id)
    created = tuple(each for each in shown if each.listed.path not in kept)
    removed = tuple(each for each in known if each.collection_id not in taken)
    return Arrangement(tuple(kept.values()), created, removed)


def _elsewhere(known: Sequence[Mailbox], shown: Sequence[Place]) -> set[str]:
    """The paths of folders that were renamed while another one took their name: it has other numbers, and theirs are at a new
    path."""
    at = {place.listed.path: place.listed for place in shown}
    paths = {each.path for each in known}
    new = {(each.uid_validity, each.uid_next) for path, each in at.items() if path not in paths}
    return {
        each.path
        for each in known
        if each.uid_validity
        and each.path in at
        and at[each.path].uid_validity != each.uid_validity
        and (each.uid_validity, each.uid_next) in new
    }


def _may_be_the_same(known: Mailbox, listed: Listed) -> bool:
    """Under one path: another id says that the folder was removed and one of the same name made."""
    return not known.mailbox_id or not listed.mailbox_id or known.mailbox_id == listed.mailbox_id


def places(listed: Iterable[Listed]) -> list[Place]:
    """Those folders that devices are shown, parents before their children: all that hold messages, and what stands above them."""
    usable = [each for each in listed if 0 < len(each.path) <= LONGEST_PATH]
    by_path = {each.path: each for each in usable}
    wanted: dict[str, Listed] = {}
    for each in usable:
        if each.is_selectable:
            wanted |= {path: by_path[path] for path in _above(each) if path in by_path}
            wanted[each.path] = each
    in_order = sorted(
        wanted.values(), key=lambda each: (not each.is_inbox, each.path.count(each.delimiter or "\0"), each.path)
    )
    uses = _special_uses(in_order)
    return [_place(each, wanted, uses.get(each.path, SpecialUse.NONE)) for each in in_order[:MOST_FOLDERS]]


def _above(listed: Listed) -> Iterator[str]:
    """The paths above a folder, the nearest first."""
    path = listed.path
    while listed.delimiter and listed.delimiter in path:
        path = path.rpartition(listed.delimiter)[0]
        yield path


def _place(listed: Listed, wanted: Mapping[str, Listed], use: SpecialUse) -> Place:
    if listed.is_inbox:
        return Place(listed, "Inbox", "", SpecialUse.INBOX)
    parent = next((path for path in _above(listed) if path in wanted), "")
    own = listed.path.removeprefix(parent).removeprefix(listed.delimiter) if parent else listed.path
    return Place(listed, own, parent, use)


def _special_uses(listed: Sequence[Listed]) -> dict[str, SpecialUse]:
    """What each folder is for, by its path. Of several for one purpose the first has it; names count where nothing is said."""
    uses: dict[str, SpecialUse] = {}
    for each in listed:
        said = next((use for attribute, use in ATTRIBUTES.items() if attribute in each.attributes), None)
        if said is not None and each.is_selectable and said not in uses.values():
            uses[each.path] = said
    for each in listed:
        usual = USUAL_NAMES.get(_bare(each).casefold())
        if usual is not None and each.is_selectable and usual not in uses.values() and each.path not in uses:
            uses[each.path] = usual
    return uses


def _bare(listed: Listed) -> str:
    """The name of a folder at the top, or right below the inbox, where some servers keep everything."""
    top, found, rest = listed.path.partition(listed.delimiter) if listed.delimiter else (listed.path, "", "")
    return rest if found and top.upper() == INBOX else listed.path
