"""`pimgate mail ...`: the mail server behind, and the passwords for it that people entrust to the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import IO, Any, TypeVar

import click

from pimgate.cli.account import PASSWORD_FILE, read_password
from pimgate.cli.command import Command, Problem
from pimgate.cli.desk import Desk, table
from pimgate.core import Core
from pimgate.errors import NotThere, PimgateError
from pimgate.mail import entrusting
from pimgate.mail.imap import Listed, Rejected, Way
from pimgate.mail.offers import OFFERS, told
from pimgate.mail.postroom import PostRoom
from pimgate.model.people import Account, Identity
from pimgate.settings import MailLogin

T = TypeVar("T")

NOT_STORED = "No passwords for the mail server are kept: [mail] has another `login` than stored."


@click.group("mail")
def command() -> None:
    """Mail on phones: the mail server behind, and passwords for it."""


@command.command("check", cls=Command, example="pimgate mail check anna@example.org")
@click.argument("login")
@PASSWORD_FILE
@click.pass_obj
def check(desk: Desk, login: str, password_file: IO[str] | None) -> None:
    """Log in at the mail server for a person, and say what it offers them. Where it wants their own password (passthrough), it is
    asked for."""
    with desk.core() as core:
        room = _room(core)
        with core.database.read() as work:
            account = core.people.get(work, login)
        if core.settings.mail.login is MailLogin.PASSTHROUGH:
            room.came_in(Identity(account), read_password(password_file, is_new=False))
        capabilities, folders, extensions = _run(_look(core, room, account))
    offered = told(capabilities)
    uses = {each.special_use.lstrip("\\"): each.name for each in folders if each.special_use}
    is_answering = None if extensions is None else "vacation" in extensions
    document = {
        "login": account.login,
        "way": core.settings.mail.login.value,
        "offers": [name for name, is_there in offered.items() if is_there],
        "lacks": [name for name, is_there in offered.items() if not is_there],
        "folders": len(folders),
        "special_use": uses,
        "answers_for_the_absent": is_answering,
    }
    answers = {None: "not asked: [mail] sieve_host is empty", True: "yes", False: "no: Sieve lacks vacation"}
    desk.answer(
        document,
        f"{account.login}: the mail server lets the gateway in ({core.settings.mail.login.value})",
        *table(("offer", "there", "what for"), [(n, "yes" if offered[n] else "no", OFFERS[n]) for n in offered]),
        f"folders: {len(folders)}; " + (", ".join(f"{use}: {name}" for use, name in uses.items()) or "none marked"),
        f"answers for people who are away: {answers[is_answering]}",
    )


@command.command("keep", cls=Command, example="pimgate mail keep anna@example.org --password-file secret")
@click.argument("login")
@click.option("--name", default="", help="How the mail server calls this person, if not as [mail] name says.")
@click.option("--token", "is_token", is_flag=True, help="It is a token (OAUTHBEARER, XOAUTH2) and no password.")
@click.option("--untried", is_flag=True, help="Keep it without trying it at the mail server first.")
@PASSWORD_FILE
@click.pass_obj
def keep(desk: Desk, login: str, name: str, is_token: bool, untried: bool, password_file: IO[str] | None) -> None:
    """Keep a person's password for the mail server, encrypted. It is tried there first."""
    with desk.core() as core:
        with core.database.read() as work:
            account = core.people.get(work, login)
        _check_stored(core)
        secret, way = read_password(password_file, is_new=False), Way.TOKEN if is_token else Way.PASSWORD
        _run(entrusting.entrust(core, account, secret, name=name, way=way, is_tried=not untried))
    desk.answer({"login": account.login, "kept": True}, f"The mail password of {account.login} is kept.")


@command.command("forget", cls=Command, example="pimgate mail forget anna@example.org")
@click.argument("login")
@click.pass_obj
def forget(desk: Desk, login: str) -> None:
    """Forget a person's password for the mail server."""
    with desk.core() as core:
        with core.database.read() as work:
            account = core.people.get(work, login)
        _check_stored(core)
        _run(entrusting.withdraw(core, account))
    desk.answer({"login": account.login, "kept": False}, f"No mail password of {account.login} is kept.")


@command.command("list", cls=Command, example="pimgate mail list --json")
@click.pass_obj
def list_(desk: Desk) -> None:
    """List whose password for the mail server is kept; never the password."""
    with desk.reading() as (core, work):
        _check_stored(core)
        vault = entrusting.vault_of(core)
        rows = [(each.login, vault.holds(work, each.id)) for each in core.people.all(work)]
    document = [{"login": login, "kept": is_kept} for login, is_kept in rows]
    desk.answer(document, *table(("login", "kept"), [(login, "yes" if kept else "no") for login, kept in rows]))


async def _look(
    core: Core, room: PostRoom, account: Account
) -> tuple[frozenset[str], list[Listed], frozenset[str] | None]:
    async with room.running():
        try:
            async with room.upstream.connection(account) as line:
                capabilities, folders = line.capabilities, await line.list_mailboxes()
            extensions = await room.vacations.extensions(account) if room.vacations.is_on else None
        except Rejected as error:
            raise Problem(f"The mail server refuses: {error}.") from error
    return capabilities, folders, extensions


def _run(work: Coroutine[Any, Any, T]) -> T:
    """What is asked of the mail server; in the operator's own words what goes wrong with it."""
    try:
        return asyncio.run(work)
    except NotThere:
        raise
    except PimgateError as error:
        raise Problem(f"{error.public} ({error.detail})") from error


def _room(core: Core) -> PostRoom:
    if core.mail is None:
        raise Problem("Phones see no mail: [mail] names no host.")
    return core.mail


def _check_stored(core: Core) -> None:
    if _room(core).vault is None:
        raise Problem(NOT_STORED)
