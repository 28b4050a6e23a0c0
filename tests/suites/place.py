"""The gateway that suites are run against: three people, nothing in their collections, and mail that leaves by a sink."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway import places
from gateway.sink import listening
from pimgate.settings import Accounts, Log
from pimgate.testing.running import running

PASSWORD = places.PASSWORD
PEOPLE = places.PEOPLE
LOGIN = PEOPLE[0]


@dataclass(frozen=True, slots=True)
class Place:
    """The port of the gateway, and the home of the first of its people."""

    port: int
    home: str

    @property
    def url(self) -> str:
        """What a program is given to begin with."""
        return f"http://127.0.0.1:{self.port}/dav/"


@contextmanager
def fresh_place() -> Iterator[Place]:
    """A gateway that listens until the block ends."""
    accounts = Accounts(verified_for_seconds=3600, guesses_per_minute=1000, guesses_per_day=10_000)
    with tempfile.TemporaryDirectory(prefix="pimgate-suite-") as folder, listening() as sink:
        database = places.Place("sqlite", "sqlite:///pimgate.db", Path(folder))
        settings = {"accounts": accounts, "log": Log(requests=False), "outgoing": sink.settings}
        with places.make_gateway(database, "dav", **settings) as core:
            with core.database.write() as work:
                first, *_ = [core.people.create(work, login, PASSWORD, name=_name(login)) for login in PEOPLE]
            with running(core) as gateway:
                yield Place(urlsplit(gateway.url).port or 0, f"/dav/{first.id}/")


def _name(login: str) -> str:
    return login.partition("@")[0].title()
