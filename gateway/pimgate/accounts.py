"""People: making them with all that a person always has, changing them, and their app passwords.

Whoever changes a password, an app password or the state of an account voids every credential verified so far, and rings
the person's hierarchy stream so that waiting requests end.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from pimgate import collections, subscriptions
from pimgate.errors import AlreadyThere, NoSuchAccount, Refused
from pimgate.items import drop, keep
from pimgate.journal import hierarchy_of, lock_hierarchies, touch_hierarchy
from pimgate.model.collections import CollectionKind, Role
from pimgate.model.people import Account, AccountId, AccountState, AppPassword, program_of, uid_of_person
from pimgate.names import opaque
from pimgate.passwords import LONGEST, Hasher, app_password_digest, new_app_password
from pimgate.settings import Limits
from pimgate.store.work import Work
from pimgate.text.lines import escape, make_line
from pimgate.text.vcard import Card, new_card, parse_card

LOGIN_LENGTH = 254
SHORTEST_PASSWORD = 8
PROTOCOLS = ("any", "eas", "dav", "imap", "smtp")

ALWAYS = (
    (CollectionKind.BOOK, Role.DEFAULT, "Contacts"),
    (CollectionKind.BOOK, Role.COLLECTED, "Collected"),
    (CollectionKind.CALENDAR, Role.DEFAULT, "Calendar"),
    (CollectionKind.TASKS, Role.DEFAULT, "Tasks"),
    (CollectionKind.NOTES, Role.DEFAULT, "Notes"),
)
"""What every person has from the first day."""

DIRECTORY_NAME = "Directory"


def normal_login(text: str, default_domain: str = "") -> str:
    """The account's name as it is kept: an e-mail address in lower case, NFC. `DOM\\user` and bare logins are completed.
    Refused if it can't be one."""
    login = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).lower())
    domain, slash, user = login.rpartition("\\")
    if slash:
        login = user if "@" in user or "." not in domain else f"{user}@{domain}"
    if "@" not in login and default_domain:
        login = f"{login}@{default_domain}"
    if not 1 <= len(login) <= LOGIN_LENGTH or not login.isprintable() or any(each in login for each in ' :/\\"<>,;'):
        raise Refused("login", public="This cannot be a login: an e-mail address is wanted.")
    return login


class People:
    """The accounts of one deployment."""

    def __init__(self, hasher: Hasher, limits: Limits, default_domain: str) -> None:
        self._hasher = hasher
        self._limits = limits
        self._default_domain = default_domain

    def prepare(self, work: Work) -> None:
        """What the organisation always has, its directory, and what everybody has: people of an earlier release get what came
        later."""
        work.people.lock()
        if collections.directory(work) is None:
            collections.create_for_all(work, CollectionKind.BOOK, DIRECTORY_NAME, role=Role.DIRECTORY)
        for kind, role, title in ALWAYS:
            for owner in work.collections.owners_without(kind, role):
                collections.create(work, owner, kind, title, role=role)

    def create(
        self, work: Work, login: str, password: str | None, *, name: str = "", is_operator: bool = False
    ) -> Account:
        """A new person with their collections and their entry in the directory; without a password (None) it is for a plugin to
        say whether one is right. AlreadyThere, Refused."""
        login = normal_login(login, self._default_domain)
        work.people.lock()
        if work.people.by_login(login) is not None:
            raise AlreadyThere(login, public=f"There is already an account {login}.")
        shown = " ".join(name.split())[:LOGIN_LENGTH] or login.partition("@")[0]
        made = Account(AccountId(opaque("p")), login, shown, AccountState.ACTIVE, is_operator, "", 1)
        work.people.add(made, "" if password is None else self._hash(password))
        work.journal.open(hierarchy_of(made.id))
        for kind, role, title in ALWAYS:
            collections.create(work, made.id, kind, title, role=role)
        for common in work.collections.of_organisation():
            subscriptions.subscribe(work, made.id, common.id, is_on=False)
        self._list_in_directory(work, made)
        return made

    def _list_in_directory(self, work: Work, person: Account) -> None:
        found = collections.directory(work)
        if found is None:
            return
        card = parse_card(new_card(uid_of_person(person.id), person.name))
        _name_parts(card, person.name)
        card.component.add(make_line("EMAIL", escape(person.login), (("TYPE", ("INTERNET",)),)))
        keep(work, self._limits, found, f"{quote(person.id)}.vcf", card.to_text())

    def get(self, work: Work, login: str) -> Account:
        """The account of this login. NoSuchAccount."""
        found = work.people.by_login(normal_login(login, self._default_domain))
        if found is None:
            raise NoSuchAccount(login, public=f"There is no account {login}.")
        return found

    def by_id(self, work: Work, account_id: AccountId) -> Account | None:
        """The account of this id, as it stands now; None if it is gone."""
        return work.people.by_id(account_id)

    def all(self, work: Work) -> list[Account]:
        return work.people.all()

    def set_password(self, work: Work, account_id: AccountId, password: str) -> None:
        work.people.change(account_id, password_hash=self._hash(password))
        self._void(work, account_id)

    def set_state(self, work: Work, account_id: AccountId, state: AccountState) -> None:
        """Disable or enable an account; effective at once, on waiting requests too."""
        work.people.change(account_id, state=state.value)
        self._void(work, account_id)

    def set_language(self, work: Work, account_id: AccountId, language: str) -> None:
        work.people.change(account_id, language=language[:8])

    def remove(self, work: Work, account_id: AccountId) -> None:
        """Remove a person with everything they own. NoSuchAccount."""
        self._check_known(work, account_id)
        owned = [
            each.collection for each in work.collections.standings(account_id) if each.collection.owner == account_id
        ]
        others = {reader for each in owned for reader in work.collections.audience(each.id, self._everybody(work))}
        lock_hierarchies(work, others | {account_id})
        for device in work.devices.of_person(account_id):
            work.shelf.remove(device.id)
            work.devices.remove(device.id)
        for collection in owned:
            work.items.remove_all(collection.id)
            work.mail.remove_all(collection.id)
            work.journal.close(collection.id)
            work.collections.remove(collection.id)
        work.shelf.remove(account_id)
        work.collections.forget_grants_to(account_id)
        self._unlist(work, account_id)
        work.people.remove(account_id)
        touch_hierarchy(work, others - {account_id}, account_id)
        touch_hierarchy(work, [account_id], account_id)
        work.journal.close(hierarchy_of(account_id))

    def _unlist(self, work: Work, account_id: AccountId) -> None:
        found = collections.directory(work)
        head = work.items.by_uid(found.id, uid_of_person(account_id)) if found else None
        if head is not None:
            drop(work, head)

    def add_app_password(
        self,
        work: Work,
        account_id: AccountId,
        label: str,
        *,
        protocol: str = "any",
        client_kind: str | None = None,
        device_identifier: str | None = None,
    ) -> tuple[str, AppPassword]:
        """A new app password: the secret, which is shown once and not kept, and its row."""
        if protocol not in PROTOCOLS:
            raise Refused(protocol, public=f"The protocol must be one of {', '.join(PROTOCOLS)}.")
        self._check_known(work, account_id)
        secret = new_app_password()
        row = work.people.add_app_password(
            account_id,
            app_password_digest(secret),
            label=" ".join(label.split())[:100] or "app password",
            protocol=protocol,
            client_kind=client_kind,
            device_identifier=device_identifier,
        )
        self._void(work, account_id)
        return secret, row

    def app_passwords(self, work: Work, account_id: AccountId) -> list[AppPassword]:
        return work.people.app_passwords(account_id)

    def remove_app_password(self, work: Work, account_id: AccountId, number: int) -> bool:
        """Revoke one, and forget the programs that are known by it, with all that was kept of them; gives whether it was there."""
        lock_hierarchies(work, [account_id])
        removed = work.people.remove_app_password(account_id, number)
        for device in work.devices.of_person(account_id) if removed else ():
            if device.identifier == program_of(number):
                work.shelf.remove(device.id)
                work.devices.remove(device.id)
        self._void(work, account_id)
        return removed

    def _void(self, work: Work, account_id: AccountId) -> None:
        self._check_known(work, account_id)
        work.people.void(account_id)
        touch_hierarchy(work, [account_id], account_id)

    def _check_known(self, work: Work, account_id: AccountId) -> None:
        if work.people.by_id(account_id) is None:
            raise NoSuchAccount(account_id)

    def _hash(self, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST:
            raise Refused("password", public=f"A password needs at least {SHORTEST_PASSWORD} characters.")
        return self._hasher.hash(password)

    def _everybody(self, work: Work) -> list[AccountId]:
        return [person.id for person in work.people.all()]


def _name_parts(card: Card, name: str) -> None:
    """The last word as the family name: what directories of phones sort by."""
    given, _, family = name.rpartition(" ")
    card.component.set("N", f"{escape(family)};{escape(given)};;;")
