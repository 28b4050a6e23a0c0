"""A database for a test, and a gateway on it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pimgate.app import settings_for
from pimgate.core import Core
from pimgate.plugins import PluginHost
from pimgate.settings import Accounts, Database

PASSWORD = "correct horse"
PEOPLE = ("anna@example.org", "bert@example.org", "cleo@example.org")


LEAST_FREE_BYTES = 2_000_000_000


def in_memory() -> str | None:
    """Where files cost no disk, if there is room: each test copies a database, and every commit waits for it to be kept."""
    place = Path("/dev/shm")
    return str(place) if place.is_dir() and shutil.disk_usage(place).free > LEAST_FREE_BYTES else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is. `kind` is sqlite or postgresql; relative file names start in `directory`."""

    kind: str
    url: str
    directory: Path

    @property
    def is_sqlite(self) -> bool:
        return self.kind == "sqlite"

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return self.directory / self.url.removeprefix("sqlite:///")


@contextmanager
def make_gateway(place: Place, *plugins: str, **sections: object) -> Iterator[Core]:
    """A gateway on `place` with these plugins and settings; closed when the block ends."""
    host = PluginHost(plugins)
    given = {"database": Database(url=place.url), "accounts": Accounts(default_domain="example.org"), **sections}
    core = Core(settings_for(place.directory, host, given), host)
    try:
        yield core
    finally:
        core.close()
