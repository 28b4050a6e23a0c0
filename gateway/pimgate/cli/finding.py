"""Whom and what the words of the operator mean: a person by login, a collection by id or name, a device by either identifier."""

from __future__ import annotations

from pimgate.cli.command import Problem
from pimgate.core import Core
from pimgate.errors import NoSuchCollection, NoSuchDevice
from pimgate.model.collections import Collection, CollectionKind
from pimgate.model.devices import Device
from pimgate.model.people import Account
from pimgate.store.work import Work


def collection_named(core: Core, work: Work, word: str, person: Account | None = None) -> Collection:
    """The collection of this id or name: among those that concern `person` first, then among everybody's. NoSuchCollection;
    Problem if the name fits several."""
    by_id = next((each for each in work.collections.all() if each.id == word), None)
    if by_id is not None:
        return by_id
    theirs = [each.collection for each in work.collections.standings(person.id)] if person else []
    theirs = [each for each in theirs if each.kind is not CollectionKind.MAILBOX]
    for among in (theirs, work.collections.all()):
        found = [each for each in among if each.name.casefold() == word.casefold()]
        if len(found) > 1:
            choices = ", ".join(f"{each.id} ({each.kind.value} of {owner_of(work, each)})" for each in found)
            raise Problem(f"Several collections are called '{word}'; name one by its id: {choices}.")
        if found:
            return found[0]
    raise NoSuchCollection(word, public=f"There is no collection '{word}'.")


def owner_of(work: Work, found: Collection) -> str:
    """The login of a collection's owner, or the organisation."""
    owner = work.people.by_id(found.owner) if found.owner else None
    return owner.login if owner else "the organisation"


def device_named(work: Work, word: str) -> Device:
    """The device of this id, or with this identifier of its own. NoSuchDevice; Problem if several people have it."""
    found = [each for each in work.devices.all() if word in (each.id, each.identifier)]
    if not found:
        raise NoSuchDevice(word, public=f"There is no device '{word}'.")
    if len(found) > 1:
        choices = ", ".join(f"{each.id} ({login_of(work, each)})" for each in found)
        raise Problem(f"Several devices are called '{word}'; name one by its id: {choices}.")
    return found[0]


def login_of(work: Work, found: Device) -> str:
    owner = work.people.by_id(found.account_id)
    return owner.login if owner else "?"
