"""The people of this deployment whom a person may know of, and what they share with each other.

A colleague is somebody whom the organisation shows to this viewer, who shares something with them, or to whom they gave a right.
Everybody else is answered like somebody who does not exist: None, or not among those found, after as much work. A card that the
viewer wrote makes nobody known: whoever guesses an address would learn from us that there is such an account.
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
        self.me = viewer.account
        self._core, self._viewer = core, viewer
        self._directory: Directory | None = None
        self._all: list[Standing] | None = None
        self._shared: dict[AccountId, list[Standing]] | None = None
        self._grants: dict[CollectionId, list[Grant]] | None = None
        self._known: dict[AccountId, Account | None] = {}
        self._accounts: list[Account] | None = None

    @property
    def directory(self) -> Directory:
        """Opened when it is first asked: much can be answered without it."""
        if self._directory is None:
            self._directory = Directory(self._core, self._work, self._viewer)
        return self._directory

    def by_id(self, account_id: AccountId) -> Account | None:
        if account_id not in self._known:
            person = self._work.people.by_id(account_id)
            self._known[account_id] = self._if_known(account_id, person.login if person else account_id, person)
        return self._known[account_id]

    def by_typed_address(self, address: str) -> Account | None:
        """Somebody by their e-mail address, also where this kind of client is not shown the directory: there people type what they
        know."""
        try:
            login = normal_login(address) if "@" in address else ""
        except Refused:
            return None
        person = self._work.people.by_login(login)
        return self._if_known(person.id if person else AccountId(""), login, person, on_any_client=True)

    def search(self, words: str) -> list[Account]:
        """At most 50 people whose name or address has these words in it, in the order of the directory."""
        key = search_key(" ".join(words.split()))
        if not key:
            return []
        confirmed = (
            (self._work.people.by_login(each.address.lower()), each) for each in self.directory.confirmed(words)
        )
        by_directory = (person for person, each in confirmed if person is not None and each.is_of(person.id))
        by_name = (each for each in self._near() if key in search_key(f"{each.name} {each.login}"))
        found = {each.id: each for each in (*by_directory, *by_name) if each.is_active}
        self._known.update(found)
        return list(found.values())[:MOST]

    def _near(self) -> list[Account]:
        """This person, and whoever shares something with them or was given something by them."""
        if self._accounts is None:
            ids = dict.fromkeys((self.me.id, *self.who_share, *self.who_were_given))
            self._accounts = [each for id_ in ids if (each := self._work.people.by_id(id_)) is not None]
        return self._accounts

    @property
    def who_share(self) -> Mapping[AccountId, list[Standing]]:
        """The people who let this person see collections of theirs, and these."""
        if self._shared is None:
            found: dict[AccountId, list[Standing]] = {}
            for each in self._standings():
                owner = each.collection.owner
                if owner is not None and owner != self.me.id and each.right >= Right.READ:
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
            for each in self._work.collections.grants_of_owner(self.me.id):
                found.setdefault(each.collection_id, []).append(each)
            self._grants = found
        return self._grants

    @property
    def owned(self) -> list[Collection]:
        """This person's own collections."""
        return [each.collection for each in self._standings() if each.collection.owner == self.me.id]

    def calendars_of(self, account_id: AccountId) -> list[Collection]:
        """The calendars and lists of somebody that this person may see."""
        return [each.collection for each in self.who_share.get(account_id, ()) if is_dated(each.collection)]

    def _standings(self) -> list[Standing]:
        if self._all is None:
            standings = self._work.collections.standings(self.me.id)
            self._all = [each for each in standings if each.collection.kind is not CollectionKind.MAILBOX]
        return self._all

    def _if_known(
        self, account_id: AccountId, address: str, person: Account | None, *, on_any_client: bool = False
    ) -> Account | None:
        """Everything is asked of nobody as well."""
        is_near = account_id == self.me.id or account_id in self.who_share or account_id in self.who_were_given
        is_known = is_near or self.directory.confirms(account_id, address, on_any_client=on_any_client)
        return person if is_known and person is not None and person.is_active else None


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
