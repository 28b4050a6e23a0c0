"""The demonstration while it runs: the gateway with all its wings on loopback, furnished, and what it says of itself."""

from __future__ import annotations

import asyncio
import json
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pimgate.app import build_app, open_core
from pimgate.core import Core
from pimgate.demo.household import default_of, furnish
from pimgate.demo.letters import send_all
from pimgate.demo.people import Person, people_of
from pimgate.demo.place import HOST, Ports, write_settings
from pimgate.model.collections import CollectionKind
from pimgate.web.server import make_server

START_SECONDS = 30.0
LOOK_SECONDS = 0.02


class DidNotStart(Exception):
    """The gateway ended before it listened."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a person needs to come in, and where their default collections are."""

    login: str
    password: str
    carddav: str
    caldav: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a demonstration listens, and for whom: what the ready file says."""

    http: str
    imap: str
    smtp: str
    people: tuple[Access, ...]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demonstration. `serving` ends when the gateway was told to end."""

    core: Core
    people: tuple[Person, ...]
    ports: Ports
    serving: asyncio.Task[None]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.ports.http}"

    def addresses(self) -> Addresses:
        return Addresses(
            http=self.url,
            imap=f"{HOST}:{self.ports.imap}",
            smtp=f"{HOST}:{self.ports.smtp}",
            people=tuple(self._access(person) for person in self.people),
        )

    def _access(self, person: Person) -> Access:
        book, calendar = (
            "/".join((self.url, "dav", *default_of(self.core, person, kind), ""))
            for kind in (CollectionKind.BOOK, CollectionKind.CALENDAR)
        )
        return Access(person.login, person.password, book, calendar)


@asynccontextmanager
async def running(directory: Path, ports: Ports) -> AsyncIterator[Stage]:
    """The demonstration in `directory`, listening while the block runs. SettingsProblem, DidNotStart."""
    people = people_of(directory)
    core = open_core(write_settings(directory, ports))
    is_new = furnish(core, people, datetime.now(UTC).date())
    server = make_server(build_app(core), core.settings.http)
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(START_SECONDS):
            while not server.started:
                if serving.done():
                    raise DidNotStart("The gateway did not start; its log says why.")
                await asyncio.sleep(LOOK_SECONDS)
        if is_new:
            await _send_letters(ports, people)
        yield Stage(core, people, ports, serving)
    finally:
        server.should_exit = True
        with suppress(SystemExit):
            await serving


async def _send_letters(ports: Ports, people: tuple[Person, ...]) -> None:
    try:
        await asyncio.to_thread(send_all, (HOST, ports.smtp), people)
    except (smtplib.SMTPException, OSError) as error:
        raise DidNotStart(f"The sample mail could not be sent: {error}") from error


def write_ready_file(file: Path, addresses: Addresses) -> None:
    """Whoever sees the file sees all of it."""
    beside = file.with_name(f".{file.name}.part")
    beside.touch(mode=0o600)
    beside.write_text(addresses.to_json() + "\n", encoding="utf-8")
    beside.replace(file)
