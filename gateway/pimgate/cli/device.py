"""`pimgate device ...`: who may come in with what."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from pimgate.cli.command import Command
from pimgate.cli.desk import Desk, table
from pimgate.cli.finding import device_named, login_of
from pimgate.explaining import title_of
from pimgate.model.devices import Device, DeviceState
from pimgate.store.work import Work


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
        documents = [_document(work, each) for each in found if state in (None, each.state.value)]
    columns = ("id", "state", "protocol", "kind", "person", "last_seen", "title")
    desk.answer(documents, *table(columns, [[each[column] for column in columns] for each in documents]))


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


@command.command("forget", cls=Command, example="pimgate device forget dk7w2mfq9xhd")
@click.argument("device")
@click.pass_obj
def forget(desk: Desk, device: str) -> None:
    """Remove a device from the list with all that was kept for it. If it comes back, it starts anew."""
    with desk.writing() as (core, work):
        found = device_named(work, device)
        document = _document(work, found)
        core.devices.forget(work, found.id)
    desk.answer(document, f"{found.id} of {document['person']} was forgotten.")


def _decide(desk: Desk, device: str, state: DeviceState) -> None:
    with desk.writing() as (core, work):
        decided = core.devices.decide(work, device_named(work, device).id, state)
        document = _document(work, decided)
    desk.answer(document, f"{decided.id} of {document['person']} is {state.value}.")


def _document(work: Work, device: Device) -> dict[str, object]:
    return {
        "id": device.id,
        "person": login_of(work, device),
        "protocol": device.protocol,
        "identifier": device.identifier,
        "title": title_of(device),
        "device_type": device.device_type,
        "agent": device.agent,
        "protocol_version": device.protocol_version,
        "kind": device.client_kind,
        "profile": device.profile,
        "state": device.state.value,
        "first_seen": _time(device.first_seen),
        "last_seen": _time(device.last_seen),
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
