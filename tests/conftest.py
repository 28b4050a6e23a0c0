"""What every room of the tests may ask for: a database of its own on SQLite and on PostgreSQL, a gateway on it, people in it.

`database`   a `Place`; the test runs once for each kind of database
`empty`      the same without any table
`make_core`  gateways on that database: `make_core("dav", "eas", limits=Limits(...))`; all are closed at the end
`core`       one gateway without plugins
`person`     the account of a login; anna, bert and cleo at example.org are there from the start, with the password PASSWORD

Tables and people are made once and copied, so a test does not pay for migrations and password hashes.
"""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway import effort
from gateway.places import PASSWORD, PEOPLE, Place, in_memory, make_gateway
from gateway.postgresql import Cluster
from pimgate.core import Core
from pimgate.model.people import Account

KINDS = ("sqlite", "postgresql")
WINGS = Path(__file__).parent / "plugins"


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("markexpr") == "not slow":
        effort.everyday()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a wing says does not depend on the database: every day it is asked on PostgreSQL only where the order of rows, or what
    happens at the same time, is the point (`both_databases`)."""
    for item in items:
        kind = (
            item.callspec.params.get("kind") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ""
        )
        if kind == "postgresql" and WINGS in item.path.parents and item.get_closest_marker("both_databases") is None:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The PostgreSQL server of this run. Its absence fails the tests: half a proof is none."""
    try:
        made = Cluster()
    except (OSError, RuntimeError, KeyError) as error:
        pytest.fail(f"PostgreSQL cannot be started: {error}", pytrace=False)
    yield made
    made.remove()


@pytest.fixture(scope="session")
def _templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """By kind: the file or the database that is copied for each test, made when it is first asked for."""
    directory = tmp_path_factory.mktemp("templates")
    made: dict[str, str] = {}

    def template(kind: str) -> str:
        if kind not in made:
            if kind == "sqlite":
                place, made[kind] = Place(kind, "sqlite:///people.db", directory), str(directory / "people.db")
            else:
                server: Cluster = request.getfixturevalue("cluster")
                place, made[kind] = Place(kind, server.create("people"), directory), "people"
            with make_gateway(place) as core, core.database.write() as work:
                for login in PEOPLE:
                    core.people.create(work, login, PASSWORD)
        return made[kind]

    return template


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


NUMBERS = itertools.count()


@pytest.fixture
def room() -> Iterator[Path]:
    """A directory for a gateway of this test."""
    with tempfile.TemporaryDirectory(prefix="pimgate-", dir=in_memory()) as name:
        yield Path(name)


@pytest.fixture
def empty(kind: str, request: pytest.FixtureRequest, room: Path) -> Iterator[Place]:
    """A database in which there is nothing yet."""
    if kind == "sqlite":
        yield Place(kind, "sqlite:///pimgate.db", room)
        return
    server: Cluster = request.getfixturevalue("cluster")
    name = f"empty{next(NUMBERS)}"
    yield Place(kind, server.create(name), room)
    server.drop(name)


@pytest.fixture
def database(
    kind: str, request: pytest.FixtureRequest, room: Path, _templates: Callable[[str], str]
) -> Iterator[Place]:
    """A database with the tables of this release and a few people."""
    template = _templates(kind)
    if kind == "sqlite":
        shutil.copy(template, room / "pimgate.db")
        yield Place(kind, "sqlite:///pimgate.db", room)
        return
    server: Cluster = request.getfixturevalue("cluster")
    name = f"copy{next(NUMBERS)}"
    yield Place(kind, server.create(name, template), room)
    server.drop(name)


@pytest.fixture
def make_core(database: Place) -> Iterator[Callable[..., Core]]:
    """Gateways on the database of this test."""
    opened = []

    def make(*plugins: str, **sections: object) -> Core:
        gateway = make_gateway(database, *plugins, **sections)
        opened.append(gateway)
        return gateway.__enter__()

    yield make
    for gateway in reversed(opened):
        gateway.__exit__(None, None, None)


@pytest.fixture
def core(make_core: Callable[..., Core]) -> Core:
    return make_core()


@pytest.fixture
def person(core: Core) -> Callable[[str], Account]:
    """The account of `anna`, `bert`, `cleo`, or of somebody who is made when first asked for."""

    def get(login: str) -> Account:
        with core.database.write() as work:
            found = work.people.by_login(login if "@" in login else f"{login}@example.org")
            return found or core.people.create(work, login if "@" in login else f"{login}@example.org", PASSWORD)

    return get
