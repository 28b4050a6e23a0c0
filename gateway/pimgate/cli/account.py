"""`pimgate account ...`: people, their passwords and their state."""

from __future__ import annotations

from typing import IO

import click

from pimgate.cli.app_password import app_password
from pimgate.cli.command import Command, Problem
from pimgate.cli.desk import Desk, table
from pimgate.model.people import Account, AccountState
from pimgate.passwords import LONGEST

PASSWORD_FILE = click.option(
    "--password-file",
    type=click.File("r", encoding="utf-8"),
    metavar="FILE",
    help="Read the password from the first line of FILE (- for standard input) instead of asking for it.",
)


@click.group("account")
def command() -> None:
    """People, their passwords and their state."""


command.add_command(app_password)


@command.command("add", cls=Command, example='pimgate account add anna@example.org --name "Anna Weber"')
@click.argument("login")
@click.option("--name", default="", help="The name that other people see.")
@click.option("--operator", "is_operator", is_flag=True, help="This person may administer the gateway.")
@click.option("--no-password", is_flag=True, help="A plugin says whether a password is right (LDAP, for example).")
@PASSWORD_FILE
@click.pass_obj
def add(desk: Desk, login: str, name: str, is_operator: bool, no_password: bool, password_file: IO[str] | None) -> None:
    """Add a person with their books, calendar and task list."""
    password = None if no_password else read_password(password_file)
    with desk.writing() as (core, work):
        made = core.people.create(work, login, password, name=name, is_operator=is_operator)
    desk.answer(_document(made), f"{made.login} was added.")


@command.command("list", cls=Command, example="pimgate account list --json")
@click.pass_obj
def list_(desk: Desk) -> None:
    """List all people, each with the bytes that they keep here, without their mail."""
    with desk.reading() as (core, work):
        people = core.people.all(work)
        used = work.collections.sizes_of_owners()
    rows = [
        (each.login, each.state.value, "operator" if each.is_operator else "-", used.get(each.id, 0), each.name)
        for each in people
    ]
    documents = [{**_document(each), "used_bytes": used.get(each.id, 0)} for each in people]
    desk.answer(documents, *table(("login", "state", "role", "bytes", "name"), rows))


@command.command("disable", cls=Command, example="pimgate account disable anna@example.org")
@click.argument("login")
@click.pass_obj
def disable(desk: Desk, login: str) -> None:
    """Let nobody in with this account; waiting devices are turned away at once. Everything is kept."""
    _set_state(desk, login, AccountState.DISABLED)


@command.command("enable", cls=Command, example="pimgate account enable anna@example.org")
@click.argument("login")
@click.pass_obj
def enable(desk: Desk, login: str) -> None:
    """Let a disabled account in again."""
    _set_state(desk, login, AccountState.ACTIVE)


def _set_state(desk: Desk, login: str, state: AccountState) -> None:
    with desk.writing() as (core, work):
        found = core.people.get(work, login)
        core.people.set_state(work, found.id, state)
    desk.answer({**_document(found), "state": state.value}, f"{found.login} is {state.value}.")


@command.command("password", cls=Command, example="pimgate account password anna@example.org")
@click.argument("login")
@PASSWORD_FILE
@click.pass_obj
def password(desk: Desk, login: str, password_file: IO[str] | None) -> None:
    """Set a new password; sessions of the pages end with the old one."""
    with desk.reading() as (core, work):
        found = core.people.get(work, login)
    new = read_password(password_file)
    with desk.writing() as (core, work):
        core.people.set_password(work, found.id, new)
    desk.answer(_document(found), f"{found.login} has a new password.")


@command.command("remove", cls=Command, example="pimgate account remove anna@example.org --yes")
@click.argument("login")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(desk: Desk, login: str, is_sure: bool) -> None:
    """Remove a person with everything they own."""
    with desk.reading() as (core, work):
        found = core.people.get(work, login)
    if not is_sure:
        click.confirm(f"Remove {found.login} with all their contacts and calendars?", abort=True, err=True)
    with desk.writing() as (core, work):
        core.people.remove(work, found.id)
    desk.answer(_document(found), f"{found.login} was removed.")


def _document(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "login": account.login,
        "name": account.name,
        "state": account.state.value,
        "is_operator": account.is_operator,
    }


def read_password(file: IO[str] | None, *, is_new: bool = True) -> str:
    """A password from a file, or typed, a new one twice. It is never an argument: others on the machine could read that."""
    if file is None:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=is_new, err=True))
    try:
        line = file.readline(LONGEST + 2).rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise Problem("The password file is not UTF-8 text.") from error
    if not line:
        raise Problem("The password file is empty.")
    return line
