"""`pimgate serve`: the gateway itself, until it is told to end."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import click
from starlette.applications import Starlette

from pimgate.app import build_app, open_core
from pimgate.cli import logs
from pimgate.cli.command import Command, Problem
from pimgate.cli.desk import Desk
from pimgate.settings import Http
from pimgate.web.server import make_server

log = logging.getLogger("pimgate")

BACKLOG = 2048


@click.command("serve", cls=Command, example="pimgate --settings /etc/pimgate/pimgate.toml serve")
@click.pass_obj
def command(desk: Desk) -> None:
    """Run the gateway until SIGTERM or SIGINT; open requests get five seconds to end. With --json the address is said on
    standard output once it listens."""
    core = open_core(desk.settings_file)
    logs.configure(core.settings.log)
    listening = _listen(core.settings.http)
    app = build_app(core)
    faults = _noting_faults(app, desk, _address(listening))
    server = make_server(app, core.settings.http)
    if threading.current_thread() is threading.main_thread():
        for each in (signal.SIGTERM, signal.SIGINT):
            # uvicorn ends cleanly and then raises the signal once more, for whoever had it before: nobody.
            signal.signal(each, lambda *_: None)
    with suppress(SystemExit):
        # uvicorn ends the process itself when the start fails; the reason is said here.
        server.run(sockets=[listening])
    if faults:
        raise Problem(f"The gateway did not start: {_words(faults[0])}.")
    log.info("ended")


def _listen(http: Http) -> socket.socket:
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    try:
        return socket.create_server((http.host, http.port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise Problem(f"Cannot listen on {http.host} port {http.port}: {reason}.") from error


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _noting_faults(app: Starlette, desk: Desk, address: str) -> list[Exception]:
    """The list into which the reason goes if the gateway's own tasks or a service cannot start; else it is said where the gateway
    listens."""
    faults: list[Exception] = []
    begin = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(of: Starlette) -> AsyncIterator[None]:
        has_begun = False
        try:
            async with begin(of):
                has_begun = True
                log.info("listening on %s", address)
                if desk.as_json:
                    click.echo(json.dumps({"address": address}))
                yield
        except Exception as error:
            if not has_begun:
                faults.append(error)
                logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            raise

    app.router.lifespan_context = lifespan
    return faults


def _words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
