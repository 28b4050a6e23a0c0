"""`pimgate collection ...`: address books, calendars and the like, whoever owns them."""

from __future__ import annotations

from collections.abc import Callable

import click

from pimgate import collections, explaining, sharing, subscriptions
from pimgate.cli.command import Command
from pimgate.cli.desk import Desk, table
from pimgate.cli.finding import collection_named, owner_of
from pimgate.core import Core
from pimgate.errors import NoSuchCollection
from pimgate.model.collections import Collection, CollectionKind, Grant, Right, Standing
from pimgate.model.people import Account
from pimgate.store.work import Work

KINDS = tuple(kind.value for kind in CollectionKind if kind is not CollectionKind.MAILBOX)
RIGHTS = {right.word: right for right in Right}
EVERYBODY = "everybody"


@click.group("collection")
def command() -> None:
    """Address books, calendars, task lists and notes."""


@command.command("list", cls=Command, example="pimgate collection list --person anna@example.org")
@click.option("--person", metavar="LOGIN", help="What this person has to do with; else everybody's.")
@click.pass_obj
def list_(desk: Desk, person: str | None) -> None:
    """List collections: all of them, or those that concern one person, with their right and switch."""
    with desk.reading() as (core, work):
        if person is None:
            documents = [_document(work, each) for each in work.collections.all()]
        else:
            account = core.people.get(work, person)
            standings = work.collections.standings(account.id)
            documents = [_standing_document(work, each) for each in standings if each.collection.kind.value in KINDS]
    columns = ("id", "kind", "items", *(("right", "switch") if person else ()), "owner", "name")
    rows = [[each[column] if each[column] is not None else "-" for column in columns] for each in documents]
    desk.answer(documents, *table(columns, rows))


@command.command("create", cls=Command, example="pimgate collection create calendar Team --person anna@example.org")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@click.option("--person", metavar="LOGIN", help="The owner; without one the collection belongs to the organisation.")
@click.option("--on", "is_on", is_flag=True, help="For the organisation's: subscribed with the switch on.")
@click.pass_obj
def create(desk: Desk, kind: str, name: str, person: str | None, is_on: bool) -> None:
    """Make a collection of a person, or of the organisation: then everybody may read it and is subscribed to it, with the switch
    off unless --on says otherwise."""
    with desk.writing() as (core, work):
        if person is None:
            made = collections.create_for_all(work, CollectionKind(kind), name, is_on=is_on)
        else:
            owner = core.people.get(work, person)
            made = collections.create(work, owner.id, CollectionKind(kind), name, limits=core.settings.limits)
        document = _document(work, made)
    desk.answer(document, f"{made.id} was made: {kind} '{made.name}' of {document['owner']}.")


@command.command("rename", cls=Command, example='pimgate collection rename ck7w2mfq9xhd "Team 2026"')
@click.argument("collection")
@click.argument("name")
@click.pass_obj
def rename(desk: Desk, collection: str, name: str) -> None:
    """Give a collection another name."""
    with desk.writing() as (core, work):
        found = collection_named(core, work, collection)
        collections.rename_as_operator(work, found.id, name)
        renamed = work.collections.by_id(found.id) or found
        document = _document(work, renamed)
    desk.answer(document, f"{found.id} is called '{renamed.name}' now.")


@command.command("remove", cls=Command, example="pimgate collection remove ck7w2mfq9xhd --yes")
@click.argument("collection")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(desk: Desk, collection: str, is_sure: bool) -> None:
    """Remove a collection with everything in it; devices lose it at their next contact. Default ones stay."""
    with desk.reading() as (core, work):
        found = collection_named(core, work, collection)
        document = _document(work, found)
    if not is_sure:
        question = f"Remove {found.kind.value} '{found.name}' of {document['owner']} with {found.item_count} items?"
        click.confirm(question, abort=True, err=True)
    with desk.writing() as (_, work):
        collections.remove_as_operator(work, found.id)
    desk.answer(document, f"{found.id} was removed.")


@command.command("subscribe", cls=Command, example="pimgate collection subscribe anna@example.org Directory --off")
@click.argument("person")
@click.argument("collection")
@click.option("--off", "is_off", is_flag=True, help="With the switch off.")
@click.pass_obj
def subscribe(desk: Desk, person: str, collection: str, is_off: bool) -> None:
    """Subscribe a person to a collection that they may read."""
    _for_person(
        desk,
        person,
        collection,
        lambda work, account, found: subscriptions.subscribe(work, account.id, found.id, is_on=not is_off),
    )


@command.command("unsubscribe", cls=Command, example='pimgate collection unsubscribe anna@example.org "Team"')
@click.argument("person")
@click.argument("collection")
@click.pass_obj
def unsubscribe(desk: Desk, person: str, collection: str) -> None:
    """End a person's subscription; their devices lose the collection at their next contact."""
    _for_person(
        desk, person, collection, lambda work, account, found: subscriptions.unsubscribe(work, account.id, found.id)
    )


@command.command("switch", cls=Command, example='pimgate collection switch anna@example.org "Customers" on')
@click.argument("person")
@click.argument("collection")
@click.argument("position", type=click.Choice(("on", "off")))
@click.pass_obj
def switch(desk: Desk, person: str, collection: str, position: str) -> None:
    """Turn the synchronisation switch of a person's collection."""

    def turn(work: Work, account: Account, found: Collection) -> None:
        subscriptions.turn(work, account.id, found.id, is_on=position == "on")

    _for_person(desk, person, collection, turn, warns=position == "on")


@command.command("share", cls=Command, example="pimgate collection share ck7w2mfq9xhd bob@example.org write")
@click.argument("collection")
@click.argument("person", metavar=f"PERSON|{EVERYBODY}")
@click.argument("right", type=click.Choice(tuple(RIGHTS)))
@click.pass_obj
def share(desk: Desk, collection: str, person: str, right: str) -> None:
    """Set what a person, or everybody, may do with a collection; none takes the right away."""
    with desk.writing() as (core, work):
        found = collection_named(core, work, collection)
        account = None if person == EVERYBODY else core.people.get(work, person)
        sharing.grant(work, Grant(found.id, account.id if account else None, RIGHTS[right]))
    who = account.login if account else EVERYBODY
    desk.answer({"collection": found.id, "person": who, "right": right}, f"{who}: {right} on {found.id}.")


def _for_person(
    desk: Desk, person: str, collection: str, job: Callable[[Work, Account, Collection], None], *, warns: bool = False
) -> None:
    """Do `job`, and answer with how the person stands to the collection afterwards."""
    with desk.writing() as (core, work):
        account = core.people.get(work, person)
        found = collection_named(core, work, collection, account)
        job(work, account, found)
        standing = work.collections.standing(account.id, found.id)
        if standing is None:
            raise NoSuchCollection(found.id)
        document = _standing_document(work, standing)
        warning = _volume_words(core, work, standing) if warns else ""
    if warning:
        click.echo(warning, err=True)
    state = f"switch {document['switch']}" if document["switch"] else "not subscribed"
    desk.answer(document, f"{account.login}, {found.kind.value} '{found.name}' ({found.id}): {state}.")


def _volume_words(core: Core, work: Work, standing: Standing) -> str:
    volume = explaining.volume_when_on(core, work, standing)
    if not volume.is_large:
        return ""
    devices = ", ".join(volume.devices) or "no phone yet"
    return f"This is large: {volume.items} items, {volume.size_bytes} bytes, for {devices}."


def _document(work: Work, found: Collection) -> dict[str, object]:
    return {
        "id": found.id,
        "kind": found.kind.value,
        "name": found.name,
        "owner": owner_of(work, found),
        "role": found.role.value,
        "items": found.item_count,
        "size_bytes": found.size_bytes,
    }


def _standing_document(work: Work, standing: Standing) -> dict[str, object]:
    wanted = standing.subscription
    switch = None if wanted is None else ("on" if wanted.is_on else "off")
    return {**_document(work, standing.collection), "right": standing.right.word, "switch": switch}
