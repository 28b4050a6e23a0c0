"""`pimgate demo`: a whole gateway with sample people on this machine, to try and to show; and a check of it from outside."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

import click

from pimgate.cli import logs
from pimgate.cli.command import USAGE, Command, Problem
from pimgate.cli.desk import Desk, table
from pimgate.demo import stage, words
from pimgate.demo.place import Ports, PortTaken, choose_ports
from pimgate.demo.verdict import HEADINGS, Verdict, check
from pimgate.settings import Log

HTTP, IMAP, SMTP = 8080, 1143, 1587
PORT = click.IntRange(0, 65535)


class WrongUsage(Problem):
    """Something about how the command was called."""

    exit_code = USAGE


@click.command("demo", cls=Command, example="pimgate demo --state ~/pimgate-demo")
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Keep everything here.")
@click.option("--http", type=PORT, metavar="PORT", help=f"Port for phones, desktops and browsers ({HTTP}).")
@click.option("--imap", type=PORT, metavar="PORT", help=f"Port for mail programs ({IMAP}).")
@click.option("--smtp", type=PORT, metavar="PORT", help=f"Port for sending mail ({SMTP}).")
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write addresses and logins there, as JSON, once everything listens.",
)
@click.option(
    "--check", "is_check", is_flag=True, help="Check every cell of the visibility table from outside, and end."
)
@click.pass_obj
def command(
    desk: Desk,
    state: Path | None,
    http: int | None,
    imap: int | None,
    smtp: int | None,
    ready_file: Path | None,
    is_check: bool,
) -> None:
    """Run a gateway with sample people and data on this machine, until SIGINT or SIGTERM. A port of 0 is any free one; so is
    every port that is not named with --check. Without --state everything is gone at the end."""
    usual = (0, 0, 0) if is_check else (HTTP, IMAP, SMTP)
    try:
        ports = choose_ports(
            *(port if given is None else given for port, given in zip(usual, (http, imap, smtp), strict=True))
        )
    except PortTaken as error:
        raise WrongUsage(str(error)) from error
    if threading.current_thread() is threading.main_thread():
        for each in (signal.SIGTERM, signal.SIGINT):
            # uvicorn ends cleanly and then raises the signal once more, for whoever had it before: nobody.
            signal.signal(each, lambda *_: None)
    if ready_file is not None:
        _remove_stale(ready_file)
    logs.configure(Log(requests=False))
    logging.getLogger().setLevel(logging.ERROR if is_check else logging.WARNING)
    # aiosmtpd warns of its own old names at each login.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    with ExitStack() as stack:
        directory = _directory(state, stack)
        verdict = asyncio.run(_run(desk, directory, ports, ready_file, is_check=is_check))
    if verdict is not None and verdict.differences:
        raise click.exceptions.Exit(1)


def _remove_stale(ready_file: Path) -> None:
    """A file of an earlier run would say that this one is ready."""
    try:
        ready_file.unlink(missing_ok=True)
    except OSError as error:
        raise WrongUsage(f"{ready_file} cannot be written: {error.strerror}.") from error
    if not os.access(ready_file.absolute().parent, os.W_OK | os.X_OK):
        raise WrongUsage(f"{ready_file} cannot be written: its directory is missing or closed.")


def _directory(state: Path | None, stack: ExitStack) -> Path:
    if state is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pimgate-demo-")))
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUsage(f"{state} cannot be made: {error.strerror}.") from error
    if not os.access(state, os.W_OK | os.X_OK):
        raise WrongUsage(f"{state} cannot be written.")
    lock = stack.enter_context((state / "demo.lock").open("w"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise WrongUsage(f"{state} is in use by a demonstration that still runs.") from error
    return state.resolve()


async def _run(desk: Desk, directory: Path, ports: Ports, ready_file: Path | None, *, is_check: bool) -> Verdict | None:
    try:
        async with stage.running(directory, ports) as running:
            addresses = running.addresses()
            if ready_file is not None:
                stage.write_ready_file(ready_file, addresses)
            if is_check:
                return await _check(desk, running)
            desk.answer(
                {"http": addresses.http, "imap": addresses.imap, "smtp": addresses.smtp},
                *words.introduction(addresses, str(directory)),
            )
            await running.serving
            return None
    except stage.DidNotStart as error:
        raise Problem(str(error)) from error


async def _check(desk: Desk, running: stage.Stage) -> Verdict:
    def say(line: str) -> None:
        click.echo(line, err=True)

    verdict = await asyncio.to_thread(check, running, say)
    desk.answer(verdict.document(), *(line.rstrip() for line in table(HEADINGS, verdict.rows())), "", *verdict.lines())
    return verdict
