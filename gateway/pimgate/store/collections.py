"""Rows of collections: what there is, who may do what, who wants it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from pimgate.model.collections import (
    Collection,
    CollectionId,
    CollectionKind,
    Grant,
    Right,
    Role,
    Standing,
    Subscription,
)
from pimgate.model.people import AccountId
from pimgate.store.tables import EVERYBODY, account, collection, granted, subscription


def _standings() -> Select[Any]:
    """Collections beside the highest right that `me` was granted and their subscription."""
    me: BindParameter[str] = bindparam("me")
    mine = and_(granted.c.collection_id == collection.c.id, granted.c.account_id.in_([me, EVERYBODY]))
    wanted = and_(subscription.c.collection_id == collection.c.id, subscription.c.account_id == me)
    return (
        select(collection, func.max(granted.c.access).label("access"), subscription.c.is_on)
        .outerjoin(granted, mine)
        .outerjoin(subscription, wanted)
        .group_by(collection.c.id, subscription.c.is_on, subscription.c.account_id)
    )


# Statements of every request are made once: making one costs more than carrying it out.
STANDING = _standings().where(collection.c.id == bindparam("collection_id"))
STANDINGS = (
    _standings()
    .where(
        or_(
            collection.c.owner_id == bindparam("me"),
            granted.c.access.is_not(None),
            subscription.c.account_id.is_not(None),
        )
    )
    .order_by(
        func.coalesce(collection.c.owner_id, "") != bindparam("me"),
        collection.c.role != Role.DEFAULT.value,
        collection.c.name,
    )
)
GROW = (
    update(collection)
    .where(collection.c.id == bindparam("collection_id"))
    .values(
        item_count=collection.c.item_count + bindparam("items"), size_bytes=collection.c.size_bytes + bindparam("more")
    )
)
_KEPT = func.coalesce(func.sum(collection.c.size_bytes), 0)
_NO_MAIL = collection.c.kind != CollectionKind.MAILBOX.value
SIZE_OF_OWNER = select(_KEPT).where(collection.c.owner_id == bindparam("owner"), _NO_MAIL)
SIZES_OF_OWNERS = (
    select(collection.c.owner_id, _KEPT)
    .where(collection.c.owner_id.is_not(None), _NO_MAIL)
    .group_by(collection.c.owner_id)
)


class CollectionRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made: Collection) -> None:
        row = {
            "id": made.id,
            "kind": made.kind.value,
            "owner_id": made.owner,
            "role": made.role.value,
            "name": made.name,
            "colour": made.colour,
            "description": made.description,
            "item_count": 0,
            "size_bytes": 0,
            "properties": made.properties,
        }
        self._connection.execute(insert(collection), row)

    def by_id(self, collection_id: CollectionId) -> Collection | None:
        row = self._connection.execute(select(collection).where(collection.c.id == collection_id)).first()
        return _collection(row) if row else None

    def all(self) -> list[Collection]:
        """Everybody's, by kind and name: for the operator, whom the names of people's mail folders do not concern."""
        kept = select(collection).where(collection.c.kind != CollectionKind.MAILBOX.value)
        rows = self._connection.execute(kept.order_by(collection.c.kind, collection.c.name))
        return [_collection(row) for row in rows]

    def of_organisation(self) -> list[Collection]:
        rows = self._connection.execute(select(collection).where(collection.c.owner_id.is_(None)))
        return [_collection(row) for row in rows]

    def owners_without(self, kind: CollectionKind, role: Role) -> list[AccountId]:
        """The people who own no collection of this kind in this role."""
        theirs = and_(collection.c.owner_id == account.c.id, collection.c.kind == kind, collection.c.role == role)
        query = select(account.c.id).where(~exists().where(theirs)).order_by(account.c.id)
        return [AccountId(each) for each in self._connection.execute(query).scalars()]

    def count_of_owner(self, owner: AccountId) -> int:
        """How many collections a person has made; their mail folders are the mail server's to count."""
        theirs = and_(collection.c.owner_id == owner, collection.c.kind != CollectionKind.MAILBOX.value)
        query = select(func.count()).select_from(collection).where(theirs)
        return self._connection.execute(query).scalar_one()

    def size_of_owner(self, owner: AccountId) -> int:
        """How many octets all that a person owns holds, but their mail."""
        return int(self._connection.execute(SIZE_OF_OWNER, {"owner": owner}).scalar_one())

    def sizes_of_owners(self) -> dict[AccountId, int]:
        """The same of everybody."""
        return {AccountId(owner): int(size) for owner, size in self._connection.execute(SIZES_OF_OWNERS)}

    def change(self, collection_id: CollectionId, **values: Any) -> None:
        self._connection.execute(update(collection).where(collection.c.id == collection_id).values(**values))

    def grow(self, collection_id: CollectionId, items: int, size_bytes: int) -> None:
        """Keep the figures of a collection with each write."""
        self._connection.execute(GROW, {"collection_id": collection_id, "items": items, "more": size_bytes})

    def remove(self, collection_id: CollectionId) -> None:
        self._connection.execute(delete(granted).where(granted.c.collection_id == collection_id))
        self._connection.execute(delete(collection).where(collection.c.id == collection_id))

    def standing(self, account_id: AccountId, collection_id: CollectionId) -> Standing | None:
        """What this person has to do with this collection; None if there is no such collection."""
        row = self._connection.execute(STANDING, {"me": account_id, "collection_id": collection_id}).first()
        return _standing(row, account_id) if row else None

    def standings(self, account_id: AccountId) -> list[Standing]:
        """Every collection that this person owns, was granted or is subscribed to; owned ones first, then by name."""
        return [_standing(row, account_id) for row in self._connection.execute(STANDINGS, {"me": account_id})]

    def audience(self, collection_id: CollectionId, everyone: list[AccountId] | None = None) -> set[AccountId]:
        """Whom a change of this collection's name, rights or existence concerns: its owner, everybody it was granted to
        (`everyone` stands in for a grant to all) and everybody who subscribed."""
        owner = select(collection.c.owner_id).where(collection.c.id == collection_id)
        given = select(granted.c.account_id).where(granted.c.collection_id == collection_id)
        wanted = select(subscription.c.account_id).where(subscription.c.collection_id == collection_id)
        found = {row[0] for query in (owner, given, wanted) for row in self._connection.execute(query) if row[0]}
        if EVERYBODY in found:
            found = (found - {EVERYBODY}) | set(everyone or ())
        return {AccountId(each) for each in found}

    def subscribe(self, wanted: Subscription) -> None:
        self.unsubscribe(wanted.account_id, wanted.collection_id)
        row = {"account_id": wanted.account_id, "collection_id": wanted.collection_id, "is_on": wanted.is_on}
        self._connection.execute(insert(subscription), row)

    def unsubscribe(self, account_id: AccountId, collection_id: CollectionId) -> None:
        mine = and_(subscription.c.account_id == account_id, subscription.c.collection_id == collection_id)
        self._connection.execute(delete(subscription).where(mine))

    def grant(self, given: Grant) -> None:
        """Set the right of one person, or of everybody; NONE takes it away."""
        who = given.account_id or EVERYBODY
        mine = and_(granted.c.collection_id == given.collection_id, granted.c.account_id == who)
        self._connection.execute(delete(granted).where(mine))
        if given.right is not Right.NONE:
            row = {"collection_id": given.collection_id, "account_id": who, "access": int(given.right)}
            self._connection.execute(insert(granted), row)

    def forget_grants_to(self, account_id: AccountId) -> None:
        """What was granted to somebody who is going."""
        self._connection.execute(delete(granted).where(granted.c.account_id == account_id))

    def grants_of_owner(self, owner: AccountId) -> list[Grant]:
        """What was granted on all that a person owns, but their mail."""
        owned = and_(collection.c.owner_id == owner, collection.c.kind != CollectionKind.MAILBOX.value)
        query = select(granted).join(collection, collection.c.id == granted.c.collection_id).where(owned)
        return [_grant(row) for row in self._connection.execute(query)]

    def grants(self, collection_id: CollectionId) -> list[Grant]:
        rows = self._connection.execute(select(granted).where(granted.c.collection_id == collection_id))
        return [_grant(row) for row in rows]


def _grant(row: Row[Any]) -> Grant:
    who = None if row.account_id == EVERYBODY else AccountId(row.account_id)
    return Grant(CollectionId(row.collection_id), who, Right(row.access))


def _collection(row: Row[Any]) -> Collection:
    return Collection(
        id=CollectionId(row.id),
        kind=CollectionKind(row.kind),
        owner=AccountId(row.owner_id) if row.owner_id else None,
        role=Role(row.role),
        name=row.name,
        colour=row.colour,
        description=row.description,
        item_count=row.item_count,
        size_bytes=row.size_bytes,
        properties=dict(row.properties),
    )


def _standing(row: Row[Any], account_id: AccountId) -> Standing:
    found = _collection(row)
    right = Right.MANAGE if found.owner == account_id else Right(row.access or 0)
    wanted = Subscription(account_id, found.id, row.is_on) if row.is_on is not None else None
    return Standing(found, account_id, right, wanted)
