"""`pimgate outbox ...`: what must leave, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from pimgate import outbox
from pimgate.cli.command import Command
from pimgate.cli.desk import Desk, table
from pimgate.model.outbox import Entry, EntryId, State
from pimgate.store.work import Work


@click.group("outbox")
def command() -> None:
    """Invitations and mail on their way out."""


@command.command("list", cls=Command, example="pimgate outbox list --state unknown")
@click.option("--state", type=click.Choice([each.value for each in State]), help="Only those in this state.")
@click.pass_obj
def list_(desk: Desk, state: str | None) -> None:
    """List what is on its way, and what came to its end in the last month; never what it says."""
    with desk.reading() as (_, work):
        found = outbox.entries(work, [State(state)] if state else ())
        documents = [_document(work, each) for each in found]
    columns = ("id", "state", "channel", "person", "recipients", "tries", "created_at", "note")
    desk.answer(documents, *table(columns, [[_shown(each[column]) for column in columns] for each in documents]))


@command.command("retry", cls=Command, example="pimgate outbox retry 17")
@click.argument("number", type=int)
@click.pass_obj
def retry(desk: Desk, number: int) -> None:
    """Send something again that failed, or of which it is unknown whether it was sent."""
    with desk.writing() as (_, work):
        document = _document(work, outbox.retry(work, EntryId(number)))
    desk.answer(document, f"{number} will be sent again within seconds.")


@command.command("drop", cls=Command, example="pimgate outbox drop 17")
@click.argument("number", type=int)
@click.pass_obj
def drop(desk: Desk, number: int) -> None:
    """Forget something, sent or not. What has not left will not leave."""
    with desk.writing() as (_, work):
        document = _document(work, outbox.drop(work, EntryId(number)))
    desk.answer(document, f"{number} was dropped.")


def _document(work: Work, entry: Entry) -> dict[str, object]:
    owner = work.people.by_id(entry.account_id)
    return {
        "id": entry.id,
        "state": entry.state.value,
        "channel": entry.channel.value,
        "person": owner.login if owner else "?",
        "sender": entry.sender,
        "recipients": list(entry.recipients),
        "tries": entry.tries,
        "created_at": _time(entry.created_at),
        "changed_at": _time(entry.changed_at),
        "note": entry.note,
    }


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
