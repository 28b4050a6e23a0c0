"""Making, renaming and removing collections, whoever's client asked for it.

What a person creates is subscribed at once with the switch on; that is decided here, not by the protocols.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from pimgate import subscriptions
from pimgate.errors import NoRoom, NoSuchCollection, Protected, ReadOnly, Refused
from pimgate.journal import lock_hierarchies, touch_hierarchy
from pimgate.model.collections import Collection, CollectionId, CollectionKind, Grant, Right, Role, Standing
from pimgate.model.people import AccountId
from pimgate.names import opaque
from pimgate.settings import Limits
from pimgate.store.work import Work

NAME_LENGTH = 254
LENGTHS = {"colour": 32, "description": 8_192}
PROPERTIES_BYTES = 65_536
JOINERS = "\u200c\u200d"
"""Not to be seen themselves, but words of some languages are misspelt without them, and pictures fall to pieces."""


def create(
    work: Work,
    owner: AccountId | None,
    kind: CollectionKind,
    name: str,
    *,
    role: Role = Role.ORDINARY,
    limits: Limits | None = None,
    **details: str,
) -> Collection:
    """A new collection of a person, subscribed with the switch on, or of the organisation (`owner` None). `details`: colour,
    description, components (the iCalendar components it takes, with commas). NoRoom, Refused."""
    if owner is not None:
        begin_changing(work, owner)
    if (
        owner is not None
        and limits is not None
        and work.collections.count_of_owner(owner) >= limits.collections_per_person
    ):
        raise NoRoom(owner, public=f"A person may own at most {limits.collections_per_person} collections.")
    properties = {"components": details["components"]} if details.get("components") else {}
    made = Collection(
        id=CollectionId(opaque("c")),
        kind=kind,
        owner=owner,
        role=role,
        name=tidy_name(name),
        colour=details.get("colour", "")[: LENGTHS["colour"]],
        description=details.get("description", "")[: LENGTHS["description"]],
        properties=properties,
    )
    work.collections.add(made)
    work.journal.open(made.id)
    if owner is not None:
        subscriptions.subscribe(work, owner, made.id)
    return made


def create_for_all(
    work: Work, kind: CollectionKind, name: str, *, role: Role = Role.ORDINARY, is_on: bool = False
) -> Collection:
    """A collection of the organisation that everybody may read and is subscribed to."""
    made = create(work, None, kind, name, role=role)
    work.collections.grant(Grant(made.id, None, Right.READ))
    for person in work.people.all():
        subscriptions.subscribe(work, person.id, made.id, is_on=is_on)
    return made


def directory(work: Work) -> Collection | None:
    """The organisation's directory of people."""
    return next((each for each in work.collections.of_organisation() if each.role is Role.DIRECTORY), None)


def begin_changing(work: Work, account_id: AccountId, collection_id: CollectionId | None = None) -> None:
    """Be alone, until the commit, with what this person has, and with the lists of all in which that collection stands. Making,
    changing and removing do so by themselves; who looks first and then decides calls it before the look, and before anything
    else is locked."""
    if collection_id is None:
        lock_hierarchies(work, {account_id})
    else:
        lock_audience(work, collection_id, {account_id})


def lock_audience(work: Work, collection_id: CollectionId, others: Iterable[AccountId] = ()) -> None:
    """Be alone, until the commit, with the lists of all in which a collection stands, and of `others`. If more people got it while
    this one waited, all are let go and locked anew: one more lock behind the others would be out of order."""
    others = set(others)
    while True:
        with suppress(_HasGrown), work.together():
            locked = others | _audience(work, collection_id)
            lock_hierarchies(work, locked)
            if not _audience(work, collection_id) <= locked:
                raise _HasGrown
            return


class _HasGrown(Exception):
    """More people have a collection than were locked."""


def change(
    work: Work,
    account_id: AccountId,
    collection_id: CollectionId,
    *,
    properties: Mapping[str, str | None] | None = None,
    **columns: str,
) -> None:
    """Rename, recolour, describe (`columns`), or set other properties (None removes one). ReadOnly without the right to
    manage; NoRoom for more than is kept with a collection. Of what stays as it was nobody is told."""
    begin_changing(work, account_id, collection_id)
    _change(work, _manageable(work, account_id, collection_id).collection, properties, columns)


def rename_as_operator(work: Work, collection_id: CollectionId, name: str) -> None:
    """Another name for a collection, whoever owns it. NoSuchCollection."""
    lock_audience(work, collection_id)
    _change(work, _any(work, collection_id), None, {"name": name})


def _change(
    work: Work, found: Collection, properties: Mapping[str, str | None] | None, columns: Mapping[str, str]
) -> None:
    collection_id = found.id
    values: dict[str, object] = {key: columns[key][:most] for key, most in LENGTHS.items() if key in columns}
    if "name" in columns:
        values["name"] = tidy_name(columns["name"])
    if properties:
        kept = {**found.properties, **properties}
        values["properties"] = {key: value for key, value in kept.items() if value is not None}
        if sum(len(key) + len(value or "") for key, value in kept.items()) > PROPERTIES_BYTES:
            raise NoRoom(collection_id, public="The properties of this collection are too large.")
    values = {column: value for column, value in values.items() if getattr(found, column) != value}
    if values:
        work.collections.change(collection_id, **values)
        touch_hierarchy(work, _audience(work, collection_id), collection_id)


def remove(work: Work, account_id: AccountId, collection_id: CollectionId) -> None:
    """Remove a collection with everything in it. Protected for those that a person always has."""
    begin_changing(work, account_id, collection_id)
    _remove(work, _manageable(work, account_id, collection_id).collection)


def remove_as_operator(work: Work, collection_id: CollectionId) -> None:
    """The same, whoever owns it. NoSuchCollection, Protected."""
    lock_audience(work, collection_id)
    _remove(work, _any(work, collection_id))


def _remove(work: Work, found: Collection) -> None:
    collection_id = found.id
    if found.role is not Role.ORDINARY:
        raise Protected(collection_id)
    audience = _audience(work, collection_id)
    work.journal.lock(collection_id)
    work.items.remove_all(collection_id)
    work.journal.close(collection_id)
    work.collections.remove(collection_id)
    touch_hierarchy(work, audience, collection_id)


def _audience(work: Work, collection_id: CollectionId) -> set[AccountId]:
    return work.collections.audience(collection_id, [person.id for person in work.people.all()])


def _any(work: Work, collection_id: CollectionId) -> Collection:
    found = work.collections.by_id(collection_id)
    if found is None or found.kind is CollectionKind.MAILBOX:
        raise NoSuchCollection(collection_id)
    return found


def _manageable(work: Work, account_id: AccountId, collection_id: CollectionId) -> Standing:
    standing = work.collections.standing(account_id, collection_id)
    if standing is None or standing.right is Right.NONE or standing.collection.kind is CollectionKind.MAILBOX:
        raise NoSuchCollection(f"{collection_id} for {account_id}")
    if standing.right < Right.MANAGE:
        raise ReadOnly(f"{collection_id} by {account_id}")
    return standing


def tidy_name(text: str) -> str:
    """A name as it is kept: printable, single spaces, not too long. Refused if nothing is left of it."""
    name = " ".join("".join(each if each.isprintable() or each in JOINERS else " " for each in text).split())
    name = name[:NAME_LENGTH].rstrip()
    if not name.strip(JOINERS):
        raise Refused("empty name", public="A collection needs a name.")
    return name
