"""`pimgate account app-password ...`: random passwords for single programs."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from pimgate.accounts import PROTOCOLS
from pimgate.cli.command import Command, Problem
from pimgate.cli.desk import Desk, table
from pimgate.model.people import AppPassword


@click.group("app-password")
def app_password() -> None:
    """Random passwords for single programs."""


@app_password.command("add", cls=Command, example="pimgate account app-password add anna@example.org Thunderbird")
@click.argument("login")
@click.argument("label")
@click.option("--protocol", type=click.Choice(PROTOCOLS), default="any", help="Where it may be used.")
@click.option(
    "--client-kind", metavar="KIND", help="The kind of client that comes in with it, as `explain` lists them."
)
@click.pass_obj
def add(desk: Desk, login: str, label: str, protocol: str, client_kind: str | None) -> None:
    """Make an app password and show it: this once, and never again."""
    with desk.writing() as (core, work):
        if client_kind is not None and client_kind not in core.client_kinds:
            known = ", ".join(core.client_kinds) or "none"
            raise Problem(f"There is no kind of client '{client_kind}'. This deployment has: {known}.")
        found = core.people.get(work, login)
        secret, row = core.people.add_app_password(work, found.id, label, protocol=protocol, client_kind=client_kind)
    desk.answer({**_document(row), "secret": secret}, secret)


@app_password.command("list", cls=Command, example="pimgate account app-password list anna@example.org")
@click.argument("login")
@click.pass_obj
def list_(desk: Desk, login: str) -> None:
    """List the app passwords of a person, without their secrets."""
    with desk.reading() as (core, work):
        found = core.people.app_passwords(work, core.people.get(work, login).id)
    rows = [(each.id, each.protocol, each.client_kind or "-", _day(each.created_at), each.label) for each in found]
    desk.answer([_document(each) for each in found], *table(("number", "for", "kind", "made", "label"), rows))


@app_password.command("remove", cls=Command, example="pimgate account app-password remove anna@example.org 3")
@click.argument("login")
@click.argument("number", type=int)
@click.pass_obj
def remove(desk: Desk, login: str, number: int) -> None:
    """Revoke an app password; whoever waits with it is turned away at once."""
    with desk.writing() as (core, work):
        found = core.people.get(work, login)
        if not core.people.remove_app_password(work, found.id, number):
            raise Problem(f"{found.login} has no app password {number}.")
    desk.answer({"login": found.login, "number": number}, f"App password {number} of {found.login} was revoked.")


def _document(row: AppPassword) -> dict[str, object]:
    return {
        "number": row.id,
        "label": row.label,
        "protocol": row.protocol,
        "client_kind": row.client_kind,
        "device_identifier": row.device_identifier,
        "created_at": row.created_at,
    }


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
