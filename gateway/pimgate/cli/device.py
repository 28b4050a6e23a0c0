"""`pimgate device ...`: who may come in with what, and erasing a phone from afar."""

from __future__ import annotations

import click

from pimgate import device_notes, wipes
from pimgate.cli.command import Command, Problem
from pimgate.cli.desk import Desk, table
from pimgate.cli.device_words import document_of, lines_of
from pimgate.cli.finding import device_named
from pimgate.core import Core
from pimgate.model.devices import DeviceState, WipeScope
from pimgate.settings import nearest

ERASED = {WipeScope.ACCOUNT: "this account", WipeScope.DEVICE: "everything"}


@click.group("device")
def command() -> None:
    """Phones and programs."""


@command.command("list", cls=Command, example="pimgate device list --state pending")
@click.option("--person", metavar="LOGIN", help="Only this person's.")
@click.option("--state", type=click.Choice([each.value for each in DeviceState]), help="Only those in this state.")
@click.pass_obj
def list_(desk: Desk, person: str | None, state: str | None) -> None:
    """List devices, whatever their protocol."""
    with desk.reading() as (core, work):
        found = work.devices.all() if person is None else work.devices.of_person(core.people.get(work, person).id)
        documents = [document_of(work, each) for each in found if state in (None, each.state.value)]
    columns = ("id", "state", "protocol", "kind", "person", "last_seen")
    rows = [[*(each[column] for column in columns), _title(each)] for each in documents]
    desk.answer(documents, *table((*columns, "title"), rows))


@command.command("show", cls=Command, example="pimgate device show dk7w2mfq9xhd")
@click.argument("device")
@click.option(
    "--recovery-password", "with_password", is_flag=True, help="Tell the password that opens it when it is locked."
)
@click.pass_obj
def show(desk: Desk, device: str, with_password: bool) -> None:
    """Everything that is known of one device: what it says of itself, what was refused, how far a wipe has come."""
    with desk.reading() as (_, work):
        found = device_named(work, device)
        document = document_of(work, found)
        if with_password:
            document["recovery_password"] = device_notes.recovery_password(work, found.id)
    desk.answer(document, *lines_of(document))


@command.command("allow", cls=Command, example="pimgate device allow dk7w2mfq9xhd")
@click.argument("device")
@click.pass_obj
def allow(desk: Desk, device: str) -> None:
    """Let a device in; one that waits is let in within seconds."""
    _decide(desk, device, DeviceState.ALLOWED)


@command.command("block", cls=Command, example="pimgate device block dk7w2mfq9xhd")
@click.argument("device")
@click.pass_obj
def block(desk: Desk, device: str) -> None:
    """Turn a device away, also in the middle of a waiting request. What it already has stays on it."""
    _decide(desk, device, DeviceState.BLOCKED)


@command.command("wipe", cls=Command, example="pimgate device wipe dk7w2mfq9xhd --confirm ApplF17NV2LLFK1G")
@click.argument("device")
@click.option(
    "--confirm", metavar="IDENTIFIER", required=True, help="The device's own identifier, typed as `show` tells it."
)
@click.option(
    "--scope",
    type=click.Choice([each.value for each in WipeScope]),
    default=WipeScope.ACCOUNT.value,
    show_default=True,
    help="What is erased: what came from this account, or everything on the device.",
)
@click.pass_obj
def wipe(desk: Desk, device: str, confirm: str, scope: str) -> None:
    """Have a phone erase itself at its next contact. It is told until it says that it did; until then this can be cancelled."""
    with desk.writing() as (core, work):
        found = device_named(work, device)
        chosen = WipeScope(scope)
        begun = wipes.begin(work, core.devices, core.settings.devices, found.id, chosen, confirm)
        document = document_of(work, begun)
    desk.answer(document, f"{begun.id} of {document['person']} is told to erase {ERASED[chosen]} at its next contact.")


@command.command("cancel-wipe", cls=Command, example="pimgate device cancel-wipe dk7w2mfq9xhd")
@click.argument("device")
@click.pass_obj
def cancel_wipe(desk: Desk, device: str) -> None:
    """Take a wipe back that the device has not acknowledged."""
    with desk.writing() as (core, work):
        decided = wipes.cancel(work, core.devices, device_named(work, device).id)
        document = document_of(work, decided)
    desk.answer(document, f"{decided.id} of {document['person']} is {decided.state.value} again.")


@command.command("kind", cls=Command, example="pimgate device kind dk7w2mfq9xhd samsung")
@click.argument("device")
@click.argument("word", metavar="PROFILE|KIND")
@click.pass_obj
def kind(desk: Desk, device: str, word: str) -> None:
    """Treat a device as another sort than it was taken for: by a profile, or by a kind of client alone."""
    with desk.writing() as (core, work):
        found = device_named(work, device)
        profile = core.profiles.named(word)
        if profile is None and word not in core.client_kinds:
            raise Problem(f"There is neither a profile nor a kind '{word}'. {_near(core, word)}".strip())
        chosen_kind = profile.client_kind if profile is not None else word
        pinned = core.devices.pin(work, found.id, profile=profile.name if profile else "", client_kind=chosen_kind)
        document = document_of(work, pinned)
    desk.answer(document, f"{pinned.id} of {document['person']} is now {pinned.profile}, of kind {pinned.client_kind}.")


def _title(document: dict[str, object]) -> str:
    return f"{document['title']} (slowed down)" if document["slowed"] else str(document["title"])


def _near(core: Core, word: str) -> str:
    return nearest(word, [*(each.name for each in core.profiles.all()), *core.client_kinds])


@command.command("forget", cls=Command, example="pimgate device forget dk7w2mfq9xhd")
@click.argument("device")
@click.pass_obj
def forget(desk: Desk, device: str) -> None:
    """Remove a device from the list with all that was kept for it. If it comes back, it starts anew."""
    with desk.writing() as (core, work):
        found = device_named(work, device)
        document = document_of(work, found)
        core.devices.forget(work, found.id)
    desk.answer(document, f"{found.id} of {document['person']} was forgotten.")


def _decide(desk: Desk, device: str, state: DeviceState) -> None:
    with desk.writing() as (core, work):
        decided = core.devices.decide(work, device_named(work, device).id, state)
        document = document_of(work, decided)
    desk.answer(document, f"{decided.id} of {document['person']} is {state.value}.")
