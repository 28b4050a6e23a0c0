"""From what a person typed as a recipient to who that is: for ResolveRecipients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from pimgate.api import Core, DirectoryEntry, Viewer, Work, directory
from pimgate_eas.gal import is_searchable
from pimgate_eas.status import Recipient

LARGEST_GROUP: Final = 20
MOST_MEMBERS: Final = 100


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who was meant, or may have been: `total` people, of whom these are the best. A group without an address of its own is its
    members; `is_large_group` says that there are more of them than anybody finds a common hour for."""

    status: Recipient
    people: tuple[DirectoryEntry, ...] = ()
    total: int = 0
    is_large_group: bool = False


UNKNOWN: Final = Resolved(Recipient.UNKNOWN)


class Resolver:
    """Resolves for one viewer, within one unit of work."""

    def __init__(self, core: Core, work: Work, viewer: Viewer) -> None:
        self.people = directory.Directory(core, work, viewer)

    def resolve(self, name: str) -> Resolved:
        """An address means whoever has exactly that one; a name whoever is called so, else whoever it fits."""
        if not is_searchable(name):
            return UNKNOWN
        if "@" in name:
            person = self.people.by_address(name)
            return UNKNOWN if person is None else Resolved(Recipient.RESOLVED, (_at(person, name),), 1)
        found = self.people.search(name)
        reachable = tuple(each for each in found.entries if each.email or each.is_group)
        exact = [each for each in reachable if each.name.casefold() == " ".join(name.split()).casefold()]
        if len(exact) == 1 or len(reachable) == 1:
            return self._one((exact or reachable)[0])
        if not reachable:
            return UNKNOWN
        people = tuple(each for each in reachable if each.email)
        return Resolved(Recipient.AMBIGUOUS, people, len(people) + max(0, found.total - len(found.entries)))

    def _one(self, person: DirectoryEntry) -> Resolved:
        if person.email:
            return Resolved(Recipient.RESOLVED, (person,), 1)
        members = tuple(each for each in self.people.members(person, MOST_MEMBERS) if each.email)
        if not members:
            return UNKNOWN
        return Resolved(Recipient.RESOLVED, members, len(members), is_large_group=len(members) > LARGEST_GROUP)


def _at(person: DirectoryEntry, address: str) -> DirectoryEntry:
    """The person, at that one of their addresses which was asked for."""
    wanted = address.strip().casefold()
    own = next((each for each in (person.email, *person.addresses) if each.casefold() == wanted), person.email)
    return replace(person, email=own)
