"""A gateway with the pages on SQLite, Anna and Bert in it, and browsers."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.places import PASSWORD, Place, make_gateway
from pimgate.api import Account, Core, DeviceFacts, Identity
from plugins.web.stage import ORIGIN, Browser, install_clients


@pytest.fixture
def kind() -> str:
    """The pages know no SQL: one kind of database will do."""
    return "sqlite"


@pytest.fixture(autouse=True)
def wrong_passwords_are_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pimgate.guesses.DELAYS_SECONDS", (0,))
    monkeypatch.setattr("pimgate.login.DELAYS_SECONDS", (0,))


@pytest.fixture
def clients(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plugin `clients` is installed while the test runs."""
    place: Path = tmp_path_factory.mktemp("site")
    install_clients(place)
    monkeypatch.syspath_prepend(str(place))
    yield
    sys.modules.pop("pimgate_clients", None)


@pytest.fixture
def make_pages(clients: None, database: Place) -> Iterator[Callable[..., Core]]:
    """Gateways with the pages and the clients of other plugins: `make_pages(http=Http(...))`."""
    opened = []

    def make(**sections: object) -> Core:
        gateway = make_gateway(database, "web", "clients", **sections)
        opened.append(gateway)
        return gateway.__enter__()

    yield make
    for gateway in reversed(opened):
        gateway.__exit__(None, None, None)


@pytest.fixture
def core(make_pages: Callable[..., Core]) -> Core:
    return make_pages()


@pytest.fixture
def anna(core: Core) -> Account:
    with core.database.read() as work:
        return core.people.get(work, "anna")


@pytest.fixture
def bert(core: Core) -> Account:
    with core.database.read() as work:
        return core.people.get(work, "bert")


@pytest.fixture
def open_browser(core: Core) -> Iterator[Callable[..., Browser]]:
    """Browsers on the gateway, nobody signed in."""
    opened = []

    def make(of: Core = core, language: str = "en", origin: str = ORIGIN) -> Browser:
        opened.append(Browser(of, language=language, origin=origin))
        return opened[-1]

    yield make
    for browser in opened:
        browser.close()


@pytest.fixture
def browser(open_browser: Callable[..., Browser], anna: Account) -> Browser:
    """A browser in which Anna is signed in."""
    made = open_browser()
    assert made.sign_in(anna.login, PASSWORD).status_code == 303
    return made


@pytest.fixture
def phone(core: Core, anna: Account) -> None:
    """Anna's iPhone, her Samsung, and a Thunderbird."""
    seen = (
        DeviceFacts("eas", "APPL1", "iPhone", "Apple-iPhone15C2/2105.218"),
        DeviceFacts("eas", "SEC1", "SamsungDevice", "Android-SAMSUNG-SM-G991B/101.13"),
        DeviceFacts("dav", "tb", "", "Mozilla/5.0 Thunderbird/140.5.0"),
    )
    for facts in seen:
        with core.database.write() as work:
            core.devices.admit(work, Identity(anna), facts)
