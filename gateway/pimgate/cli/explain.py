"""`pimgate explain PERSON COLLECTION`: who sees it where, and why not."""

from __future__ import annotations

import click

from pimgate import explaining
from pimgate.cli.command import Command
from pimgate.cli.desk import Desk, table
from pimgate.cli.finding import collection_named, owner_of
from pimgate.errors import NoSuchCollection
from pimgate.explaining import Explained
from pimgate.model.collections import Standing


@click.command("explain", cls=Command, example='pimgate explain anna@example.org "Team calendar"')
@click.argument("person")
@click.argument("collection")
@click.pass_obj
def command(desk: Desk, person: str, collection: str) -> None:
    """Say how COLLECTION (an id or a name) appears to PERSON (a login) on each kind of client that this deployment serves, and on
    each of their devices, with the reason."""
    with desk.reading() as (core, work):
        account = core.people.get(work, person)
        found = collection_named(core, work, collection, account)
        standing = work.collections.standing(account.id, found.id)
        if standing is None:
            raise NoSuchCollection(found.id)
        owner = owner_of(work, found)
        kinds = explaining.for_kinds(core, standing)
        devices = explaining.for_devices(core, standing, work.devices.of_person(account.id))
    document = {
        "person": account.login,
        "collection": {"id": found.id, "kind": found.kind.value, "name": found.name, "owner": owner},
        "right": standing.right.word,
        "subscribed": standing.subscription is not None,
        "switch": _switch(standing),
        "kinds": [each.document() for each in kinds],
        "devices": [each.document() for each in devices],
    }
    first = (
        f"{found.kind.value} '{found.name}' ({found.id}) of {owner}, for {account.login}: "
        f"right {standing.right.word}, switch {_switch(standing) or 'none: not subscribed'}"
    )
    of_kinds = table(("client", "appears", "edits", "because"), [_row(each.client, each) for each in kinds])
    of_devices = table(("device", "appears", "edits", "because"), [_row(each.title, each) for each in devices])
    desk.answer(document, first, "", *of_kinds, *(["", *of_devices] if devices else []))


def _switch(standing: Standing) -> str | None:
    if standing.subscription is None:
        return None
    return "on" if standing.subscription.is_on else "off"


def _row(name: str, each: Explained) -> tuple[str, ...]:
    return name, each.verdict.exposure.value, "yes" if each.verdict.may_write else "no", each.verdict.reason
