"""The people of this deployment whom a person may know of, and what they share with each other.

A colleague is somebody whom the directory shows to this viewer, who shares something with them, or to whom they gave a right.
Everybody else is answered like somebody who does not exist: None, or not among those found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pimgate.accounts import normal_login
from pimgate.directory import Directory
from pimgate.errors import Refused
from pimgate.model.clients import Viewer
from pimgate.model.collections import Collection, CollectionId, CollectionKind, Grant, Right, Standing
from pimgate.model.people import Account, AccountId
from pimgate.store.work import Work
from pimgate.text.search import search_key

if TYPE_CHECKING:
    from pimgate.core import Core

MOST = 50


class Colleagues:
    """Whom one viewer may know of, within one unit of work."""

    def __init__(self, core: Core, work: Work, viewer: Viewer) -> None:
        self._work = work
        self._me = viewer.account
        self._core, self._viewer = core, viewer
        self._directory: Directory | None = None
        self._all: list[Standing] | None = None
        self._shared: dict[AccountId, list[Standing]] | None = None
        self._grants: dict[CollectionId, list[Grant]] | None = None
        self._known: dict[AccountId, bool] = {}

    @property
    def directory(self) -> Directory:
        """Opened when it is first asked: much can be answered without it."""
        if self._directory is None:
            self._directory = Directory(self._core, self._work, self._viewer)
        return self._directory

    def by_id(self, account_id: AccountId) -> Account | None:
        return self._if_known(self._work.people.by_id(account_id))

    def by_address(self, address: str) -> Account | None:
        """Somebody by their e-mail address."""
        try:
            login = normal_login(address) if "@" in address else ""
        except Refused:
            return None
        return self._if_known(self._work.people.by_login(login)) if login else None

    def search(self, words: str) -> list[Account]:
        """At most 50 people whose name or address has these words in it, in the order of the directory."""
        key = search_key(" ".join(words.split()))
        if not key:
            return []
        entries = self.directory.search(words).entries
        addresses = (each for entry in entries for each in (entry.email, *entry.addresses) if each)
        by_directory = (self._work.people.by_login(each.lower()) for each in addresses)
        near = (self._work.people.by_id(each) for each in (self._me.id, *self.who_share, *self.who_were_given))
        by_name = (each for each in near if each and key in search_key(f"{each.name} {each.login}"))
        found = {each.id: each for each in (*by_directory, *by_name) if each is not None and each.is_active}
        return list(found.values())[:MOST]

    @property
    def who_share(self) -> Mapping[AccountId, list[Standing]]:
        """The people who let this person see collections of theirs, and these."""
        if self._shared is None:
            found: dict[AccountId, list[Standing]] = {}
            for each in self._standings():
                owner = each.collection.owner
                if owner is not None and owner != self._me.id and each.right >= Right.READ:
                    found.setdefault(owner, []).append(each)
            self._shared = found
        return self._shared

    @property
    def who_were_given(self) -> Iterable[AccountId]:
        """The people to whom this person gave a right on something of theirs."""
        return {each.account_id: None for given in self.given.values() for each in given if each.account_id}

    @property
    def given(self) -> Mapping[CollectionId, list[Grant]]:
        """What this person gave to others, by collection; one that is not shared is not among them."""
        if self._grants is None:
            found: dict[CollectionId, list[Grant]] = {}
            for each in self._work.collections.grants_of_owner(self._me.id):
                found.setdefault(each.collection_id, []).append(each)
            self._grants = found
        return self._grants

    @property
    def owned(self) -> list[Collection]:
        """This person's own collections."""
        return [each.collection for each in self._standings() if each.collection.owner == self._me.id]

    def calendars_of(self, account_id: AccountId) -> list[Collection]:
        """The calendars and lists of somebody that this person may see."""
        return [each.collection for each in self.who_share.get(account_id, ()) if is_dated(each.collection)]

    def _standings(self) -> list[Standing]:
        if self._all is None:
            standings = self._work.collections.standings(self._me.id)
            self._all = [each for each in standings if each.collection.kind is not CollectionKind.MAILBOX]
        return self._all

    def _if_known(self, person: Account | None) -> Account | None:
        if person is None or not person.is_active:
            return None
        if person.id not in self._known:
            self._known[person.id] = self._knows(person)
        return person if self._known[person.id] else None

    def _knows(self, person: Account) -> bool:
        if person.id == self._me.id or person.id in self.who_share or person.id in self.who_were_given:
            return True
        return self.directory.by_address(person.login) is not None


def is_dated(collection: Collection) -> bool:
    return collection.kind in (CollectionKind.CALENDAR, CollectionKind.TASKS, CollectionKind.NOTES)


def delegates(given: Mapping[CollectionId, list[Grant]], calendars: Iterable[CollectionId]) -> dict[AccountId, Right]:
    """Who may see these calendars, and the most that each may do in one of them."""
    wanted, found = set(calendars), dict[AccountId, Right]()
    for collection_id, each in given.items():
        for grant in each if collection_id in wanted else ():
            if grant.account_id is not None:
                found[grant.account_id] = max(grant.right, found.get(grant.account_id, Right.NONE))
    return found
